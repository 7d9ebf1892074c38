"""The complement: what data·inclusion lacks, read strictly."""

import datetime

import pytest

from orientation_catalogue.model import Capacity, Closure, Complement, ForWhom, Welcome, complement_json


def test_a_complement_is_read_whole() -> None:
    complement = Complement.of(
        {
            "min_age": 60,
            "max_age": None,
            "welcome": "preferential",
            "for_whom": [{"publics": ["femmes"], "not_publics": ["familles"], "min_age": 18}],
            "languages": ["fr", "ar"],
            "closures": [{"from": datetime.date(2026, 12, 24), "to": "2027-01-02", "reason": "congés"}],
            "capacity": "waiting",
            "confidential_address": True,
            "rank": 2,
        }
    )

    assert complement.welcome is Welcome.PREFERENTIAL
    assert complement.for_whom == (
        ForWhom(publics=frozenset({"femmes"}), not_publics=frozenset({"familles"}), min_age=18),
    )
    assert complement.capacity is Capacity.WAITING
    assert complement.closures == (
        Closure(start=datetime.date(2026, 12, 24), end=datetime.date(2027, 1, 2), reason="congés"),
    )
    assert Complement.of(complement_json(complement)) == complement


@pytest.mark.parametrize(("given", "capacity"), [(True, "yes"), (False, "no"), ("no", "no"), ("unknown", "unknown")])
def test_a_bare_yes_or_no_of_yaml_is_a_capacity(given: object, capacity: str) -> None:
    assert Complement.of({"capacity": given}).capacity == capacity


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"rank": 9}, "rank: not between 1 and 5"),
        ({"min_age": 70, "max_age": 60}, "max_age: smaller than min_age"),
        ({"min_age": "vieux"}, "min_age: "),
        ({"card": {"fr": "x" * 281}}, "card: 281 characters in fr, 280 at most"),
        ({"opening": "24/7"}, "opening: unknown field"),
        ({"for_whom": [{"publics": ["hommes"]}]}, "for_whom: 'hommes' is not a valid Public"),
        ({"for_whom": [{"min_age": 60, "max_age": 18}]}, "for_whom: max_age is smaller than min_age"),
        ({"for_whom": [{"health": "x"}]}, "for_whom: health is unknown"),
        ({"for_whom": [{}]}, "for_whom: says nothing"),
        ({"languages": "fr"}, "languages: not a list"),
        ({"confidential_address": "no"}, "confidential_address: not true or false"),
    ],
)
def test_a_bad_field_is_named(value: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Complement.of(value)
