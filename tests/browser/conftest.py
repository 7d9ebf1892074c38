"""A real Chromium in front of a Passerelle that really serves."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from live_house import LiveHouse, open_live_house
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"

#: A page that never answers must not hold the run.
_PATIENCE_MS = 20_000


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, real_bot: SimpleNamespace) -> Iterator[LiveHouse]:
    """The house the pages come from."""
    with open_live_house(tmp_path_factory.mktemp("browser"), real_bot) as opened:
        yield opened


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    if not Path(CHROMIUM).exists():
        pytest.fail("There is no Chromium: scripts/test-machine.sh installs one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, house: LiveHouse) -> Iterator[Page]:
    """A fresh browser, wide as a desk; an error of a page's script fails its test."""
    context = chromium.new_context(
        base_url=house.url, viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce"
    )
    context.set_default_timeout(_PATIENCE_MS)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []
