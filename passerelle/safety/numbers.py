"""Help numbers as dated rows: hours and numbers change, so none is written in a text (screening.md §5.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import yaml
from opening_hours import OpeningHours

from passerelle.safety.check import DATA

PARIS = ZoneInfo("Europe/Paris")

#: A row older than this must be checked again; a test fails until it is.
DAYS_OF_TRUST = 180

#: Never closed, and answers for every danger.
LAST_RESORT = "112"


@dataclass(frozen=True, kw_only=True, slots=True)
class HelpNumber:
    """One line a person may call or write to."""

    number: str
    #: Text key that says in a few words what the line is for.
    usage: str
    audience: tuple[str, ...]
    #: OpenStreetMap opening rule, in Paris time.
    hours: str
    channels: tuple[str, ...]
    zone: str
    source_title: str
    source_url: str
    #: What was read that day: pages, or repository and path of a public copy.
    read_in: tuple[str, ...]
    verified_on: date
    confirmed: bool
    replaced_by: str | None

    def open_at(self, at: datetime) -> bool:
        """Whether someone answers at that moment."""
        if self.hours == "24/7":
            return True
        return bool(OpeningHours(self.hours).is_open(at.astimezone(PARIS).replace(tzinfo=None)))

    @property
    def href(self) -> str:
        """The link that calls the line, or writes to it when it is not for calling."""
        return f"tel:{self.number}" if "call" in self.channels else f"sms:{self.number}"


class HelpNumbers:
    """The lines that may be shown, by kind of danger."""

    def __init__(self, rows: Mapping[str, HelpNumber], kinds: Mapping[str, tuple[str, ...]]) -> None:
        self._rows = rows
        self._kinds = kinds

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read the rows."""
        content = yaml.safe_load((path or DATA / "numbers.yaml").read_text(encoding="utf-8"))
        rows = {row["number"]: _row(row) for row in content["numbers"]}
        return cls(rows, {kind: tuple(numbers) for kind, numbers in content["kinds"].items()})

    @property
    def shown(self) -> tuple[HelpNumber, ...]:
        """The confirmed lines still in service."""
        return tuple(row for row in self._rows.values() if row.confirmed and row.replaced_by is None)

    def to_check_again(self, today: date) -> tuple[HelpNumber, ...]:
        """The lines shown that nobody has checked for too long."""
        return tuple(row for row in self.shown if (today - row.verified_on).days > DAYS_OF_TRUST)

    def for_kind(self, kind: str, at: datetime) -> tuple[HelpNumber, ...]:
        """The lines for a danger, the open ones first; closed ones never stand alone."""
        shown = {row.number: row for row in self.shown}
        rows = [shown[number] for number in self._kinds.get(kind, ()) if number in shown]
        opened = [row for row in rows if row.open_at(at)]
        if rows and not opened:
            opened = [shown[LAST_RESORT]]
        return (*opened, *(row for row in rows if not row.open_at(at)))


def _row(row: Mapping[str, Any]) -> HelpNumber:
    return HelpNumber(
        number=row["number"],
        usage=row["usage"],
        audience=tuple(row["audience"]),
        hours=str(row["hours"]),
        channels=tuple(row["channels"]),
        zone=row["zone"],
        source_title=row["source_title"],
        source_url=row["source_url"],
        read_in=tuple(row["read_in"]),
        verified_on=row["verified_on"],
        confirmed=row["confirmed"],
        replaced_by=row.get("replaced_by"),
    )
