"""The partner's form in Chromium: no barrier that axe can see, no sideways scroll, on a phone and at a counter."""

import socket

import pytest
from browsing import look_at, served
from fakes import FakeSender, FixedClock
from houses import drain, open_parts
from playwright.sync_api import Page, expect
from sqlalchemy import select

from passerelle.app.web import build_web
from passerelle.channels.observation_pages import PATH
from passerelle.conversation.tables import ObservationRow
from passerelle.foundation.config import Settings
from passerelle.foundation.database import table_of

pytestmark = pytest.mark.browser

WIDTHS = (320, 1280)


@pytest.fixture
def port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def parts(tmp_path, port):
    # Posts are taken from the address the deployment is known by.
    settings = Settings(var=tmp_path, public_url=f"http://localhost:{port}")
    made = open_parts(
        tmp_path, settings=settings, clock=FixedClock(), senders={"sms": FakeSender(), "email": FakeSender()}
    )
    yield made
    made.close()


@pytest.fixture
def address(parts, port):
    with served(build_web(parts, with_workers=False), port) as address:
        yield address


@pytest.fixture
def open_form(chromium, address):
    """Opens the form at that width, in that language."""
    contexts = []

    def open_at(width: int, language: str = "fr") -> Page:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 800}, base_url=address))
        contexts[-1].set_default_timeout(60_000)
        page = contexts[-1].new_page()
        page.goto(f"{PATH}?lang={language}")
        look_at(page)
        return page

    yield open_at
    for context in contexts:
        context.close()


def fill(page: Page, *, role: str = "Pharmacie ou commerce") -> None:
    """What a pharmacist types in two minutes."""
    page.get_by_label(role).check()
    page.get_by_label("Votre structure").fill("Pharmacie des Quatre-Vents")
    page.get_by_label("Sa commune").fill("Vitré")
    page.get_by_label("un loyer en retard").check()
    page.get_by_label("Oui, cette semaine").check()
    page.get_by_label("Le téléphone portable de la personne").fill("06 39 98 00 01")


def kept(parts):
    with parts.database.read() as session:
        return session.execute(select(table_of(ObservationRow))).all()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_pharmacist_says_what_was_seen_and_the_person_is_asked(open_form, parts, width):
    page = open_form(width)
    fill(page)

    page.get_by_role("button", name="Demander son accord par SMS").click()

    look_at(page)
    expect(page.get_by_role("status")).to_contain_text("Elle seule décide")
    assert [row.role for row in kept(parts)] == ["pharmacy"]
    drain(parts)
    assert [notice.recipient for notice in parts.senders["sms"].taken] == ["+33639980001"]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_hospital_announces_a_discharge(open_form, parts, width):
    page = open_form(width)
    fill(page, role="Hôpital ou urgences")
    page.locator("#leaving").fill("2026-11-25")

    page.get_by_role("button", name="Demander son accord par SMS").click()

    look_at(page)
    assert [row.role for row in kept(parts)] == ["hospital"]


@pytest.mark.parametrize("width", WIDTHS)
def test_what_must_be_corrected_is_said_at_the_top_and_at_its_field(open_form, parts, width):
    page = open_form(width)
    fill(page)
    page.locator("#phone").fill("01 99 00 00 01")
    page.locator("#leaving").fill("2026-11-25")

    page.get_by_role("button", name="Demander son accord par SMS").click()

    look_at(page)
    expect(page.get_by_role("alert").locator("li")).to_have_count(2)
    expect(page.locator("#phone")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#leaving")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Votre structure")).to_have_value("Pharmacie des Quatre-Vents")
    assert kept(parts) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_danger_is_answered_on_the_page_and_nothing_is_sent(open_form, parts, width):
    page = open_form(width)
    fill(page)
    page.locator("#words").fill("Elle dit qu'elle veut mourir ce soir")

    page.get_by_role("button", name="Demander son accord par SMS").click()

    look_at(page)
    expect(page.get_by_role("alert")).to_contain_text("3114")
    assert kept(parts) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_form_reads_from_right_to_left_in_arabic(open_form, width):
    page = open_form(width, "ar")

    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    box = page.locator("#organisation").bounding_box()
    label = page.locator("label[for=organisation]").bounding_box()
    assert box["x"] + box["width"] == pytest.approx(label["x"] + label["width"], abs=40)
