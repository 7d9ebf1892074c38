"""Few questions, each with a reason; never what is known, never what may not be asked here."""

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.screening.facts import facts_of
from passerelle.screening.next_question import Ask, Profile, Shortlist, next_question, profile_questions_for_handoff
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import Decision, RuleSet
from passerelle.screening.situation import read_situation
from passerelle.screening.told import OTHER_AGE, Told, ToldNeed

RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
FRENCH = "lecture-ecriture-calcul--maitriser-le-francais"
RIGHTS = "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"
HOME_HELP = "equipement-et-alimentation--aide-menagere"
DEBTS = "difficultes-financieres--situation-dendettement-surendettement"
MONEY = "difficultes-financieres--prevenir-une-degradation-de-la-situation-financiere"
VIOLENCE = "famille--surmonter-conflits-separation-violence"
CARE = "sante--acces-aux-soins"
DEPENDENT = "famille--prise-en-charge-personne-dependante"

QUESTIONNAIRE = Questionnaire.load()
RULESET = RuleSet.load()


def wanted(*thematiques: str) -> tuple[ToldNeed, ...]:
    return tuple(ToldNeed(thematique=thematique, wanted=True) for thematique in thematiques)


def ask(
    told: Told,
    profile: Profile = "sans-sante",
    private: bool = False,
    asked: int = 0,
    shortlist: Shortlist | None = None,
) -> Ask | None:
    return next_question(
        told,
        questionnaire=QUESTIONNAIRE,
        ruleset=RULESET,
        profile=profile,
        private_channel=private,
        asked=asked,
        shortlist=shortlist,
    )


def default_code(question_id: str) -> str:
    question = QUESTIONNAIRE.question(question_id)
    return question.options[0].code if question.options else "35238"


def interview(
    told: Told, replies: dict[str, str] | None = None, profile: Profile = "sans-sante", private: bool = False
) -> tuple[list[str], Told, Decision]:
    """Answer every question asked; the first option when no reply is given."""
    asked: list[str] = []
    for number in count():
        question = ask(told, profile, private, asked=number)
        if question is None:
            return asked, told, RULESET.decide(read_situation(told, QUESTIONNAIRE))
        assert question.key not in told.answers, f"{question.key} asked twice"
        asked.append(question.key)
        told = told.with_answer(question.key, (replies or {}).get(question.key, default_code(question.question_id)))
    raise AssertionError


CONVERSATION_1 = Told(
    answers={"P1": "35238"},
    needs=wanted(HOME_HELP, RIGHTS),
    signals=frozenset({"rupture_discharge", "rupture_rights_lost", "isolated", "lives_alone", "wants_help"}),
)
CONVERSATION_2 = Told(
    answers={"P1": "35288"}, needs=wanted(RENT, FRENCH), signals=frozenset({"cannot_read", "wants_help"})
)


def test_conversation_1_reaches_n3_at_once_and_asks_little() -> None:
    """Left hospital, alone in Rennes, nobody for shopping and cleaning, housing benefit cut."""
    decision = RULESET.decide(read_situation(CONVERSATION_1, QUESTIONNAIRE))
    assert (decision.level, decision.fired) == ("N3", ("R-31", "R-41", "R-42"))

    asked, told, final = interview(CONVERSATION_1, {"P2": "60_or_over", "T3": "no"})

    assert asked == ["P2", "T3"]
    assert final.level == "N3"
    assert profile_questions_for_handoff(told) == ("P7", "P5", "P6")


def test_conversation_1_goes_on_from_the_menu_with_the_bot_down() -> None:
    """Only the need picked in the menu is known: the level still comes from questions."""
    told = Told(answers={"P1": "35238"}, needs=wanted(HOME_HELP))

    asked, _, decision = interview(told, {"P2": "60_or_over"})

    assert len(asked) <= 4
    assert decision.level == "N1"


