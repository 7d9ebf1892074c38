"""From what was told to needs (reference/screening.md §6.5)."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.screening.facts import facts_of
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import SCORED_LEVELS, RuleSet
from passerelle.screening.situation import Need, read_situation
from passerelle.screening.told import Told, ToldNeed, deadline_key, wish_key

RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
FRENCH = "lecture-ecriture-calcul--maitriser-le-francais"
RIGHTS = "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"
HOME_HELP = "equipement-et-alimentation--aide-menagere"

QUESTIONNAIRE = Questionnaire.load()
RULESET = RuleSet.load()
LEVELS = ("U", *SCORED_LEVELS)


def only_need(told: Told) -> Need:
    (need,) = read_situation(told, QUESTIONNAIRE).needs
    return need


def told_rent(wanted: bool = True, **answers: str) -> Told:
    return Told(needs=(ToldNeed(thematique=RENT, wanted=wanted),), answers=answers)


def test_a_need_told_takes_its_default_weight_until_a_question_gives_a_better_one() -> None:
    assert only_need(told_rent()).weight == 2
    assert only_need(told_rent(Q11="one_month")).weight == 1
    assert only_need(told_rent(Q11="two_months")).weight == 2
    assert only_need(told_rent(Q11="refuse")).weight == 2


def test_a_need_told_of_ones_own_accord_does_not_vanish_with_a_closed_no() -> None:
    assert only_need(told_rent(Q11="no")).weight == 1


def test_a_signal_can_make_a_told_need_heavier() -> None:
    need = ToldNeed(thematique=HOME_HELP, wanted=True)

    assert only_need(Told(needs=(need,))).weight == 1
    assert only_need(Told(needs=(need,), signals=frozenset({"rupture_discharge"}))).weight == 2


def test_help_asked_for_in_the_same_words_is_wanted_and_t1_decides_after() -> None:
    assert only_need(told_rent()).wanted == "yes"
    assert only_need(told_rent(wanted=False)).wanted is None
    for code, wish in {"yes": "yes", "later": "later", "no": "no", "unknown": "later", "refuse": "no"}.items():
        assert only_need(told_rent().with_answer(wish_key(RENT), code)).wanted == wish


def test_a_deadline_is_a_code_a_number_of_days_or_what_was_said() -> None:
    for code, days in {"week": 7, "month": 30, "12": 12, "no": None, "unknown": None}.items():
        assert only_need(told_rent().with_answer(deadline_key(RENT), code)).days_left == days
    said = Told(needs=(ToldNeed(thematique=RENT, wanted=True),), signals=frozenset({"deadline_week"}))
    assert only_need(said).days_left == 7


def test_two_mentions_of_the_same_need_are_one_need() -> None:
    twice = Told(needs=(ToldNeed(thematique=RENT, wanted=False), ToldNeed(thematique=RENT, wanted=True)))

    assert only_need(twice).wanted == "yes"


def test_means_count_in_m_and_in_autonomy_never_in_n() -> None:
    told = Told(answers={"Q17": "no", wish_key("numerique--acceder-a-des-services-en-ligne"): "yes"})
    facts = facts_of(read_situation(told, QUESTIONNAIRE))

    assert (facts.m, facts.n, facts.a) == (1, 0, 2)


def test_secondary_thematiques_help_matching_and_are_no_needs() -> None:
    assert only_need(Told(answers={"Q08": "yes"})).also == ("equipement-et-alimentation--electromenager",)


def test_i_do_not_know_weighs_what_the_question_says() -> None:
    assert only_need(Told(answers={"Q02": "unknown"})).weight == 1
    assert read_situation(Told(answers={"Q06": "unknown"}), QUESTIONNAIRE).needs == ()


def test_a_refusal_says_nothing() -> None:
    refused = dict.fromkeys(QUESTIONNAIRE.questions, "refuse")

    assert read_situation(Told(answers=refused), QUESTIONNAIRE).needs == ()


def test_an_unknown_signal_or_thematique_is_kept_harmless() -> None:
    told = Told(needs=(ToldNeed(thematique="autre--chose", wanted=True),), signals=frozenset({"something_new"}))

    assert only_need(told).weight == 1


CLOSED = {
    question.id: [option.code for option in question.options] + ["unknown", "refuse"]
    for question in QUESTIONNAIRE.questions.values()
    if question.options and question.domain != "*"
}


@st.composite
def told(draw: st.DrawFn) -> Told:
    asked = draw(st.lists(st.sampled_from(sorted(CLOSED)), unique=True, max_size=12))
    answers = {question: draw(st.sampled_from(CLOSED[question])) for question in asked}
    values = st.sampled_from(sorted(QUESTIONNAIRE.thematiques))
    needs = draw(st.lists(st.builds(lambda t, w: ToldNeed(thematique=t, wanted=w), values, st.booleans()), max_size=4))
    for need in read_situation(Told(answers=answers, needs=tuple(needs)), QUESTIONNAIRE).needs:
        if draw(st.booleans()):
            answers[wish_key(need.thematique)] = draw(st.sampled_from(["yes", "later", "no", "refuse"]))
        if draw(st.booleans()):
            answers[deadline_key(need.thematique)] = draw(st.sampled_from(["week", "month", "no", "3"]))
    signals = draw(st.frozensets(st.sampled_from(sorted(QUESTIONNAIRE.signals)), max_size=4))
    return Told(answers=answers, needs=tuple(needs), signals=signals, failed=draw(st.integers(0, 3)))


def rank(of: Told) -> int:
    level = RULESET.decide(read_situation(of, QUESTIONNAIRE)).level
    return len(LEVELS) if level == "U" else LEVELS.index(level)


@given(told())
@settings(max_examples=150)
def test_whatever_is_told_there_is_a_level(told: Told) -> None:
    assert rank(told) >= 0


@given(told(), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_the_order_of_answers_does_not_matter(told: Told, random: "st.random.Random") -> None:  # type: ignore[name-defined]
    answers = list(told.answers.items())
    needs = list(told.needs)
    random.shuffle(answers)
    random.shuffle(needs)
    shuffled = Told(answers=dict(answers), needs=tuple(needs), signals=told.signals, failed=told.failed)

    assert read_situation(shuffled, QUESTIONNAIRE) == read_situation(told, QUESTIONNAIRE)


@given(told(), st.data())
@settings(max_examples=150)
def test_a_worse_answer_never_lowers_the_level(told: Told, data: st.DataObject) -> None:
    answered = [
        key
        for key in told.answers
        if key in CLOSED and QUESTIONNAIRE.question(key).option(told.answers[key]) is not None
    ]
    if not answered:
        return
    key = data.draw(st.sampled_from(answered))
    question = QUESTIONNAIRE.question(key)
    now = question.option(told.answers[key])
    assert now is not None
    worse = [
        option
        for option in question.options
        if option.weight >= now.weight
        and option.autonomy >= now.autonomy
        and option.signals >= now.signals
        and (option.days or 999) <= (now.days or 999)
    ]

    assert rank(told.with_answer(key, data.draw(st.sampled_from(worse)).code)) >= rank(told)


WORSE_SIGNALS = sorted(
    name
    for name, signal in QUESTIONNAIRE.signals.items()
    if signal.rupture or signal.isolated or signal.autonomy or signal.days is not None
)


@given(told(), st.sampled_from(WORSE_SIGNALS))
@settings(max_examples=150)
def test_one_more_worrying_signal_never_lowers_the_level(told: Told, signal: str) -> None:
    assert rank(replace(told, signals=told.signals | {signal})) >= rank(told)


@given(told())
@settings(max_examples=100)
def test_one_more_orientation_without_help_never_lowers_the_level(told: Told) -> None:
    assert rank(replace(told, failed=told.failed + 1)) >= rank(told)


@given(told(), st.data())
@settings(max_examples=150)
def test_a_corrected_answer_is_as_if_it_had_been_given_first(told: Told, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(CLOSED)))
    before, after = (data.draw(st.sampled_from(CLOSED[key])) for _ in range(2))
    at_first = Told(answers={key: after, **without(told, key)}, needs=told.needs, signals=told.signals)
    corrected = replace(told, failed=0).with_answer(key, before).with_answer(key, after)

    assert read_situation(corrected, QUESTIONNAIRE) == read_situation(at_first, QUESTIONNAIRE)
    assert rank(corrected) == rank(at_first)


@given(told())
@settings(max_examples=150)
def test_needs_not_wanted_never_count(told: Told) -> None:
    refused = told
    for need in read_situation(told, QUESTIONNAIRE).needs:
        refused = refused.with_answer(wish_key(need.thematique), "no")
    situation = read_situation(refused, QUESTIONNAIRE)
    facts = facts_of(situation)

    assert (facts.m, facts.n, facts.g3, facts.d) == (0, 0, 0, None)
    assert situation.danger or RULESET.decide(situation).level == "N0"


@given(told(), st.sampled_from(sorted(QUESTIONNAIRE.thematiques)))
@settings(max_examples=150)
def test_one_need_more_that_is_not_wanted_changes_no_fact(told: Told, thematique: str) -> None:
    known = {need.thematique for need in read_situation(told, QUESTIONNAIRE).needs}
    if thematique in known or wish_key(thematique) in told.answers:
        return
    more = replace(told, needs=(*told.needs, ToldNeed(thematique=thematique, wanted=False)))
    more = more.with_answer(wish_key(thematique), "no")

    assert facts_of(read_situation(more, QUESTIONNAIRE)) == facts_of(read_situation(told, QUESTIONNAIRE))


def without(told: Told, key: str) -> dict[str, str]:
    return {other: code for other, code in told.answers.items() if other != key}
