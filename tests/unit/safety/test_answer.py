"""An alert is answered in one short message that stays available (reference/screening.md §5.3)."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passerelle.foundation.sms import fit
from passerelle.foundation.texts import Texts
from passerelle.safety.answer import safety_answer, safety_numbers
from passerelle.safety.check import KINDS, Safety
from passerelle.safety.numbers import HelpNumbers

LOCALE = Path(__file__).parents[3] / "locale"
NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("locale")
    for language in ("fr", "en"):
        (folder / language).mkdir()
        shutil.copy(LOCALE / language / "safety.po", folder / language)
    return Texts.load(folder)


def answer(safety, texts, language="fr", form="sms", at=NOON):
    return safety_answer(safety, at, texts, language, form, HelpNumbers.load())


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [NOON, NIGHT])
def test_an_alert_is_at_most_two_sms_with_numbers_and_one_question(texts, kind, language, at):
    (message,) = answer(Safety(kind=kind), texts, language, at=at)
    fitted = fit(message)

    assert (fitted.encoding, fitted.parts <= 2) == ("GSM-7", True)
    assert "112" in message
    assert ("1 oui 2 non" if language == "fr" else "1 yes 2 no") in message


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_on_the_widget_the_question_has_buttons_and_no_numbered_answers(texts, kind, language):
    (message,) = answer(Safety(kind=kind), texts, language, form="web")

    assert message.endswith("?")
    assert message.count("?") <= 2


def test_a_closed_line_is_not_named_in_the_message(texts):
    assert "3133" in answer(Safety(kind="vulnerable_adult"), texts)[0]
    assert "3133" not in answer(Safety(kind="vulnerable_adult"), texts, at=NIGHT)[0]


def test_the_violence_message_names_nothing(texts):
    message = answer(Safety(kind="violence"), texts)[0].lower()

    assert not any(word in message for word in ("violen", "coup", "mari", "conjoint", "femme", "victime"))


def test_a_danger_is_answered_before_a_medical_question(texts):
    assert "3114" in answer(Safety(kind="suicide", medical=True), texts)[0]
    assert "pharmacien" in answer(Safety(medical=True), texts)[0]
    assert answer(Safety(), texts) == ()


def test_the_widget_gets_links():
    links = safety_numbers(Safety(kind="violence"), NOON, HelpNumbers.load())

    assert {link.href for link in links} >= {"tel:17", "sms:114"}
    assert safety_numbers(Safety(), NOON, HelpNumbers.load()) == ()
