"""Bells: a worker sleeps until something is put in line, or until it is time to look anyway."""

import asyncio
import threading
from dataclasses import dataclass, field


class Bell:
    """Wakes sleeping threads of this process."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        """Wake whoever sleeps."""
        self._event.set()

    def wait(self, seconds: float) -> None:
        """Sleep until the bell rings or the time is over (another process may have work for us)."""
        self._event.wait(seconds)
        self._event.clear()


@dataclass
class Bells:
    """The bells of the process, and the pages that wait for news of a conversation."""

    turn: Bell
    notice: Bell
    _pages: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def page_news(self, conversation: str) -> None:
        """Sleep until something new is said in the conversation."""
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._pages.setdefault(conversation, set()).add(waiter)
        try:
            await waiter[1].wait()
        finally:
            with self._lock:
                waiters = self._pages.get(conversation, set())
                waiters.discard(waiter)
                if not waiters:
                    self._pages.pop(conversation, None)

    def said_in(self, conversation: str) -> None:
        """Something was said in the conversation: wake its pages and the notice workers."""
        self.notice.ring()
        with self._lock:
            waiters = tuple(self._pages.get(conversation, ()))
        for loop, event in waiters:
            loop.call_soon_threadsafe(event.set)
