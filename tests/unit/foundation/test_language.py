"""The language of a short message: frequent words first, a statistical model second, French when nothing tells."""

from pathlib import Path

import pytest

from passerelle.foundation.language import LanguageDetector, Languages

LANGUAGES = Languages.load(Path(__file__).parents[3] / "nlu_data")
EIGHT = LANGUAGES.codes


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector.load(LANGUAGES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, I live in 35400 and I can't pay my rent", "en"), ("no money", "en"), ("I need help", "en"),
        ("bjr", "fr"), ("slt jai besoin", "fr"), ("je cherche un logement", "fr"), ("la caf a coupé mes apl", "fr"),
        ("necesito ayuda con el alquiler", "es"), ("preciso de ajuda para pagar a renda", "pt"),
        ("kira ödeyemiyorum yardım lütfen", "tr"), ("nu pot sa platesc chiria", "ro"),
        ("مرحبا", "ar"), ("привіт", "uk"), ("on a froid", "fr"), ("no hablo frances", "es"),
        ("a geladeira ta vazia", "pt"), ("imi e frig", "ro"), ("kocam gitti", "tr"), ("ma fhemt walou", "ar"),
    ],
)  # fmt: skip
def test_a_short_message_tells_its_language(detector: LanguageDetector, text: str, expected: str) -> None:
    assert detector.recognise(text, EIGHT) == expected


@pytest.mark.parametrize("text", ["", "2", "Rennes", "ok", "35400", "😂"])
def test_what_tells_nothing_is_the_default(detector: LanguageDetector, text: str) -> None:
    assert detector.recognise(text, EIGHT) == "fr"
    assert detector.recognise(text, EIGHT, default="en") == "en"


def test_a_language_that_is_not_offered_is_the_default(detector: LanguageDetector) -> None:
    assert detector.recognise("مرحبا", ("fr", "en")) == "fr"


def test_eight_languages_are_known_with_their_name_and_direction() -> None:
    assert EIGHT == ("fr", "en", "ar", "es", "pt", "uk", "tr", "ro")
    assert LANGUAGES["ar"].direction == "rtl"
    assert LANGUAGES["en"].own == "English"
    assert "de" not in LANGUAGES


@pytest.mark.parametrize(("text", "code"), [("English", "en"), ("anglais svp", "en"), ("espagnol ou anglais", None)])
def test_a_language_is_named_alone_or_among_filler_words(text: str, code: str | None) -> None:
    assert LANGUAGES.named(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Türkçe konuşmak istiyorum", "tr"), ("Türkçe yazın lütfen", "tr"), ("türkçe olsun", "tr"),
        ("Türkçe devam edelim", "tr"), ("بغيت العربية", "ar"), ("العربية من فضلكم", "ar"),
        ("quiero hablar español", "es"), ("em português por favor", "pt"), ("vreau în română", "ro"),
        ("українською будь ласка", "uk"),
    ],
)  # fmt: skip
def test_a_language_is_asked_for_in_its_own_words(text: str, code: str) -> None:
    assert LANGUAGES.named(text) == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wach kayn chi 7all", "ar"), ("3lach had so2al", "ar"), ("rani bghit nehder", "ar"), ("chno hadchi", "ar"),
        ("3andi mochkil daba", "ar"), ("Türkçe yazın", "tr"), ("devam edelim", "tr"),
        ("la que me un se", "fr"), ("me la", "fr"), ("que se", "fr"),
        ("la dame que je vois", "fr"), ("un ami me loge", "fr"),
    ],
)  # fmt: skip
def test_words_shared_with_french_do_not_decide(detector: LanguageDetector, text: str, expected: str) -> None:
    assert detector.recognise(text, EIGHT) == expected
