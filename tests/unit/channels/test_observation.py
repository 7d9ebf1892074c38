"""The partner's form: two minutes, no script, a danger answered at once, nothing said of the person."""

import html
import re
from datetime import date

import httpx2
import pytest
from houses import Resident, drain, open_parts
from sqlalchemy import select

from passerelle.app.web import build_web
from passerelle.channels.observation_pages import PATH
from passerelle.conversation.tables import ConversationRow, ObservationRow
from passerelle.foundation.config import Settings
from passerelle.foundation.database import table_of

OWN = "http://localhost:8000"
RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
VIOLENCE = "famille--surmonter-conflits-separation-violence"
FILLED = {
    "role": "pharmacy",
    "organisation": "Pharmacie des Quatre-Vents",
    "commune": "Vitré",
    "need": RENT,
    "deadline": "week",
    "words": "",
    "leaving": "",
    "phone": "06 39 98 00 01",
    "language": "fr",
}


@pytest.fixture
async def site(sqlite_parts):
    app = build_web(sqlite_parts, with_workers=False)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=OWN) as client:
        yield client


async def send(site, origin=OWN, **changed):
    return await site.post(PATH, data=FILLED | changed, headers={"Origin": origin})


def rows(parts, table):
    with parts.database.read() as session:
        return session.execute(select(table_of(table))).all()


async def test_the_form_runs_no_script_and_labels_every_field(site):
    page = await site.get(PATH)

    assert page.status_code == 200
    assert "<script" not in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    ids = re.findall(r'<(?:input|textarea|select) id="(\w+)"', page.text)
    assert [name for name in ids if f'for="{name}"' not in page.text] == []


@pytest.mark.parametrize("language", ["en", "ar", "uk"])
async def test_the_form_is_read_in_the_partners_language(site, language):
    page = await site.get(PATH, params={"lang": language})

    assert f'<html lang="{language}"' in page.text
    assert "Dire ce que" not in page.text


async def test_a_filled_form_asks_the_person_by_sms(site, sqlite_parts):
    page = await send(site)
    drain(sqlite_parts)

    assert page.status_code == 200
    assert "Elle seule décide" in html.unescape(page.text)
    assert [notice.recipient for notice in sqlite_parts.senders["sms"].taken] == ["+33639980001"]
    assert "loyer" not in sqlite_parts.senders["sms"].texts[0]


async def test_of_the_partner_only_role_and_organisation_are_kept(site, sqlite_parts):
    await send(site, name="Josiane Dupont", email="josiane@example.org")

    (row,) = rows(sqlite_parts, ObservationRow)
    assert (row.role, row.organisation) == ("pharmacy", "Pharmacie des Quatre-Vents")
    assert set(row._fields) == {"id", "conversation", "role", "organisation", "facts", "state", "made_at", "erase_at"}


async def test_what_was_observed_is_sealed(site, sqlite_parts):
    await send(site, words="Le frigo est vide")

    (row,) = rows(sqlite_parts, ObservationRow)
    assert b"frigo" not in row.facts
    assert b"loyer" not in row.facts


async def test_a_danger_is_answered_at_once_and_nothing_is_kept_nor_sent(site, sqlite_parts):
    page = await send(site, words="Elle dit qu'elle veut mourir ce soir")

    assert "3114" in page.text
    assert "mourir ce soir" not in page.text
    assert rows(sqlite_parts, ObservationRow) == rows(sqlite_parts, ConversationRow) == []


async def test_violence_is_not_reported_to_a_phone_that_may_be_read(site, sqlite_parts):
    assert VIOLENCE not in (await site.get(PATH)).text

    page = await send(site, need=VIOLENCE)

    assert page.status_code == 422
    assert rows(sqlite_parts, ObservationRow) == []


async def test_a_sentence_about_health_is_not_kept_and_the_partner_is_told(site, sqlite_parts):
    page = await send(site, words="Quelle dose de doliprane doit-elle prendre ?")

    assert "parlait de santé" in page.text
    (row,) = rows(sqlite_parts, ObservationRow)
    assert "doliprane" not in sqlite_parts.keys.open(row.conversation, row.facts)


async def test_names_and_numbers_in_the_sentence_are_masked(site, sqlite_parts):
    await send(site, words="Appeler le 06 39 98 12 34, elle n'ouvre plus son courrier")

    (row,) = rows(sqlite_parts, ObservationRow)
    assert "06 39 98 12 34" not in sqlite_parts.keys.open(row.conversation, row.facts)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"role": "king"}, "Dites qui vous êtes"),
        ({"organisation": "  "}, "nom de votre structure"),
        ({"commune": "Nullepartville"}, "pas connue"),
        ({"need": ""}, "Cochez de 1 à 6"),
        ({"need": "not-a-need"}, "Cochez de 1 à 6"),
        ({"phone": "01 99 00 00 01"}, "téléphone portable"),
        ({"phone": "quarante-deux"}, "téléphone portable"),
        ({"leaving": "2026-11-25"}, "seulement pour un hôpital"),
        ({"role": "hospital", "leaving": "2029-01-01"}, "Cette date ne va pas"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_filled_in_stays(site, sqlite_parts, changed, told):
    page = await send(site, **changed)

    assert page.status_code == 422
    assert told in html.unescape(page.text)
    assert 'value="Pharmacie des Quatre-Vents"' in page.text or "organisation" in changed
    assert rows(sqlite_parts, ObservationRow) == []


async def test_places_of_one_name_are_offered_to_choose(site, sqlite_parts):
    page = await send(site, commune="35500")
    code = re.search(r'name="place" value="(\w+)"', page.text)

    assert code is not None
    assert (await send(site, commune="35500", place=code[1])).status_code == 200


async def test_a_hospital_says_when_the_person_leaves(site, sqlite_parts):
    await send(site, role="hospital", leaving=date(2026, 11, 25).isoformat())

    (row,) = rows(sqlite_parts, ObservationRow)
    assert '["leaving", "2026-11-25"]' in sqlite_parts.keys.open(row.conversation, row.facts)


async def test_the_page_says_the_same_whether_the_number_is_known_or_has_written_stop(site, resident_said_stop):
    assert "Elle seule décide" in html.unescape((await send(site)).text)


@pytest.fixture
def resident_said_stop(sqlite_parts):
    Resident(sqlite_parts).says("STOP")


async def test_a_form_posted_from_elsewhere_is_refused(site):
    assert (await send(site, origin="https://elsewhere.example")).status_code == 403


async def test_markup_in_the_form_stays_words(site):
    page = await send(site, organisation="<script>alert(1)</script>", phone="x")

    assert "<script" not in page.text


def _real(tmp_path, code):
    return Settings(
        var=tmp_path, demonstration=False, secret="s" * 32, twilio_tokens="t" * 32, partner_code=code, public_url=OWN
    )


async def _answer(tmp_path, expected, **changed):
    app = build_web(open_parts(tmp_path, settings=_real(tmp_path, expected)), with_workers=False)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=OWN) as client:
        return (await client.get(PATH)).status_code, await send(client, **changed)


async def test_outside_the_demonstration_the_form_is_closed_without_a_code(tmp_path):
    seen, sent = await _answer(tmp_path, "")

    assert (seen, sent.status_code) == (404, 404)


@pytest.mark.parametrize(("typed", "status"), [("", 422), ("wrong", 422), ("le-bon-code", 200)])
async def test_outside_the_demonstration_the_code_of_the_partners_is_asked(tmp_path, typed, status):
    seen, sent = await _answer(tmp_path, "le-bon-code", code=typed)

    assert (seen, sent.status_code) == (200, status)
    assert "le-bon-code" not in sent.text
