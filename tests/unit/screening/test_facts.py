"""Facts are coherent or refused by name."""

from typing import Any

import pytest

from passerelle.screening.facts import BadFacts, Facts


def test_absent_and_null_facts_are_zero_false_or_none() -> None:
    assert Facts.from_json({"d": None, "ref": None}) == Facts()


def test_facts_survive_a_round_trip() -> None:
    facts = Facts(m=3, n=2, g3=1, a=2, d=7, r=True, iso=True, pros=1, ref=True, fail=2)

    assert Facts.from_json(facts.as_json()) == facts


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"m": 1, "n": 2}, "n"),
        ({"m": 2, "n": 1, "g3": 2}, "g3"),
        ({"a": 3}, "a"),
        ({"m": -1}, "m"),
        ({"m": "2"}, "m"),
        ({"m": True}, "m"),
        ({"m": 1.0}, "m"),
        ({"m": 10**9}, "m"),
        ({"d": -1}, "d"),
        ({"d": False}, "d"),
        ({"r": 1}, "r"),
        ({"iso": "true"}, "iso"),
        ({"age": 3}, "age"),
        ({"m": []}, "m"),
    ],
)
def test_a_bad_fact_is_refused_by_its_name_and_value(given: dict[str, Any], field: str) -> None:
    with pytest.raises(BadFacts) as refusal:
        Facts.from_json(given)

    assert str(refusal.value).startswith(f"facts.{field} = {given[field]}")
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize("given", [None, [], "m=2", 3])
def test_facts_that_are_not_an_object_are_refused(given: Any) -> None:
    with pytest.raises(BadFacts):
        Facts.from_json(given)
