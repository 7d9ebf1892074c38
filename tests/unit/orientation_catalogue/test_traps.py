"""The defects measured on the running instance of data·inclusion (reference, catalogue 2.5), one test for each.

Every test goes the whole way: rows of the national format, an import, the file, a profile as `orient` reads it.
"""

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orientation_catalogue.build import build_catalogue
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.matching import Matching, match
from orientation_catalogue.profile import Profile
from orientation_catalogue.territory.places import Places

TODAY = datetime.date(2026, 11, 22)
NOW = datetime.datetime(2026, 11, 23, 9, 30, tzinfo=datetime.UTC)
FOOD = "equipement-et-alimentation--alimentation"

Orient = Callable[..., Matching]


@pytest.fixture
def orient(tmp_path: Path, places: Places) -> Orient:
    """Import rows, then orient a profile with what was kept."""

    def run(profile: dict[str, Any], *services: dict[str, Any], beside: dict[str, Any] | None = None) -> Matching:
        source = tmp_path / "source"
        source.mkdir()
        (source / "structures.json").write_text(json.dumps([HOUSE]), encoding="utf-8")
        (source / "services.json").write_text(json.dumps(services), encoding="utf-8")
        (source / "complements.yaml").write_text(json.dumps(beside or {}), encoding="utf-8")
        report = build_catalogue([source], tmp_path / "built", places=places, today=TODAY)
        return match(Catalogue.open(report.path), Profile.of(profile, now=NOW), places=places)

    return run


HOUSE = {
    "source": "x", "id": "x--house", "nom": "Maison inventée", "date_maj": "2026-11-01",
    "code_insee": "75112", "latitude": 48.84, "longitude": 2.38,
}  # fmt: skip


def service(name: str, **changes: Any) -> dict[str, Any]:
    row = {
        "source": "x", "structure_id": "x--house", "id": name, "nom": f"Service {name}", "date_maj": "2026-11-01",
        "description": "Un service inventé pour les essais.", "thematiques": [FOOD], "publics": ["tous-publics"],
        "zone_eligibilite": ["75"], "mobilisable_par": ["usagers"], "frais": "gratuit",
    }  # fmt: skip
    return row | changes


def person(*needs: str, **changes: Any) -> dict[str, Any]:
    return {"commune": "75112", "needs": list(needs or (FOOD,)), **changes}


def ids(matching: Matching) -> list[str]:
    return [proposal.service_id for proposal in matching.proposals]


def aside(matching: Matching) -> dict[str, str]:
    return {one.service_id: one.reasons[0].code for one in matching.set_aside}


TWO_CATEGORIES = [["mobilite", "sante"], ["mobilite", "mobilite--preparer-un-permis"], ["numerique", "mobilite"]]


@pytest.mark.parametrize("needs", TWO_CATEGORIES)
def test_trap_1_two_categories_or_a_category_and_a_leaf_are_understood(orient: Orient, needs: list[str]) -> None:
    """There: an error 500, as the categories have different numbers of leaves."""
    permit = service("permit", thematiques=["mobilite--preparer-un-permis"])
    aid = service("aid", thematiques=["mobilite--financer-ma-mobilite"])

    assert {"permit", "aid"} <= set(ids(orient(person(*needs), permit, aid)))


def test_trap_2_a_service_that_says_neither_publics_nor_mode_is_found(orient: Orient) -> None:
    """There: the keyword search never finds it, its search column staying empty."""
    silent = service("silent", publics=None, modes_accueil=None, frais=None, mobilisable_par=None)

    matching = orient(person(), silent)

    assert ids(matching) == ["silent"]
    assert [fact.code for fact in matching.proposals[0].missing] == ["public"]


def test_trap_2_a_service_without_need_is_told_to_who_imports_it(tmp_path: Path, places: Places) -> None:
    """Nobody could find it: it is not taken in silence."""
    (tmp_path / "structures.json").write_text(json.dumps([HOUSE]), encoding="utf-8")
    services = [service("lost", thematiques=None), service("kept")]
    (tmp_path / "services.json").write_text(json.dumps(services), encoding="utf-8")

    report = build_catalogue([tmp_path], tmp_path / "built", places=places, today=TODAY)

    assert [(refused.id, refused.field) for refused in report.refused] == [("lost", "thematiques")]


