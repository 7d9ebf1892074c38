"""The widget held by the keyboard alone, on the demonstration's pharmacy page."""

import pytest
from live_house import LiveHouse
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.bot, pytest.mark.browser]


def _press_until_focus(page: Page, name: str, most: int = 25) -> None:
    """Tab until what has the focus, shadow roots included, reads so."""
    focused = """() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      if (element === document.body) return "";
      return (element?.getAttribute("aria-label") || element?.textContent || "").trim();
    }"""
    for _ in range(most):
        if name in page.evaluate(focused):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name!r} cannot be reached with the keyboard")


def test_a_conversation_is_held_with_the_keyboard_only(page: Page, house: LiveHouse) -> None:
    """Open, write, choose an answer, close: never a mouse."""
    page.goto("/demonstration/pharmacie")
    launcher = page.locator("passerelle-widget button.launcher").first
    _press_until_focus(page, launcher.inner_text())

    page.keyboard.press("Enter")
    dialog = page.locator("passerelle-widget dialog[open]").first
    expect(dialog).to_be_visible()
    page.keyboard.type("j'ai 2 mois de loyer en retard, j'habite à Vitré")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("aide pour un loyer en retard")

    _press_until_focus(page, "1. oui")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("Devez-vous quitter votre logement")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
