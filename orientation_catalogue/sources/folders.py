"""What a source on the disk is made of: a folder, or one file, each file read by the reader of its form."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from orientation_catalogue.errors import BadSource
from orientation_catalogue.sources.csv_rows import csv_rows
from orientation_catalogue.sources.hsds import hsds_rows
from orientation_catalogue.sources.json_rows import json_array, json_lines
from orientation_catalogue.sources.parquet_rows import parquet_rows
from orientation_catalogue.sources.reading import Kind, Read, check_file, text_of
from orientation_catalogue.sources.table import is_table, table_rows
from orientation_catalogue.territory.places import Places

_READERS: dict[str, Callable[[Path], Iterable[Read]]] = {
    "json": json_array,
    "ndjson": json_lines,
    "csv": csv_rows,
    "parquet": parquet_rows,
}
_FORM_OF = {
    ".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".parquet": "parquet",
    ".yaml": "complements", ".yml": "complements", ".xlsx": "complements", ".ods": "complements",
}  # fmt: skip
#: How the names of the published files begin: `services-inclusion-2026-11-16.parquet`.
_KIND_OF = {
    "structures": "structure",
    "services": "service",
    "complements": "complement",
    "cards": "card",
    "hsds": "hsds",
}
_KIND = re.compile(rf"({'|'.join(_KIND_OF)})(?![a-z])")


def reads_of(source: Path, places: Places, *, form: str | None = None) -> Iterator[Read]:
    """Every row of a source. Raises BadSource for what is no source."""
    if not source.is_dir():
        yield from _rows(source, places, form)
        return
    files = sorted(file for file in source.iterdir() if _KIND.match(file.name) and file.suffix in _FORM_OF)
    if not files:
        raise BadSource(path=source, problem="no file in it is named structures, services, complements, cards or hsds")
    for file in files:
        yield from _rows(file, places, form)


def _rows(file: Path, places: Places, form: str | None) -> Iterator[Read]:
    check_file(file)
    named = _KIND.match(file.name)
    kind = _KIND_OF[named.group(1)] if named else None
    written = form or _FORM_OF.get(file.suffix.lower())
    if written is None:
        raise BadSource(path=file, problem="its name does not tell its form: say it with --format")
    if "hsds" in (kind, written):
        yield from hsds_rows(file, places)
    elif kind == "card" or written == "cards":
        yield from _cards(file)
    elif kind == "complement" or written == "complements" or (kind is None and written == "csv" and is_table(file)):
        yield from _complements(file)
    else:
        yield from _of_kind(_READERS[written](file), kind)


def _of_kind(reads: Iterable[Read], kind: Any) -> Iterator[Read]:
    """Rows of a file whose name does not say: a service is what names its structure."""
    for read in reads:
        told: Kind = kind or ("service" if "structure_id" in read.value else "structure")
        yield read if told == read.kind else replace(read, kind=told)


def _complements(file: Path) -> Iterator[Read]:
    if file.suffix.lower() in (".csv", ".xlsx", ".ods"):
        yield from table_rows(file)
        return
    values = _yaml(file) or {}
    if not isinstance(values, dict):
        raise BadSource(path=file, problem="it is not a mapping of service ids")
    for row, (service, value) in enumerate(values.items(), start=1):
        if not isinstance(value, dict | None):
            raise BadSource(path=file, problem=f"entry {row} ({service}) is not a mapping")
        yield Read(file=str(file), row=row, value={**(value or {}), "id": str(service)}, kind="complement")


def _cards(file: Path) -> Iterator[Read]:
    for row, value in enumerate(_yaml(file) or (), start=1):
        if not isinstance(value, dict):
            raise BadSource(path=file, problem=f"card {row} is not a mapping")
        # Dates become texts, as every reader gives them.
        yield Read(file=str(file), row=row, value=json.loads(json.dumps(value, default=str)), kind="card")


def _yaml(file: Path) -> Any:
    text = text_of(file)
    try:
        _check_events(file, text)
        # The C reader is as safe and ten times faster: complements of a whole département are read in one second.
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise BadSource(path=file, problem=" ".join(str(error).split())) from error


def _check_events(file: Path, text: str) -> None:
    """Walk the file once before it is built: deep nesting kills the C reader, and aliases make a small file huge."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise BadSource(path=file, problem=f"{_line_of(event)}YAML aliases are not read")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST_YAML:
                raise BadSource(path=file, problem=f"{_line_of(event)}it is nested too deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _line_of(event: yaml.Event) -> str:
    return f"line {event.start_mark.line + 1}: " if event.start_mark else ""


#: A card or a complement nests four deep.
_DEEPEST_YAML = 20
