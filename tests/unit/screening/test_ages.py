"""Ages heard in free text: the person's own, or somebody else's, never a duration."""

from pathlib import Path

import pytest

from passerelle.screening.ages import AgeReader, Ages, age_group
from passerelle.screening.answers import AnswerWords

NLU_DATA = Path(__file__).parents[3] / "nlu_data"
READER = AgeReader.load(NLU_DATA, AnswerWords.load(NLU_DATA))


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("j'ai 14 ans", 14), ("jai 14 ans et je suis dehors", 14), ("J'ai quatorze ans", 14),
        ("j'ai bientôt 62 ans", 62),
        ("je suis âgée de 71 ans", 71), ("35 ans, seul, Creil", 35), ("femme 35 ans", 35), ("mon âge est 40 ans", 40),
        ("i am 14", 14), ("I'm 14 years old", 14), ("i am seventy two years old", 72), ("aged 35, alone", 35),
        ("tengo 14 años", 14), ("tengo treinta y dos años", 32), ("tenho 14 anos", 14), ("tenho vinte e um anos", 21),
        ("мені 14 років", 14), ("Мені сорок п'ять років", 45), ("мне 35 лет", 35),
        ("14 yaşındayım", 14), ("on iki yaşındayım", 12), ("yaşım 40", 40),
        ("am 14 ani", 14), ("am 35 de ani", 35), ("am treizeci de ani", 30),
        ("عمري 14 سنة", 14), ("عندي 14 عام", 14), ("عمري خمسة وعشرين سنة", 25), ("3omri 35 3am", 35),
        ("3andi 14 3am", 14),
    ],
)  # fmt: skip
def test_the_person_says_their_own_age(text: str, age: int) -> None:
    assert READER.read(text) == Ages(own=age)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("ma mère a 82 ans", 82), ("ma mère, 82 ans, ne sort plus", 82), ("mon voisin a quatre-vingt-dix ans", 90),
        ("elle a 82 ans", 82), ("mon fils de 4 ans", 4), ("une dame de 78 ans", 78), ("my mother is 82", 82),
        ("she is 82 years old", 82), ("mi madre tiene 82 años", 82), ("a minha mãe tem 82 anos", 82),
        ("мамі 82 роки", 82), ("моїй мамі 82 роки", 82), ("annem 82 yaşında", 82), ("mama are 82 de ani", 82),
        ("أمي عمرها 82 سنة", 82), ("ماما عندها 82 عام", 82), ("mama 3omrha 82 3am", 82),
    ],
)  # fmt: skip
def test_the_age_of_another_is_not_the_person_s(text: str, age: int) -> None:
    assert READER.read(text) == Ages(other=age)


@pytest.mark.parametrize(
    "text",
    [
        "depuis 3 ans", "j'ai 3 ans de loyers en retard", "il y a 5 ans", "ça fait 10 ans", "un bail de 3 ans",
        "un contrato de 3 años", "um contrato de 3 anos",
        "j'ai 10 ans d'ancienneté", "j'ai 2 enfants", "je suis là depuis 12 ans", "i am 2 months late",
        "i have lived here for 10 years", "i'm 3 weeks pregnant", "tengo 3 años de atraso", "hace 5 años",
        "vivo aqui há 10 anos", "живу тут 10 років", "5 yıl önce", "de 3 ani", "منذ 10 سنوات", "عندي 5 سنين في فرنسا",
        "j'ai 999 ans", "", "i am 1 of them", "j'ai moins de 15 ans", "entre 18 et 25 ans",
    ],
)  # fmt: skip
def test_a_duration_is_no_age(text: str) -> None:
    assert READER.read(text) == Ages()


def test_both_may_be_said() -> None:
    assert READER.read("j'ai 50 ans et ma mère a 82 ans") == Ages(own=50, other=82)


@pytest.mark.parametrize(
    ("age", "code"),
    [(4, "under_15"), (14, "under_15"), (15, "15_17"), (18, "18_25"), (25, "18_25"), (26, "26_59"), (60, "60_or_over")],
)
def test_an_age_is_one_of_the_answers_of_p2(age: int, code: str) -> None:
    assert age_group(age) == code
