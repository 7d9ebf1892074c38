"""The same service told by two sources: one card, and no service lost to a false twin."""

import datetime
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orientation_catalogue.duplicates import Found, merge_duplicates
from orientation_catalogue.model import Complement
from orientation_catalogue.offers import offer_of_service
from orientation_catalogue.territory.places import Places

FOOD = "equipement-et-alimentation--alimentation"
CLOTHES = "equipement-et-alimentation--habillement"


@pytest.fixture
def told(places: Places) -> Any:
    def row(source: str, complement: Complement | None = None, siret: str | None = None, **changes: Any) -> Found:
        structure = {
            "id": f"{source}--place",
            "source": source,
            "nom": "Épicerie solidaire du Centre",
            "siret": siret,
            "code_insee": "35238",
            "telephone": "02 99 00 00 01",
        }
        service = {
            "source": source,
            "id": f"{source}--food",
            "structure_id": structure["id"],
            "nom": "Aide alimentaire",
            "description": "x" * 300,
            "date_maj": "2026-10-01",
            "thematiques": [FOOD],
        }
        structure |= {name[3:]: changes.pop(name) for name in list(changes) if name.startswith("at_")}
        service |= changes
        offer = offer_of_service(service, structure, complement or Complement(), places)
        return offer, {"service": service, "structure": structure}

    return row


def merged(*found: Found) -> dict[str, tuple[str, ...]]:
    return {key: offer.merges for key, (offer, _) in merge_duplicates({one[0].id: one for one in found}).items()}


def test_the_same_phone_commune_and_name_are_one_service(told: Any) -> None:
    """The number is written in another way."""
    one, other = told("a"), told("b", at_nom="Le Panier", at_telephone="+33299000001", nom="Aide Alimentaire !")

    assert merged(one, other) == {"a--food": ("b--food",)}


def test_the_same_siret_commune_and_name_are_one_service(told: Any) -> None:
    numbers = {"siret": "12345678900011"}

    assert merged(told("a", **numbers), told("b", **numbers, at_nom="Autre", at_telephone=None)) == {
        "a--food": ("b--food",)
    }


def test_the_better_row_is_kept_then_the_newer(told: Any) -> None:
    poor, rich = told("a", description="x"), told("b", publics=["tous-publics"])
    old, new = told("a", date_maj="2024-01-01"), told("b")

    assert merged(poor, rich) == {"b--food": ("a--food",)}
    assert merged(old, new) == {"b--food": ("a--food",)}


def test_a_row_completed_by_somebody_here_is_kept(told: Any) -> None:
    checked = told("b", Complement(checked_on=datetime.date(2026, 11, 1)), description="x")

    assert merged(told("a", publics=["tous-publics"]), checked) == {"b--food": ("a--food",)}


def test_a_secret_address_stays_secret(told: Any) -> None:
    """The row of the other source would tell it."""
    kept = merge_duplicates(
        {
            one[0].id: one
            for one in (
                told("a", publics=["femmes"]),
                told("b", Complement(confidential_address=True), description="x"),
            )
        }
    )

    assert list(kept) == ["b--food"]
    assert kept["b--food"][0].latitude is None


def test_what_the_better_row_does_not_say_comes_from_the_other(told: Any) -> None:
    best = told("a", publics=["tous-publics"])
    other = told("b", horaires_accueil="Mo 09:00-12:00", thematiques=[FOOD, CLOTHES], description="x")

    offer, _ = merge_duplicates({one[0].id: one for one in (best, other)})["a--food"]

    assert offer.hours == "Mo 09:00-12:00"
    assert offer.thematiques == (FOOD, CLOTHES)


@pytest.mark.parametrize(
    "changes",
    [
        {"nom": "Vestiaire"},
        {"thematiques": [CLOTHES]},
        {"code_insee": "35288", "at_code_insee": "35288"},
        {"at_nom": "Épicerie du Port", "at_telephone": "02 99 00 00 02"},
        {"at_nom": "Épicerie du Port", "at_telephone": "3949"},
    ],
    ids=["another name", "another need", "another commune", "another place", "a national line"],
)
def test_what_may_be_two_services_stays_two(told: Any, changes: dict[str, Any]) -> None:
    assert len(merged(told("a"), told("b", **changes))) == 2


def test_two_rows_of_one_source_are_two_services(told: Any) -> None:
    assert len(merged(told("a"), told("a", id="a--other"))) == 2
    assert merged(told("a"), told("b"), told("b", id="b--other")) == {"a--food": ("b--food",), "b--other": ()}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(*[st.sampled_from(values) for values in ("abc", "xy", [FOOD, CLOTHES])]), max_size=8),
    st.randoms(),
)
def test_the_order_of_the_sources_changes_nothing_and_nobody_is_lost(
    told: Any, rows: list[tuple[str, str, str]], dice: random.Random
) -> None:
    found = [
        told(source, id=f"{source}--{number}", nom=f"Aide {name} quartier", thematiques=[need])
        for number, (source, name, need) in enumerate(rows)
    ]

    once = merged(*found)

    assert merged(*dice.sample(found, len(found))) == once
    assert sorted([*once, *(twin for twins in once.values() for twin in twins)]) == sorted(one[0].id for one in found)
