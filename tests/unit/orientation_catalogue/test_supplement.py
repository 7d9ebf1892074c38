"""The coordinator's word over the sources."""

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orientation_catalogue.model import Complement
from orientation_catalogue.supplement import Supplement

ROW = {"source": "di", "id": "di--1", "structure_id": "di--s", "nom": "Épicerie", "telephone": "0199000001"}


def test_a_correction_replaces_the_field_and_leaves_the_source_row_alone() -> None:
    supplement = Supplement(corrections={"di--1": {"telephone": "0199000002"}})

    corrected = supplement.corrected(ROW)

    assert corrected["telephone"] == "0199000002"
    assert corrected["nom"] == "Épicerie"
    assert ROW["telephone"] == "0199000001"


def test_what_the_source_said_is_kept_beside_the_correction() -> None:
    supplement = Supplement(corrections={"di--1": {"telephone": "0199000002", "nom": "Épicerie"}})

    assert supplement.source_values(ROW) == {"telephone": "0199000001"}


def test_a_service_without_correction_is_the_same_row() -> None:
    assert Supplement().corrected(ROW) is ROW


def test_a_withdrawn_service_is_left_out_and_the_others_stay() -> None:
    other = {**ROW, "id": "di--2"}

    kept = list(Supplement(withdrawn=frozenset({"di--1"})).apply(iter([ROW, other])))

    assert kept == [other]


@pytest.mark.parametrize("name", ["id", "source", "structure_id"])
def test_a_correction_cannot_make_a_row_pass_for_another(name: str) -> None:
    with pytest.raises(ValueError, match=f"di--1: {name} cannot be corrected"):
        Supplement(corrections={"di--1": {name: "di--2"}})


def test_a_complement_is_said_over_the_source_field_by_field() -> None:
    source = Complement.of({"min_age": 16, "max_age": 25, "card": {"fr": "Ancienne", "en": "Old"}})
    supplement = Supplement(complements={"di--1": {"max_age": None, "card": {"fr": "Nouvelle"}}})

    said = supplement.complemented("di--1", source)

    assert (said.min_age, said.max_age) == (16, None)
    assert said.card == {"fr": "Nouvelle", "en": "Old"}


def test_a_closure_is_added_to_those_the_source_announced() -> None:
    source = Complement.of({"closures": [{"from": "2026-12-24", "to": "2026-12-26"}]})
    supplement = Supplement(closures={"di--1": ({"from": "2026-11-23", "to": None, "reason": "Travaux"},)})

    said = supplement.complemented("di--1", source)

    assert [closure.start for closure in said.closures] == [datetime.date(2026, 12, 24), datetime.date(2026, 11, 23)]
    assert said.closures[1].end is None


def test_an_impossible_complement_names_its_field() -> None:
    supplement = Supplement(complements={"di--1": {"max_age": 10}})

    with pytest.raises(ValueError, match="max_age: smaller than min_age"):
        supplement.complemented("di--1", Complement.of({"min_age": 16}))


_IDS = st.text("abc-", min_size=1, max_size=5)
_VALUES = st.dictionaries(st.sampled_from(["nom", "telephone", "horaires_accueil"]), st.none() | st.text(max_size=9))


@given(
    corrections=st.dictionaries(_IDS, _VALUES, max_size=4),
    complements=st.dictionaries(_IDS, st.fixed_dictionaries({"rank": st.integers(1, 5)}), max_size=4),
    withdrawn=st.frozensets(_IDS, max_size=3),
)
def test_a_supplement_written_and_read_back_says_the_same(
    corrections: dict[str, dict[str, str | None]],
    complements: dict[str, dict[str, int]],
    withdrawn: frozenset[str],
) -> None:
    supplement = Supplement(
        corrections=corrections,
        complements=complements,
        closures={"a": ({"from": "2026-11-23", "to": None},)},
        withdrawn=withdrawn,
    )

    read = Supplement.from_json(json.loads(json.dumps(supplement.as_json())))

    assert read == supplement
