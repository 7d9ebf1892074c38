"""Danger is seen in the words people use; everyday words do not raise an alarm (reference/screening.md §5)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passerelle.foundation.text import Normaliser
from passerelle.safety.check import KINDS, SafetyCheck


def missed(check, sentences, language, level):
    return [
        (kind, sentence)
        for kind, levels in sentences(f"danger_{language}").items()
        for sentence in levels[level]
        if check.check(sentence, language).kind == "none"
    ]


def alarms(check, listed, language):
    return [sentence for sentence in listed if check.check(sentence, language).alert]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(("level", "recall"), [("explicit", 0.99), ("indirect", 0.90)])
def test_danger_is_seen(safety_check, sentences, language, level, recall):
    total = sum(len(levels[level]) for levels in sentences(f"danger_{language}").values())
    unseen = missed(safety_check, sentences, language, level)

    assert len(unseen) <= (1 - recall) * total, unseen


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_kind_is_the_right_one(safety_check, sentences, language):
    told = [(k, s) for k, levels in sentences(f"danger_{language}").items() for s in levels["explicit"]]
    wrong = [(kind, s) for kind, s in told if safety_check.check(s, language).kind != kind]

    assert len(wrong) <= 0.05 * len(told), wrong


def test_ordinary_messages_raise_no_alarm(safety_check, sentences):
    french, english = sentences("ordinary_fr"), sentences("ordinary_en")["ordinary"]

    assert len(french) >= 150
    assert len(alarms(safety_check, french, "fr")) <= 0.01 * len(french)
    assert alarms(safety_check, english, "en") == []


def test_look_alikes_raise_few_alarms(safety_check, sentences):
    french, english = sentences("look_alikes_fr"), sentences("ordinary_en")["look_alikes"]

    assert len(french) >= 120
    assert len(alarms(safety_check, french, "fr")) <= 0.05 * len(french)
    assert len(alarms(safety_check, english, "en")) <= 0.05 * len(english)


def test_what_was_once_missed_stays_seen(safety_check, sentences):
    listed = sentences("fresh_fr")
    ordinary = listed.pop("none")
    told = [s for levels in listed.values() for written in levels.values() for s in written]

    assert [s for s in told if not safety_check.check(s, "fr").alert] == []
    assert alarms(safety_check, ordinary, "fr") == []


def test_advice_on_health_is_told_from_papers_about_health(safety_check, sentences):
    listed = sentences("medical_fr")

    assert [s for s in listed["asked"] if not safety_check.check(s, "fr").medical] == []
    assert [s for s in listed["not_asked"] if safety_check.check(s, "fr").medical] == []


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("jen peux plus je dors dans ma voiture ce soir avec mon fils", "rough_sleeping"),
        ("je dors chez ma sœur", "none"),
        ("j'ai deux enfants", "none"),
        ("JE VEUX MOURIR", "suicide"),
        ("je suis mort de rire mais je veux mourir", "suicide"),
        ("je veux en finir avec cette vie", "suicide"),
        ("je veux en finir avec ces papiers", "none"),
        ("il me frappe et je veux mourir", "suicide"),
        ("mon frère handicapé est battu dans son foyer", "vulnerable_adult"),
        ("I want to die", "suicide"),
        ("", "none"),
        ("oui", "none"),
    ],
)
def test_known_sentences(safety_check, sentence, kind):
    assert safety_check.check(sentence, "fr").kind == kind


def test_a_language_nobody_knows_is_checked_with_all_lexicons(safety_check):
    assert safety_check.check("je veux mourir", "en").kind == "suicide"
    assert safety_check.check("I want to kill myself", "fr").kind == "suicide"
    assert safety_check.check("I want to kill myself", "ta").kind == "suicide"


def test_the_source_is_said_with_the_alert_only(safety_check):
    assert safety_check.check("je veux mourir", "fr").source == "rules"
    assert safety_check.check("bonjour", "fr").source is None


def test_danger_and_a_medical_question_are_both_said(safety_check):
    seen = safety_check.check("je veux mourir, combien de doliprane je peux prendre ?", "fr")

    assert (seen.kind, seen.medical) == ("suicide", True)


def test_lexicons_are_wide(safety_check):
    assert safety_check._danger["fr"].size >= 150
    assert safety_check._danger["en"].size >= 90


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=400), language=st.sampled_from(["fr", "en", "ar", "", "??"]))
def test_no_text_makes_the_check_fail(safety_check, text, language):
    assert safety_check.check(text, language).kind in {"none", *KINDS}


def test_the_check_works_without_spelling_tables():
    bare = SafetyCheck.load(Normaliser({}))

    assert bare.check("jveux mourrir", "fr").kind == "suicide"


def test_a_danger_is_heard_in_a_language_that_was_not_chosen(safety_check):
    assert safety_check.check("quiero morir", "fr").kind == "suicide"
    assert safety_check.check("je veux mourir", "es").kind == "suicide"


@pytest.mark.parametrize("text", ["le film s'appelle Suicide Squad", "mon chat dort dehors"])
def test_words_of_the_persons_language_are_judged_in_it_alone(safety_check, text):
    """ "Suicide" is written alike in four languages; only the French list knows the French look-alikes."""
    assert not safety_check.check(text, "fr").alert
