"""In which order, and why: what cannot wait, what opens the rest, who it is for, what a row is worth."""

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_offers import AT, FOOD, HOME_HELP, RIGHTS, aside, ids, missing, offer, person, reason_codes

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.eligibility import Reason
from orientation_catalogue.errors import BadSource
from orientation_catalogue.matching import match
from orientation_catalogue.model import Complement, ForWhom, Welcome
from orientation_catalogue.needs import ordered_needs
from orientation_catalogue.weights import DATA, Weights, default_weights

CARE = "sante--acces-aux-soins"
SHELTER = "logement-hebergement--rechercher-une-solution-dhebergement-temporaire"
RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
ONLINE = "numerique--acceder-a-des-services-en-ligne"
DEVICE = "numerique--acquerir-un-equipement"
WORK = "trouver-un-emploi--repondre-a-des-offres-demploi"
CHILDCARE = "famille--garde-denfants"
LINKS = "remobilisation--lien-social"

WEIGHTS = default_weights()


# --- needs ---------------------------------------------------------------------------------------------------------


def test_what_cannot_wait_comes_first_then_the_order_told() -> None:
    assert ordered_needs(person(LINKS, HOME_HELP, FOOD, SHELTER), WEIGHTS) == (SHELTER, FOOD, LINKS, HOME_HELP)


def test_a_near_deadline_comes_before_everything() -> None:
    assert ordered_needs(person(FOOD, LINKS, RENT, urgent=frozenset({RENT})), WEIGHTS) == (RENT, FOOD, LINKS)


def test_means_come_before_ends() -> None:
    assert ordered_needs(person(CARE, RIGHTS), WEIGHTS) == (RIGHTS, CARE)
    assert ordered_needs(person(ONLINE, DEVICE), WEIGHTS) == (DEVICE, ONLINE)
    assert ordered_needs(person(WORK, LINKS, CHILDCARE), WEIGHTS) == (LINKS, CHILDCARE, WORK)


def test_means_never_come_before_what_cannot_wait() -> None:
    assert ordered_needs(person(RENT, RIGHTS, urgent=frozenset({RENT})), WEIGHTS) == (RENT, RIGHTS)


def test_the_reason_of_the_order_is_said(run: Any) -> None:
    care, rights = offer("care", thematiques=(CARE,)), offer("rights", thematiques=(RIGHTS,))

    matching = run(person(CARE, RIGHTS), care, rights)

    assert ids(matching) == ["rights", "care"]
    assert Reason(code="means_rights", values={"opens": [CARE]}) in matching.proposals[0].reasons
    assert "means_rights" not in reason_codes(run(person(RIGHTS), rights))


def test_the_urgent_reason_is_said_when_something_else_waits(run: Any) -> None:
    food, links = offer("food"), offer("links", thematiques=(LINKS,))

    assert "urgent_first" in reason_codes(run(person(LINKS, FOOD), food, links))
    assert "urgent_first" not in reason_codes(run(person(FOOD), food, links))


def test_an_address_comes_before_the_other_rights(run: Any) -> None:
    """Whatever the rank: without an address for letters, no request gets an answer."""
    address = replace(
        offer("a", thematiques=(RIGHTS,), complement=Complement(rank=4)), name={"fr": "Domiciliation du CCAS"}
    )
    rights = offer("b", thematiques=(RIGHTS,), complement=Complement(rank=1))

    without = run(person(RIGHTS, no_address=True), address, rights)

    assert ids(without) == ["a", "b"]
    assert "address_first" in reason_codes(without)
    assert ids(run(person(RIGHTS), address, rights)) == ["b", "a"]


def test_whoever_has_no_address_is_whom_a_domiciliation_is_for(run: Any) -> None:
    for_others = Complement(rank=1, welcome=Welcome.PREFERENTIAL)
    desk = offer("a", thematiques=(RIGHTS,), publics=frozenset({"personnes-exilees"}), complement=for_others)
    address = replace(desk, name={"fr": "Domiciliation"})

    assert "preferential" in reason_codes(run(person(RIGHTS), address))
    assert "preferential" not in reason_codes(run(person(RIGHTS, no_address=True), address))


