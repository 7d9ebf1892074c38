"""Numbers and dates as the six other languages build them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from passerelle.screening.answers import AnswerKind, AnswerWords, parse_answer

WORDS = AnswerWords.load(Path(__file__).parents[3] / "nlu_data")
#: A Wednesday, in winter time: 11:00 in Paris.
WEDNESDAY = datetime(2026, 11, 18, 10, tzinfo=UTC)


def read(text: str, kind: AnswerKind, language: str, options: tuple[str, ...] = ()) -> str | None:
    return parse_answer(text, kind=kind, options=options, language=language, words=WORDS, at=WEDNESDAY)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ar", "خمسة وعشرين", "25"), ("ar", "خمسة و عشرين", "25"), ("ar", "ثلاثة وأربعون", "43"),
        ("ar", "khamsa w 3chrin", "25"), ("ar", "tlata w3chrin", "23"), ("ar", "خمسة عشر", "15"),
        ("ar", "اثنا عشر", "12"), ("ar", "مئة وخمسة وعشرون", "125"), ("ar", "عشرون", "20"),
        ("ar", "ثلاثة", "3"),
        ("tr", "on iki", "12"), ("tr", "on beş", "15"), ("tr", "yirmi beş", "25"),
        ("tr", "iki yüz elli", "250"),
        ("tr", "on", "10"), ("tr", "doksan dokuz", "99"),
        ("uk", "сорок п'ять", "45"), ("uk", "сорок пʼять", "45"), ("uk", "п'ять", "5"),
        ("uk", "двадцять дев'ять", "29"),
        ("uk", "сто двадцять", "120"),
        ("ro", "douăzeci și cinci", "25"), ("es", "treinta y dos", "32"), ("pt", "vinte e um", "21"),
        ("fr", "deux vingt", None), ("fr", "cinq, vingt", None), ("fr", "dix deux", None),
    ],
)  # fmt: skip
def test_each_language_builds_its_numbers_its_own_way(language: str, text: str, expected: str | None) -> None:
    """Units first in Arabic, ten and a digit in Turkish, an apostrophe inside a word in Ukrainian."""
    assert read(text, "number", language) == expected


@pytest.mark.parametrize("language", ["fr", "en", "ar", "es", "pt", "uk", "tr", "ro"])
@pytest.mark.parametrize("text", ["№1", "№ 1", "n°1", "nº 1"])
def test_the_sign_of_a_number_is_not_a_word(language: str, text: str) -> None:
    assert read(text, "yes_no", language) == "yes"
    assert read(text, "choice", language, ("alpha", "beta")) == "1"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "antes de enero", "44"), ("es", "hace diez días", None), ("es", "en diez días", "10"),
        ("es", "me hace falta antes del 5", "17"), ("es", "desde el lunes", None),
        ("es", "la semana pasada", None),
        ("es", "hasta diciembre", "13"), ("es", "5 de diciembre", "17"),
        ("pt", "há dez dias", None), ("pt", "em dezembro", "13"), ("pt", "até dezembro", "13"),
        ("pt", "até ao dia 5", "17"), ("pt", "dentro de dez dias", "10"), ("pt", "desde segunda", None),
        ("pt", "no mês passado", None),
        ("tr", "iki gün önce", None), ("tr", "geçen hafta", None), ("tr", "5ine kadar", "17"),
        ("tr", "5'ine kadar", "17"),
        ("tr", "ayın 20sine kadar", "2"), ("tr", "haftaya salı", "6"), ("tr", "cumadan önce", "2"),
        ("tr", "5'inden önce", "17"), ("tr", "10 gün içinde", "10"), ("tr", "aralıkta", "13"),
        ("ar", "منذ عشرة أيام", None), ("ar", "هادي 3 شهور", None), ("ar", "قبل 3 أيام", None),
        ("ar", "قبل يومين", None),
        ("ar", "قبل الجمعة", "2"), ("ar", "قبل 5 ديسمبر", "17"), ("ar", "خلال 10 أيام", "10"),
        ("ar", "الأسبوع الماضي", None),
        ("ar", "في ديسمبر", "13"), ("ar", "قبل شهر ديسمبر", "13"),
        ("uk", "десять днів тому", None), ("uk", "минулого тижня", None), ("uk", "в грудні", "13"),
        ("uk", "до грудня", "13"), ("uk", "через десять днів", "10"), ("uk", "до 5 грудня", "17"),
        ("uk", "з понеділка", None),
        ("ro", "acum zece zile", None), ("ro", "săptămâna trecută", None), ("ro", "în decembrie", "13"),
        ("ro", "până în decembrie", "13"), ("ro", "în zece zile", "10"), ("ro", "pe 5 decembrie", "17"),
        ("ro", "de luni", None),
        ("en", "ten days ago", None), ("en", "last week", None), ("en", "since monday", None),
        ("en", "in december", "13"),
        ("en", "the last day of the month", "12"), ("en", "tuesday next week", "6"),
        ("fr", "la semaine dernière", None), ("fr", "dernier délai vendredi", "2"),
        ("fr", "le dernier jour du mois", "12"),
        ("fr", "mardi de la semaine prochaine", "6"), ("fr", "il y a un délai jusqu'au 5 décembre", "17"),
        ("fr", "depuis lundi", None), ("fr", "ça fait 3 semaines", None), ("fr", "lundi dernier", None),
    ],
)  # fmt: skip
def test_a_deadline_is_told_from_the_past_in_each_language(language: str, text: str, expected: str | None) -> None:
    assert read(text, "date_limit", language) == expected


@pytest.mark.parametrize(
    ("language", "text", "kind", "expected"),
    [
        ("es", "yo diría que no lamentablemente", "yes_no", "no"),
        ("pt", "eu acho que sim infelizmente", "yes_no", "yes"),
        ("ro", "din păcate nu", "yes_no", "no"), ("tr", "bence hayır maalesef", "yes_no", "no"),
        ("ar", "للأسف لا في الحقيقة", "yes_no", "no"), ("uk", "я думаю що так", "yes_no", "yes"),
        ("es", "ningún niño", "number", "0"), ("pt", "nenhuma criança", "number", "0"),
        ("ro", "niciun copil", "number", "0"), ("tr", "hiç çocuk", "number", "0"),
        ("ar", "بدون أطفال", "number", "0"),
    ],
)  # fmt: skip
def test_what_softens_an_answer_or_tells_none_is_known_in_each_language(
    language: str, text: str, kind: AnswerKind, expected: str
) -> None:
    assert read(text, kind, language) == expected
