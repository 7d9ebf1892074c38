"""What goes well is kept beside the needs, and never counts in the level."""

from passerelle.foundation.texts import Texts
from passerelle.screening.facts import facts_of
from passerelle.screening.questions import Questionnaire
from passerelle.screening.situation import read_situation
from passerelle.screening.strengths import known_strengths, strengths_of
from passerelle.screening.told import Told


def test_who_helps_comes_before_what_goes_well() -> None:
    told = {"Q17": "alone", "Q27": "yes", "Q14": "with_help"}

    assert [(strength.id, strength.kind) for strength in strengths_of(told)] == [
        ("somebody_helps", "support"),
        ("online_alone", "strength"),
    ]


def test_an_answer_that_tells_a_need_tells_no_strength() -> None:
    assert strengths_of({"Q27": "no", "Q09": "hosted", "Q33": "unknown"}) == ()


def test_every_strength_is_an_answer_of_the_questionnaire_that_weighs_nothing(questionnaire: Questionnaire) -> None:
    for strength in known_strengths():
        option = questionnaire.question(strength.question).option(strength.code)
        assert option is not None
        assert (option.weight, option.autonomy, option.danger, option.days) == (0, 0, None, None)


def test_no_strength_is_a_need_or_changes_the_level_but_help_already_there(questionnaire: Questionnaire) -> None:
    answers = {strength.question: strength.code for strength in known_strengths() if strength.question != "T3"}
    situation = read_situation(Told(answers=answers), questionnaire)

    assert situation.needs == ()
    assert facts_of(situation) == facts_of(read_situation(Told(), questionnaire))


def test_every_strength_has_its_words_in_every_language(texts: Texts) -> None:
    missing = [
        (strength.id, language)
        for strength in known_strengths()
        for language in texts.languages
        if not texts.has(f"strength.{strength.id}", language)
    ]

    assert missing == []