@pytest.mark.parametrize(("zone", "commune"), [("75056", "75112"), ("69123", "69387"), ("13055", "13216")])
def test_trap_3_a_zone_that_is_the_city_serves_its_arrondissements(orient: Orient, zone: str, commune: str) -> None:
    """There: 85 services of Paris are lost for whoever says their arrondissement."""
    whole_city = service("city", zone_eligibilite=[zone], modes_accueil=["a-distance"])

    assert ids(orient(person(commune=commune), whole_city)) == ["city"]


def test_trap_4_what_only_a_professional_may_ask_for_is_not_given_to_the_person_alone(orient: Orient) -> None:
    """There: no filter on mobilisable_par, and an unknown parameter is ignored."""
    matching = orient(person(), service("reserved", mobilisable_par=["professionnels"]))

    assert (ids(matching), aside(matching)) == ([], {"reserved": "professional_only"})


def test_trap_4_a_professional_is_given_it(orient: Orient) -> None:
    reserved = service("reserved", mobilisable_par=["professionnels"])

    assert ids(orient(person(role="professional"), reserved)) == ["reserved"]


@pytest.mark.parametrize(
    ("written", "code"), [("villeurbane", "69266"), ("marseile", "13055"), ("st-nazaire", "44184")]
)
def test_trap_5_a_name_written_wrong_is_found(places: Places, written: str, code: str) -> None:
    """There: one letter wrong and nothing is found. What people search for here is their commune."""
    assert code in [found.code for found in places.find(written, answering=True)]


def test_trap_6_a_temporary_closure_is_a_date_and_not_a_sentence(orient: Orient) -> None:
    closed, soon, again, other = (service(name, id=name) for name in ("closed", "soon", "again", "other"))
    beside = {
        "closed": {"closures": [{"from": "2026-11-01", "to": "2027-01-31"}]},
        "soon": {"closures": [{"from": "2026-11-20", "to": "2026-11-25"}]},
        "again": {"closures": [{"from": "2026-10-01", "to": "2026-11-10"}]},
    }

    matching = orient(person(), closed, soon, again, other, beside=beside)

    assert aside(matching)["closed"] == "closed"
    assert set(ids(matching)) <= {"soon", "again", "other"}
    by_id = {proposal.service_id: [reason.code for reason in proposal.reasons] for proposal in matching.proposals}
    assert "closed_until" not in by_id.get("again", [])
    assert ids(matching)[-1] != "again"


def test_trap_6_hours_that_say_closed_are_not_said_open(orient: Orient) -> None:
    """There: what Soliguide closes becomes the hours `closed "fermeture temporaire"`."""
    shut = service("shut", horaires_accueil='closed "fermeture temporaire"')

    matching = orient(person(), shut)

    assert matching.proposals[0].open is False
    assert "open_now" not in [reason.code for reason in matching.proposals[0].reasons]


def test_trap_7_capacity_and_closures_survive_in_the_catalogue(orient: Orient) -> None:
    beside = {"full": {"capacity": "no", "checked_on": "2026-11-20"}}

    matching = orient(person(), service("full"), service("free"), beside=beside)

    assert ids(matching)[0] == "free"
    full = next(proposal for proposal in matching.proposals if proposal.service_id == "full")
    assert "capacity_no" in [reason.code for reason in full.reasons]


@pytest.mark.parametrize("told", [{}, {"publics": ["femmes"]}, {"publics": ["seniors"], "age": 70}, {"age": 20}])
def test_trap_8_not_specified_is_not_excluded(orient: Orient, told: dict[str, Any]) -> None:
    """There: a filter on the publics drops the 45 % of services that do not say theirs."""
    silent = service("silent", publics=None, zone_eligibilite=None, frais=None)

    matching = orient(person(**told), silent)

    assert ids(matching) == ["silent"]
    assert matching.proposals[0].eligibility == "to_check"


def test_trap_8_what_is_everybody_s_is_found_whatever_is_asked(orient: Orient) -> None:
    """There: asking for "tous-publics" switches the filter off instead."""
    everybody, women = service("everybody"), service("women", publics=["femmes"])

    assert set(ids(orient(person(publics=["tous-publics"]), everybody, women))) == {"everybody", "women"}


def test_the_radius_is_not_50_km_whoever_asks(orient: Orient) -> None:
    """There: 50 km from the middle of Paris as from a hamlet."""
    near, far = service("near"), service("far", code_insee="77186", latitude=48.40, longitude=2.70)

    matching = orient(person(), near, far | {"zone_eligibilite": ["france"]})

    assert (ids(matching), aside(matching)) == (["near"], {"far": "too_far"})
