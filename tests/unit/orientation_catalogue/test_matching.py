"""Matching: the right offers, in the right order, each with its reasons, and nothing vanishes silently."""

import datetime
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_offers import AT, FOOD, HOME_HELP, RIGHTS, aside, card, desk, ids, missing, offer, person, reason_codes

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.eligibility import Reason
from orientation_catalogue.errors import BadSource, UnknownCommune
from orientation_catalogue.matching import match
from orientation_catalogue.model import Closure, Complement, Offer, Welcome
from orientation_catalogue.profile import Profile
from orientation_catalogue.territory.places import Places
from orientation_catalogue.weights import DATA, Weights

# --- where ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["35238", "243500139", "35", "france", "99100"])
def test_every_zone_that_holds_the_commune_counts(run: Any, zone: str) -> None:
    assert ids(run(person(), offer("a", zone=frozenset({zone})))) == ["a"]


def test_a_service_of_another_zone_of_the_departement_is_set_aside(run: Any) -> None:
    matching = run(person(), offer("a"), offer("b", zone=frozenset({"35288"})))

    assert ids(matching) == ["a"]
    assert aside(matching) == {"b": ["out_of_zone"]}


def test_a_service_for_the_whole_city_serves_its_arrondissements(run: Any) -> None:
    paris = offer("a", zone=frozenset({"75056"}), departement="75", latitude=48.85, longitude=2.4)

    assert run(person(commune="75112"), paris).proposals[0].eligibility == "compatible"


def test_the_arrondissement_is_asked_when_only_the_city_is_known(run: Any) -> None:
    paris = offer("a", zone=frozenset({"75112"}), departement="75", latitude=48.85, longitude=2.4)

    matching = run(person(commune="75056"), paris)

    assert (matching.proposals[0].eligibility, missing(matching)) == ("to_check", ("arrondissement",))


def test_an_unknown_zone_is_to_check(run: Any) -> None:
    matching = run(person(), offer("a", zone=None))

    assert (matching.proposals[0].eligibility, missing(matching)) == ("to_check", ("zone",))


def test_a_far_service_is_set_aside_when_there_is_a_nearer_one(run: Any) -> None:
    matching = run(person(), offer("near"), offer("far", latitude=48.65, longitude=-2.0))

    assert ids(matching) == ["near"]
    assert aside(matching) == {"far": ["too_far"]}


def test_the_nearest_far_service_stays_when_there_is_no_other(run: Any) -> None:
    assert ids(run(person(), offer("far", latitude=48.65, longitude=-2.0))) == ["far"]


def test_a_remote_service_is_never_too_far(run: Any) -> None:
    proposal = run(person(), offer("a", latitude=43.3, longitude=5.4, remote=True)).proposals[0]

    assert proposal.distance_km is None
    assert "remote" in [reason.code for reason in proposal.reasons]


def test_an_unknown_commune_is_refused(run: Any) -> None:
    with pytest.raises(UnknownCommune):
        run(person(commune="00000"), offer("a"))


# --- who -----------------------------------------------------------------------------------------------------------


def test_unknown_publics_never_hide_a_service(run: Any) -> None:
    matching = run(person(publics=frozenset({"familles"})), offer("a", publics=None))

    assert (matching.proposals[0].eligibility, missing(matching)) == ("to_check", ("public",))


def test_a_public_not_told_is_asked(run: Any) -> None:
    women = run(person(), offer("a", publics=frozenset({"femmes"}))).proposals[0]

    assert women.missing == (Reason(code="public", values={"publics": ["femmes"]}),)
    assert missing(run(person(), offer("a", publics=frozenset({"seniors"})))) == ("age",)


def test_a_public_told_is_a_reason(run: Any) -> None:
    matching = run(person(publics=frozenset({"femmes"})), offer("a", publics=frozenset({"femmes", "familles"})))

    assert matching.proposals[0].eligibility == "compatible"
    assert "public_fits" in reason_codes(matching)


@pytest.mark.parametrize("facts", [{"age": 40}, {"publics": frozenset({"seniors"})}])
def test_a_public_known_untrue_sets_the_service_aside(run: Any, facts: dict[str, Any]) -> None:
    matching = run(person(**facts), offer("young", publics=frozenset({"jeunes"})), offer("all"))

    assert ids(matching) == ["all"]
    assert aside(matching) == {"young": ["public"]}


def test_an_unconditional_welcome_takes_everyone(run: Any) -> None:
    young = offer("a", publics=frozenset({"jeunes"}), complement=Complement(rank=3, welcome=Welcome.UNCONDITIONAL))

    assert run(person(age=70), young).proposals[0].eligibility == "compatible"


def test_ages_are_limits_or_questions(run: Any) -> None:
    elders = offer("a", complement=Complement(rank=3, min_age=60))

    assert missing(run(person(), elders)) == ("age",)
    assert run(person(age=60), elders).proposals[0].eligibility == "compatible"
    assert aside(run(person(age=59), elders, offer("b"))) == {"a": ["age"]}


