"""`passerelle doctor`: is everything in place? One line per thing, and what to do about what is not."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import text

from orientation_catalogue.file import verify
from passerelle.app.bot_process import BOT, MODELS
from passerelle.app.compose import Parts
from passerelle.app.running_bot import wait_until_ready
from passerelle.foundation.config import ROOT
from passerelle.foundation.texts import SOURCE_LANGUAGE
from passerelle.screening.checks import check_questions, check_rules

_FREE_DISK = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    #: Empty when it is well.
    trouble: str


def examine(parts: Parts) -> Iterator[Finding]:
    """Look at everything; a look that fails is a finding, never a crash."""
    looks: list[tuple[str, Callable[[Parts], str]]] = [
        ("bot environment", _bot_environment),
        ("model", _model),
        ("database", _database),
        ("key store", _key_store),
        ("catalogue", _catalogue),
        ("territory", _territory),
        ("questions", _questions),
        ("rules", _rules),
        ("help numbers", _numbers),
        ("texts", _texts),
        ("disk", _disk),
        ("bot", _bot),
    ]
    for what, look in looks:
        try:
            trouble = look(parts)
        except Exception as error:
            # Whatever is wrong, the operator reads it as one line among the others.
            trouble = f"{type(error).__name__}: {error}"
        yield Finding(what=what, trouble=trouble)


def _bot_environment(_parts: Parts) -> str:
    return "" if (BOT / ".venv" / "bin" / "python").exists() else "absent: run `make setup`"


def _model(_parts: Parts) -> str:
    return "" if (MODELS / "current").exists() else "not trained: run `make train`"


def _database(parts: Parts) -> str:
    with parts.database.read() as session:
        session.execute(text("SELECT 1"))
        session.execute(text("SELECT count(*) FROM conversation"))
    return ""


def _key_store(parts: Parts) -> str:
    parts.keys.create_tables()
    return ""


def _catalogue(parts: Parts) -> str:
    catalogue = parts.catalogue()
    if catalogue.path is not None:
        verify(catalogue.path)
    return parts.catalogue.trouble or ("" if catalogue.offers else "empty: run `make catalogue`")


def _territory(parts: Parts) -> str:
    return "" if parts.territory.recipients() else "nobody receives requests"


def _questions(parts: Parts) -> str:
    return "; ".join(map(str, check_questions(parts.settings.questions, parts.texts)))


def _rules(parts: Parts) -> str:
    return "; ".join(map(str, check_rules(parts.settings.rules, parts.texts)))


def _numbers(parts: Parts) -> str:
    old = [row.number for row in parts.numbers.to_check_again(parts.clock.now().date())]
    return f"to confirm again: {', '.join(old)}" if old else ""


def _texts(parts: Parts) -> str:
    return "" if SOURCE_LANGUAGE in parts.texts.languages else "French is missing"


def _disk(_parts: Parts) -> str:
    free = shutil.disk_usage(ROOT).free
    return "" if free > _FREE_DISK else f"only {free // 1_000_000} MB free"


def _bot(parts: Parts) -> str:
    wait_until_ready(parts, seconds=2.0)
    return ""
