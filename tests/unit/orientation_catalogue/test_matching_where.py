"""Where: arrondissements both ways, merged communes, every kind of zone, near as it is lived here."""

import datetime
from dataclasses import replace
from typing import Any

import pytest
from made_up_offers import aside, desk, ids, missing, offer, person, reason_codes

from orientation_catalogue.checks import check_service
from orientation_catalogue.eligibility import Reason
from orientation_catalogue.model import Complement, Offer
from orientation_catalogue.offers import offer_of_service
from orientation_catalogue.orient import sentence_key, shown_values
from orientation_catalogue.territory.places import Places
from orientation_catalogue.weights import default_weights

CITIES = [("75056", "75112", "75118"), ("69123", "69382", "69387"), ("13055", "13201", "13216")]


def service(places: Places, structure: dict[str, Any] | None = None, **changes: Any) -> Offer:
    """An offer read from rows, as an import reads it."""
    house = {"id": "x--house", "source": "x", "nom": "Maison", **(structure or {})}
    row = {
        "source": "x",
        "structure_id": "x--house",
        "id": "x--service",
        "nom": "Repas du soir",
        "description": "x" * 200,
        "date_maj": "2026-10-01",
        "thematiques": ["equipement-et-alimentation--alimentation"],
        "publics": ["tous-publics"],
        **changes,
    }
    return offer_of_service(row, house, Complement(), places)


@pytest.mark.parametrize(("city", "here", "there"), CITIES)
def test_an_arrondissement_and_its_city_know_each_other(run: Any, city: str, here: str, there: str) -> None:
    """Reference §2.5, 3: data·inclusion loses the services of Paris for somebody of the 12th."""
    nowhere = {"latitude": None, "longitude": None}
    whole, part = offer("whole", zone=frozenset({city}), **nowhere), offer("part", zone=frozenset({here}), **nowhere)

    assert ids(run(person(commune=here), whole, part)) == ["part", "whole"]
    assert ids(run(person(commune=there), whole, part)) == ["whole"]
    of_the_city = run(person(commune=city), whole, part)
    assert sorted(ids(of_the_city)) == ["part", "whole"]
    assert missing(of_the_city, ids(of_the_city).index("part")) == ("arrondissement",)


def test_a_merged_commune_is_served_by_the_zone_of_its_old_code(run: Any, places: Places) -> None:
    old, _, today = next(entry for entry in places_old(places) if places.departement(entry[2]) == "49")

    assert ids(run(person(commune=today), service(places, zone_eligibilite=[old]))) == ["x--service"]
    assert ids(run(person(commune=old), service(places, zone_eligibilite=[today]))) == ["x--service"]


def places_old(places: Places) -> list[list[str]]:
    return [[old, "", today] for old, today in places._today.items()]


def test_a_region_is_its_departements(run: Any, places: Places) -> None:
    row = {"source": "x", "structure_id": "s", "id": "a", "nom": "Aide", "description": "x", "date_maj": "2026-01-01"}
    needs = {"thematiques": ["equipement-et-alimentation--alimentation"], "publics": ["tous-publics"]}
    breton = offer_of_service(row | needs, {"id": "s"}, Complement(regions=("53",)), places)

    assert breton.zone == frozenset({"22", "29", "35", "56"})
    assert ids(run(person(), breton)) == ["a"]
    assert ids(run(person(commune="53130"), breton)) == []


@pytest.mark.parametrize("zone", ["75112", "200054781", "75", "france", "99100", "99127", "2A", "974", "01053"])
def test_every_kind_of_zone_code_is_known(places: Places, zone: str) -> None:
    row = {"date_maj": "2026-01-01", "zone_eligibilite": [zone], "thematiques": ["x"]}

    assert check_service(row, places, datetime.date(2026, 11, 22)) == []


def test_a_zone_abroad_serves_nobody_here(run: Any) -> None:
    matching = run(person(), offer("a"), offer("italy", zone=frozenset({"99127"})))

    assert ids(matching) == ["a"]


def test_an_ept_of_the_metropolis_serves_its_communes(run: Any, places: Places) -> None:
    montreuil = places.commune("93048")
    assert montreuil.ept

    near = {"latitude": montreuil.latitude, "longitude": montreuil.longitude}
    matching = run(person(commune="93048"), offer("a", zone=frozenset({montreuil.ept}), **near))

    zone = next(reason for reason in matching.proposals[0].reasons if reason.code == "in_zone")
    assert zone.values["place"] == "Est Ensemble"


# --- near ----------------------------------------------------------------------------------------------------------


