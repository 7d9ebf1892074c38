"""What an import says of the rows it was given: those left out, and what could not be carried over."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orientation_catalogue.checks import Problem
from orientation_catalogue.sources.reading import Read

#: More than this says no more: the rest is counted.
MOST_TOLD = 10_000
_LONGEST = 120
_LOOKED_AT = 4 * _LONGEST
#: The fields that hold the name of a person: never written in a report, which is printed, kept and sent.
_NAMES = frozenset({"contact_nom_prenom", "referral_contact", "backup_contact"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A row left out: where it stands and what is wrong with it."""

    file: str
    #: Where it stands: the line of a text file, else its place from 1.
    row: int
    id: str | None
    field: str
    value: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}, row {self.row} ({self.id}), field {self.field}, value {self.value}: {self.problem}"

    @classmethod
    def of(cls, read: Read, problem: Problem) -> "Refused":
        """A row with one of its problems."""
        found = read.value.get("id")
        return cls(
            file=read.file,
            row=read.row,
            id=_short(str(found)) if found else None,
            field=_short(problem.field),
            value=shown(problem.field, problem.value),
            problem=problem.reason,
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Noted:
    """A value or a column that an import could not carry over; its rows are kept."""

    file: str
    field: str
    value: str
    problem: str
    #: Rows that had it.
    rows: int

    def __str__(self) -> str:
        return f"{self.file}, field {self.field}, value {self.value}, {self.rows} rows: {self.problem}"

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildReport:
    """What a build made."""

    path: Path
    sha256: str
    #: Services and national cards in the catalogue.
    kept: int
    #: Services left out because a better row of another source tells them.
    merged: int
    refused: tuple[Refused, ...]
    #: All problems, those beyond MOST_TOLD with them.
    problems: int = 0
    noted: tuple[Noted, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values, to be kept beside the catalogue for the coordinator's page."""
        return {
            "catalogue": self.sha256,
            "kept": self.kept,
            "merged": self.merged,
            "problems": self.problems,
            "refused": [refused.as_json() for refused in self.refused],
            "noted": [noted.as_json() for noted in self.noted],
        }


def shown(field: str, value: Any) -> str:
    """A value as a report may show it: short, on one line, without the name of anybody."""
    if field.split(".")[0] in _NAMES:
        return "(a person: not shown)"
    if isinstance(value, dict):
        return "(several values)"
    # The part of an address before the @ is often somebody's name. The text is cut first: it may be as long as a row.
    text = repr(value[:_LOOKED_AT] if isinstance(value, str) else value)[:_LOOKED_AT]
    return _short(re.sub(r"[\w.+%-]+@", "…@", text))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
