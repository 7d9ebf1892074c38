"""A whole Passerelle per test, quickly: what only reads its data is loaded once for the whole run."""

import itertools
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from fakes import FakeBot, FakeSender, FixedClock

from passerelle.app.compose import Parts, compose
from passerelle.app.tables import migrate
from passerelle.app.workers import Workers
from passerelle.conversation.inbox import Accepted, Inbound
from passerelle.foundation.config import Settings
from passerelle.foundation.database import Database

#: Parts that only read files of the repository: the same objects serve every test.
_SHARED = (
    "texts",
    "places",
    "normaliser",
    "languages",
    "offered",
    "safety",
    "numbers",
    "masker",
    "menu",
    "questionnaire",
    "ruleset",
    "commands",
    "detector",
    "answer_words",
    "corrections",
    "catalogue",
    "territory",
)

_sids = itertools.count(1)


@cache
def reading_parts() -> Parts:
    """Parts of which only the reading ones are used."""
    folder = Path(mkdtemp(prefix="passerelle-tests-"))
    return compose(Settings(var=folder))


@cache
def _migrated_file() -> Path:
    """A SQLite database at the newest migration, copied for each test."""
    folder = Path(mkdtemp(prefix="passerelle-tests-"))
    database = Database(f"sqlite:///{folder / 'passerelle.db'}")
    migrate(database)
    database.close()
    return folder / "passerelle.db"


def open_parts(var: Path, *, database_url: str = "", **replaced: Any) -> Parts:
    """A Passerelle of its own in the folder `var`: SQLite there, unless an address is given.

    The bot, the providers and the clock are fakes unless others are given.
    """
    settings = replaced.pop("settings", None) or Settings(var=var, database_url=database_url)
    replaced.setdefault("clock", FixedClock())
    replaced.setdefault("bot", FakeBot())
    replaced.setdefault("senders", {"sms": FakeSender(), "email": FakeSender()})
    if not database_url and not (var / "passerelle.db").exists():
        var.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_migrated_file(), var / "passerelle.db")
    parts = compose(settings, **replaced)
    for name in _SHARED:
        with suppress(AttributeError):
            parts.__dict__[name] = getattr(reading_parts(), name)
    parts.keys.create_tables()
    return parts


@dataclass
class Resident:
    """Somebody with a telephone, straight at the inbox; the workers run when they have written."""

    parts: Parts
    phone: str = "+33639980001"
    _read: int = field(default=0)

    def writes(self, text: str, *, sid: str | None = None, **fields: Any) -> Accepted:
        """Send one SMS; nobody answers yet."""
        return self.parts.accept(
            Inbound(
                channel="sms",
                provider="twilio",
                provider_id=sid or f"SM{next(_sids):032x}",
                address=self.phone,
                text=text,
                received_at=self.parts.clock.now(),
                **fields,
            )
        )

    def says(self, text: str, **fields: Any) -> list[str]:
        """Send one SMS and read what comes back."""
        self.writes(text, **fields)
        drain(self.parts)
        return self.reads()

    def reads(self) -> list[str]:
        """What arrived on the telephone since the last look."""
        sender = (self.parts.senders or {})["sms"]
        assert isinstance(sender, FakeSender)
        arrived = [notice.text for notice in sender.taken if notice.recipient == self.phone]
        new, self._read = arrived[self._read :], len(arrived)
        return new


def drain(parts: Parts) -> None:
    """Run turns and deliveries until nothing is due."""
    workers = Workers(parts)
    _repeat(workers.take_one_turn)
    _repeat(parts.delivery.deliver_due)


def _repeat(work: Callable[[], int | bool]) -> None:
    while work():
        pass
