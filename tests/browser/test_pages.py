"""The pages in a real Chromium: readable by everyone, on the narrowest phone and on a desk."""

import pytest
from browsing import Phone, is_wider_than_its_window, open_newest_request, serious_faults
from live_house import LiveHouse
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.bot, pytest.mark.browser]

WIDTHS = pytest.mark.parametrize("width", [320, 1280])


@WIDTHS
@pytest.mark.parametrize("address", ["/", "/simulateur", "/sans-javascript", "/boite-aux-lettres", "/bureau"])
def test_a_page_has_no_serious_fault_and_fits_its_window(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})

    page.goto(address)

    assert serious_faults(page) == []
    assert not is_wider_than_its_window(page)


@WIDTHS
def test_the_open_widget_has_no_serious_fault(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/demonstration/pharmacie")
    page.locator("passerelle-widget button.launcher").first.click()
    page.locator("passerelle-widget dialog[open] textarea").first.fill("j'ai 2 mois de loyer en retard à Vitré")
    page.keyboard.press("Enter")
    expect(page.locator("passerelle-widget dialog[open] ul.options button").first).to_be_visible()

    assert serious_faults(page) == []
    assert not is_wider_than_its_window(page)


def test_the_referent_accepts_and_the_telephone_shows_it(page: Page, house: LiveHouse) -> None:
    """From the first SMS to the answer told back, with nothing but the pages of the demonstration."""
    phone = Phone(page, "06 39 98 41 01")
    assert "Prénom : Sam" in phone.goes_to_the_preview()
    assert "C'est envoyé" in phone.sends("OUI")
    desk = page.context.browser.new_context(base_url=house.url).new_page()

    open_newest_request(desk)
    for width in (320, 1280):
        desk.set_viewport_size({"width": width, "height": 900})
        assert serious_faults(desk) == []
        assert not is_wider_than_its_window(desk)
    expect(desk.locator("svg").first).to_be_visible()
    expect(desk.get_by_text("Sam", exact=True)).to_be_visible()
    desk.get_by_role("button", name="J’accepte la demande").click()

    expect(phone.received.last).to_contain_text("a accepté votre demande")
    desk.context.close()


def test_markup_in_a_message_stays_words(page: Page, house: LiveHouse) -> None:
    """What a person writes is never run: not on their phone, not on the référent's page."""
    phone = Phone(page, "06 39 98 41 02")
    markup = "<img src=x onerror=document.title='pris'><script>document.title='pris'</script>"
    phone.sends(f"{markup} loyer")
    expect(page.locator(".bubble.mine .words").last).to_have_text(f"{markup} loyer")

    assert page.locator(".bubble img, .bubble script").count() == 0
    assert page.title() != "pris"


def test_markup_in_a_first_name_stays_words_on_the_referents_page(page: Page, house: LiveHouse) -> None:
    phone = Phone(page, "06 39 98 41 03")
    preview = phone.goes_to_the_preview()
    assert "Prénom : Sam" in preview
    phone.sends("OUI")
    desk = page.context.browser.new_context(base_url=house.url).new_page()

    open_newest_request(desk)

    assert desk.locator("main script, main img").count() == 0
    assert "default-src 'none'" in desk.request.get(desk.url).headers["content-security-policy"]
    desk.context.close()
