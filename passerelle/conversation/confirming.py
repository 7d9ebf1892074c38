"""The facts a partner observed and the person agreed to talk about: asked about one at a time, until none is left.

Whatever is said in between, the walk comes back to them: a fact neither confirmed nor refused would be lost in silence.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date
from sqlalchemy import select

from passerelle.conversation.tables import ObservationRow
from passerelle.conversation.talk import Talk
from passerelle.foundation.database import table_of

_observations = table_of(ObservationRow)

#: The facts wait this long for the person's word, then are erased.
SILENT_DAYS = timedelta(days=3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing observed: `commune`, `need`, `week`, `month`, `leaving`, `check_backs` or `words`, and its value."""

    kind: str
    value: str = ""


def write_facts(facts: Sequence[Fact]) -> str:
    """The facts as they are sealed."""
    return json.dumps([[fact.kind, fact.value] for fact in facts], ensure_ascii=False)


def facts_of(talk: Talk, row: ObservationRow) -> list[Fact]:
    """The facts that still wait."""
    text = talk.house.keys.open(talk.row.id, row.facts) if row.facts else "[]"
    return [Fact(kind=kind, value=value) for kind, value in json.loads(text)]


def keep_facts(talk: Talk, row: ObservationRow, facts: Sequence[Fact]) -> None:
    """These facts wait, and no other."""
    row.facts = talk.seal(write_facts(facts)) if facts else None
    row.erase_at = talk.at + SILENT_DAYS


def confirm_next(talk: Talk) -> bool:
    """Ask about the next fact observed that the person did not tell us themselves. Returns whether there was one."""
    row = _agreed(talk)
    if row is None:
        return False
    left = [fact for fact in facts_of(talk, row) if not _known(talk, fact)]
    keep_facts(talk, row, left)
    if not left:
        return False
    talk.row.stage = "asking"
    talk.ask_yes_no("observed_fact", _question(talk, left[0]), notes={"observation": row.id})
    return True


def _agreed(talk: Talk) -> ObservationRow | None:
    """The observation being confirmed; there is none on the web: people are asked on their own telephone."""
    if talk.row.channel != "sms":
        return None
    row: ObservationRow | None = talk.session.execute(
        select(ObservationRow)
        .where(
            _observations.c.conversation == talk.row.id,
            _observations.c.state == "agreed",
            _observations.c.facts.is_not(None),
        )
        .order_by(_observations.c.made_at)
        .limit(1)
    ).scalar()
    return row


def _known(talk: Talk, fact: Fact) -> bool:
    """What the person told us themselves is not asked again."""
    if fact.kind == "commune":
        return talk.dossier.commune is not None
    return fact.kind == "need" and talk.dossier.need(fact.value) is not None


def _question(talk: Talk, fact: Fact) -> str:
    key = f"observed.fact.{fact.kind}"
    if fact.kind == "commune":
        return talk.words(key, commune=talk.house.places.commune(fact.value).name)
    if fact.kind == "need":
        return talk.words(key, need=talk.words(f"need.{fact.value}"))
    if fact.kind == "leaving":
        return talk.words(key, date=format_date(date.fromisoformat(fact.value), format="d MMMM", locale=talk.language))
    if fact.kind == "words":
        return talk.words(key, item=fact.value)
    return talk.words(key)