@given(st.permutations([FOOD, RIGHTS, CARE, ONLINE, DEVICE, WORK]), st.sets(st.sampled_from([CARE, WORK, ONLINE])))
def test_no_need_is_lost_or_told_twice_and_the_order_holds(needs: list[str], urgent: set[str]) -> None:
    ordered = ordered_needs(person(*needs, urgent=frozenset(urgent)), WEIGHTS)

    assert sorted(ordered) == sorted(needs)
    assert set(ordered[: len(urgent)]) == urgent
    for means in WEIGHTS.means:
        for end in means.opens - urgent - set(WEIGHTS.urgent_needs):
            if means.need in ordered and end in ordered:
                assert ordered.index(means.need) < ordered.index(end)


@pytest.mark.parametrize(
    ("written", "instead", "problem"),
    [
        ("    opens: *trips", "    opens: [mobilite--financer-ma-mobilite]", "comes before itself"),
        ("    opens: *trips", "    opens: [mobilite--voler]", "mobilite--voler is not a need"),
    ],
)
def test_a_table_of_means_that_goes_round_is_refused(tmp_path: Path, written: str, instead: str, problem: str) -> None:
    path = tmp_path / "matching.yaml"
    path.write_text(DATA.read_text(encoding="utf-8").replace(written, instead), encoding="utf-8")

    with pytest.raises(BadSource, match=problem):
        Weights.load(path)


# --- for whom ------------------------------------------------------------------------------------------------------

WOMEN = Complement(rank=3, for_whom=(ForWhom(publics=frozenset({"femmes"}), min_age=18),))
MEN_ALONE = Complement(rank=3, for_whom=(ForWhom(not_publics=frozenset({"femmes", "familles"})),))


def test_adult_women_only_is_three_valued(run: Any) -> None:
    shelter = offer("a", complement=WOMEN)
    woman = frozenset({"femmes"})

    assert run(person(publics=woman, age=30), shelter).proposals[0].eligibility == "compatible"
    assert missing(run(person(), shelter)) == ("public", "age")
    assert missing(run(person(publics=woman), shelter)) == ("age",)
    assert aside(run(person(publics=woman, age=16), shelter, offer("b"))) == {"a": ["public"]}


def test_the_public_to_ask_about_is_named(run: Any) -> None:
    proposal = run(person(age=30), offer("a", complement=WOMEN)).proposals[0]

    assert proposal.missing == (Reason(code="public", values={"publics": ["femmes"]}),)


def test_without_some_publics_is_three_valued(run: Any) -> None:
    shelter = offer("a", complement=MEN_ALONE)

    assert run(person(), shelter).proposals[0].missing[0].values == {"publics": ["familles", "femmes"]}
    assert aside(run(person(publics=frozenset({"familles"})), shelter, offer("b"))) == {"a": ["public"]}


def test_one_kind_that_fits_is_enough(run: Any) -> None:
    either = Complement(rank=3, for_whom=(*WOMEN.for_whom, ForWhom(max_age=25)))

    assert run(person(age=20), offer("a", complement=either)).proposals[0].eligibility == "compatible"


def test_for_whom_stands_in_the_place_of_the_publics_of_the_row(run: Any) -> None:
    everyone = offer("a", publics=frozenset({"tous-publics"}), complement=WOMEN)

    assert missing(run(person(age=30), everyone)) == ("public",)


@pytest.mark.parametrize("welcome", [Welcome.PREFERENTIAL, Welcome.UNCONDITIONAL])
def test_a_welcome_that_excludes_nobody_asks_nothing(run: Any, welcome: Welcome) -> None:
    shelter = offer("a", complement=replace(WOMEN, welcome=welcome))

    assert run(person(age=16), shelter).proposals[0].eligibility == "compatible"


facts = st.fixed_dictionaries(
    {},
    optional={
        "age": st.integers(0, 100),
        "publics": st.sets(st.sampled_from(["femmes", "familles", "jeunes", "seniors"])).map(frozenset),
    },
)
kinds = st.lists(
    st.builds(
        ForWhom,
        publics=st.sets(st.sampled_from(["femmes", "familles", "jeunes"]), max_size=2).map(frozenset),
        not_publics=st.sets(st.sampled_from(["seniors"]), max_size=1).map(frozenset),
        min_age=st.sampled_from([None, 18]),
        max_age=st.sampled_from([None, 60]),
    ),
    min_size=1,
    max_size=3,
).map(tuple)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds, facts)
def test_unknown_never_hides_and_a_refusal_names_its_fact(run: Any, kinds: Any, facts: dict[str, Any]) -> None:
    shelter = offer("a", complement=Complement(rank=3, for_whom=kinds))

    unknown = run(person(), shelter)
    told = run(person(**facts), shelter)

    assert ids(unknown) == ["a"]
    assert ids(told) == ["a"] or aside(told)["a"] == ["public"]
    if told.proposals and told.proposals[0].eligibility == "to_check":
        assert told.proposals[0].missing


