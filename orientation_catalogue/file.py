"""The catalogue file: an SQLite database that never changes once written, named by its hash.

Table `offers` holds what matching reads, `details` the whole rows as imported, both in the order of the ids. Table
`sections` holds the index as bytes, each with its checksum. Anyone can look at it with `sqlite3`.
"""

import hashlib
import json
import os
import sqlite3
import tempfile
import threading
import zlib
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from orientation_catalogue.errors import BrokenCatalogue
from orientation_catalogue.index import Index, IndexBuilder
from orientation_catalogue.model import Offer

#: Grows when a file written before can no longer be read.
FORMAT = 2

#: Up to this size the whole file is read again to check its name; that takes a tenth of a second. A larger one is
#: checked piece by piece: its length and its index when opened, each row when read, the whole by `verify`.
_HASHED_WHEN_OPENED = 64 * 1024 * 1024

#: Pages of several rows each: smaller ones would be half empty.
_PRAGMAS = f"PRAGMA page_size=16384; PRAGMA user_version={FORMAT};"
_AT_A_TIME = 1000

_TABLES = """
CREATE TABLE sections (name TEXT PRIMARY KEY, crc32 INTEGER NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE offers (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, offer TEXT NOT NULL);
CREATE TABLE details (position INTEGER PRIMARY KEY, detail TEXT NOT NULL);
"""


def write_catalogue(offers: Iterable[tuple[Offer, Mapping[str, Any]]], into: Path) -> tuple[Path, str]:
    """Write offers, sorted by id, with their whole rows; a reader sees the whole file or none."""
    into.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".building-", suffix=".sqlite", dir=into)
    os.close(handle)
    temporary = Path(name)
    try:
        _fill(temporary, offers)
        sha256 = _hash(temporary)
        path = into / f"catalogue-{sha256}.sqlite"
        sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(into)
    return path, sha256


def sync(path: Path) -> None:
    """Wait until a file, or the names of a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def verify(path: Path) -> None:
    """Read the whole file; raise BrokenCatalogue unless it is the one its name says."""
    if path.name != f"catalogue-{_hash(path)}.sqlite":
        raise BrokenCatalogue(path=path)


class CatalogueFile:
    """An open catalogue file: its hash, its index, and its rows on demand. Threads may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sha256 = _sha256_of(path)
        self._lock = threading.Lock()
        try:
            self._connection = self._connect()
            self.index, self._checksums = self._read_sections()
        except (sqlite3.DatabaseError, KeyError, ValueError, zlib.error) as problem:
            raise BrokenCatalogue(path=path) from problem

    def offer(self, position: int) -> Offer:
        """The offer at a position of the index."""
        return Offer.from_json(self._row("offer", position))

    def detail(self, position: int) -> Mapping[str, Any]:
        """The whole rows of an offer as they were imported."""
        return self._row("detail", position)

    def _row(self, column: str, position: int) -> dict[str, Any]:
        try:
            with self._lock:
                text, *_ = self._connection.execute(_SELECT[column], (position,)).fetchone() or ("",)
        except (sqlite3.DatabaseError, sqlite3.OperationalError, UnicodeDecodeError) as problem:
            raise BrokenCatalogue(path=self.path) from problem
        if zlib.crc32(text.encode()) != self._checksums[column][position]:
            raise BrokenCatalogue(path=self.path)
        row: dict[str, Any] = json.loads(text)
        return row

    def _connect(self) -> sqlite3.Connection:
        # immutable: the file never changes once named, so SQLite may skip every lock.
        address = f"{self.path.resolve().as_uri()}?immutable=1"
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        if connection.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
            raise BrokenCatalogue(path=self.path)
        pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        if pages * size != self.path.stat().st_size:
            raise BrokenCatalogue(path=self.path)
        return connection

    def _read_sections(self) -> tuple[Index, dict[str, "array[int]"]]:
        sections = {}
        for name, crc32, content in self._connection.execute("SELECT name, crc32, bytes FROM sections"):
            if zlib.crc32(content) != crc32:
                raise BrokenCatalogue(path=self.path)
            sections[name] = content
        checksums = {}
        for column in _SELECT:
            checksums[column] = array("I")
            checksums[column].frombytes(sections.pop(f"checksums.{column}"))
        return Index.from_sections(sections), checksums


_SELECT = {
    "offer": "SELECT offer FROM offers WHERE position = ?",
    "detail": "SELECT detail FROM details WHERE position = ?",
}


def _fill(path: Path, offers: Iterable[tuple[Offer, Mapping[str, Any]]]) -> None:
    connection = sqlite3.connect(path)
    try:
        # Nothing to protect while it is written: a file that is not finished has no name.
        connection.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_PRAGMAS} {_TABLES}")
        sections = _insert(connection, offers)
        connection.executemany(
            "INSERT INTO sections VALUES (?, ?, ?)",
            ((name, zlib.crc32(content), content) for name, content in sorted(sections.items())),
        )
        connection.commit()
    finally:
        connection.close()


def _insert(connection: sqlite3.Connection, offers: Iterable[tuple[Offer, Mapping[str, Any]]]) -> dict[str, bytes]:
    """Write the rows some at a time, so that they never stand in memory together; give the index."""
    builder, checksums = IndexBuilder(), {column: array("I") for column in _SELECT}
    rows: list[tuple[int, str, str]] = []
    details: list[tuple[int, str]] = []
    for position, (offer, detail) in enumerate(offers):
        builder.add(offer)
        rows.append((position, offer.id, _json(offer.as_json())))
        details.append((position, _json(detail)))
        for column, text in (("offer", rows[-1][-1]), ("detail", details[-1][-1])):
            checksums[column].append(zlib.crc32(text.encode()))
        if len(rows) == _AT_A_TIME:
            _insert_some(connection, rows, details)
    _insert_some(connection, rows, details)
    checked = {f"checksums.{column}": numbers.tobytes() for column, numbers in checksums.items()}
    return Index(**builder.parts()).sections() | checked


def _insert_some(
    connection: sqlite3.Connection, rows: list[tuple[int, str, str]], details: list[tuple[int, str]]
) -> None:
    connection.executemany("INSERT INTO offers VALUES (?, ?, ?)", rows)
    connection.executemany("INSERT INTO details VALUES (?, ?)", details)
    rows.clear()
    details.clear()


def _sha256_of(path: Path) -> str:
    """The hash that the name says, checked at once when that is quick; worked out when the name says none."""
    named = path.name.removeprefix("catalogue-").removesuffix(".sqlite") if path.name.startswith("catalogue-") else ""
    if named and path.stat().st_size > _HASHED_WHEN_OPENED:
        return named
    sha256 = _hash(path)
    if named and named != sha256:
        raise BrokenCatalogue(path=path)
    return sha256


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str).encode
