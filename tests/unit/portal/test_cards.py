"""The national cards, read by anyone in eight languages."""

import re
from pathlib import Path

import pytest
import yaml
from desk_house import all_texts
from fastapi import FastAPI
from fastapi.testclient import TestClient

import orientation_catalogue
from orientation_catalogue.build import build_catalogue
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.territory.places import Places
from passerelle.foundation.config import ROOT
from passerelle.foundation.language import Languages
from passerelle.portal.cards import NationalCards, cards_router
from passerelle.portal.web_pages import Pages
from passerelle.screening.questions import Questionnaire

NATIONAL = Path(orientation_catalogue.__file__).parent / "data" / "national"
CARDS = yaml.load((NATIONAL / "cards.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
LANGUAGES = ("fr", "en", "ar", "es", "pt", "uk", "tr", "ro")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory) -> Catalogue:
    folder = tmp_path_factory.mktemp("catalogue")
    build_catalogue([NATIONAL], folder, places=Places.load())
    return Catalogue.open(folder)


@pytest.fixture(scope="module")
def client(catalogue) -> TestClient:
    app = FastAPI()
    app.include_router(
        cards_router(
            cards=NationalCards(lambda: catalogue, Questionnaire.load()),
            languages=Languages.load(ROOT / "nlu_data"),
            texts=all_texts(),
            pages=Pages.load(all_texts(), demonstration=False),
        )
    )
    return TestClient(app)


def test_the_54_cards_stand_once_each_under_a_domain_of_life(client):
    page = client.get("/fiches").text

    assert sorted(re.findall(r'href="/fiches/(nat-\d\d)\?', page)) == [card["id"] for card in CARDS]
    titles = re.findall(r"<h2[^>]*>([^<]+)</h2>", page)
    assert titles[0] == "Droits et démarches"
    assert titles[-1] == "Entre professionnels"
    assert "Sécurité" in titles


def test_help_for_a_child_in_danger_is_not_among_professionals(client):
    page = client.get("/fiches").text

    assert page.index("/fiches/nat-45") < page.index("Entre professionnels") < page.index("/fiches/nat-17")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_says_everything_in_the_language_of_its_reader(client, language):
    card = CARDS[4]

    page = client.get(f"/fiches/nat-05?langue={language}")

    assert page.status_code == 200
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page.text
    words = re.sub(r"&#39;", "'", page.text)
    for part in ("name", "card", "what_for", "who", "how", "bring", "cost"):
        assert card[part][language] in words, part
    assert 'href="tel:115"' in page.text


def test_a_card_gives_its_official_site_and_the_day_it_was_read(client):
    page = client.get("/fiches/nat-02?langue=en").text

    assert 'href="https://www.france-services.gouv.fr" rel="noreferrer"' in page
    assert "Card last checked on November 22, 2026." in page


def test_every_card_opens_in_every_language(client):
    for card in CARDS:
        for language in LANGUAGES:
            assert client.get(f"/fiches/{card['id']}?langue={language}").status_code == 200


def test_the_languages_are_each_written_in_their_own_name(client):
    page = client.get("/fiches/nat-05?langue=tr").text

    assert re.search(r'href="/fiches/nat-05\?langue=ar" lang="ar" hreflang="ar" dir="rtl">العربية<', page)
    assert re.search(r'langue=tr" lang="tr" hreflang="tr" dir="ltr" aria-current="true">', page)


@pytest.mark.parametrize("address", ["/fiches/nat-99", "/fiches/di--service", "/fiches/nat-%3Cscript%3E"])
def test_an_unknown_card_leads_to_all_the_others(client, address):
    page = client.get(f"{address}?langue=es")

    assert page.status_code == 404
    assert "Esta ficha no existe." in page.text
    assert "/fiches/nat-01?langue=es" in page.text
    assert "<script>" not in page.text


def test_an_unknown_language_is_read_in_french(client):
    assert 'lang="fr" dir="ltr"' in client.get("/fiches?langue=xx").text


def test_the_page_runs_no_script_and_tells_nobody_where_the_reader_came_from(client):
    page = client.get("/fiches/nat-42")

    assert "script" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_local_service_is_no_card(catalogue):
    assert NationalCards(lambda: catalogue, Questionnaire.load()).card("di--1") is None


def test_the_list_follows_the_catalogue_in_force(catalogue):
    in_force = [catalogue]
    cards = NationalCards(lambda: in_force[0], Questionnaire.load())
    assert sum(len(shelf.cards) for shelf in cards.shelves()) == 54

    in_force[0] = Catalogue([], sha256="0" * 64)

    assert cards.shelves() == ()