# --- the score -----------------------------------------------------------------------------------------------------


def test_the_score_is_the_sum_of_its_parts(run: Any) -> None:
    proposal = run(person(), offer("a", hours="24/7", quality=0.8)).proposals[0]

    assert proposal.score == sum(points for _, points in proposal.score_parts)
    assert {"rank", "distance", "open_now", "free", "main_need", "quality", "fresh"} <= dict(
        proposal.score_parts
    ).keys()


def test_a_more_complete_row_and_a_fresher_one_come_first(run: Any) -> None:
    old = AT.date() - datetime.timedelta(days=600)

    assert ids(run(person(), offer("a", quality=0.2), offer("b", quality=0.9))) == ["b", "a"]
    assert ids(run(person(), offer("a", updated_on=old), offer("b"))) == ["b", "a"]


def test_a_check_by_a_person_makes_an_old_row_fresh(run: Any) -> None:
    old = AT.date() - datetime.timedelta(days=900)
    checked = offer("b", updated_on=old, complement=Complement(rank=3, checked_on=AT.date()))

    assert ids(run(person(), offer("a", updated_on=old), checked)) == ["b", "a"]


def test_a_source_kept_up_to_date_as_a_whole_is_fresh(run: Any) -> None:
    old = AT.date() - datetime.timedelta(days=900)

    assert ids(run(person(), offer("a", updated_on=old), offer("b", updated_on=old, source="agefiph"))) == ["b", "a"]


def test_old_information_says_to_call_before(run: Any) -> None:
    old = AT.date() - datetime.timedelta(days=900)

    assert "old_information" in reason_codes(run(person(), offer("a", updated_on=old)))


def test_a_capacity_told_long_ago_is_not_believed(run: Any) -> None:
    """Full in August says nothing in November."""
    checked = AT.date() - datetime.timedelta(days=90)
    full = offer("a", complement=Complement.of({"rank": 3, "capacity": "no", "checked_on": checked}))

    assert ids(run(person(), full, offer("b", quality=0.0))) == ["a", "b"]
    assert "capacity_no" not in reason_codes(run(person(), full))


def test_not_everything_comes_from_one_network(run: Any) -> None:
    """Five restaurants of one association are one answer, not five."""
    needs = (FOOD, HOME_HELP, LINKS)
    same = [offer(f"x{n}-{need}", network="x", thematiques=(need,)) for need in needs for n in (1, 2)]
    others = [offer(f"other-{need}", thematiques=(need,), latitude=48.14) for need in (HOME_HELP, LINKS)]

    proposals = run(person(*needs), *same, *others).proposals

    # The first of each need is never left for its network.
    assert sum(proposal.service_id.startswith("x") for proposal in proposals) == 3
    assert len(proposals) == 5


def test_one_network_fills_the_list_when_nobody_else_is_known(run: Any) -> None:
    same = [offer(f"x{n}-{need}", network="x", thematiques=(need,)) for need in (FOOD, HOME_HELP) for n in (1, 2)]

    assert len(run(person(FOOD, HOME_HELP), *same).proposals) == 4


def test_the_answer_names_the_merged_rows_and_what_can_be_replayed(run: Any) -> None:
    matching = run(person(), offer("a", merges=("other--a",)))

    assert matching.proposals[0].merges == ("other--a",)
    assert matching.weights == WEIGHTS.sha256
    assert len(matching.weights) == 64


def test_weights_are_data(run: Any, tmp_path: Path, places: Any) -> None:
    path = tmp_path / "matching.yaml"
    path.write_text(DATA.read_text(encoding="utf-8").replace("quality: 5 ", "quality: 0 "), encoding="utf-8")
    catalogue = Catalogue([offer("a", quality=0.2), offer("b", quality=0.9)], sha256="t")
    other = match(catalogue, person(), places=places, weights=Weights.load(path))

    assert ids(other) == ["a", "b"]
    assert other.weights != WEIGHTS.sha256
