"""The coordinator's pages in Chromium: no barrier that axe can see, no sideways scrolling at 320 px."""

import pytest
from browsing import look_at, served
from coordinator_house import CCAS, CODE, open_coordinator_parts
from playwright.sync_api import Page

from passerelle.app.web import build_web
from passerelle.handoff.reports import record_report

pytestmark = pytest.mark.browser

WIDTHS = (320, 1280)
PAGES = (
    "accueil",
    "dispositifs",
    f"dispositif?id={CCAS}",
    f"corriger?id={CCAS}&field=horaires_accueil",
    f"corriger?id={CCAS}&field=thematiques",
    "ajouter",
    "version",
    "historique",
    "territoire",
    "territoire/corriger?kind=instance&line=instance-rennes&field=members",
    "signalements",
    "import",
    "manques",
)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with open_coordinator_parts(tmp_path_factory.mktemp("coordinator")) as parts:
        with parts.database.write() as session:
            record_report(session, service=CCAS, kind="wrong_number", told_by="resident", day=parts.clock.now().date())
        with served(build_web(parts, with_workers=False)) as address:
            yield address


@pytest.fixture
def open_register(chromium, address):
    """Opens the coordinator's home at that width."""
    contexts = []

    def open_at(width: int) -> Page:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 800}, base_url=address))
        page = contexts[-1].new_page()
        page.goto("/coordination")
        look_at(page)
        page.get_by_label("Votre code").fill(CODE)
        page.get_by_role("button", name="Entrer").click()
        page.wait_for_url("**/coordination/accueil")
        return page

    yield open_at
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_of_the_coordinator_can_be_read_by_everybody(open_register, width):
    page = open_register(width)
    for address in PAGES:
        page.goto(f"/coordination/{address}")
        look_at(page)


def test_a_coordinator_corrects_prepares_looks_and_puts_in_force(open_register):
    page = open_register(1280)
    page.get_by_role("navigation").get_by_role("link", name="Dispositifs").click()
    page.get_by_label("Mots du nom").fill("ccas rennes")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="Accueil social du CCAS de démonstration de Rennes").click()
    page.get_by_role("link", name="Corriger : Téléphone", exact=True).click()
    page.get_by_label("Téléphone").fill("zéro")
    page.get_by_role("button", name="Garder la correction").click()
    page.get_by_text("Ce n’est pas un numéro de téléphone.").wait_for()
    look_at(page)
    assert page.get_by_label("Téléphone").input_value() == "zéro"
    page.get_by_label("Téléphone").fill("01 99 00 12 34")
    page.get_by_role("button", name="Garder la correction").click()
    page.get_by_text("Sera remplacé à la prochaine version par").wait_for()

    page.get_by_label("Premier jour de fermeture").fill("2026-12-24")
    page.get_by_role("button", name="Fermer ces jours-là").click()
    page.get_by_role("heading", name="Historique").wait_for()
    look_at(page)

    page.get_by_role("navigation").get_by_role("link", name="Mise en vigueur").click()
    page.get_by_role("button", name="Préparer une version").click()
    page.get_by_role("heading", name="Une version est prête").wait_for()
    look_at(page)
    page.get_by_role("button", name="Mettre cette version en vigueur").click()
    page.get_by_text("Changements qui attendent : 0").wait_for()
    look_at(page)

    page.get_by_role("navigation").get_by_role("link", name="Historique").click()
    look_at(page)
    page.get_by_role("button", name="Annuler le changement").first.click()
    page.get_by_text("Annulé par camille").first.wait_for()
    look_at(page)


def test_a_form_with_faults_can_be_read_by_everybody(open_register):
    page = open_register(320)
    page.goto("/coordination/ajouter")
    page.get_by_label("Structure", exact=True).fill("Association des voisins")
    page.get_by_label("Commune (nom ou code postal)").fill("Saint-Denis")
    page.get_by_label("Les habitants de la commune").check()
    page.get_by_role("button", name="Ajouter").click()
    page.get_by_role("alert").wait_for()
    look_at(page)
