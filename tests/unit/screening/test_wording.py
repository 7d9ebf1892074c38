"""A question as it leaves: sentence, then numbered options."""

import pytest

from passerelle.foundation.sms import fit
from passerelle.foundation.texts import Texts
from passerelle.screening.questions import Questionnaire, UnknownQuestion
from passerelle.screening.wording import need_label, option_labels, question_body, question_why

RENT = "logement-hebergement--reduire-les-impayes-de-loyer"


def test_a_yes_no_question_lists_one_yes_two_no(questionnaire: Questionnaire, texts: Texts) -> None:
    body = question_body(questionnaire.question("Q06"), texts, "fr", "sms")

    assert body.splitlines()[1:] == ["1 oui", "2 non"]


def test_a_wish_names_the_need(questionnaire: Questionnaire, texts: Texts) -> None:
    question = questionnaire.question(f"T1:{RENT}")
    body = question_body(question, texts, "fr", "sms", need=need_label(RENT, texts, "fr", "sms"))

    assert body == "Voulez-vous de l'aide pour un loyer en retard ?\n1 oui\n2 plus tard\n3 non"


def test_an_open_question_lists_nothing(questionnaire: Questionnaire, texts: Texts) -> None:
    assert "\n" not in question_body(questionnaire.question("P1"), texts, "en", "sms")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_question_fits_one_sms_with_its_longest_need(
    language: str, questionnaire: Questionnaire, texts: Texts
) -> None:
    labels = [need_label(value, texts, language) for value in questionnaire.thematiques]
    longest = max(labels, key=len)

    assert len(questionnaire.thematiques) == 69
    assert len(longest) <= 40
    for question in questionnaire.questions.values():
        sms = fit(question_body(question, texts, language, "sms", need=longest))
        assert (sms.encoding, sms.parts) == ("GSM-7", 1), question.id
        assert question_why(question, texts, language).endswith(".")
        assert len(option_labels(question, texts, language)) == len(question.options)


def test_all_questions_of_the_reference_are_there(questionnaire: Questionnaire) -> None:
    expected = {f"Q{number:02}" for number in range(1, 38)} | {"T1", "T2", "T3"}
    expected |= {f"P{number}" for number in range(1, 9)}

    assert set(questionnaire.questions) == expected
    assert len({value for question in questionnaire.questions.values() for value in question.thematiques}) >= 32


def test_an_unknown_question_is_named(questionnaire: Questionnaire) -> None:
    with pytest.raises(UnknownQuestion, match="Q99"):
        questionnaire.question("Q99")
