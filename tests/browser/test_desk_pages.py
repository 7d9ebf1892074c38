"""The portal's pages in Chromium: no barrier that axe can see, no sideways scrolling at 320 px, keyboard only."""

import pytest
from browsing import look_at, served
from desk_house import open_desk_house
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WIDTHS = (320, 1280)


@pytest.fixture
def house(tmp_path):
    with open_desk_house(tmp_path) as house:
        yield house


@pytest.fixture
def address(house):
    with served(house.app) as address:
        yield address


@pytest.fixture
def open_page(chromium, address):
    """Opens a page of that width; at the end, its console must have stayed silent."""
    said, contexts = [], []

    def open_at(width: int) -> Page:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 800}, base_url=address))
        page = contexts[-1].new_page()
        page.on("console", lambda message: said.append(message.text))
        return page

    yield open_at
    for context in contexts:
        context.close()
    # A page refused by its status is expected; anything else is a broken style, script or policy.
    assert [line for line in said if "server responded with a status of 4" not in line] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_referent_goes_from_the_link_to_the_help_given(house, open_page, width):
    request, token = house.transmit()
    page = open_page(width)

    page.goto(f"/demande/{token}")
    look_at(page)
    page.get_by_role("button", name="Ouvrir la demande").click()
    page.wait_for_url(f"**/bureau/demandes/{request}")
    look_at(page)
    assert page.get_by_role("img", name="Graphique de gradation").is_visible()
    page.get_by_role("button", name="J’accepte la demande").click()
    page.get_by_text("Cette demande est acceptée").wait_for()
    look_at(page)
    page.get_by_role("button", name="L’aide est faite").click()
    page.get_by_text("Vous avez dit que l’aide est faite").wait_for()
    page.get_by_role("link", name="Mes demandes").click()
    page.wait_for_url("**/bureau")
    look_at(page)
    page.get_by_role("button", name="Sortir").click()
    page.get_by_role("heading", name="Vous êtes sorti du bureau").wait_for()
    look_at(page)

    assert house.state(request) == "fait_service"
    assert page.context.cookies() == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_referent_refuses_by_keyboard_only(house, open_page, width):
    request, token = house.transmit()
    page = open_page(width)
    page.goto(f"/demande/{token}")
    page.get_by_role("button", name="Ouvrir la demande").press("Enter")
    page.wait_for_url(f"**/bureau/demandes/{request}")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    _tab_to(page, "SUMMARY")
    page.keyboard.press("Enter")
    look_at(page)
    _tab_to(page, "INPUT")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "BUTTON")
    page.keyboard.press("Enter")
    page.get_by_text("Cette demande est refusée").wait_for()

    assert house.news() == [f"refused:{request}"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/", "/boite-aux-lettres", "/bureau", "/demande/unknown"])
def test_the_pages_around_the_desk(house, open_page, width, path):
    house.mailbox._keep("ccas@example.org", "Une demande", "Ouvrir :\nhttp://localhost:8000/demande/" + "x" * 43)
    page = open_page(width)

    page.goto(path)

    look_at(page)


def test_a_printed_request_keeps_the_summary_and_the_drawing_only(house, open_page):
    _, token = house.transmit()
    page = open_page(1280)
    page.goto(f"/demande/{token}")
    page.get_by_role("button", name="Ouvrir la demande").click()
    page.get_by_text("Ce que la personne vous dit").wait_for()

    page.emulate_media(media="print")

    assert not page.locator("header").is_visible()
    assert not page.get_by_role("button").first.is_visible()
    assert page.get_by_text("Sam").is_visible()
    assert page.locator("svg").is_visible()


def _tab_to(page: Page, tag: str) -> None:
    """Press Tab until an element of that kind has the focus, seen by the eye each time."""
    for _ in range(15):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]"
        )
        assert focused[1] != "none"
        if focused[0] == tag:
            return
    raise AssertionError(f"no {tag} can be reached by Tab")
