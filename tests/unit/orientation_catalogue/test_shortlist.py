"""Reading only what may be proposed, from the file, gives the answer that reading everything in memory gives."""

import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synthetic_territory import Territory

from orientation_catalogue import promising
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.eligibility import Person, judge
from orientation_catalogue.file import write_catalogue
from orientation_catalogue.matching import match
from orientation_catalogue.model import Complement, Offer
from orientation_catalogue.offers import offer_of_service
from orientation_catalogue.profile import Profile
from orientation_catalogue.scoring import Scoring
from orientation_catalogue.shortlist import Shortlist
from orientation_catalogue.territory.places import Places
from orientation_catalogue.weights import default_weights

#: A département with a city without arrondissements, Paris, one with its own holidays, one overseas.
DEPARTEMENTS = ("35", "75", "67", "974")

careful = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def made_up(places: Places, services: int, seed: int = 5) -> Iterator[Offer]:
    for house in Territory(places, seed=seed, departements=DEPARTEMENTS).houses(services):
        for service in house.services:
            complement = Complement.of(house.complements.get(service["id"], {}))
            yield offer_of_service(service, house.structure, complement, places)


@pytest.fixture(scope="module")
def offers(places: Places) -> list[Offer]:
    # Some addresses for letters too: the points they give cross the ranks.
    made = list(made_up(places, 2500))
    return [replace(o, name={"fr": f"Domiciliation {o.id}"}) if index % 50 == 0 else o for index, o in enumerate(made)]


@pytest.fixture(scope="module")
def in_memory(offers: list[Offer]) -> Catalogue:
    return Catalogue(offers, sha256="")


@pytest.fixture(scope="module")
def in_a_file(offers: list[Offer], tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    rows = ((offer, {"service": {"id": offer.id}}) for offer in sorted(offers, key=lambda offer: offer.id))
    path, _ = write_catalogue(rows, tmp_path_factory.mktemp("catalogue"))
    return Catalogue.open(path)


@pytest.fixture(scope="module")
def people(places: Places) -> list[Profile]:
    made = list(Territory(places, seed=8, departements=DEPARTEMENTS).people(400))
    return [replace(person, no_address=index % 9 == 0) for index, person in enumerate(made)]


@careful
@given(st.integers(0, 399))
def test_reading_the_promising_ones_gives_the_same_answer_as_reading_all(
    in_memory: Catalogue, people: list[Profile], places: Places, number: int
) -> None:
    quick = match(in_memory, people[number], places=places)

    assert quick == match(in_memory, people[number], places=places, whole=True)


@careful
@given(st.integers(0, 399))
def test_a_catalogue_read_from_its_file_answers_like_one_in_memory(
    in_memory: Catalogue, in_a_file: Catalogue, people: list[Profile], places: Places, number: int
) -> None:
    profile = people[number]

    assert replace(match(in_a_file, profile, places=places), catalogue="") == match(in_memory, profile, places=places)


@careful
@given(st.integers(0, 399))
def test_no_offer_is_better_than_the_columns_promise(
    in_memory: Catalogue, people: list[Profile], places: Places, number: int
) -> None:
    """A point added to the score without its share in the ceilings would make somebody miss a service."""
    weights = default_weights()
    person = Person.of(people[number], places, weights)
    shortlist, scoring = Shortlist(in_memory.index, person, weights), Scoring(person, weights)
    for need in person.profile.needs:
        positions = in_memory.positions_in(need, person.all_zones)
        near = shortlist.near(need, positions)
        for promise, position in shortlist.best_first(near):
            offer = in_memory.offer_at(position)
            judgement = judge(offer, person, weights)
            if judgement.eligibility != "incompatible":
                score = sum(scoring.parts(offer, judgement, need).values())
                km = float("inf") if judgement.distance_km is None else judgement.distance_km
                assert promise <= (-score, km, offer.id), offer
        left = np.setdiff1d(positions, near.positions)
        assert all(judge(in_memory.offer_at(at), person, weights).too_far or _no(in_memory, at, person) for at in left)


def test_a_town_with_hundreds_of_services_reads_few_of_them(
    in_memory: Catalogue, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    real = in_memory.offer_at
    monkeypatch.setattr(in_memory, "offer_at", lambda position: read.append(position) or real(position))
    at = datetime.datetime(2026, 11, 23, 9, 30, tzinfo=datetime.UTC)
    food = "equipement-et-alimentation--alimentation"
    profile = Profile(commune="35238", needs=(food,), age=40, at=at)

    matching = match(in_memory, profile, places=places)

    known = len(in_memory.positions_in(food, places.commune("35238").zone_codes))
    assert len(matching.proposals) >= 3
    assert len(set(read)) < known / 2


def test_of_thousands_only_those_of_here_are_listed_as_set_aside(
    in_memory: Catalogue, people: list[Profile], places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A remote service of another town, or a town hall at the other end of France, is no answer to "why not that?"."""
    monkeypatch.setattr(promising, "_MANY", 60)
    for profile in people[:40]:
        short = match(in_memory, profile, places=places, whole=True)
        listed = {aside.service_id for aside in short.set_aside}
        monkeypatch.setattr(promising, "_MANY", 10_000)
        full = match(in_memory, profile, places=places, whole=True)
        monkeypatch.setattr(promising, "_MANY", 60)

        assert short.proposals == full.proposals
        assert listed <= {aside.service_id for aside in full.set_aside}
        here = places.commune(profile.commune).departement if profile.commune else None
        left = {aside.service_id for aside in full.set_aside} - listed
        assert here is None or not any(in_memory.offers[one].departement == here for one in left)


def test_an_offer_read_from_the_file_is_the_one_written(offers: list[Offer], in_a_file: Catalogue) -> None:
    assert all(in_a_file.offers[offer.id] == offer for offer in offers)
    assert list(in_a_file.offers) == sorted(offer.id for offer in offers)
    assert len(in_a_file.offers) == len(offers)
    assert in_a_file.detail(offers[0].id) == {"service": {"id": offers[0].id}}
    assert in_a_file.detail("nobody") == {}
    with pytest.raises(KeyError):
        in_a_file.offers["nobody"]


def test_the_file_is_the_same_for_the_same_offers(offers: list[Offer], in_a_file: Catalogue, tmp_path: Path) -> None:
    rows = ((offer, {"service": {"id": offer.id}}) for offer in sorted(offers, key=lambda offer: offer.id))

    assert write_catalogue(rows, tmp_path)[1] == in_a_file.sha256


def _no(catalogue: Catalogue, position: int, person: Person) -> bool:
    return judge(catalogue.offer_at(position), person, default_weights()).eligibility == "incompatible"
