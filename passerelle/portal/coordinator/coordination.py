"""What a coordinator does: each act checked, kept with its author, and put where it has its effect."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from passerelle.foundation.clock import PARIS, Clock
from passerelle.foundation.database import Database
from passerelle.foundation.errors import NotFound
from passerelle.foundation.ids import new_id
from passerelle.handoff.reports import REPORT_KINDS, Reported, Settled, open_reports, record_report, settle_reports
from passerelle.handoff.territory import CORRECTABLE, BadTerritory, Territory
from passerelle.portal.coordinator.additions import Addition, read_addition
from passerelle.portal.coordinator.changes import OF_THE_TERRITORY, Change, Changes, Kind, territory_corrections
from passerelle.portal.coordinator.fields import (
    BY_NAME,
    LONGEST,
    Field,
    WrongValue,
    wrongs_of_complement,
    wrongs_of_service,
)
from passerelle.portal.coordinator.register import Register, Sheet
from passerelle.portal.forms import Form

#: Longest line of the territory: a function and a structure are said in an SMS.
LONGEST_LINES: Mapping[tuple[str, str], int] = {("referent", "function"): 50, ("referent", "structure"): 60}
_LONGEST_LINE = 300


class NoSuchField(NotFound):
    """There is no such field to correct."""


class Coordination:
    """The acts of the coordinators of one territory."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        changes: Changes,
        register: Register,
        territory: Territory,
        corrections_file: Path,
    ) -> None:
        self._database = database
        self._clock = clock
        self.changes = changes
        self.register = register
        self.territory = territory
        self._corrections_file = corrections_file

    @property
    def today(self) -> date:
        """The day, in UTC: the national schema refuses one that has not begun where the program runs."""
        return self._clock.now().date()

    # --- dispositifs ---

    def correct(self, by: str, service_id: str, name: str, form: Form) -> str | None:
        """Correct one field of a dispositif. Returns why it is refused, or None. Raises NoSuchService, NoSuchField."""
        field = field_named(name)
        sheet = self.register.sheet(service_id)
        try:
            value = field.read(form)
        except WrongValue as wrong:
            return str(wrong)
        why = "missing" if field.required and not value else self._why_refused(sheet, field, value)
        if why is None:
            kind: Kind = "correct" if field.of == "service" else "complement"
            before = sheet.value(name)
            self.changes.record(by, kind=kind, target=service_id, field=name, value=value, before=before)
        return why

    def close(self, by: str, service_id: str, form: Form) -> str | None:
        """Close a dispositif for a time. Returns why it is refused, or None."""
        self.register.sheet(service_id)
        start, end = _day(form.get("from", "")), _day(form.get("to", ""))
        if start is None or (form.get("to", "").strip() and end is None):
            return "day"
        if end is not None and end < start:
            return "days"
        reason = " ".join(form.get("reason", "").split())[:_LONGEST_LINE] or None
        closure = {"from": start.isoformat(), "to": end.isoformat() if end else None, "reason": reason}
        self.changes.record(by, kind="close", target=service_id, value=closure)
        return None

    def vouch(self, by: str, service_id: str) -> None:
        """Say that all of it was checked today."""
        sheet = self.register.sheet(service_id)
        before = sheet.checked_on.isoformat() if sheet.checked_on else None
        self.changes.record(
            by,
            kind="complement",
            target=service_id,
            field="checked_on",
            value=self.today.isoformat(),
            before=before,
        )

    def withdraw(self, by: str, service_id: str) -> None:
        """Leave a dispositif out of the catalogue."""
        self.register.sheet(service_id)
        self.changes.record(by, kind="withdraw", target=service_id, value=True)

    def add(self, by: str, form: Form) -> Addition:
        """Add a local dispositif, when nothing is wrong with the form."""
        addition = read_addition(form, places=self.register.places, today=self.today)
        if addition.value is not None:
            self.changes.record(by, kind="add", target=addition.id, value=dict(addition.value))
        return addition

    def undo(self, by: str, number: int) -> Change:
        """Undo one change, wherever it had its effect."""
        change = self.changes.undo(by, number)
        if change.kind in OF_THE_TERRITORY:
            self.write_corrections()
        return change

    # --- what people say ---

    def reports(self) -> tuple[Reported, ...]:
        """What people said of dispositifs, and nobody settled."""
        with self._database.read() as session:
            return open_reports(session)

    def hear(self, service_id: str, kind: str) -> None:
        """A professional says that a dispositif of the catalogue is not as told. Raises NoSuchField."""
        said = next((known for known in REPORT_KINDS if known == kind), None)
        if said is None or service_id not in self.register.known():
            raise NoSuchField
        with self._database.write() as session:
            record_report(session, service=service_id, kind=said, told_by="professional", day=self.today)

    def settle(self, by: str, service_id: str, kind: str, how: str) -> None:
        """Settle what was said: corrected, or dismissed. Raises NoSuchField."""
        chosen: dict[str, Settled] = {"corrected": "corrected", "dismissed": "dismissed"}
        if kind not in REPORT_KINDS or how not in chosen:
            raise NoSuchField
        with self._database.write() as session:
            settle_reports(session, service_id, kind, by=by, how=chosen[how], at=self._clock.now())

    # --- the territory ---

    def correct_territory(self, by: str, kind: str, line: str, name: str, form: Form) -> str | None:
        """Correct one line of the territory, in force at once. Returns why it is refused, or None."""
        before = self.territory_value(kind, line, name)
        typed = form.get("value", "").strip()
        value: Any = (
            [" ".join(one.split()) for one in typed.splitlines() if one.strip()] if name == "members" else typed
        )
        why = _why_refused_line(kind, name, typed)
        if why is not None:
            return why
        said = territory_corrections(self.changes.live(OF_THE_TERRITORY))
        said.setdefault(kind, {}).setdefault(line, {})[name] = value
        try:
            self.territory.check(said)
        except BadTerritory:
            return "hours" if name == "hours" else "value"
        self.changes.record(by, kind=_TERRITORY_KINDS[kind], target=line, field=name, value=value, before=before)
        self.write_corrections()
        return None

    def territory_value(self, kind: str, line: str, name: str) -> Any:
        """What the register says today. Raises NoSuchField."""
        if name not in CORRECTABLE.get(kind, ("", ()))[1]:
            raise NoSuchField
        lines: Mapping[str, Callable[[], tuple[Any, ...]]] = {
            "desk": self.territory.desks,
            "referent": self.territory.recipients,
            "instance": self.territory.instances,
        }
        found = next((one for one in lines[kind]() if one.id == line), None)
        if found is None:
            raise NoSuchField
        value = getattr(found, name)
        if name == "hours_text":
            return value["fr"]
        return list(value) if name == "members" else value

    def write_corrections(self) -> None:
        """Write what is corrected beside the territory's own file: it is read at the next use."""
        said = territory_corrections(self.changes.live(OF_THE_TERRITORY))
        self._corrections_file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._corrections_file.with_name(f".{self._corrections_file.name}.{new_id()}")
        draft.write_text(json.dumps(said, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        draft.replace(self._corrections_file)

    def _why_refused(self, sheet: Sheet, field: Field, value: Any) -> str | None:
        head, _, part = field.name.partition(".")
        row = dict(sheet.service if field.of == "service" else sheet.complement)
        row[head] = {**(row.get(head) or {}), part: value} if part else value
        if field.of == "service":
            wrongs = wrongs_of_service(row, self.register.places, self.today)
        else:
            wrongs = wrongs_of_complement({name: one for name, one in row.items() if one is not None})
        return wrongs.get(field.name) or wrongs.get(head) or next(iter(wrongs.values()), None)


_TERRITORY_KINDS: Mapping[str, Kind] = {"desk": "desk", "referent": "referent", "instance": "instance"}


def field_named(name: str) -> Field:
    """The field of that name. Raises NoSuchField."""
    if name not in BY_NAME:
        raise NoSuchField
    return BY_NAME[name]


def _why_refused_line(kind: str, name: str, typed: str) -> str | None:
    longest = LONGEST if name in {"purpose", "members"} else LONGEST_LINES.get((kind, name), _LONGEST_LINE)
    if not typed:
        return "missing"
    if len(typed) > longest:
        return "long"
    if name == "phone" and not re.fullmatch(r"\+?[0-9](?:[ .]?[0-9]){1,14}", typed):
        return "phone"
    if name == "email" and not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+", typed):
        return "email"
    return None


def _day(typed: str) -> date | None:
    try:
        return datetime.strptime(typed.strip(), "%Y-%m-%d").replace(tzinfo=PARIS).date()
    except ValueError:
        return None
