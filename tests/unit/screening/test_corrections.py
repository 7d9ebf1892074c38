"""An earlier answer is corrected in the person's own words, in each of the eight languages."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from passerelle.screening.answers import AnswerWords, parse_answer
from passerelle.screening.corrections import Correction, Corrections
from passerelle.screening.told import Told

NLU_DATA = Path(__file__).parents[3] / "nlu_data"
LANGUAGES = ("ar", "en", "es", "fr", "pt", "ro", "tr", "uk")
CORRECTIONS = Corrections.load(NLU_DATA)
WORDS = AnswerWords.load(NLU_DATA)
NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)

#: Somebody alone, without anybody to turn to, asking for themselves, who last said that help is wanted.
TOLD = Told(
    answers={"P1": "35238", "P2": "26_59", "P3": "myself", "P4": "alone", "P5": "Lea", "Q27": "no", "T1:x": "yes"},
    signals=frozenset({"isolated", "lives_alone"}),
)
ASKED = ["Q27", "P4", "T1:x"]


def found(language: str, text: str, told: Told = TOLD) -> Correction | None:
    def read(_key: str, words: str) -> str | None:
        return parse_answer(words, kind="yes_no", options=["x", "y"], language=language, words=WORDS, at=NOW)

    return CORRECTIONS.find(text, language, told=told, asked=ASKED, pending=None, read=read)


def test_every_language_offered_has_corrections_of_the_same_kinds() -> None:
    assert {path.parent.name for path in NLU_DATA.glob("*/corrections.yml")} == set(LANGUAGES)
    assert len({tuple(sorted(language.answers)) for language in CORRECTIONS._languages.values()}) == 1
    assert len({tuple(sorted(language.again)) for language in CORRECTIONS._languages.values()}) == 1
    assert len({tuple(sorted(language.untold)) for language in CORRECTIONS._languages.values()}) == 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "pardon, je voulais dire non"), ("fr", "désolée, en fait non"), ("en", "sorry, I meant no"),
        ("es", "perdón, quería decir no"), ("es", "en realidad no"), ("pt", "desculpe, queria dizer não"),
        ("pt", "afinal não"), ("ro", "scuze, voiam să spun nu"), ("ro", "de fapt nu"), ("tr", "aslında hayır"),
        ("tr", "pardon, hayır diyecektim"), ("uk", "вибачте, я мала на увазі ні"), ("uk", "насправді ні"),
        ("uk", "на самом деле нет"), ("ar", "عفوا قصدت لا"), ("ar", "فالحقيقة لا"), ("ar", "كنت قاصد لا"),
        ("ar", "sm7 liya, bghit ngoul la"),
    ],
)  # fmt: skip
def test_the_last_answer_becomes_its_opposite(language: str, text: str) -> None:
    assert found(language, text) == Correction(key="T1:x", code="no")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "désolée, non"), ("en", "sorry, no"), ("es", "perdón, no"), ("pt", "desculpe, não"),
        ("ro", "scuze, nu"), ("tr", "özür dilerim, hayır"), ("uk", "вибачте, ні"), ("ar", "عذرا، لا"),
        ("ar", "sm7li, la"),
    ],
)  # fmt: skip
def test_a_no_that_excuses_itself_answers_the_question_put(language: str, text: str) -> None:
    assert found(language, text) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "je me suis trompé de chiffre"), ("en", "sorry, I made a mistake"), ("es", "me he equivocado de número"),
        ("es", "perdón, me equivoqué"), ("pt", "enganei-me no número"), ("pt", "carreguei no botão errado"),
        ("ro", "am apăsat greșit"), ("ro", "am greșit"), ("tr", "yanlış bastım"), ("tr", "pardon, yanlış yazdım"),
        ("uk", "я помилилася цифрою"), ("uk", "не туди натиснула"), ("uk", "ошиблась кнопкой"),
        ("ar", "سمحلي غلطت"), ("ar", "ضغطت على الزر الخطأ"), ("ar", "sm7li ghlet"), ("ar", "werrekt 3la nemra ghalta"),
    ],
)  # fmt: skip
def test_a_mistake_without_more_puts_the_last_question_again(language: str, text: str) -> None:
    assert found(language, text) == Correction(key="T1:x", code=None, last=True)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "je me suis trompé de ville"), ("en", "wrong town"), ("es", "me equivoqué de ciudad"),
        ("es", "ese código postal está mal"), ("pt", "enganei-me na cidade"), ("pt", "o código postal está errado"),
        ("ro", "am greșit orașul"), ("ro", "codul poștal e greșit"), ("tr", "şehri yanlış yazdım"),
        ("tr", "posta kodum yanlış"), ("uk", "переплутала місто"), ("uk", "индекс неправильный"),
        ("ar", "غلطت في المدينة"), ("ar", "الرمز البريدي غير صحيح"), ("ar", "ghlett f code postal"),
    ],
)  # fmt: skip
def test_a_wrong_place_is_asked_again(language: str, text: str) -> None:
    assert found(language, text) == Correction(key="P1", code=None)


@pytest.mark.parametrize(
    ("language", "text", "key", "code"),
    [
        ("fr", "en fait j'ai deux enfants", "P4", "children"),
        ("en", "actually I live with my husband", "P4", "couple"),
        ("es", "en realidad tengo tres niñas", "P4", "children"), ("es", "vivo con mi marido", "P4", "couple"),
        ("es", "es para mi suegra", "P3", "relative"), ("es", "mi hermana me puede ayudar", "Q27", "yes"),
        ("pt", "na verdade tenho quatro filhos", "P4", "children"), ("pt", "moro com a minha mulher", "P4", "couple"),
        ("pt", "é para o meu pai", "P3", "relative"), ("pt", "a minha vizinha pode ajudar-me", "Q27", "yes"),
        ("ro", "de fapt am doi băieți", "P4", "children"), ("ro", "stau cu soțul", "P4", "couple"),
        ("ro", "este pentru bunica", "P3", "relative"), ("ro", "fratele meu mă poate ajuta", "Q27", "yes"),
        ("tr", "aslında üç çocuğum var", "P4", "children"), ("tr", "eşimle yaşıyorum", "P4", "couple"),
        ("tr", "annem için", "P3", "relative"), ("tr", "komşum yardım edebilir", "Q27", "yes"),
        ("uk", "насправді у мене троє дітей", "P4", "children"), ("uk", "живу з чоловіком", "P4", "couple"),
        ("uk", "це для моєї сусідки", "P3", "relative"), ("uk", "сестра може мені допомогти", "Q27", "yes"),
        ("uk", "вообще-то у меня двое детей", "P4", "children"),
        ("ar", "في الواقع عندي ثلاثة أطفال", "P4", "children"), ("ar", "ساكنة مع راجلي", "P4", "couple"),
        ("ar", "هذا لجارتي", "P3", "relative"), ("ar", "أختي تستطيع أن تساعدني", "Q27", "yes"),
        ("ar", "3andi tlata wlad", "P4", "children"), ("ar", "sakna m3a rajli", "P4", "couple"),
    ],
)  # fmt: skip
def test_an_earlier_closed_answer_is_corrected(language: str, text: str, key: str, code: str) -> None:
    correction = found(language, text)

    assert correction is not None
    assert (correction.key, correction.code) == (key, code)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "je ne suis pas seul"), ("en", "I'm not alone"), ("es", "no estoy sola"), ("pt", "não estou sozinha"),
        ("ro", "nu sunt singur"), ("tr", "yalnız değilim"), ("uk", "я не сама"), ("uk", "я не один"),
        ("ar", "لست وحدي"), ("ar", "راني ماشي بوحدي"), ("ar", "ana machi wa7di"),
    ],
)  # fmt: skip
def test_somebody_who_is_not_alone_is_no_longer_noted_as_alone(language: str, text: str) -> None:
    correction = found(language, text)

    assert correction is not None
    assert "isolated" in correction.untold


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "je n'arrive plus à payer"), ("en", "I need help with food"),
        ("es", "al final del mes no me queda nada"), ("es", "no tengo hijos"),
        ("pt", "não tenho filhos"), ("pt", "preciso de roupa"), ("ro", "nu am copii"),
        ("ro", "caut o locuință"), ("tr", "çocuğum yok"), ("tr", "kiram iki ay gecikti"), ("uk", "дітей не маю"),
        ("uk", "шукаю роботу"), ("ar", "ليس عندي أطفال"), ("ar", "ما عنديش ولاد"), ("ar", "bghit nkhdem"),
    ],
)  # fmt: skip
def test_an_ordinary_message_corrects_nothing(language: str, text: str) -> None:
    assert found(language, text) is None
