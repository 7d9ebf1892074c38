"""JSON lines in, JSON lines out, one for one and in order; the first bad line is named and ends the command."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TextIO

from passerelle.foundation.errors import BadInput


class BadLine(BadInput):
    """line {line}: {reason}"""


def read_objects(source: Iterable[str]) -> Iterable[tuple[int, Mapping[str, Any]]]:
    """The objects of a stream, with their line numbers; blank lines are skipped. Raises BadLine."""
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise BadLine(line=number, reason=f"this is not JSON ({error})") from None
        if not isinstance(value, dict):
            raise BadLine(line=number, reason="this is not a JSON object")
        yield number, value


def answer_lines(
    answer: Callable[[Mapping[str, Any]], Mapping[str, Any]], source: TextIO | None = None, out: TextIO | None = None
) -> None:
    """Answer each object of the stream (standard input) with one. Raises BadLine naming the line that was refused."""
    out = out or sys.stdout
    for number, value in read_objects(source or sys.stdin):
        try:
            answered = answer(value)
        except BadInput as error:
            raise BadLine(line=number, reason=str(error)) from error
        out.write(json.dumps(answered, ensure_ascii=False) + "\n")
        out.flush()
