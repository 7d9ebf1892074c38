"""What every page of the portal keeps to: one h1, a way past the header, labels, no script."""

import re

import pytest
from desk_house import BACKUP

from passerelle.handoff.states import LINK_LASTS


@pytest.fixture
def pages(house):
    """Every page once, by a name."""
    request, token = house.transmit()
    _, second = house.transmit()
    shown = {
        "start": house.client.get("/"),
        "mailbox": house.client.get("/boite-aux-lettres"),
        "link": house.client.get(f"/demande/{token}"),
        "unknown": house.client.get("/demande/unknown"),
        "closed": house.client.get("/bureau"),
        "request": house.enter(token),
        "list": house.client.get("/bureau"),
    }
    shown["no reason"] = house.answer(request, "refuser", page=shown["request"])
    shown["foreign form"] = house.client.post(f"/bureau/demandes/{request}/accepter")
    house.answer(request, "accepter", page=shown["request"])
    shown["accepted"] = house.client.get(f"/bureau/demandes/{request}")
    shown["already"] = house.answer(request, "accepter", page=shown["request"])
    shown["bad form"] = house.client.post("/bureau/sortir", content=b"a=1&a=2")
    with house.database.write() as session:
        house.requests.withdraw_all(session, house.conversation)
    shown["withdrawn"] = house.client.get(f"/bureau/demandes/{request}")
    shown["left"] = house.client.post("/bureau/sortir", data={"form_token": _form_token(shown["list"])})
    house.clock.moment += LINK_LASTS
    shown["expired"] = house.client.get(f"/demande/{second}")
    shown["renewed"] = house.client.post(f"/demande/{second}/nouveau-lien")
    return shown


def test_every_page_can_be_walked_by_keyboard_and_ear(pages):
    for name, page in pages.items():
        html = page.text
        assert len(re.findall("<h1", html)) == 1, name
        assert '<html lang="fr"' in html, name
        assert re.search(r"<title>[^<]+ – Passerelle</title>", html), name
        assert html.index('class="skip" href="#contenu"') < html.index('<main id="contenu" tabindex="-1"'), name


def test_no_page_runs_a_script_or_styles_in_line(pages):
    for name, page in pages.items():
        assert not re.search(r"<script|\son\w+=|\sstyle=|javascript:", page.text), name


def test_every_visible_field_has_its_label(pages):
    for name, page in pages.items():
        for field in re.findall(r"<(?:input|select|textarea)[^>]*>", page.text):
            if 'type="hidden"' not in field:
                own = re.search(r' id="([^"]+)"', field)
                beside = own and re.search(rf'<label for="{own[1]}">\S', page.text)
                assert beside or re.search(rf"<label[^>]*>{re.escape(field)} \S", page.text), name


def test_no_id_is_used_twice(pages):
    for name, page in pages.items():
        ids = re.findall(r'\sid="([^"]+)"', page.text)
        assert len(ids) == len(set(ids)), name


def test_the_pages_are_the_expected_ones(pages):
    assert {name: page.status_code for name, page in pages.items() if page.status_code != 200} == {
        "unknown": 404,
        "closed": 401,
        "no reason": 422,
        "foreign form": 403,
        "already": 409,
        "bad form": 400,
        "expired": 410,
    }


def test_the_styles_are_served(house):
    for path in ("/portail/portal.css", "/static/passerelle.css"):
        assert house.client.get(path).status_code == 200


def test_the_recipients_names_are_those_of_the_request(house):
    """A backup sees for whom the person agreed."""
    request, _ = house.transmit()
    with house.database.write() as session:
        token = house.links.make(session, request, BACKUP)

    assert "CCAS de démonstration de Rennes" in house.enter(token).text


def _form_token(page) -> str:
    return re.search(r'name="form_token" value="([^"]+)"', page.text).group(1)