def test_conversation_2_asks_at_most_five_questions_before_the_proposals() -> None:
    """Two months of rent late, does not understand the letters, in Saint-Malo."""
    replies = {"Q11": "two_months", "Q10": "no", "Q01": "no", "Q27": "yes", "T3": "no"}
    asked, _, decision = interview(CONVERSATION_2, replies)

    assert asked == ["Q11", "Q10", "Q01", "Q27", "T3"]
    assert (decision.level, decision.fired) == ("N2", ("R-30",))


def test_the_commune_comes_first_when_it_is_not_known() -> None:
    assert ask(Told(needs=wanted(RENT))) == Ask(key="P1", question_id="P1", thematique=None)


def test_nothing_is_asked_before_something_is_understood() -> None:
    assert ask(Told()) is None


def test_help_wanted_is_asked_for_each_need_that_was_only_told() -> None:
    told = Told(answers={"P1": "35238"}, needs=(ToldNeed(thematique=RENT, wanted=False), *wanted(FRENCH)))

    assert ask(told) == Ask(key=f"T1:{RENT}", question_id="T1", thematique=RENT)


def test_a_need_found_by_a_question_is_followed_by_its_wish() -> None:
    told = Told(answers={"P1": "35238", "Q06": "yes"}, needs=wanted(MONEY))

    assert ask(told) == Ask(key=f"T1:{DEBTS}", question_id="T1", thematique=DEBTS)


def test_a_refused_need_brings_no_question() -> None:
    told = Told(answers={"P1": "35238", f"T1:{RENT}": "no"}, needs=wanted(RENT))

    assert ask(told) is None


def test_a_deadline_is_not_asked_when_it_changes_nothing() -> None:
    asked, _, _ = interview(CONVERSATION_1)

    assert not any(key.startswith("T2") for key in asked)


def test_a_deadline_is_asked_when_it_decides_between_two_levels() -> None:
    asked, _, decision = interview(
        Told(answers={"P1": "35238"}, needs=wanted(DEBTS)), {f"T2:{DEBTS}": "month", "Q27": "yes", "T3": "no"}
    )

    assert f"T2:{DEBTS}" in asked
    assert decision.level == "N2"


def test_autonomy_is_not_asked_once_the_level_cannot_change() -> None:
    asked, _, _ = interview(CONVERSATION_1)

    assert not {"Q14", "Q17", "Q19"} & set(asked)


def test_support_is_asked_only_with_a_serious_need() -> None:
    light, _, _ = interview(Told(answers={"P1": "35238"}, needs=wanted("mobilite--financer-ma-mobilite")))
    broken, _, decision = interview(
        Told(answers={"P1": "35238"}, needs=wanted(DEBTS), signals=frozenset({"rupture_job_lost"})),
        {"Q27": "no", "T1:remobilisation--lien-social": "no", "Q20": "no", "Q17": "alone", "Q19": "no", "Q14": "alone"},
    )

    assert "Q27" not in light
    assert "Q27" in broken
    assert decision.level == "N3"


def test_a_recent_change_is_asked_whenever_it_decides_between_two_levels() -> None:
    """Two serious needs far from any change told: N2, or N3 after a change (R-41)."""
    told = Told(answers={"P1": "35238"}, needs=wanted(DEBTS, RENT))
    calm = {"Q11": "two_months", "Q10": "no", "Q04": "no", "Q17": "alone", "Q14": "alone", "Q19": "no", "T3": "no"}
    calm |= {f"T2:{DEBTS}": "no", f"T2:{RENT}": "no"}

    asked, _, decision = interview(told, calm | {"Q37": "separation"})
    assert "Q37" in asked
    assert decision.level == "N3"
    _, _, decision = interview(told, calm | {"Q37": "no"})
    assert decision.level == "N2"


def test_a_question_that_weighs_a_need_told_is_always_in_play() -> None:
    """No address for letters is twice as heavy as a right not claimed, and one more serious need: N2."""
    told = Told(answers={"P1": "35238"}, needs=wanted(RIGHTS, DEBTS))

    asked, _, _ = interview(told, {"Q04": "no", "Q03": "yes", f"T2:{DEBTS}": "no"})

    assert "Q03" in asked