def test_a_suburb_counts_as_its_town_and_the_countryside_goes_further(places: Places) -> None:
    """Le Rheu has 10 000 inhabitants, and Rennes next door."""
    radius = {
        code: default_weights().radius(places.inhabitants_around(code))
        for code in ("75112", "35240", "35238", "35288", "35360", "48095")
    }

    assert radius["75112"] == 10
    assert radius["35240"] == radius["35238"] == 15
    assert radius["35238"] < radius["35288"] < radius["35360"]
    assert radius["48095"] == 35


def test_when_nothing_is_near_the_circle_widens_and_says_so(run: Any) -> None:
    """Rennes is asked 15 km; 22 km are two such circles, 60 are more than three."""
    matching = run(person(), offer("b", latitude=48.31), offer("a", latitude=48.3), offer("far", latitude=48.65))

    assert ids(matching) == ["a", "b"]
    assert "nothing_nearer" in reason_codes(matching)
    assert aside(matching) == {"far": ["too_far"]}


def test_a_service_without_a_point_is_at_the_centre_of_its_commune(run: Any, places: Places) -> None:
    vitre = service(places, code_insee="35360", zone_eligibilite=["35"])

    matching = run(person(commune="35176"), vitre)

    distance = next(reason for reason in matching.proposals[0].reasons if reason.code == "distance")
    assert vitre.point_of_commune
    assert distance.values["approximate"]
    assert sentence_key("reason", distance) == "reason.distance_estimated"
    assert float(shown_values(distance, "fr", lambda key, _: key)["km"]) % 5 == 0


def test_the_point_of_the_structure_serves_in_the_same_commune_only(places: Places) -> None:
    house = {"code_insee": "35238", "latitude": 48.12, "longitude": -1.68}

    assert service(places, house, code_insee="35238").latitude == 48.12
    assert not service(places, house, code_insee="35238").point_of_commune
    assert service(places, house, code_insee="35288").latitude == places.commune("35288").latitude


def test_a_service_of_the_commune_says_so_instead_of_kilometres(run: Any) -> None:
    """They would be counted from the town hall, not from the person."""
    distance = next(r for r in run(person(), offer("a", latitude=48.13)).proposals[0].reasons if r.code == "distance")

    assert sentence_key("reason", distance) == "reason.distance_here"


def test_a_confidential_place_never_gets_the_centre_of_its_commune(places: Places) -> None:
    row = {"source": "x", "structure_id": "s", "id": "a", "nom": "Refuge", "description": "x", "date_maj": "2026-01-01"}
    hidden = offer_of_service(row, {"id": "s", "code_insee": "35238"}, Complement(confidential_address=True), places)

    assert (hidden.latitude, hidden.commune, hidden.point_of_commune) == (None, None, False)


@pytest.mark.parametrize("km", [0.4, 3, 12.4, 61])
def test_an_estimated_distance_is_a_multiple_of_five(km: float) -> None:
    shown = shown_values(Reason(code="distance", values={"km": km, "approximate": True}), "fr", lambda key, _: key)

    assert int(shown["km"]) % 5 == 0
    assert int(shown["km"]) >= 5


# --- nothing here --------------------------------------------------------------------------------------------------


def test_a_need_nobody_answers_is_a_gap_with_the_next_door(run: Any) -> None:
    matching = run(person(), desk())

    assert [(gap.kind, gap.door.code) for gap in matching.gaps] == [("none", "desk")]


def test_a_need_answered_for_others_only_is_another_gap(run: Any) -> None:
    young = offer("young", publics=frozenset({"jeunes"}))

    assert [gap.kind for gap in run(person(age=50), young, desk()).gaps] == ["incompatible"]


def test_a_need_answered_too_far_is_a_third(run: Any) -> None:
    assert [(gap.kind, gap.door.code) for gap in run(person(), offer("far", latitude=48.65)).gaps] == [("far", "far")]


def test_a_need_reached_through_a_professional_is_no_gap(run: Any) -> None:
    closed = offer("closed", mobilised_by=frozenset({"professionnels"}))

    assert run(person(), closed, desk()).gaps == ()
    assert run(person(), offer("a")).gaps == ()


def test_the_empty_catalogue_still_names_a_door(run: Any) -> None:
    matching = run(person())

    assert matching.proposals == ()
    assert [gap.door.code for gap in matching.gaps] == ["town_hall"]


def test_the_desk_of_the_town_comes_with_the_national_card(run: Any) -> None:
    national = replace(offer("nat"), national=True, zone=frozenset({"france"}), latitude=None, longitude=None)

    assert ids(run(person(), national, desk())) == ["nat", "ccas"]
