"""The territories that other tests and the bench are run on look like the real ones, and are valid to the last row."""

import datetime
from collections import Counter

import pytest
from data_inclusion.schema import v1
from synthetic_territory import TODAY, House, Territory, write_territory

from orientation_catalogue.build import build_catalogue
from orientation_catalogue.checks import check_service, check_structure
from orientation_catalogue.model import Complement
from orientation_catalogue.territory.places import Places


@pytest.fixture(scope="module")
def houses(places: Places) -> list[House]:
    return list(Territory(places, seed=3).houses(4000))


@pytest.fixture(scope="module")
def services(houses: list[House]) -> list[dict[str, object]]:
    return [service for house in houses for service in house.services]


def test_every_row_is_accepted_by_the_schema_and_by_our_own_checks(houses: list[House], places: Places) -> None:
    for house in houses:
        v1.Structure.model_validate(house.structure)
        assert check_structure(house.structure, places, TODAY) == []
        for service in house.services:
            v1.Service.model_validate(service)
            assert check_service(service, places, TODAY) == []
        for complement in house.complements.values():
            Complement.of(complement)


def test_the_number_of_services_is_the_one_asked(services: list[dict[str, object]]) -> None:
    assert len(services) == 4000
    assert len({service["id"] for service in services}) == 4000


def test_what_sources_do_not_say_is_as_frequent_as_in_reality(services: list[dict[str, object]]) -> None:
    """1,221 of the 2,705 services of the La Réunion extract do not say their publics (reference: 2.5, 8)."""

    def share(field: str) -> float:
        return sum(service[field] is None for service in services) / len(services)

    assert share("publics") == pytest.approx(0.45, abs=0.05)
    assert share("frais") == pytest.approx(0.06, abs=0.03)
    assert 0.05 < share("zone_eligibilite") < 0.35
    assert share("horaires_accueil") > 0.3


def test_zones_are_of_every_kind(services: list[dict[str, object]]) -> None:
    kinds = Counter(_kind(service["zone_eligibilite"]) for service in services)

    assert set(kinds) >= {"none", "commune", "communes", "epci", "departement", "france", "pays"}
    assert kinds["departement"] / len(services) > 0.3


def test_professionals_remote_twins_closures_and_many_timetables_are_there(
    houses: list[House], services: list[dict[str, object]]
) -> None:
    only_professionals = sum(service["mobilisable_par"] == ["professionnels"] for service in services)
    remote = sum("a-distance" in (service["modes_accueil"] or ()) for service in services)
    twins = [house for house in houses if "--bis-" in house.structure["id"]]
    beside = [complement for house in houses for complement in house.complements.values()]

    assert 0.06 < only_professionals / len(services) < 0.2
    assert 0.1 < remote / len(services) < 0.4
    assert 0.02 < len(twins) / len(houses) < 0.1
    assert sum("closures" in complement for complement in beside) > 20
    assert len({service["horaires_accueil"] for service in services}) > 30
    assert len({house.structure["reseaux_porteurs"][0] for house in houses if house.structure["reseaux_porteurs"]}) > 20


def test_traps_of_the_national_format_are_there(services: list[dict[str, object]], places: Places) -> None:
    """The city for an arrondissement, and the code of a commune that no longer exists."""
    zones = {code for service in services for code in service["zone_eligibilite"] or ()}

    assert "75056" in zones
    assert any(len(code) == 5 and places.knows_zone(code) and _of_today(places, code) != code for code in zones)


def test_the_same_seed_makes_the_same_territory_and_another_one_another(places: Places) -> None:
    one, same, other = (list(Territory(places, seed=seed).houses(50)) for seed in (1, 1, 2))

    assert one == same
    assert one != other


def test_a_territory_may_be_of_one_departement(places: Places) -> None:
    houses = list(Territory(places, departements=["35"]).houses(60))

    assert {house.structure["code_insee"][:2] for house in houses} == {"35"}


def test_people_are_many_kinds_of_people(places: Places) -> None:
    people = list(Territory(places).people(500))

    assert people == list(Territory(places).people(500))
    assert {len(person.needs) for person in people} == {1, 2, 3}
    assert any(person.age is None for person in people)
    assert {person.role for person in people} == {"resident", "partner", "professional"}
    assert len({person.commune for person in people}) > 200


def test_an_import_keeps_every_row(tmp_path_factory: pytest.TempPathFactory, places: Places) -> None:
    folder = tmp_path_factory.mktemp("synthetic")
    source = write_territory(Territory(places, departements=["35"]).houses(300), folder / "source")

    report = build_catalogue([source], folder / "built", places=places, today=datetime.date(2026, 11, 22))

    # What two sources tell is one offer.
    assert (report.kept + report.merged, report.refused) == (300, ())


def _kind(zone: object) -> str:
    if not isinstance(zone, list):
        return "none"
    if len(zone) > 1:
        return "communes"
    code = zone[0]
    if code == "france":
        return "france"
    if len(code) == 5:
        return "pays" if code.startswith("99") else "commune"
    return "epci" if len(code) == 9 else "departement"


def _of_today(places: Places, code: str) -> str:
    return code if code.startswith("99") else places.code_of_today(code)
