"""The coordinator's changes: recorded with their author, undone by saying so, never rewritten. Every write is here."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, update

from orientation_catalogue.supplement import Supplement
from passerelle.foundation.clock import Clock
from passerelle.foundation.database import Database, table_of
from passerelle.foundation.errors import NotFound
from passerelle.portal.tables import RegisterChangeRow

_changes = table_of(RegisterChangeRow)

Kind = Literal["correct", "complement", "close", "add", "withdraw", "desk", "referent", "instance"]

#: What is compiled into the next version of the catalogue; the rest is the territory's, in force at once.
OF_THE_CATALOGUE = frozenset({"correct", "complement", "close", "add", "withdraw"})
OF_THE_TERRITORY = frozenset({"desk", "referent", "instance"})

#: Another address is another point: the source's would be the former one's.
_MOVED: Mapping[str, Mapping[str, None]] = {
    "adresse": {"latitude": None, "longitude": None},
    "code_insee": {"latitude": None, "longitude": None, "commune": None},
}

#: A page of history is read, not searched.
_MOST_SHOWN = 200


class NoSuchChange(NotFound):
    """There is no such change."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change, as it was made."""

    number: int
    at: datetime
    by: str
    kind: Kind
    target: str
    field: str
    value: Any
    before: Any
    undone_at: datetime | None
    undone_by: str


class Changes:
    """The changes of a territory's coordinators."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def record(self, by: str, *, kind: Kind, target: str, value: Any, field: str = "", before: Any = None) -> Change:
        """Keep one change."""
        row = RegisterChangeRow(
            at=self._clock.now(),
            by=by,
            kind=kind,
            target=target,
            field=field,
            value=json.dumps(value, ensure_ascii=False),
            before=json.dumps(before, ensure_ascii=False),
        )
        with self._database.write() as session:
            session.add(row)
            session.flush()
            return _change(row)

    def undo(self, by: str, number: int) -> Change:
        """Say that a change no longer holds; undoing twice is undoing. Raises NoSuchChange."""
        with self._database.write() as session:
            session.execute(
                update(_changes)
                .where(_changes.c.number == number, _changes.c.undone_at.is_(None))
                .values(undone_at=self._clock.now(), undone_by=by)
            )
            row = session.get(RegisterChangeRow, number)
            if row is None:
                raise NoSuchChange
            return _change(row)

    def live(self, kinds: Iterable[Kind] | frozenset[str]) -> tuple[Change, ...]:
        """The changes that hold, oldest first."""
        with self._database.read() as session:
            rows = session.execute(
                select(RegisterChangeRow)
                .where(_changes.c.undone_at.is_(None), _changes.c.kind.in_(sorted(kinds)))
                .order_by(_changes.c.number)
            ).scalars()
            return tuple(_change(row) for row in rows)

    def history(self, *, target: str | None = None) -> tuple[Change, ...]:
        """What was changed, newest first, undone changes included."""
        wanted = select(RegisterChangeRow).order_by(_changes.c.number.desc()).limit(_MOST_SHOWN)
        if target is not None:
            wanted = wanted.where(_changes.c.target == target)
        with self._database.read() as session:
            return tuple(_change(row) for row in session.execute(wanted).scalars())


def supplement_of(changes: Iterable[Change]) -> Supplement:
    """The changes compiled for the build of a catalogue; of two changes of one field the later holds."""
    added: dict[str, Mapping[str, Any]] = {}
    corrections: dict[str, dict[str, Any]] = {}
    complements: dict[str, dict[str, Any]] = {}
    closures: dict[str, list[Mapping[str, Any]]] = {}
    withdrawn: set[str] = set()
    updated: dict[str, str] = {}
    for change in changes:
        if change.kind == "add":
            added[change.target] = change.value
            complements.setdefault(change.target, {}).update(change.value.get("complement") or {})
        elif change.kind == "correct":
            corrections.setdefault(change.target, {}).update(
                {change.field: change.value, **_MOVED.get(change.field, {})}
            )
        elif change.kind == "complement":
            _set_complement(complements.setdefault(change.target, {}), change)
        elif change.kind == "close":
            closures.setdefault(change.target, []).append(change.value)
        elif change.kind == "withdraw":
            withdrawn.add(change.target)
        # In UTC: the national schema refuses a day that has not begun where the program runs.
        updated[change.target] = change.at.date().isoformat()
    services = []
    for service_id, value in added.items():
        # A coordinator's own row is changed in place: there is no source behind it.
        services.append({**value["service"], **corrections.pop(service_id, {}), "date_maj": updated[service_id]})
    return Supplement(
        services=tuple(services),
        structures=tuple(value["structure"] for value in added.values()),
        corrections=corrections,
        complements=complements,
        closures={service: tuple(found) for service, found in closures.items()},
        withdrawn=frozenset(withdrawn),
    )


def _set_complement(complement: dict[str, Any], change: Change) -> None:
    """A field of the complement; `card.fr` is one language, or one line, of a field that has several."""
    name, _, part = change.field.partition(".")
    if part:
        complement[name] = {**(complement.get(name) or {}), part: change.value}
    else:
        complement[name] = change.value


def territory_corrections(changes: Iterable[Change]) -> dict[str, dict[str, dict[str, Any]]]:
    """What the changes say of desks, référents and instances: kind → id → field → value."""
    said: dict[str, dict[str, dict[str, Any]]] = {}
    for change in changes:
        if change.kind in OF_THE_TERRITORY:
            said.setdefault(change.kind, {}).setdefault(change.target, {})[change.field] = change.value
    return said


def _change(row: RegisterChangeRow) -> Change:
    return Change(
        number=row.number or 0,
        at=row.at,
        by=row.by,
        kind=row.kind,  # type: ignore[arg-type]
        target=row.target,
        field=row.field,
        value=json.loads(row.value),
        before=json.loads(row.before),
        undone_at=row.undone_at,
        undone_by=row.undone_by,
    )
