"""The rows of all sources, judged one by one and kept in one file on the disk until they are compiled.

A million rows never stand in memory together. The file stays beside the catalogue: a coordinator's correction is
compiled into the next catalogue without reading the sources again.
"""

import datetime
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from data_inclusion.schema import v1
from pydantic import ValidationError
from pydantic_core import from_json, to_json

from orientation_catalogue.checks import Problem, check_service, check_structure
from orientation_catalogue.model import Complement, complement_json
from orientation_catalogue.report import MOST_TOLD, Noted, Refused, shown
from orientation_catalogue.sources.reading import Read, Row
from orientation_catalogue.sources.spelling import FIELDS, as_v1
from orientation_catalogue.sources.v0 import from_v0, is_v0
from orientation_catalogue.territory.places import Places

_TABLES = """
PRAGMA page_size = 16384;
CREATE TABLE structures (id TEXT PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE services (
    id TEXT PRIMARY KEY, structure TEXT NOT NULL, file TEXT NOT NULL, place INTEGER NOT NULL, row TEXT NOT NULL
);
CREATE TABLE complements (id TEXT PRIMARY KEY, file TEXT NOT NULL, place INTEGER NOT NULL, row TEXT NOT NULL);
CREATE TABLE cards (id TEXT PRIMARY KEY, file TEXT NOT NULL, place INTEGER NOT NULL, row TEXT NOT NULL);
"""
#: Enough of the refused services to tell a complement that lost its service from one that never had any.
_MOST_REMEMBERED = 200_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A service that was kept, with its structure and what stands beside it."""

    id: str
    file: str
    row: int
    service: str
    structure: str | None
    complement: str | None


class Judge:
    """Says what is wrong with a row: data·inclusion's own validator first, then what it lets through."""

    _SCHEMAS: Mapping[str, tuple[Any, Callable[..., list[Problem]]]] = {
        "structure": (v1.Structure, check_structure),
        "service": (v1.Service, check_service),
    }

    def __init__(self, places: Places, today: datetime.date) -> None:
        self.places = places
        self._today = today

    def problems(self, kind: str, row: Row) -> list[Problem]:
        """Everything that keeps this row out; nothing when it is good."""
        schema, check = self._SCHEMAS[kind]
        try:
            schema.model_validate(row)
        except ValidationError as error:
            return [_problem(problem) for problem in error.errors(include_url=False)]
        except RecursionError:
            return [Problem(field="row", value=None, reason="it is nested too deep")]
        return check(row, self.places, self._today)


