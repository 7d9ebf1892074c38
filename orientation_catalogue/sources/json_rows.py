"""JSON arrays and JSON lines, row by row: a file of any size is never whole in memory."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orientation_catalogue.checks import Problem
from orientation_catalogue.errors import BadSource
from orientation_catalogue.sources.reading import MAX_ROW_CHARS, Read, Row, check_file, chunks_of, lines_of

_SPACE = re.compile(r"[ \t\n\r]*")


class _BadRow(ValueError):
    """A row that is JSON for a machine and means nothing for us."""

    def __init__(self, name: str, value: Any, reason: str) -> None:
        self.problem = Problem(field=name, value=value, reason=reason)
        super().__init__(reason)


def _once(pairs: list[tuple[str, Any]]) -> Row:
    row = dict(pairs)
    if len(row) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _BadRow(twice, None, "the field is given twice")
    return row


def _no_constant(text: str) -> Any:
    raise _BadRow("row", text, f"{text} is not JSON")


_STRICT = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)
#: Finds where a refused row ends.
_LOOSE = json.JSONDecoder()


def json_lines(path: Path) -> Iterator[Read]:
    """The rows of a file with one JSON object a line; a bad line is yielded with its problem."""
    check_file(path)
    return (row_of_line(path, number, line) for number, line in lines_of(path) if line.strip())


def row_of_line(path: Path, number: int, line: str) -> Read:
    """One line of JSON as a row. Raises BadSource for no JSON at all: half a file is no catalogue."""
    try:
        value = _STRICT.decode(line)
    except _BadRow as error:
        return Read(file=str(path), row=number, value=_named(_LOOSE.decode(line)), problem=error.problem)
    except RecursionError:
        problem = Problem(field="row", value=None, reason="it is nested too deep")
        return Read(file=str(path), row=number, value={}, problem=problem)
    except ValueError as error:
        raise BadSource(path=path, problem=f"line {number}: {error}") from error
    return _read(path, number, value)


def json_array(path: Path) -> Iterator[Read]:
    """The rows of a JSON array, or of the one page `{"contents": […]}` or `{"items": […]}` of an API."""
    check_file(path)
    return (_read_of(path, number, value) for number, value in enumerate(_Array(path).values(), start=1))


def _read_of(path: Path, number: int, value: Any) -> Read:
    if isinstance(value, _Refused):
        return Read(file=str(path), row=number, value=value.named, problem=value.problem)
    return _read(path, number, value)


def _read(path: Path, number: int, value: Any) -> Read:
    if not isinstance(value, dict):
        raise BadSource(path=path, problem=f"row {number} is not an object")
    return Read(file=str(path), row=number, value=value)


def _named(value: Any) -> Row:
    """Enough of a refused row to say which one it is."""
    return {"id": value.get("id")} if isinstance(value, dict) else {}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Refused:
    """A value of an array that means nothing for us."""

    named: Row
    problem: Problem


class _Array:
    """Walks the values of one array, holding no more text than the longest row."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._chunks = chunks_of(path)
        self._text = ""
        self._at = 0
        #: The array is inside the page of an API: other fields stand around it.
        self._page = False

    def values(self) -> Iterator[Any]:
        self._open()
        if self._next() == "]":
            self._at += 1
            self._expect_the_end()
            return
        while True:
            yield self._value()
            sign = self._next()
            self._at += 1
            if sign == "]":
                self._expect_the_end()
                return
            if sign != ",":
                raise self._bad("a comma or the end of the array is missing" if sign else "the file ends too early")
            self._next()

    def _open(self) -> None:
        """Stand after the opening bracket, that of the rows when the file is one page of an API."""
        first = self._next()
        if first == "{":
            self._grow(MAX_ROW_CHARS)
            page = re.compile(r'"(?:contents|items)"\s*:\s*\[').search(self._text)
            if page is None:
                raise self._bad("it is not a JSON array")
            self._at, self._page = page.end(), True
            return
        if first != "[":
            raise self._bad("it is not a JSON array")
        self._at += 1

    def _expect_the_end(self) -> None:
        # After the rows of a page come its other fields.
        if not self._page and self._next():
            raise self._bad("something follows the end of the array")

    def _value(self) -> Any:
        try:
            value, self._at = self._decoded(_STRICT)
        except _BadRow as error:
            value, self._at = self._decoded(_LOOSE)
            return _Refused(named=_named(value), problem=error.problem)
        return value

    def _decoded(self, decoder: json.JSONDecoder) -> tuple[Any, int]:
        """The value that stands here, and where it ends."""
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except _BadRow:
                raise
            except RecursionError as error:
                raise self._bad("it is nested too deep") from error
            except ValueError as error:
                # Either the row is broken or the rest of it is in the next piece.
                if len(self._text) - self._at > MAX_ROW_CHARS:
                    problem = f"a row is broken, or longer than {MAX_ROW_CHARS} characters: {error}"
                    raise self._bad(problem) from error
                if not self._grow():
                    raise self._bad(str(error)) from error
            else:
                if end - self._at > MAX_ROW_CHARS:
                    raise self._bad(f"a row is longer than {MAX_ROW_CHARS} characters")
                # A number at the very end of a piece may go on in the next one.
                if end < len(self._text) or not self._grow():
                    return value, end

    def _next(self) -> str:
        """Step over spaces; the sign that stands there, or nothing at the end of the file."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._grow():
                return ""

    def _grow(self, least: int = 0) -> bool:
        """Forget what was read and add the next piece; False at the end of the file."""
        self._text, self._at = self._text[self._at :], 0
        grown = False
        while not grown or len(self._text) < least:
            piece = next(self._chunks, None)
            if piece is None:
                return grown
            self._text += piece
            grown = True
        return grown

    def _bad(self, problem: str) -> BadSource:
        return BadSource(path=self._path, problem=problem)
