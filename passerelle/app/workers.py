"""The workers: turns, notices, and the duties that come round by the clock. Threads of one process."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from passerelle.app.compose import Parts
from passerelle.conversation.claims import MAX_ATTEMPTS
from passerelle.conversation.news import put_news, ring_timers
from passerelle.conversation.turn import LeaseLost
from passerelle.foundation.errors import TryLater
from passerelle.foundation.log import log
from passerelle.handoff.states import RequestState

#: Another process may have put work in line: look at least this often.
_LOOK_SECONDS = 0.5
_DUTY_SECONDS = 5.0

#: A turn that failed is tried again after this wait, longer each time.
_WAIT_AFTER_FAILURE = timedelta(seconds=2)


class Workers:
    """Runs the workers until told to stop; what they hold is finished first."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start every worker."""
        settings = self._parts.settings
        loops: list[tuple[str, Callable[[], None]]] = [
            *((f"turn-{number}", self._turn_loop) for number in range(settings.turn_workers)),
            *((f"notice-{number}", self._notice_loop) for number in range(settings.notice_workers)),
            ("duty", self._duty_loop),
        ]
        for name, loop in loops:
            thread = threading.Thread(target=loop, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, seconds: float = 20.0) -> None:
        """Let every worker finish what it holds, then stop."""
        self._stopping.set()
        self._parts.bells.turn.ring()
        self._parts.bells.notice.ring()
        end = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _turn_loop(self) -> None:
        while not self._stopping.is_set():
            if not self._steadily(self.take_one_turn):
                self._parts.bells.turn.wait(_LOOK_SECONDS)

    def _notice_loop(self) -> None:
        while not self._stopping.is_set():
            if not self._steadily(self._parts.delivery.deliver_due):
                self._parts.bells.notice.wait(_LOOK_SECONDS)

    def _duty_loop(self) -> None:
        while not self._stopping.is_set():
            self.do_duties()
            self._stopping.wait(_DUTY_SECONDS)

    def take_one_turn(self) -> bool:
        """Answer one waiting message. Returns whether there was one."""
        message = self._parts.claims.claim()
        if message is None:
            return False
        # Somebody else may be waiting too.
        self._parts.bells.turn.ring()
        try:
            self._parts.turns.run(message)
        except LeaseLost:
            log().warning("turn_taken_over", inbound=message.number)
        except Exception as failure:
            # The message stays in line: nothing of the failed turn was kept, and the person will be answered.
            log().error("turn_failed", inbound=message.number, error=type(failure).__name__, attempt=message.attempts)
            if message.attempts >= MAX_ATTEMPTS and not isinstance(failure, TryLater):
                self._parts.turns.apologise(message)
            else:
                self._parts.claims.give_back(message, _WAIT_AFTER_FAILURE * message.attempts)
        self._parts.bells.said_in(message.conversation.id)
        return True

    def do_duties(self) -> None:
        """What comes round by the clock; one duty that fails does not keep the others from being done."""
        parts = self._parts
        duties: list[Callable[[], int]] = [
            lambda: parts.spool.replay(parts.accept),
            self.ring_timers,
            self.ring_clocks,
            parts.observations.erase_silent,
            parts.forgetting.forget_due,
            parts.forgetting.forget_idle,
            parts.team_notes.forget_old,
        ]
        for duty in duties:
            self._steadily(duty)
        parts.bells.turn.ring()
        parts.bells.notice.ring()

    def ring_timers(self) -> int:
        """Turn the timers that are due into news."""
        with self._parts.database.write() as session:
            return ring_timers(session, self._parts.clock.now())

    def ring_clocks(self) -> int:
        """Do what the clocks of requests ask for, one transaction a request."""
        now = self._parts.clock.now()
        with self._parts.database.read() as session:
            due = self._parts.requests.due(session, now)
        return sum(self._steadily(partial(self._ring, request, now)) for request in due)

    def _ring(self, request_id: str, now: datetime) -> bool:
        with self._parts.database.write() as session:
            request = self._parts.requests.ring(session, request_id)
            if request is not None:
                kind = "silent" if request.state == RequestState.SANS_REPONSE else "done"
                put_news(session, request.conversation, f"{kind}:{request.id}", now, occasion=f"{now:%Y%m%d%H}")
        return True

    def _steadily(self, work: Callable[[], int | bool]) -> bool:
        """Do one piece of work; a worker never dies of what one piece does to it."""
        try:
            return bool(work())
        except Exception as failure:
            log().error("work_failed", function=getattr(work, "__name__", "work"), error=type(failure).__name__)
            self._stopping.wait(1.0)
            return False
