"""A file that is written whole, or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from orientation_catalogue.errors import CannotWrite


@contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """A file that is there once it is whole: it is written under another name first. Raises CannotWrite."""
    try:
        handle, name = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                yield file
            # mkstemp makes it secret; an export is for others to read.
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(path=path, problem=error.strerror or "it cannot be written") from None
