"""EPICES is exact, and silent when an answer is missing."""

from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from passerelle.screening.epices import BadAnswers, epices_json, score

ROOT = Path(__file__).parents[3]

FIXTURES = [
    ("0,1,1,1,0,1,1,1,1,1,1", "0.00", False),
    ("0,1,0,1,0,0,0,1,1,1,1", "21.89", False),
    ("0,1,0,0,0,0,0,1,1,1,1", "30.17", True),
    ("0,1,1,0,1,0,0,0,1,1,1", "43.79", True),
    ("1,0,0,1,0,1,0,0,1,0,1", "53.84", True),
    ("0,1,0,0,1,0,1,0,1,0,0", "61.54", True),
    ("0,0,0,0,1,0,0,0,1,1,0", "71.00", True),
    ("1,1,0,0,1,0,0,0,0,0,0", "88.17", True),
    ("1,0,0,0,1,0,0,0,0,0,0", "100.00", True),
    ("0,0,0,0,0,0,0,0,0,0,0", "75.14", True),
    ("1,1,1,1,1,1,1,1,1,1,1", "24.86", False),
]


def answers_of(pattern: str) -> list[bool]:
    return [answer == "1" for answer in pattern.split(",")]


@pytest.mark.parametrize(("pattern", "expected", "precarious"), FIXTURES)
def test_the_fixtures_of_the_reference_come_out_exactly(pattern: str, expected: str, precarious: bool) -> None:
    assert epices_json({"id": 1, "answers": answers_of(pattern)}) == {
        "id": 1,
        "score": expected,
        "precarious": precarious,
    }


def test_the_boundary_pattern_that_floats_get_wrong_is_precarious() -> None:
    assert score(answers_of("1,0,0,1,0,1,1,1,1,1,1")).precarious is True


def test_all_patterns_stay_in_range_and_give_the_known_counts() -> None:
    results = [score(pattern) for pattern in product((False, True), repeat=11)]
    scores = [result.score for result in results if result.score is not None]

    assert (min(scores), max(scores)) == (Decimal("0.00"), Decimal("100.00"))
    assert len(set(scores)) == 276
    assert sum(result.precarious is True for result in results) == 1849
    assert scores.count(Decimal("30.17")) == 5


@pytest.mark.parametrize("missing", range(11))
def test_one_missing_answer_gives_no_score(missing: int) -> None:
    answers: list[bool | None] = [False] * 11
    answers[missing] = None

    assert epices_json({"id": "a", "answers": answers}) == {"id": "a", "score": None, "precarious": None}


@pytest.mark.parametrize(
    "line",
    [
        {"id": 1},
        {"id": 1, "answers": "yes"},
        {"id": 1, "answers": [True] * 10},
        {"id": 1, "answers": [1] * 11},
        {"id": 1, "answers": ["oui"] * 11},
        {"id": 1, "answers": [True] * 11, "age": 30},
        [],
    ],
)
def test_bad_answers_are_refused(line: Any) -> None:
    with pytest.raises(BadAnswers, match=r"answers: .+"):
        epices_json(line)


def test_no_decision_and_no_handoff_knows_the_score() -> None:
    """It names no need: only its command and its own optional module may compute it (reference/screening.md §1.1)."""
    readers = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "passerelle").rglob("*.py")
        if "screening.epices" in path.read_text(encoding="utf-8")
    }

    assert readers == {"passerelle/app/commands.py", "passerelle/conversation/epices.py"}