def test_a_month_said_by_an_answer_leaves_room_for_this_week() -> None:
    told = Told(answers={"P1": "35238", "Q13": "yes"}, needs=wanted(MONEY, DEBTS))
    asked, _, decision = interview(
        told, {"Q04": "no", "Q05": "never", f"T2:{DEBTS}": "no", f"T2:{MONEY}": "week", "Q27": "yes", "Q37": "no"}
    )

    assert f"T2:{MONEY}" in asked
    assert decision.level == "N3"


def test_a_date_said_in_words_is_not_asked_again() -> None:
    told = Told(answers={"P1": "35238"}, needs=wanted(DEBTS, RENT), signals=frozenset({"deadline_month"}))

    asked, _, _ = interview(told, {"Q11": "two_months", "Q10": "no"})

    assert not any(key.startswith("T2") for key in asked)


def test_the_age_is_asked_when_another_age_would_change_the_dispositifs() -> None:
    told = Told(answers={"P1": "35238"}, needs=wanted("mobilite--financer-ma-mobilite"))

    def by_age(told: Told) -> frozenset[str]:
        return frozenset({"pass-jeunes" if told.answers.get("P2") == "18_25" else "tarif-solidaire"})

    assert ask(told) is None
    assert ask(told, shortlist=by_age) == Ask(key="P2", question_id="P2", thematique=None)
    assert ask(told.with_answer("P2", "18_25"), shortlist=by_age) is None


def test_a_weight_is_asked_when_it_puts_one_need_before_another_in_the_dispositifs() -> None:
    """Help is for later: no weight changes the level, but the list has room for five."""
    job = "trouver-un-emploi--maintien-dans-lemploi"
    told = Told(answers={"P1": "35238", f"T1:{job}": "later"}, needs=wanted("mobilite--financer-ma-mobilite", job))

    def most_pressing(told: Told) -> frozenset[str]:
        return frozenset({"emploi" if told.answers.get("Q21") == "yes" else "bus"})

    assert ask(told) is None
    assert ask(told, shortlist=most_pressing) == Ask(key="Q21", question_id="Q21", thematique=None)


def test_a_light_need_found_on_the_way_waits_until_the_level_is_sure() -> None:
    """Help online is a means: whether it is wanted changes no level, so what changes it comes first."""
    told = Told(answers={"P1": "35238", "Q17": "with_help"}, needs=wanted(DEBTS))
    online = "T1:numerique--acceder-a-des-services-en-ligne"

    asked, _, _ = interview(told, {"Q27": "no", "Q04": "no", "Q37": "no", "T1:remobilisation--lien-social": "no"})

    assert asked.index("Q27") < asked.index(online)


def test_what_a_signal_says_is_not_asked_again() -> None:
    told = Told(answers={"P1": "35238"}, needs=wanted(DEBTS), signals=frozenset({"cannot_online", "has_referent"}))

    asked, _, _ = interview(told)

    assert not {"Q17", "T3"} & set(asked)


def test_who_follows_already_is_asked_last() -> None:
    asked, _, _ = interview(CONVERSATION_2)

    assert asked.index("T3") == len(asked) - 1


def test_questions_stop_at_twelve() -> None:
    assert ask(Told(needs=wanted(RENT)), asked=12) is None


def test_questions_stop_at_a_danger() -> None:
    assert ask(Told(answers={"Q09": "outside"}, needs=wanted(RENT))) is None


def test_health_questions_wait_for_a_profile_that_allows_them() -> None:
    told = Told(answers={"P1": "35238"}, needs=wanted(HOME_HELP, DEPENDENT, CARE))
    sensitive = {question.id for question in QUESTIONNAIRE.questions.values() if question.sensitive}
    without, _, _ = interview(told)
    with_health, _, _ = interview(told, profile="avec-sante-indirecte")

    assert sensitive == {"Q28", "Q32", "Q34", "Q35", "Q36"}
    assert not sensitive & set(without)
    assert sensitive & set(with_health)


