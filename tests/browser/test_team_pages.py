"""The team pages in Chromium: no barrier that axe can see, no sideways scrolling at 320 px, a note that prints."""

import pytest
from browsing import look_at, served
from fakes import FakeBot
from houses import open_parts
from playwright.sync_api import Page

from passerelle.app.web import build_web

pytestmark = pytest.mark.browser

WIDTHS = (320, 1280)
QUESTION = "quels dispositifs pour une sortie d'hôpital sans domicile à Vitré ?"
SHELTER = "logement-hebergement--rechercher-une-solution-dhebergement-temporaire"


@pytest.fixture
def address(tmp_path):
    bot = FakeBot()
    bot.tell(QUESTION, needs=[SHELTER], entities=["rupture_discharge"])
    parts = open_parts(tmp_path, bot=bot)
    with served(build_web(parts, with_workers=False)) as address:
        yield address
    parts.close()


@pytest.fixture
def open_door(chromium, address):
    """Opens the team's home at that width."""
    contexts = []

    def open_at(width: int) -> Page:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 800}, base_url=address))
        page = contexts[-1].new_page()
        page.goto("/equipe")
        look_at(page)
        page.get_by_role("button", name="Entrer").click()
        page.wait_for_url("**/equipe/accueil")
        look_at(page)
        return page

    yield open_at
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_team_reads_a_situation_and_keeps_its_note(open_door, width):
    page = open_door(width)
    page.get_by_role("navigation").get_by_role("link", name="Lecture collective").click()
    look_at(page)
    page.get_by_label("Commune (nom ou code postal)").fill("Vitré")
    page.get_by_label("Logement", exact=True).select_option("3")
    page.get_by_label("Sortie d’hôpital récente ou proche").check()
    page.get_by_label("Autre 1").first.fill("Mme Kermarrec est seule")
    page.get_by_label("Décision 1").fill("Saisir le SIAO")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("alert").wait_for()
    look_at(page)
    assert page.get_by_label("Autre 1").first.input_value() == ""
    assert page.get_by_label("Décision 1").input_value() == "Saisir le SIAO"

    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("heading", level=1, name="Ressources").wait_for()
    look_at(page)
    page.get_by_role("button", name="Faire la note").click()
    page.get_by_role("heading", level=1, name="Note de lecture collective").wait_for()
    look_at(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger").click()
    assert download.value.suggested_filename.startswith("lecture-collective-")

    page.get_by_role("button", name="Garder pour l’équipe").click()
    page.get_by_text("Gardée pour votre équipe").wait_for()
    look_at(page)
    page.emulate_media(media="print")
    assert not page.locator("header").is_visible()
    assert not page.get_by_role("button", name="Effacer cette note").is_visible()
    assert page.get_by_text("Saisir le SIAO").is_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_professional_asks_the_catalogue(open_door, width):
    page = open_door(width)
    page.get_by_role("navigation").get_by_role("link", name="Question d’un professionnel").click()
    look_at(page)
    page.get_by_label("Votre question").fill(QUESTION)
    page.get_by_role("button", name="Poser la question").click()
    page.get_by_role("heading", name="Dispositifs pour Vitré").wait_for()
    look_at(page)
    assert page.locator("ol.found > li").count() >= 1

    page.get_by_label("Une autre question").fill("un toit à Saint-Denis")
    page.get_by_role("button", name="Poser la question").click()
    page.get_by_role("group", name="De quelle commune").wait_for()
    look_at(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_door_says_a_wrong_code(open_door, width):
    page = open_door(width)
    page.goto("/equipe")
    page.get_by_label("Code de votre équipe").fill("not-the-team-code")
    page.get_by_role("button", name="Entrer").click()
    page.get_by_role("alert").wait_for()

    look_at(page)