def test_a_professional_only_service_is_reached_through_the_first_line(run: Any) -> None:
    """R-62."""
    closed = offer("closed", mobilised_by=frozenset({"professionnels"}))

    matching = run(person(), closed, desk())

    assert ids(matching) == ["ccas"]
    assert "prescriber" in reason_codes(matching)
    assert matching.set_aside[0].reasons[0].values == {"through": "ccas"}


def test_a_partner_may_ask_for_a_professional_only_service(run: Any) -> None:
    closed = offer("closed", mobilised_by=frozenset({"professionnels"}))

    assert ids(run(person(role="partner"), closed, desk())) == ["closed"]


# --- order ---------------------------------------------------------------------------------------------------------


def test_droit_commun_comes_first_whatever_the_distance(run: Any) -> None:
    """R-61."""
    public = offer("public", complement=Complement(rank=1), latitude=48.2)
    special = offer("special", complement=Complement(rank=4), hours="24/7")

    assert ids(run(person(), special, public)) == ["public", "special"]


def test_a_full_service_comes_after_one_that_can_act(run: Any) -> None:
    full = offer("a", complement=Complement(rank=3, capacity="no"))  # type: ignore[arg-type]

    assert ids(run(person(), full, offer("b"))) == ["b", "a"]


def test_a_long_closure_sets_aside_and_a_short_one_lowers(run: Any) -> None:
    long = offer("long", complement=Complement(rank=3, closures=(Closure(start=AT.date(), end=None),)))
    week = Closure(start=AT.date(), end=AT.date() + datetime.timedelta(days=3))
    short = offer("short", complement=Complement(rank=3, closures=(week,)))

    matching = run(person(), long, short, offer("open"))

    assert ids(matching) == ["open", "short"]
    assert aside(matching) == {"long": ["closed"]}


def test_two_of_one_network_do_not_stand_side_by_side(run: Any) -> None:
    offers = [offer("a", network="x"), offer("b", network="x"), offer("c", network="y", latitude=48.15)]

    assert ids(run(person(), *offers)) == ["a", "c", "b"]


def test_at_most_three_for_a_need_and_five_in_all(run: Any) -> None:
    food = [offer(f"food{number}") for number in range(9)]
    home = [offer(f"home{number}", thematiques=(HOME_HELP,)) for number in range(9)]

    matching = run(person(FOOD, HOME_HELP), *food, *home)

    assert ids(matching) == ["food0", "home0", "food1", "home1", "food2"]
    assert len(matching.set_aside) == 13


def test_one_service_for_two_needs_is_named_once(run: Any) -> None:
    both = offer("both", thematiques=(FOOD, HOME_HELP))

    assert run(person(FOOD, HOME_HELP), both).proposals[0].needs == (FOOD, HOME_HELP)


def test_the_language_of_the_person_helps(run: Any) -> None:
    arabic = offer("b", complement=Complement(rank=3, languages=("fr", "ar")))

    matching = run(person(language="ar"), offer("a"), arabic)

    assert ids(matching) == ["b", "a"]
    assert "languages" in reason_codes(matching)


# --- never empty ---------------------------------------------------------------------------------------------------


def test_a_national_card_comes_after_the_local_services(run: Any) -> None:
    assert ids(run(person(), offer("local"), card("nat", FOOD, complement=Complement(rank=1)))) == ["local", "nat"]


def test_a_national_card_with_a_local_service_behind_is_left(run: Any) -> None:
    local = offer("local", networks=frozenset({"restos-du-coeur"}))
    behind = card("nat", FOOD, networks=frozenset({"restos-du-coeur"}))

    matching = run(person(), local, behind)

    assert ids(matching) == ["local"]
    assert aside(matching) == {"nat": ["local_first"]}


def test_the_first_line_answers_when_nothing_else_does(run: Any) -> None:
    national = card("nat-01", RIGHTS, networks=frozenset({"ccas-cias"}), network="ccas-cias")

    assert ids(run(person(), desk(), national)) == ["ccas"]
    assert ids(run(person(), national)) == ["nat-01"]


def test_no_need_gives_the_open_door(run: Any) -> None:
    assert ids(run(replace(person(), needs=()), desk(), offer("a"))) == ["ccas"]


# --- reasons -------------------------------------------------------------------------------------------------------


def test_a_proposal_says_why(run: Any) -> None:
    local = offer("a", zone=frozenset({"243500139"}), hours="Mo-Fr 09:00-12:00", complement=Complement(rank=1))

    matching = run(person(), local)

    expected = ["need", "droit_commun", "in_zone", "everyone", "distance", "free", "checked_on", "open_now"]
    assert reason_codes(matching) == expected
    zone = next(reason for reason in matching.proposals[0].reasons if reason.code == "in_zone")
    assert zone.values == {"zone": "243500139", "place": "Rennes Métropole"}


