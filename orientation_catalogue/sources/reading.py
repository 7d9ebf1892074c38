"""What every reader shares: the row as it was read, the sizes beyond which a file is refused, text that is UTF-8."""

import codecs
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from orientation_catalogue.checks import Problem
from orientation_catalogue.errors import BadSource

Row = dict[str, Any]
Kind = Literal["structure", "service", "complement", "card"]

#: A million services of the published dump weigh about 2.5 GB of JSON.
MAX_FILE_BYTES = 4 * 1024**3
#: The longest text of the national format has 10 000 characters; a row of them all is far under this.
MAX_ROW_CHARS = 400_000
#: Five times the services of France.
MAX_ROWS = 5_000_000
#: Files that are read whole: cards, complements, a page of an HSDS answer.
MAX_WHOLE_BYTES = 64 * 1024**2

_CHUNK = 1024**2
#: First bytes of what is compressed: nothing is unpacked here, so that a small file never becomes a huge one.
_PACKED = {b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Dropped:
    """Something that a reader could not carry over; the row itself is kept."""

    field: str
    value: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """One row and where it stands."""

    file: str
    #: The number a person finds it by: the line of a text file, else its place from 1.
    row: int
    value: Row
    kind: Kind = "service"
    #: Why the reader itself refuses it.
    problem: Problem | None = None
    dropped: tuple[Dropped, ...] = field(default=())


def check_file(path: Path, *, most: int = MAX_FILE_BYTES) -> None:
    """Refuse what is no plain file of a sensible size, before its first row is read. Raises BadSource."""
    try:
        found = path.lstat()
    except OSError as error:
        raise BadSource(path=path, problem="there is no such file") from error
    if stat.S_ISLNK(found.st_mode):
        raise BadSource(path=path, problem="it is a link: name the file itself")
    if not stat.S_ISREG(found.st_mode):
        raise BadSource(path=path, problem="it is not a plain file")
    if found.st_size > most:
        raise BadSource(path=path, problem=f"it has {found.st_size} bytes, {most} at most")


def check_not_packed(path: Path) -> None:
    """Refuse a compressed file, whatever its name."""
    with path.open("rb") as file:
        head = file.read(8)
    for magic, name in _PACKED.items():
        if head.startswith(magic):
            raise BadSource(path=path, problem=f"it is compressed ({name}): unpack it first")


def text_of(path: Path, *, most: int = MAX_WHOLE_BYTES) -> str:
    """A small file's whole text. Raises BadSource naming the line of what is not UTF-8."""
    check_file(path, most=most)
    return "".join(chunks_of(path))


def chunks_of(path: Path) -> Iterator[str]:
    """The text of a file piece by piece, without its byte order mark; what is not UTF-8 is named by line and byte."""
    check_not_packed(path)
    decoder = codecs.getincrementaldecoder("utf-8")()
    # `starts` is the place in the file of the first byte not yet decoded.
    lines, starts = 1, 0
    with path.open("rb") as file:
        if file.read(3) != codecs.BOM_UTF8:
            file.seek(0)
        else:
            starts = 3
        while True:
            data = file.read(_CHUNK)
            held = len(decoder.getstate()[0])
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                raise _not_utf8(path, error, lines=lines, starts=starts - held) from error
            if text:
                yield text
            if not data:
                return
            lines += text.count("\n")
            starts += len(data)


def _not_utf8(path: Path, error: UnicodeDecodeError, *, lines: int, starts: int) -> BadSource:
    line = lines + error.object[: error.start].count(b"\n")
    place = f"line {line}, byte {starts + error.start} (0x{error.object[error.start]:02X}) is not UTF-8"
    if error.object[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return BadSource(path=path, problem=f"{place}: the file looks like UTF-16, save it as UTF-8")
    return BadSource(path=path, problem=f"{place}: a file of an older Windows has to be saved as UTF-8")


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines from 1, their end cut off. Raises BadSource for a line longer than any row."""
    number, rest = 1, ""
    for chunk in chunks_of(path):
        whole = rest + chunk
        # Only "\n" ends a line: a JSON text may hold the other separators of Unicode.
        *lines, rest = whole.split("\n")
        for line in lines:
            _check_length(path, number, line)
            yield number, line
            number += 1
        _check_length(path, number, rest)
    if rest:
        yield number, rest


def _check_length(path: Path, number: int, line: str) -> None:
    if len(line) > MAX_ROW_CHARS:
        raise BadSource(path=path, problem=f"line {number} is longer than {MAX_ROW_CHARS} characters")
