"""The catalogue as files of data·inclusion v1, and beside them the table of what that format has no place for."""

import csv
import datetime
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from data_inclusion.schema import v1

from orientation_catalogue.export.files import whole_file
from orientation_catalogue.export.published import Publication, Row
from orientation_catalogue.formulas import escaped
from orientation_catalogue.model import complement_json
from orientation_catalogue.sources.table import template_csv

_PHONE = re.compile(r"\+\d[\d ]*")
_COLUMNS = {"structures": tuple(v1.Structure.model_fields), "services": tuple(v1.Service.model_fields)}


def export_files(publication: Publication, into: Path, form: str, *, day: datetime.date) -> list[Path]:
    """Write `structures-…`, `services-…` and `complements-…` of that day, each whole or not at all, in one of FORMS.

    Raises CannotWrite when a file cannot be written.
    """
    into.mkdir(parents=True, exist_ok=True)
    write = _WRITERS[form]
    rows: dict[str, Callable[[], Iterable[Row]]] = {
        "structures": publication.structures,
        "services": lambda: (published.service for published in publication.services()),
    }
    written = []
    for kind, found in rows.items():
        path = into / f"{kind}-{day:%Y-%m-%d}.{form}"
        with whole_file(path) as file:
            write(file, _COLUMNS[kind], found())
        written.append(path)
    path = into / f"complements-{day:%Y-%m-%d}.csv"
    with whole_file(path) as file:
        file.write(template_csv(_complements(publication)))
    return [*written, path]


def _complements(publication: Publication) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for published in publication.services():
        yield published.service["id"], published.service["nom"], complement_json(published.complement)


def _json(file: IO[str], _: tuple[str, ...], rows: Iterable[Row]) -> None:
    """One array, a row a line: a person can look into it, a million rows never stand in memory."""
    before = "[\n"
    for row in rows:
        file.write(before + _line(row))
        before = ",\n"
    file.write("[]\n" if before == "[\n" else "\n]\n")


def _ndjson(file: IO[str], _: tuple[str, ...], rows: Iterable[Row]) -> None:
    file.writelines(_line(row) + "\n" for row in rows)


def _csv(file: IO[str], columns: tuple[str, ...], rows: Iterable[Row]) -> None:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(columns)
    table.writerows([_cell(row.get(name)) for name in columns] for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | int | float):
        # A list as the readers of the dump know it: JSON's brackets and quotes are also Python's.
        return json.dumps(value, ensure_ascii=False)
    # A phone written +33 199000001 runs nothing, and an apostrophe before it would be dialled by no program.
    return value if _PHONE.fullmatch(str(value)) else escaped(str(value))


def _line(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True)


_WRITERS = {"json": _json, "ndjson": _ndjson, "csv": _csv}
FORMS = tuple(_WRITERS)
