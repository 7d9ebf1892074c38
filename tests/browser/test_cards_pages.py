"""The national cards in Chromium: no barrier that axe can see, no sideways scrolling at 320 px, in both directions."""

import pytest
from browsing import is_wider_than_its_window, serious_faults, served
from desk_house import all_texts
from fastapi import FastAPI
from playwright.sync_api import expect

from orientation_catalogue.build import build_catalogue
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.territory.places import Places
from passerelle.channels.web_pages import static_files
from passerelle.foundation.config import ROOT
from passerelle.foundation.language import Languages
from passerelle.portal.cards import NationalCards, cards_router
from passerelle.portal.web_pages import Pages, portal_files
from passerelle.screening.questions import Questionnaire

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("catalogue")
    build_catalogue([ROOT / "orientation_catalogue" / "data" / "national"], folder, places=Places.load())
    catalogue = Catalogue.open(folder)
    app = FastAPI()
    app.include_router(
        cards_router(
            cards=NationalCards(lambda: catalogue, Questionnaire.load()),
            languages=Languages.load(ROOT / "nlu_data"),
            texts=all_texts(),
            pages=Pages.load(all_texts(), demonstration=True),
        )
    )
    app.mount("/static", static_files())
    app.mount("/portail", portal_files())
    with served(app) as address:
        yield address


@pytest.fixture(params=[320, 1280])
def page(request, chromium, address):
    context = chromium.new_context(viewport={"width": request.param, "height": 800}, base_url=address)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", ["fr", "ar", "uk"])
def test_a_reader_goes_from_the_list_to_a_card_and_changes_language(page, language):
    page.goto(f"/fiches?langue={language}")
    assert serious_faults(page) == []
    assert not is_wider_than_its_window(page)

    page.locator('a[href^="/fiches/nat-15"]').click()
    assert serious_faults(page) == []
    assert not is_wider_than_its_window(page)
    expect(page.locator("h1")).to_have_count(1)

    page.get_by_role("link", name="Română", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "ro")
    expect(page.locator("h1")).to_have_text("Serviciul de autonomie al departamentului")


def test_a_number_is_called_by_a_touch(page):
    page.goto("/fiches/nat-45")

    expect(page.get_by_role("link", name="119", exact=True)).to_have_attribute("href", "tel:119")