class Intake:
    """Takes rows in, keeps the good ones, remembers why the others were left out."""

    def __init__(self, path: Path, judge: Judge, *, new: bool = True) -> None:
        self.path = path
        self._judge = judge
        self._database = sqlite3.connect(path, isolation_level=None)
        # The file is made anew at each import and thrown away when one fails: nothing of it needs to survive a crash.
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("PRAGMA cache_size = -65536")
        if new:
            self._database.executescript(_TABLES)
        self._database.execute("BEGIN")
        self.refused: list[Refused] = []
        self.problems = 0
        self.services_given = 0
        self._noted: Counter[tuple[str, str, str, str]] = Counter()
        self._refused_services: set[str] = set()
        self._told_before: frozenset[Refused] = frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def take(self, reads: Iterable[Read]) -> None:
        """Judge rows and keep the good ones."""
        for read in reads:
            self.services_given += read.kind == "service"
            if read.problem is not None:
                self.refuse(read, read.problem)
            elif read.kind == "card":
                self._keep("cards", read, str(read.value.get("id")), read.value)
            elif read.kind == "complement":
                self._take_complement(read)
            else:
                self._take_row(read)

    def refuse(self, read: Read, problem: Problem) -> None:
        """Leave a row out and remember why."""
        refused = Refused.of(read, problem)
        if refused in self._told_before:
            return
        self.problems += 1
        if len(self.refused) < MOST_TOLD:
            self.refused.append(refused)
        if read.kind == "service" and len(self._refused_services) < _MOST_REMEMBERED:
            self._refused_services.add(str(read.value.get("id")))

    def tell_again(self, report: Mapping[str, Any], *, but: str) -> None:
        """Keep what an earlier import said of the rows that are compiled again, but for those of one file."""
        told = [Refused(**one) for one in report["refused"]]
        kept = [refused for refused in told if refused.file != but]
        self.refused += kept
        self.problems += int(report["problems"]) - (len(told) - len(kept))
        self._told_before = frozenset(kept)
        for one in report["noted"]:
            self._noted[one["file"], one["field"], one["value"], one["problem"]] += int(one["rows"])

    def note(self, file: str, field: str, value: Any, reason: str) -> None:
        """Remember what was not carried over of a row that is kept."""
        self._noted[file, field, shown(field, value), reason] += 1

    @property
    def noted(self) -> tuple[Noted, ...]:
        """What was not carried over, each thing once."""
        return tuple(
            Noted(file=file, field=field, value=value, problem=reason, rows=rows)
            for (file, field, value, reason), rows in sorted(self._noted.items())[:MOST_TOLD]
        )

    def services(self) -> Iterator[Kept]:
        """The services by id, each with its structure and complement."""
        found = self._database.cursor().execute(
            "SELECT s.id, s.file, s.place, s.row, t.row, c.row FROM services s"
            " LEFT JOIN structures t ON t.id = s.structure LEFT JOIN complements c ON c.id = s.id ORDER BY s.id"
        )
        for name, file, row, service, structure, complement in found:
            yield Kept(id=name, file=file, row=row, service=service, structure=structure, complement=complement)

    def only_completes(self) -> bool:
        """Whether the sources held complements and no row of the national format."""
        given = "SELECT 1 FROM {} LIMIT 1"
        rows = [self._database.execute(given.format(table)).fetchone() for table in ("structures", "complements")]
        return rows[0] is None and rows[1] is not None and not self.services_given

    def take_over(self, rows: Path) -> None:
        """Add the rows of a catalogue made before; what was taken in now stands in the place of its own."""
        self._database.execute("COMMIT")
        self._database.execute("ATTACH DATABASE ? AS before", (str(rows),))
        for table in ("structures", "services", "complements", "cards"):
            # The table is one of those written above.
            self._database.execute(f"INSERT OR IGNORE INTO {table} SELECT * FROM before.{table}")  # noqa: S608
        self._database.execute("DETACH DATABASE before")
        self._database.execute("BEGIN")

    def keeps_a_service(self) -> bool:
        """Whether one service at least was good."""
        return self._database.execute("SELECT 1 FROM services LIMIT 1").fetchone() is not None

    def structure(self, structure_id: str) -> Row | None:
        """The row of a structure."""
        return self._one("structures", structure_id)

    def complement(self, service_id: str) -> Complement:
        """What stands beside a service."""
        return Complement.of(self._one("complements", service_id) or {})

    def _one(self, table: str, name: str) -> Row | None:
        # The table is one of those written above.
        found = self._database.execute(f"SELECT row FROM {table} WHERE id = ?", (name,)).fetchone()  # noqa: S608
        row: Row | None = from_json(found[0]) if found else None
        return row

    def cards(self) -> Iterator[Read]:
        """The national cards by id."""
        for file, row, text in self._database.execute("SELECT file, place, row FROM cards ORDER BY id"):
            yield Read(file=file, row=row, value=from_json(text), kind="card")

    def complements_of_nobody(self) -> Iterator[Read]:
        """Complements whose service no source ever named."""
        found = self._database.execute(
            "SELECT id, file, place FROM complements WHERE id NOT IN (SELECT id FROM services) ORDER BY file, place"
        )
        for name, file, row in found:
            if name not in self._refused_services:
                yield Read(file=file, row=row, value={"id": name}, kind="complement")

    def finish(self) -> None:
        """Everything was taken in: write it down."""
        self._database.execute("COMMIT")

    def _take_row(self, read: Read) -> None:
        given, dropped = (
            from_v0(read.value, read.kind, self._judge.places) if is_v0(read.value) else (read.value, read.dropped)
        )
        row = as_v1(given)
        problems = self._judge.problems(read.kind, row)
        for problem in problems:
            self.refuse(read, problem)
        if problems:
            return
        for name in sorted(row.keys() - FIELDS[read.kind]):
            # data·inclusion's own working columns begin with an underscore.
            if not name.startswith("_"):
                self.note(read.file, name, None, "data·inclusion v1 has no such field: it is not kept")
            del row[name]
        for lost in dropped:
            self.note(read.file, lost.field, lost.value, lost.reason)
        self._keep("structures" if read.kind == "structure" else "services", read, row["id"], row)

    def _take_complement(self, read: Read) -> None:
        service = str(read.value.get("id"))
        try:
            complement = Complement.of({name: value for name, value in read.value.items() if name != "id"})
        except ValueError as error:
            name, _, reason = str(error).partition(": ")
            self.refuse(read, Problem(field=name, value=read.value.get(name), reason=reason))
            return
        self._keep("complements", read, service, complement_json(complement))

    def _keep(self, table: str, read: Read, name: str, row: Row) -> None:
        values: tuple[Any, ...] = (name, read.file, read.row, _text(row))
        if table == "structures":
            values = (name, _text(row))
        elif table == "services":
            values = (name, row["structure_id"], read.file, read.row, _text(row))
        places = ", ".join("?" * len(values))
        # The table is one of four names written above.
        kept = self._database.execute(f"INSERT OR IGNORE INTO {table} VALUES ({places})", values)  # noqa: S608
        if not kept.rowcount:
            self.refuse(read, Problem(field="id", value=name, reason="given twice"))


def _text(row: Row) -> str:
    """A row as JSON, its fields in the order of their names; pydantic writes it in a third of json's time."""
    return to_json({name: row[name] for name in sorted(row)}).decode()


def _problem(error: Mapping[str, Any]) -> Problem:
    name = ".".join(str(part) for part in error["loc"]) or "row"
    return Problem(field=name, value=error.get("input") if error["loc"] else None, reason=str(error["msg"]))
