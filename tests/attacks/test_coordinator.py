"""A7: somebody without a coordinator's code, a foreign form, hostile words in the register."""

import re

import pytest
from coordinator_house import CCAS, TEAM_CODE, Coordinator, open_coordinator_parts
from starlette.testclient import TestClient

from passerelle.app.web import build_web

PAGES = (
    "accueil",
    "dispositifs",
    f"dispositif?id={CCAS}",
    f"corriger?id={CCAS}&field=telephone",
    "ajouter",
    "version",
    "historique",
    "territoire",
    "territoire/corriger?kind=desk&line=desk-rennes&field=phone",
    "signalements",
    "import",
    "manques",
)
FORMS = {
    "corriger": {"id": CCAS, "field": "telephone", "value": "01 99 00 12 34"},
    "fermer": {"id": CCAS, "from": "2026-12-24", "to": "", "reason": ""},
    "verifier": {"id": CCAS},
    "retirer": {"id": CCAS},
    "ajouter": {"nom": "x"},
    "annuler": {"number": "1"},
    "version/preparer": {},
    "version/mettre-en-vigueur": {"number": "1"},
    "version/revenir": {},
    "territoire/corriger": {"kind": "desk", "line": "desk-rennes", "field": "phone", "value": "115"},
    "signalements/clore": {"id": CCAS, "kind": "closed", "how": "dismissed"},
}
HOSTILE = '<script>alert(1)</script>=HYPERLINK("http://evil")\'"{{7*7}}'


@pytest.fixture
def parts(tmp_path):
    with open_coordinator_parts(tmp_path) as parts:
        yield parts


@pytest.fixture
def app(parts):
    return build_web(parts, with_workers=False)


def test_no_page_is_read_without_a_code(app):
    client = TestClient(app, base_url="http://localhost:8000")

    assert {page: client.get(f"/coordination/{page}").status_code for page in PAGES} == dict.fromkeys(PAGES, 401)


def test_no_form_acts_without_a_code(app, parts):
    client = TestClient(app, base_url="http://localhost:8000")

    codes = {path: client.post(f"/coordination/{path}", data=form).status_code for path, form in FORMS.items()}

    assert codes == dict.fromkeys(FORMS, 401)
    assert parts.register_changes.history() == ()


def test_a_teams_session_opens_nothing_here_even_under_the_same_name(app):
    """The team and the coordinator are both called camille."""
    client = TestClient(app, base_url="http://localhost:8000")
    client.post("/equipe", data={"code": TEAM_CODE})
    client.cookies.set("coordination", client.cookies["equipe"])

    assert client.get("/coordination/accueil").status_code == 401


def test_a_team_code_is_not_a_coordinators_code(app):
    stranger = Coordinator(app).enters(TEAM_CODE)

    assert stranger.page.status_code == 403


def test_codes_cannot_be_guessed_at_pace(app):
    guesser = Coordinator(app)
    for number in range(20):
        guesser.enters(f"guess-{number}")

    assert guesser.enters("one-more").page.status_code == 429


@pytest.mark.parametrize("token", ["", "x" * 64, "é"])
def test_a_form_of_another_site_changes_nothing(app, parts, token):
    camille = Coordinator(app).enters()
    for path, form in FORMS.items():
        answer = camille.client.post(f"/coordination/{path}", data={**form, "form_token": token})
        assert answer.status_code == 401, path

    assert parts.register_changes.history() == ()
    assert parts.catalogue_versions.list() == ()


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_browser_that_says_the_form_comes_from_elsewhere_is_believed(app, parts, site):
    camille = Coordinator(app).enters()

    answer = camille.client.post(
        "/coordination/retirer",
        data={"id": CCAS, "form_token": camille.token},
        headers={"Sec-Fetch-Site": site},
    )

    assert answer.status_code == 403
    assert parts.register_changes.history() == ()


def test_reading_a_page_changes_nothing(app, parts):
    camille = Coordinator(app).enters()
    for page in PAGES:
        assert camille.client.get(f"/coordination/{page}").status_code == 200, page

    assert parts.register_changes.history() == ()


def test_hostile_words_in_the_register_are_shown_as_words(app):
    camille = Coordinator(app).enters()
    camille.opens("corriger", id=CCAS, field="nom")
    camille.posts("corriger", id=CCAS, field="nom", value=HOSTILE)
    camille.opens("version")
    camille.posts("version/preparer")
    number = re.search(r'name="number" value="(\d+)">\s*<p><button', camille.page.text)[1]
    camille.posts("version/mettre-en-vigueur", number=number)

    pages = [camille.client.get(f"/coordination/{page}").text for page in PAGES]
    pages.append(camille.client.get("/coordination/dispositifs", params={"words": HOSTILE}).text)

    assert [page for page in pages if "<script>" in page] == []
    assert any("&lt;script&gt;alert(1)&lt;/script&gt;=HYPERLINK" in page for page in pages)
    assert all("{{7*7}}" in page for page in pages if "=HYPERLINK" in page)


def test_hostile_words_in_a_search_stay_words(app):
    camille = Coordinator(app).enters()

    camille.opens("dispositifs", words='"><img src=x onerror=alert(1)>', commune=HOSTILE, epci=HOSTILE, need=HOSTILE)

    assert camille.page.status_code == 200
    assert "<img" not in camille.page.text
    assert "<script" not in camille.page.text


def test_the_pages_carry_the_portals_protections(app):
    camille = Coordinator(app).enters()
    camille.opens("accueil")

    assert "default-src 'none'" in camille.page.headers["Content-Security-Policy"]
    assert camille.page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("number", ["", "-1", "²", "9" * 40, "1; DROP TABLE register_change"])
def test_a_number_that_is_none_finds_nothing(app, number):
    camille = Coordinator(app).enters()
    camille.opens("accueil")

    camille.posts("annuler", number=number)

    assert camille.page.status_code == 404
