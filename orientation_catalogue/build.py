"""Build one immutable catalogue file from folders of sources; a bad row is reported and left out, never repaired."""

import datetime
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from data_inclusion.schema import v1
from pydantic import ValidationError

from orientation_catalogue.catalogue import CURRENT, PREVIOUS
from orientation_catalogue.checks import Problem, check_service, check_structure
from orientation_catalogue.duplicates import merge_duplicates
from orientation_catalogue.errors import BadSource
from orientation_catalogue.file import sync, write_catalogue
from orientation_catalogue.model import Complement, Offer
from orientation_catalogue.offers import offer_of_card, offer_of_service
from orientation_catalogue.territory.places import Places

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A row left out: where it stands and what is wrong with it."""

    file: str
    #: Position in the file, from 1.
    row: int
    id: str | None
    field: str
    value: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}, row {self.row} ({self.id}), field {self.field}, value {self.value}: {self.problem}"


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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    file: str
    row: int
    value: Row


def build_catalogue(
    sources: Sequence[Path], into: Path, *, places: Places | None = None, today: datetime.date | None = None
) -> BuildReport:
    """Read the source folders, write the catalogue named by its hash in `into`, and put it in force."""
    builder = _Builder(places or Places.load(), today or datetime.datetime.now(datetime.UTC).date())
    for source in sources:
        if not source.is_dir():
            raise BadSource(path=source, problem="not a folder")
        builder.add(source)
    merged = builder.merge()
    path, sha256 = write_catalogue(builder.rows(), into)
    _put_in_force(path, into)
    return BuildReport(
        path=path, sha256=sha256, kept=len(builder.offers), merged=merged, refused=tuple(builder.refused)
    )


class _Builder:
    """Gathers the good rows of every source and the reasons of the bad ones."""

    def __init__(self, places: Places, today: datetime.date) -> None:
        self._places = places
        self._today = today
        self._structures: dict[str, Row] = {}
        self.offers: dict[str, tuple[Offer, Row]] = {}
        self.refused: list[Refused] = []

    def add(self, source: Path) -> None:
        for read in _rows_of(source, "structures"):
            if self._accepts(read, v1.Structure, check_structure):
                self._structures[str(read.value["id"])] = read.value
        complements = self._complements(source)
        for read in _rows_of(source, "services"):
            if self._accepts(read, v1.Service, check_service):
                self._add_service(read, complements)
        for read in _cards_of(source):
            self._add_card(read)

    def merge(self) -> int:
        """Make one of the services that several sources tell; say how many rows were left out."""
        read = len(self.offers)
        self.offers = merge_duplicates(self.offers)
        return read - len(self.offers)

    def rows(self) -> Iterator[tuple[Offer, Row]]:
        """What was kept, in the order of the ids."""
        for offer_id in sorted(self.offers):
            yield self.offers[offer_id]

    def _accepts(self, read: _Read, schema: Any, check: Any) -> bool:
        try:
            schema.model_validate(read.value)
        except ValidationError as error:
            for problem in error.errors():
                name = ".".join(str(part) for part in problem["loc"]) or "row"
                self._refuse(read, Problem(field=name, value=problem.get("input"), reason=problem["msg"]))
            return False
        problems = check(read.value, self._places, self._today)
        for problem in problems:
            self._refuse(read, problem)
        return not problems

    def _complements(self, source: Path) -> dict[str, Complement]:
        path = source / "complements.yaml"
        complements: dict[str, Complement] = {}
        if not path.is_file():
            return complements
        for row, (service, value) in enumerate((_yaml(path) or {}).items(), start=1):
            read = _Read(file=str(path), row=row, value={"id": service})
            try:
                complements[str(service)] = Complement.of(value or {})
            except ValueError as error:
                name, _, problem = str(error).partition(": ")
                shown = value.get(name) if isinstance(value, dict) else value
                self._refuse(read, Problem(field=name, value=shown, reason=problem))
        return complements

    def _add_service(self, read: _Read, complements: Mapping[str, Complement]) -> None:
        service = read.value
        structure = self._structures.get(service["structure_id"])
        if structure is None:
            problem = Problem(field="structure_id", value=service["structure_id"], reason="no such structure was kept")
            self._refuse(read, problem)
            return
        if service["id"] in self.offers:
            self._refuse(read, Problem(field="id", value=service["id"], reason="given twice"))
            return
        complement = complements.get(service["id"], Complement())
        offer = offer_of_service(service, structure, complement, self._places)
        self.offers[offer.id] = (offer, {"service": service, "structure": structure})

    def _add_card(self, read: _Read) -> None:
        try:
            offer = offer_of_card(read.value)
        except (KeyError, TypeError, ValueError) as error:
            name, _, problem = str(error).strip("'").partition(": ")
            self._refuse(
                read,
                Problem(field=name, value=read.value.get(name), reason=problem or "missing or unreadable"),
            )
            return
        self.offers[offer.id] = (offer, {"card": json.loads(_json(read.value))})

    def _refuse(self, read: _Read, problem: Problem) -> None:
        self.refused.append(
            Refused(
                file=read.file,
                row=read.row,
                id=str(read.value.get("id")) if read.value.get("id") else None,
                field=problem.field,
                value=repr(problem.value)[:200],
                problem=problem.reason,
            )
        )


# --- files -------------------------------------------------------------------------------------------------------


def _rows_of(source: Path, kind: str) -> Iterator[_Read]:
    for path in (source / f"{kind}.json", source / f"{kind}.ndjson"):
        if path.is_file():
            values = _array(path) if path.suffix == ".json" else _lines(path)
            for row, value in enumerate(values, start=1):
                if not isinstance(value, dict):
                    raise BadSource(path=path, problem=f"row {row} is not an object")
                yield _Read(file=str(path), row=row, value=value)


def _cards_of(source: Path) -> Iterator[_Read]:
    path = source / "cards.yaml"
    if path.is_file():
        for row, value in enumerate(_yaml(path) or (), start=1):
            if not isinstance(value, dict):
                raise BadSource(path=path, problem=f"card {row} is not a mapping")
            yield _Read(file=str(path), row=row, value=value)


def _array(path: Path) -> list[Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadSource(path=path, problem=str(error)) from error
    if not isinstance(values, list):
        raise BadSource(path=path, problem="not a JSON array")
    return values


def _lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise BadSource(path=path, problem=f"line {number}: {error}") from error


def _yaml(path: Path) -> Any:
    try:
        # The C reader is as safe and ten times faster: complements of a whole département are read in one second.
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise BadSource(path=path, problem=str(error)) from error


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)


def _put_in_force(path: Path, into: Path) -> None:
    """Switch the pointer by a rename; the catalogue before it stays, and is named by `previous`."""
    current = into / CURRENT
    before = current.read_text(encoding="utf-8").strip() if current.is_file() else ""
    if before == path.name:
        return
    if before:
        _point(into / PREVIOUS, before)
    _point(current, path.name)
    sync(into)


def _point(pointer: Path, name: str) -> None:
    temporary = pointer.with_name(f".{pointer.name}.{os.getpid()}")
    temporary.write_text(name + "\n", encoding="utf-8")
    sync(temporary)
    temporary.replace(pointer)
