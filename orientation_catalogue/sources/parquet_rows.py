"""Parquet files, read by DuckDB in a process of its own.

A Parquet file of some kilobytes may unfold into gigabytes, and its reader is native code: the process has little
memory and little time, and only its lines of JSON come back.
"""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from orientation_catalogue.errors import BadSource
from orientation_catalogue.sources import parquet_process
from orientation_catalogue.sources.json_rows import row_of_line
from orientation_catalogue.sources.reading import MAX_ROW_CHARS, MAX_ROWS, Read, check_file

_MAGIC = b"PAR1"


def parquet_rows(path: Path) -> Iterator[Read]:
    """The rows of a Parquet file. Raises BadSource when its reader cannot go to the end."""
    check_file(path)
    with path.open("rb") as file:
        if file.read(4) != _MAGIC:
            raise BadSource(path=path, problem="it is not a Parquet file")
    with tempfile.TemporaryDirectory() as folder:
        # DuckDB reads stars and addresses in a name: it is given one of ours.
        named = Path(folder) / "rows.parquet"
        named.symlink_to(path.resolve())
        yield from _rows_read_apart(path, named)


def _rows_read_apart(path: Path, named: Path) -> Iterator[Read]:
    # The program is this Python and our own module; the file's name stays out of it.
    command = [sys.executable, "-I", str(parquet_process.__file__), str(named)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)  # noqa: S603
    said: list[bytes] = []
    out, err = process.stdout, process.stderr
    if out is None or err is None:
        raise BadSource(path=path, problem="its reader did not start")
    listener = threading.Thread(target=lambda: said.append(err.read(4096)), daemon=True)
    listener.start()
    try:
        yield from _lines(path, out)
        ended = process.wait()
        listener.join(timeout=5)
        if ended:
            why = b"".join(said).decode("utf-8", "replace").strip().splitlines()
            raise BadSource(path=path, problem=why[-1] if why else "it takes more memory or time than is allowed")
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        listener.join(timeout=5)
        out.close()
        err.close()


def _lines(path: Path, out: IO[bytes]) -> Iterator[Read]:
    number = 0
    while line := out.readline(4 * MAX_ROW_CHARS):
        if not line.endswith(b"\n"):
            raise BadSource(path=path, problem=f"row {number + 1} is longer than {MAX_ROW_CHARS} characters")
        number += 1
        if number > MAX_ROWS:
            raise BadSource(path=path, problem=f"it has more than {MAX_ROWS} rows")
        yield row_of_line(path, number, line.decode("utf-8"))
