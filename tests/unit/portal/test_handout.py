"""The list handed to a person: on paper in eight languages, as contacts for a telephone, as a table."""

import csv
import datetime
import io
import re

import pytest
from fakes import FakeBot
from houses import open_parts
from starlette.testclient import TestClient

from orientation_catalogue.export.published import Publication
from passerelle.app.web import build_web
from passerelle.foundation.config import Settings
from passerelle.portal.handout import MOST, Handout, Place

CODE = "a-long-team-code"
LANGUAGES = ("fr", "en", "ar", "es", "pt", "uk", "tr", "ro")


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handout")
    parts = open_parts(folder, settings=Settings(var=folder, teams=f"ccas={CODE}"), bot=FakeBot())
    yield parts
    parts.close()


@pytest.fixture(scope="module")
def local(parts) -> str:
    publication = Publication.of(parts.catalogue())
    return next(
        one.service["id"]
        for one in publication.services()
        if one.service.get("telephone") and one.service.get("adresse")
    )


def place(**said) -> Place:
    blank = dict.fromkeys(("name", "said", "phone", "street", "postal_code", "town", "how", "bring", "link"), "")
    return Place(**(blank | {"name": "Maison inventée"} | said))


def handout(parts, *places, language="fr") -> Handout:
    return Handout(places=places, language=language, day=datetime.date(2026, 11, 22), texts=parts.texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_is_printed_in_every_language(parts, local, language):
    printed = parts.hand_out([local, "nat-01"], language).pdf()

    assert printed.startswith(b"%PDF-")
    assert len(printed) > 5_000


def test_a_national_card_is_said_in_the_language_of_the_person(parts):
    french, turkish = (parts.hand_out(["nat-01"], language).places[0] for language in ("fr", "tr"))

    assert french.name == "CCAS, l'aide sociale de votre commune"
    assert turkish.name != french.name
    assert turkish.bring


def test_words_that_typst_would_take_for_orders_are_words(parts):
    printed = handout(
        parts, place(name='#read("/etc/passwd")', said="#eval(1) *a* $x$ @b <c> \\ //", phone="115")
    ).pdf()

    assert printed.startswith(b"%PDF-")


def test_a_contact_is_one_card_whose_signs_cannot_make_another(parts):
    card = handout(
        parts,
        place(
            name="Épicerie; solidaire, la \\ bonne\r\nEND:VCARD", said="x" * 200, phone="+33199000012",
            street="1 rue Inventée", postal_code="35500", town="Vitré", link="https://example.org",
        ),
    ).vcards()  # fmt: skip
    lines = card.split("\r\n")
    whole = card.replace("\r\n ", "")

    assert (lines[0], lines[1], lines[-2], lines[-1]) == ("BEGIN:VCARD", "VERSION:4.0", "END:VCARD", "")
    assert lines.count("END:VCARD") == 1
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "FN:Épicerie\\; solidaire\\, la \\\\ bonne END:VCARD\r\n" in whole
    assert "TEL;VALUE=text:+33199000012\r\n" in whole
    assert "ADR:;;1 rue Inventée;Vitré;;35500;France\r\n" in whole


def test_the_table_runs_nothing_in_a_spreadsheet(parts):
    rows = list(csv.reader(io.StringIO(handout(parts, place(name="=1+1", phone="+33199000012")).table()[1:])))

    assert rows[0][:2] == ["Nom", "Téléphone :"]
    assert rows[1][:2] == ["'=1+1", "01 99 00 00 12"]


def test_what_the_catalogue_does_not_know_is_left_out_and_the_list_stays_short(parts, local):
    ids = [f"nat-{number:02}" for number in range(1, 30)]

    assert [len(parts.hand_out(["nobody", local, local], "fr").places)] == [1]
    assert len(parts.hand_out(ids, "fr").places) == MOST


def test_a_secret_address_is_not_printed(parts):
    offers = parts.catalogue().offers
    secret = [offer.id for offer in offers.values() if offer.complement.confidential_address]
    places = parts.hand_out(secret, "fr").places

    assert places
    assert not any(one.address for one in places)


def test_a_team_picks_the_places_and_the_language_and_gets_the_file(parts, local):
    client = TestClient(build_web(parts, with_workers=False), base_url="http://localhost:8000")
    page = client.post("/equipe", data={"code": CODE})
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)[1]
    asked = {"form_token": token, f"service_{local}": "1", "language": "ar"}
    headers = {"origin": "http://localhost:8000"}
    printed = client.post("/equipe/liste", data=asked | {"form": "pdf"}, headers=headers)
    contacts = client.post("/equipe/liste", data=asked | {"form": "contacts"}, headers=headers)

    assert printed.headers["content-type"] == "application/pdf"
    assert re.fullmatch(r'attachment; filename="dispositifs-[\d-]+\.pdf"', printed.headers["content-disposition"])
    assert contacts.headers["content-type"].startswith("text/vcard")
    assert client.post("/equipe/liste", data=asked | {"form_token": "wrong"}, headers=headers).status_code == 401
