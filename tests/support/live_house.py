"""A Passerelle that really serves: uvicorn in a thread, its workers, a fake Twilio, an SMTP server, the trained bot."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn
from fakes import MONDAY_MORNING
from fastapi import FastAPI
from houses import open_parts
from pydantic import SecretStr
from sqlalchemy import and_, func, or_, select

from passerelle.app.compose import Parts
from passerelle.app.web import build_web
from passerelle.app.workers import Workers
from passerelle.channels.fake_twilio import FakeTwilio
from passerelle.conversation.tables import ConversationRow
from passerelle.foundation.config import Settings
from passerelle.foundation.database import table_of
from passerelle.notices.notice import NoticeState
from passerelle.notices.tables import NoticeRow
from passerelle.portal.mailbox import Mailbox

_conversations, _notices = table_of(ConversationRow), table_of(NoticeRow)

#: A turn that takes longer than this on a busy machine is lost, not slow.
PATIENCE_SECONDS = 30.0


class RunningClock:
    """A Monday morning at ten in Paris that runs as time does, and that a test moves on."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._moved = timedelta()

    def now(self) -> datetime:
        """The moment it shows."""
        return MONDAY_MORNING + timedelta(seconds=time.monotonic() - self._started) + self._moved

    def advance(self, **span: float) -> None:
        """Move on: `advance(days=10)`."""
        self._moved += timedelta(**span)


class StillBusy(Exception):
    """Messages or notices still wait after the time a journey gives them."""


@dataclass(kw_only=True)
class LiveHouse:
    """The application, its address, and what stands around it."""

    parts: Parts
    app: FastAPI
    url: str
    clock: RunningClock
    bot: SimpleNamespace
    loop: asyncio.AbstractEventLoop

    @property
    def twilio(self) -> FakeTwilio:
        """The provider of the application."""
        return self.app.state.fake_twilio

    @property
    def mailbox(self) -> Mailbox:
        """What the référents received."""
        return self.app.state.mailbox

    def on_its_loop(self, work: Callable[[], Any]) -> Any:
        """Run a coroutine where the application and its fake Twilio live."""
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work(), self.loop)
        return future.result(PATIENCE_SECONDS)

    def settle(self) -> None:
        """Wait until every message was answered and every due notice handed over. Raises StillBusy."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            if self._is_quiet():
                self.on_its_loop(self.twilio.settle)
                if self._is_quiet():
                    return
            if time.monotonic() > end:
                raise StillBusy(StillBusy.__doc__)
            time.sleep(0.01)

    def do_duties(self) -> None:
        """What the duty worker does every five seconds, now."""
        Workers(self.parts).do_duties()
        self.settle()

    def kill_bot(self) -> None:
        """The bot dies in the middle of what it does."""
        pid = self.bot.process.pid
        assert pid is not None, "the bot does not run"
        os.kill(pid, signal.SIGKILL)
        _wait_for(lambda: not self.bot.client.is_ready(), "the bot to be dead")

    def start_bot_again(self) -> None:
        """Its supervisor starts it again by itself: wait until it answers."""
        _wait_for(self.parts.bot_client.is_ready, "the bot to be back", seconds=120)

    def _is_quiet(self) -> bool:
        now = self.clock.now()
        waiting = select(func.count()).select_from(_conversations).where(_conversations.c.waiting_since.is_not(None))
        leaving = (
            select(func.count())
            .select_from(_notices)
            .where(
                or_(
                    and_(_notices.c.state == NoticeState.DUE, _notices.c.due_at <= now),
                    _notices.c.state == NoticeState.LEASED,
                )
            )
        )
        with self.parts.database.read() as session:
            return not session.execute(waiting).scalar() and not session.execute(leaving).scalar()


@contextmanager
def open_live_house(folder: Path, bot: SimpleNamespace, *, database_url: str = "") -> Iterator[LiveHouse]:
    """Serve on a free port from a folder, with the bot given; everything is given back at the end."""
    clock = RunningClock()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
        url = f"http://127.0.0.1:{port}"
        settings = Settings(
            var=folder,
            database_url=database_url,
            public_url=url,
            port=port,
            bot_port=bot.port,
            bot_secret=SecretStr(bot.secret),
            smtp_port=_free_port(),
            widget_sites=f"demo={url}",
        )
        parts = open_parts(folder, settings=settings, clock=clock, bot=None, senders=None)
        app = build_web(parts)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=3))
        loop = asyncio.new_event_loop()
        serving = threading.Thread(
            target=lambda: loop.run_until_complete(server.serve(sockets=[listener])), name="live-house", daemon=True
        )
        serving.start()
        try:
            _wait_for(lambda: server.started or not serving.is_alive(), "the application to serve")
            assert serving.is_alive(), "the application did not start"
            yield LiveHouse(parts=parts, app=app, url=url, clock=clock, bot=bot, loop=loop)
        finally:
            server.should_exit = True
            serving.join(20)
            parts.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(true: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise StillBusy(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.02)