def test_private_questions_come_only_on_a_private_channel_after_being_alone() -> None:
    told = Told(answers={"P1": "35238"}, needs=wanted(VIOLENCE))
    by_sms, _, _ = interview(told)
    alone, _, _ = interview(told, {"P8": "yes", "Q30": "no", "Q29": "yes"}, private=True)
    watched, _, _ = interview(told, {"P8": "no"}, private=True)

    assert not {"P8", "Q29", "Q30"} & set(by_sms)
    assert alone.index("P8") < alone.index("Q30") < alone.index("Q29")
    assert "P8" in watched
    assert not {"Q29", "Q30"} & set(watched)


def test_rest_for_a_carer_depends_on_helping_someone() -> None:
    told = Told(answers={"P1": "35238", "Q24": "no"}, needs=wanted(DEPENDENT))
    asked, _, _ = interview(told)

    assert "Q25" not in asked


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Told(), ("P2", "P7", "P5", "P6")),
        (Told(answers={"P2": "26_59", "P7": "no"}), ("P5", "P6")),
        (Told(signals=frozenset({"for_other"})), ("P3", "P2", "P7", "P5", "P6")),
        (Told(signals=frozenset({"for_other"}), answers={"P3": "relative"}), (OTHER_AGE, "P7", "P5", "P6")),
    ],
)
def test_the_handoff_asks_what_the_summary_lacks(told: Told, expected: tuple[str, ...]) -> None:
    assert profile_questions_for_handoff(told) == expected


@given(
    needs=st.lists(st.sampled_from(sorted(QUESTIONNAIRE.thematiques)), max_size=4, unique=True),
    signals=st.frozensets(st.sampled_from(sorted(QUESTIONNAIRE.signals)), max_size=3),
    private=st.booleans(),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_every_interview_ends_within_twelve_questions_and_never_repeats_itself(
    needs: list[str], signals: frozenset[str], private: bool, data: st.DataObject
) -> None:
    told = Told(needs=wanted(*needs), signals=signals)
    for number in range(13):
        question = ask(told, private=private, asked=number)
        if question is None:
            break
        asked = QUESTIONNAIRE.question(question.question_id)
        assert question.key not in told.answers
        assert not asked.sensitive
        assert private or not asked.private_only
        codes = [option.code for option in asked.options] or ["35238"]
        told = told.with_answer(question.key, data.draw(st.sampled_from([*codes, "refuse", "unknown"])))
    else:
        raise AssertionError("more than 12 questions")


def test_when_questions_stop_no_answer_left_in_play_can_change_the_level() -> None:
    """The stop is not a guess: the same facts with every deadline at its worst give the same level."""
    told = replace(CONVERSATION_1, answers={"P1": "35238", "P2": "60_or_over", "T3": "no"})
    level = RULESET.decide(read_situation(told, QUESTIONNAIRE)).level
    urgent = told
    for thematique in (HOME_HELP, RIGHTS):
        urgent = urgent.with_answer(f"T2:{thematique}", "week")

    assert ask(told) is None
    assert RULESET.grade(facts_of(read_situation(urgent, QUESTIONNAIRE))).level == level


def test_whom_it_is_for_is_asked_before_any_age_when_somebody_else_is_spoken_of() -> None:
    told = replace(CONVERSATION_1, signals=CONVERSATION_1.signals | {"for_other"})

    asked, _, _ = interview(told, {"P3": "relative", OTHER_AGE: "60_or_over", "T3": "no"})
    assert asked == ["P3", OTHER_AGE, "T3"]
    asked, _, _ = interview(told, {"P3": "myself", "P2": "60_or_over", "T3": "no"})
    assert asked == ["P3", "P2", "T3"]
