"""Communes written in Arabic and Cyrillic letters are found; ordinary words are not taken for communes."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from orientation_catalogue.territory.places import Places

NLU_DATA = Path(__file__).parents[4] / "nlu_data"
PLACES = Places.load()


def found(text: str, *, answering: bool = False) -> list[str]:
    return [PLACES.name(match.code) for match in PLACES.find(text, answering=answering)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("أسكن في باريس", "Paris"), ("ساكن فباريس", "Paris"), ("من مرسيليا", "Marseille"), ("تولوز", "Toulouse"),
        ("ساكنة فليل", "Lille"), ("نعيش فالهافر", "Le Havre"), ("سان نازير", "Saint-Nazaire"),
        ("في مدينة كيمبير", "Quimper"), ("أسكن في فوجير", "Fougères"),
        ("Париж", "Paris"), ("живу під Парижем", "Paris"), ("приїхали з Марселя", "Marseille"),
        ("у Страсбурзі", "Strasbourg"), ("живу в Ліоні з дітьми", "Lyon"), ("из Лиона", "Lyon"),
        ("в Сен-Назері", "Saint-Nazaire"), ("живемо у Монлюсоні", "Montluçon"), ("мешкаю в Лан'йоні", "Lannion"),
    ],
)  # fmt: skip
def test_a_town_is_found_in_the_letters_of_the_person(text: str, name: str) -> None:
    assert found(text)[:1] == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("باريس 18", "Paris 18e Arrondissement"), ("باريس، الدائرة ١٨", "Paris 18e Arrondissement"),
        ("Париж, 18 округ", "Paris 18e Arrondissement"), ("ليون ٦٩٠٠٣", "Lyon 3e Arrondissement"),
        ("٣٥٢٤٠", "Retiers"),
    ],
)  # fmt: skip
def test_an_arrondissement_and_a_postal_code_are_read_beside_them(text: str, name: str) -> None:
    assert name in found(text)


def test_a_departement_decides_between_homonyms() -> None:
    assert len(found("سان دوني")) > 1
    assert [match.code for match in PLACES.find("سان دوني 93")] == ["93066"]
    assert [match.code for match in PLACES.find("Сен-Дені 93")] == ["93066"]


@pytest.mark.parametrize(
    "text",
    [
        "كان عندي مشكل", "في الليل ما ننعسش", "لا بأس", "ميرسي", "ساكنة عند ناس", "أليس كذلك", "فرانس ترافاي",
        "أسكن في شارع باريس", "живу в селі без машини", "живемо з мамою", "я українка", "так", "нет", "поки що ні",
        "живемо в кемпері на паркінгу", "живу на вулиці Паризькій", "мені потрібна їжа", "до лікаря далеко",
    ],
)  # fmt: skip
def test_an_ordinary_message_names_no_commune(text: str) -> None:
    assert found(text) == []


def test_hardly_an_ordinary_message_is_given_a_commune() -> None:
    """The training messages of needs, which name a commune now and then: less than one in a hundred gets one."""
    for language in ("ar", "uk"):
        messages = yaml.load((NLU_DATA / language / "needs.yml").read_text("utf-8"), Loader=yaml.CSafeLoader)
        named = [message["text"] for message in messages if found(message["text"])]

        assert len(named) <= 0.01 * len(messages), named


def test_every_usual_form_is_that_of_a_commune() -> None:
    listed = yaml.safe_load(
        (Path(__file__).parents[4] / "orientation_catalogue/data/other_letters.yaml").read_text("utf-8")
    )
    known = {PLACES.name(code) for codes in PLACES.names.values() for code in codes}

    assert set(listed["usual"]) <= known
    assert [form for forms in listed["usual"].values() for form in forms if not found(form, answering=True)] == []


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet="абвгґдежзиійклмнопрстуфхцчшщьюяأابتجدرزسشصطغفقكلمنهوي '-0123456789", max_size=60))
def test_no_text_in_other_letters_makes_the_search_fail(text: str) -> None:
    assert all(PLACES.knows_zone(match.code) for match in PLACES.find(text, answering=True))
