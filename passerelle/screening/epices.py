"""EPICES, an optional population score: 11 answers, exact decimals (reference/screening.md §1.1).

Cetaf and the health examination centres, BEH 2006 n° 14. It names no need, so it chooses nothing, never raises a
level and is never handed over; it may only offer an appointment (R-80).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from passerelle.foundation.errors import BadInput

_ALL_NO = Decimal("75.14")

#: What each yes adds. Summing floats would put 2 of the 5 boundary patterns on the wrong side.
_IF_YES = tuple(
    Decimal(value)
    for value in (
        "10.06",
        "-11.83",
        "-8.28",
        "-8.28",
        "14.80",
        "-6.51",
        "-7.10",
        "-7.10",
        "-9.47",
        "-9.47",
        "-7.10",
    )
)

#: How many questions there are; one answer missing, and there is no score.
ITEMS = len(_IF_YES)

#: From this score on, the person is said to be in a precarious situation.
THRESHOLD = Decimal("30.17")


class BadAnswers(BadInput):
    """answers: {reason}."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Epices:
    """A score and on which side it falls; neither when an answer is missing."""

    score: Decimal | None
    precarious: bool | None


def score(answers: Sequence[bool | None]) -> Epices:
    """Score the 11 answers, True for oui, in the order of the questionnaire."""
    if len(answers) != ITEMS:
        raise BadAnswers(reason=f"{ITEMS} answers are expected, not {len(answers)}")
    for number, answer in enumerate(answers, start=1):
        if answer is not None and not isinstance(answer, bool):
            raise BadAnswers(reason=f"answer {number} is true, false or null, not {answer!r}")
    if any(answer is None for answer in answers):
        return Epices(score=None, precarious=None)
    total = sum((value for value, yes in zip(_IF_YES, answers, strict=True) if yes), _ALL_NO)
    return Epices(score=total, precarious=total >= THRESHOLD)


def epices_json(line: Mapping[str, Any]) -> dict[str, Any]:
    """One line of `passerelle epices` (DESIGN §8)."""
    if not isinstance(line, Mapping) or not isinstance(line.get("answers"), list):
        raise BadAnswers(reason="each line must be an object with id and a list of 11 answers")
    unknown = set(line) - {"id", "answers"}
    if unknown:
        raise BadAnswers(reason=f"unknown beside id and answers: {', '.join(sorted(map(str, unknown)))}")
    result = score(line["answers"])
    return {
        "id": line.get("id"),
        "score": None if result.score is None else f"{result.score:.2f}",
        "precarious": result.precarious,
    }
