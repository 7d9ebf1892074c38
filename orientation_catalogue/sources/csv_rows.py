"""CSV files, row by row. A formula is a text like another: nothing is worked out here."""

import csv
from collections.abc import Iterator
from pathlib import Path

from orientation_catalogue.checks import Problem
from orientation_catalogue.errors import BadSource
from orientation_catalogue.sources.reading import MAX_ROW_CHARS, Read, Row, check_file, lines_of
from orientation_catalogue.sources.spelling import from_cells


def csv_rows(path: Path) -> Iterator[Read]:
    """The rows of a CSV file of the dump, with their lists and numbers read."""
    for number, row, problem in cells_of(path):
        yield Read(file=str(path), row=number, value=row if problem else from_cells(row), problem=problem)


def cells_of(path: Path) -> Iterator[tuple[int, Row, Problem | None]]:
    """Rows by header, numbered as a spreadsheet shows them (the header is 1). Comma, or semicolon as in France."""
    check_file(path)
    csv.field_size_limit(MAX_ROW_CHARS)
    # The reader puts the lines of a quoted cell together again; line ends are its business.
    lines = (line + "\n" for _, line in lines_of(path))
    first = next(lines, "")
    rows = csv.reader(_with(first, lines), delimiter=_delimiter(first), strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        _check_header(path, header)
        for number, cells in enumerate(rows, start=2):
            if any(cells):
                yield number, dict(zip(header, cells, strict=False)), _length(header, cells)
    except csv.Error as error:
        raise BadSource(path=path, problem=f"line {rows.line_num}: {error}") from error


def _with(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _check_header(path: Path, header: list[str]) -> None:
    if not any(header):
        raise BadSource(path=path, problem="line 1 names no column")
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice:
        raise BadSource(path=path, problem=f"line 1: the column {twice} is there twice")


def _length(header: list[str], cells: list[str]) -> Problem | None:
    if len(cells) == len(header):
        return None
    return Problem(field="row", value=None, reason=f"it has {len(cells)} cells, the header {len(header)}")
