"""A partner's page keeps its token for some minutes: nothing that was answered, asked or proposed can be read again."""

import html
import re
from uuid import uuid4

import httpx2
import pytest
from houses import drain
from sqlalchemy import select

from passerelle.app.web import build_web
from passerelle.conversation.news import put_news
from passerelle.conversation.tables import ConversationRow
from passerelle.conversation.web import READ_ALOUD
from passerelle.foundation.database import table_of

OWN = "http://localhost:8000"
STORY = "je ne peux plus payer mon loyer à Vitré"
RENT = "logement-hebergement--reduire-les-impayes-de-loyer"


class Page:
    """A widget, or somebody who took its token."""

    def __init__(self, client, parts, role):
        self.client, self.parts, self.role, self.token = client, parts, role, ""

    async def call(self, method, path, **more):
        headers = {"Origin": OWN, "Authorization": f"Bearer {self.token}"}
        answer = await self.client.request(method, path, headers=headers, **more)
        self.token = answer.json().get("token", self.token)
        return answer

    async def begin(self, **more):
        await self.call("POST", "/widget/conversations", json={"site": "demo", "role": self.role} | more)
        return self

    async def say(self, text, id=None):
        await self.call("POST", "/widget/messages", json={"id": id or str(uuid4()), "text": text})
        drain(self.parts)

    async def read(self, after=0):
        return (await self.call("GET", f"/widget/messages?after={after}")).json()

    async def words(self, after=0):
        return "\n".join(message["text"] for message in (await self.read(after))["messages"])


@pytest.fixture
async def client(parts, bot):
    bot.tell(STORY, needs=[RENT])
    transport = httpx2.ASGITransport(app=build_web(parts, with_workers=False))
    async with httpx2.AsyncClient(transport=transport, base_url=OWN) as client:
        yield client


@pytest.fixture
async def partner(client, parts):
    return await Page(client, parts, "partner").begin()


async def test_the_step_at_hand_is_read_even_when_the_network_lost_it_once(partner):
    await partner.say(STORY)

    assert "loyer" in await partner.words()
    assert "loyer" in await partner.words()


async def test_what_the_page_has_read_is_given_out_to_nobody_again(partner):
    await partner.say(STORY)
    read = (await partner.read())["cursor"]
    assert await partner.words(after=read) == ""

    assert await partner.words(after=0) == ""


async def test_an_answer_takes_the_questions_before_it_away_even_from_a_page_that_never_says_what_it_read(partner):
    await partner.say(STORY)
    assert "Voulez-vous de l'aide" in await partner.words()

    await partner.say("oui")

    again = await partner.words()
    assert again
    assert "Voulez-vous de l'aide" not in again


async def test_a_message_sent_twice_does_not_take_its_own_answer_away(partner):
    same = str(uuid4())
    await partner.say(STORY, id=same)
    await partner.say(STORY, id=same)

    assert "loyer" in await partner.words()


async def test_renewing_the_token_gives_nothing_back(partner):
    await partner.say(STORY)
    read = (await partner.read())["cursor"]
    await partner.words(after=read)

    await partner.call("POST", "/widget/renewals")

    assert await partner.words() == ""


async def test_at_the_end_what_was_said_last_is_gone_after_two_minutes(partner, clock):
    await partner.say(STORY)
    await partner.say("stop")
    assert await partner.words()

    clock.advance(seconds=READ_ALOUD.total_seconds())

    assert await partner.words() == ""


async def test_while_a_question_waits_it_can_be_read_aloud_as_long_as_the_person_thinks(partner, clock):
    await partner.say(STORY)

    clock.advance(minutes=10)

    assert "Voulez-vous de l'aide" in await partner.words()


async def test_news_of_the_request_never_reach_the_partners_page(partner, parts):
    await partner.say(STORY)
    read = (await partner.read())["cursor"]
    with parts.database.write() as session:
        conversation = session.execute(select(table_of(ConversationRow).c.id)).scalar_one()
        put_news(session, conversation, "check_back:later", parts.clock.now())
    drain(parts)

    assert await partner.words(after=read) == ""


async def test_a_cursor_from_nowhere_is_refused_or_reads_nothing(partner):
    await partner.say(STORY)

    assert (await partner.call("GET", f"/widget/messages?after={10**30}")).status_code == 422
    assert await partner.words(after=2**31 - 1) == ""


async def test_one_partners_page_takes_nothing_from_another_conversation(partner, client, parts):
    other = await Page(client, parts, "resident").begin()
    await other.say(STORY)
    await partner.read(after=2**31 - 1)

    assert "loyer" in await other.words()


async def test_the_person_on_their_own_page_reads_everything_again(client, parts):
    resident = await Page(client, parts, "resident").begin()
    await resident.say(STORY)
    await resident.say("oui")

    assert "Voulez-vous de l'aide" in await resident.words()


async def test_of_the_partner_only_role_and_organisation_are_kept(client, parts):
    await Page(client, parts, "partner").begin(helper="pharmacy", organisation="Pharmacie des Quatre-Vents")

    with parts.database.read() as session:
        row = session.execute(select(table_of(ConversationRow))).one()
    assert (row.helper, row.organisation, row.site) == ("pharmacy", "Pharmacie des Quatre-Vents", "demo")


@pytest.mark.parametrize("more", [{"helper": "spy"}, {"organisation": "x" * 61}, {"name": "Josiane"}])
async def test_nothing_else_about_the_partner_is_taken(client, parts, more):
    page = Page(client, parts, "partner")
    answer = await page.call("POST", "/widget/conversations", json={"site": "demo", "role": "partner"} | more)

    assert answer.status_code == 422


async def test_on_the_page_without_javascript_going_back_shows_nothing_that_was_answered(client, parts):
    opening = {"role": "partner", "helper": "post", "organisation": "La Poste de Vitré", "language": "fr"}
    page = await client.post("/sans-javascript", data=opening, headers={"Origin": OWN})
    first = {name: hidden(page, name) for name in ("token", "cursor", "id")}
    await client.post("/sans-javascript/messages", data=first | {"text": STORY}, headers={"Origin": OWN})
    drain(parts)
    page = await client.post("/sans-javascript/refresh", data={"token": first["token"]}, headers={"Origin": OWN})
    assert "Voulez-vous de l&#39;aide" in page.text
    asked = {name: hidden(page, name) for name in ("token", "cursor", "id")}
    await client.post("/sans-javascript/messages", data=asked | {"text": "oui"}, headers={"Origin": OWN})
    drain(parts)

    for token in (first["token"], asked["token"]):
        again = await client.post("/sans-javascript/refresh", data={"token": token}, headers={"Origin": OWN})
        assert "Voulez-vous de l&#39;aide" not in again.text
        assert STORY not in again.text


def hidden(page, name):
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page.text).group(1))