def test_a_confidential_place_has_no_distance(run: Any) -> None:
    hidden = offer("a", latitude=None, longitude=None, complement=Complement(rank=3, confidential_address=True))

    matching = run(person(), hidden)

    assert matching.proposals[0].distance_km is None
    assert "confidential_address" in reason_codes(matching)
    assert "distance" not in reason_codes(matching)


def test_weights_that_let_distance_pass_droit_commun_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "matching.yaml"
    path.write_text(DATA.read_text(encoding="utf-8").replace("distance: 30 ", "distance: 300 "), encoding="utf-8")

    with pytest.raises(BadSource, match="a step between ranks"):
        Weights.load(path)


# --- properties ----------------------------------------------------------------------------------------------------

PUBLICS = ["tous-publics", "seniors", "jeunes", "femmes", "familles"]


@st.composite
def offers(draw: st.DrawFn) -> list[Offer]:
    """Some offers of every kind around Rennes."""
    made = []
    for number in range(draw(st.integers(0, 12))):
        publics = draw(st.sampled_from([None, *PUBLICS]))
        made.append(
            offer(
                f"s{number}",
                national=draw(st.sampled_from([False, False, True])),
                thematiques=tuple(draw(st.sets(st.sampled_from([FOOD, HOME_HELP, RIGHTS]), min_size=1))),
                publics=None if publics is None else frozenset({publics}),
                zone=draw(st.sampled_from([None, *map(frozenset, (["35238"], ["35"], ["35288"], ["france"]))])),
                mobilised_by=draw(st.sampled_from([frozenset({"professionnels"}), frozenset({"usagers"})])),
                remote=draw(st.booleans()),
                latitude=draw(st.sampled_from([48.11, 48.2, 48.65])),
                network=draw(st.sampled_from(["ccas-cias", "caf", "x"])),
                networks=draw(st.sampled_from([frozenset(), frozenset({"ccas-cias"})])),
                complement=Complement(
                    rank=draw(st.integers(1, 5)),
                    min_age=draw(st.sampled_from([None, 18, 60])),
                    welcome=draw(st.sampled_from([None, *Welcome])),
                    capacity=draw(st.sampled_from(["yes", "no", "unknown"])),
                ),
            )
        )
    return made


profiles = st.builds(
    person,
    st.sampled_from([FOOD, HOME_HELP]),
    publics=st.sets(st.sampled_from(PUBLICS[1:])).map(frozenset),
    age=st.sampled_from([None, 17, 40, 70]),
    language=st.sampled_from(["fr", "ar"]),
    role=st.sampled_from(["resident", "partner"]),
)
careful = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@careful
@given(offers(), profiles, st.randoms(use_true_random=False))
def test_the_order_of_the_sources_changes_nothing(
    places: Places, made: list[Offer], profile: Profile, dice: random.Random
) -> None:
    shuffled = dice.sample(made, len(made))

    first = match(Catalogue(made, sha256="t"), profile, places=places)
    second = match(Catalogue(shuffled, sha256="t"), profile, places=places)

    assert first == second


@careful
@given(offers(), profiles, st.sampled_from([{"age": 66}, {"age": 20}, {"level": "N1"}, {"language": "en"}]))
def test_one_more_fact_never_makes_a_proposal_vanish_silently(
    places: Places, made: list[Offer], profile: Profile, fact: dict[str, Any]
) -> None:
    catalogue = Catalogue(made, sha256="t")
    before = match(catalogue, profile, places=places)

    after = match(catalogue, replace(profile, **fact), places=places)

    known = set(ids(after)) | set(aside(after))
    for proposal in before.proposals:
        # The desk through which one asks for a service is not a service: it goes when that service is set aside.
        led_to = {one for reason in proposal.reasons for one in reason.values.get("services", ())}
        assert proposal.service_id in known or (led_to and led_to <= set(aside(after)))


@careful
@given(offers(), profiles)
def test_nothing_is_both_proposed_and_set_aside_and_limits_hold(
    places: Places, made: list[Offer], profile: Profile
) -> None:
    matching = match(Catalogue(made, sha256="t"), profile, places=places)

    assert not set(ids(matching)) & set(aside(matching))
    assert len(matching.proposals) <= 5
    assert all(proposal.eligibility != "incompatible" for proposal in matching.proposals)
    assert all(reasons for reasons in aside(matching).values())


@careful
@given(profiles, st.floats(48.0, 48.3), st.floats(48.0, 48.3), st.integers(1, 5), st.booleans())
def test_the_nearer_of_two_twins_never_comes_after(
    places: Places, profile: Profile, one: float, other: float, rank: int, remote: bool
) -> None:
    twins = [
        offer("a", latitude=one, remote=remote, network="x", complement=Complement(rank=rank)),
        offer("b", latitude=other, remote=remote, network="x", complement=Complement(rank=rank)),
    ]

    matching = match(Catalogue(twins, sha256="t"), replace(profile, needs=(FOOD,)), places=places)

    distances = [proposal.distance_km for proposal in matching.proposals if proposal.distance_km is not None]
    assert distances == sorted(distances)
