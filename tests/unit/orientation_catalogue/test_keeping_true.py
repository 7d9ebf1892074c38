"""Coverage, freshness and the simulation of a change: what a coordinator looks at before and after."""

import datetime
from dataclasses import replace
from typing import Any

import pytest

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.coverage import Coverage, coverage
from orientation_catalogue.freshness import freshness, last_seen
from orientation_catalogue.model import Complement, Offer
from orientation_catalogue.simulation import made_up_profiles, simulate
from orientation_catalogue.territory.places import Places

FOOD = "equipement-et-alimentation--alimentation"
RIGHTS = "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"
RENNES, RENNES_METROPOLE, VITRE_COMMUNAUTE = "35238", "243500139", "200039022"
AT = datetime.datetime(2026, 11, 23, 9, 30, tzinfo=datetime.UTC)
TODAY = AT.date()


def offer(name: str, **changes: Any) -> Offer:
    base = Offer(
        id=name,
        name={"fr": name},
        national=False,
        thematiques=(FOOD,),
        publics=frozenset({"tous-publics"}),
        zone=frozenset({"35"}),
        mobilised_by=None,
        remote=False,
        on_site=True,
        commune=RENNES,
        departement="35",
        latitude=48.11,
        longitude=-1.68,
        free=True,
        hours=None,
        network=name,
        networks=frozenset(),
        updated_on=datetime.date(2026, 11, 1),
        complement=Complement(rank=3),
    )
    return replace(base, **changes)


def catalogue(*offers: Offer, sha256: str = "now") -> Catalogue:
    return Catalogue(offers, sha256=sha256)


def covered(places: Places, *offers: Offer) -> Coverage:
    return coverage(catalogue(*offers), places, "35", needs=(FOOD, RIGHTS))


def test_a_service_of_the_departement_covers_every_intercommunalite(places: Places) -> None:
    table = covered(places, offer("di--1"))

    assert {table.cells[FOOD, code].state for code, _ in table.groups} == {"whole"}
    assert {table.cells[RIGHTS, code].state for code, _ in table.groups} == {"none"}


def test_a_service_of_one_commune_covers_a_part_of_its_intercommunalite(places: Places) -> None:
    table = covered(places, offer("di--1", zone=frozenset({RENNES})))

    cell = table.cells[FOOD, RENNES_METROPOLE]
    assert (cell.services, cell.communes, cell.state) == (1, 1, "part")
    assert table.cells[FOOD, VITRE_COMMUNAUTE].state == "none"


def test_every_commune_of_the_departement_is_counted_once(places: Places) -> None:
    table = covered(places)

    communes = sum(table.cells[FOOD, code].of for code, _ in table.groups)
    assert communes == len(places.codes_of_departement("35"))


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"zone": None, "departement": "35"}, "whole"),
        ({"zone": None, "departement": "13", "commune": "13055"}, "none"),
        ({"zone": frozenset({"france"}), "departement": "13", "commune": "13055"}, "none"),
        ({"zone": frozenset({"france"}), "departement": "13", "commune": "13055", "remote": True}, "whole"),
        ({"national": True}, "none"),
    ],
)
def test_only_what_a_resident_could_use_is_counted(places: Places, changes: dict[str, Any], state: str) -> None:
    table = covered(places, offer("di--1", **changes))

    assert table.cells[FOOD, VITRE_COMMUNAUTE].state == state


def test_the_rows_of_a_coverage_name_the_empty_cells_too(places: Places) -> None:
    rows = list(covered(places, offer("di--1")).rows())

    empty = [row for row in rows if row["epci"] == VITRE_COMMUNAUTE and row["need"] == RIGHTS]
    assert [(row["services"], row["communes_served"]) for row in empty] == [(0, 0)]


def test_freshness_counts_each_source_apart() -> None:
    old = offer("old--1", updated_on=datetime.date(2024, 1, 1))
    new = offer("new--1", updated_on=datetime.date(2026, 11, 20))

    new_one, old_one = freshness([new, old], today=TODAY)

    assert (old_one.source, old_one.services, old_one.fresh) == ("old", 1, 0)
    assert (new_one.source, new_one.fresh, new_one.median_days) == ("new", 1, 3)


def test_what_a_person_checked_is_fresh_whatever_the_row_says() -> None:
    checked = offer(
        "di--1",
        updated_on=datetime.date(2023, 1, 1),
        complement=Complement(checked_on=datetime.date(2026, 11, 10)),
    )

    assert last_seen(checked) == datetime.date(2026, 11, 10)
    assert freshness([checked], today=TODAY)[0].fresh == 1


def test_a_source_without_dates_has_no_age() -> None:
    assert freshness([offer("di--1", updated_on=None)], today=TODAY)[0].median_days is None


def test_the_same_seed_makes_the_same_people_and_asks_every_need(places: Places) -> None:
    first = made_up_profiles(places, "35", (FOOD, RIGHTS), at=AT, count=40, seed=7)
    again = made_up_profiles(places, "35", (RIGHTS, FOOD), at=AT, count=40, seed=7)

    assert first == again
    assert {need for person in first for need in person.needs} == {FOOD, RIGHTS}
    assert {places.departement(person.commune or "") for person in first} == {"35"}


def test_withdrawing_the_only_service_of_a_need_names_who_loses_it(places: Places) -> None:
    people = made_up_profiles(places, "35", (FOOD,), at=AT, count=10)

    found = simulate(catalogue(offer("di--1")), catalogue(sha256="next"), people, places=places)

    assert len(found.no_longer_oriented) == found.profiles == 10
    assert {loss.before for loss in found.no_longer_oriented} == {"di--1"}
    assert found.first_door_lost == ()


def test_losing_the_first_door_is_told_apart_from_losing_all(places: Places) -> None:
    people = made_up_profiles(places, "35", (FOOD,), at=AT, count=5)
    first, second = offer("di--1", complement=Complement(rank=1)), offer("di--2", complement=Complement(rank=4))

    found = simulate(catalogue(first, second), catalogue(second, sha256="next"), people, places=places)

    assert found.no_longer_oriented == ()
    assert {(loss.before, loss.after) for loss in found.first_door_lost} == {("di--1", "di--2")}


def test_the_same_catalogue_changes_nothing_for_anybody(places: Places) -> None:
    same = catalogue(offer("di--1"))

    found = simulate(same, same, made_up_profiles(places, "35", (FOOD, RIGHTS), at=AT, count=20), places=places)

    assert (found.no_longer_oriented, found.first_door_lost, found.newly_oriented) == ((), (), 0)
