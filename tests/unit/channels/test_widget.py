"""The widget's API serves the listed pages and nobody else, and says each thing once."""

import asyncio
import html
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from passerelle.channels.origins import Origins
from passerelle.channels.plain_pages import plain_router
from passerelle.channels.web_door import WebDoor
from passerelle.channels.web_pages import load_pages
from passerelle.channels.web_tokens import WebTokens
from passerelle.channels.widget import WORDS, widget_router
from passerelle.foundation.errors import TryLater
from passerelle.foundation.texts import Texts

OWN = "https://passerelle.example.org"
PARTNER = "https://pharmacie.example.org"
OTHER = "https://mairie.example.org"


AT_THE_COUNTER = {"role": "partner", "helper": "pharmacy", "organisation": "Pharmacie des Quatre-Vents"}


@dataclass(frozen=True, kw_only=True)
class Message:
    cursor: int
    sender: str
    text: str
    at: object
    language: str = "fr"
    question: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    links: tuple = ()


@dataclass
class FakeConversations:
    """Keeps what is said in memory, and asks one question."""

    clock: object
    inbox: object
    opened: list = field(default_factory=list)
    messages: dict = field(default_factory=dict)

    read: dict = field(default_factory=dict)
    partners: list = field(default_factory=list)

    def open(self, *, site, role, language, partner=None):
        self.opened.append((site, role, language))
        self.partners.append(partner)
        conversation = f"{len(self.opened):032x}"
        self.messages[conversation] = []
        self.add(conversation, "passerelle", "Bonjour. De quoi avez-vous besoin ?")
        return conversation

    def add(self, conversation, sender, text, **more):
        thread = self.messages[conversation]
        thread.append(Message(cursor=len(thread) + 1, sender=sender, text=text, at=self.clock.now(), **more))

    def messages_after(self, conversation, cursor):
        if self.inbox.error:
            raise TryLater(what="the database")
        # In slices, as the real one does.
        found = self.messages[conversation][cursor : cursor + 2]
        return found, cursor + len(found)

    def unread_after(self, conversation, cursor):
        self.mark_read(conversation, cursor)
        return self.messages_after(conversation, max(cursor, self.read[conversation]))

    def said_to(self, conversation):
        return len(self.messages[conversation])

    def mark_read(self, conversation, cursor):
        self.read[conversation] = max(self.read.get(conversation, 0), cursor)

    def accept(self, inbound):
        accepted = self.inbox.accept(inbound)
        if not accepted.duplicate and self.inbox.calls:
            self.add(inbound.address, "person", inbound.text)
            options = (("1", "Oui"), ("0", "Je préfère ne pas répondre"))
            self.add(
                inbound.address, "passerelle", "Vivez-vous seul ?", question="Q11", options=options,
                links=(("Appeler le 115", "tel:115"), ("piège", "javascript:alert(1)")),
            )  # fmt: skip
        return accepted


@dataclass
class Site:
    conversations: FakeConversations
    clock: object
    client: httpx2.AsyncClient
    token: str = ""

    async def open(self, origin=PARTNER, site="demo", **more):
        return await self.client.post("/widget/conversations", json={"site": site} | more, headers={"Origin": origin})

    async def start(self, **more):
        self.token = (await self.open(**more)).json()["token"]
        return self

    async def say(self, text="bonjour", *, origin=PARTNER, token=None, body=None, **more):
        headers = {"Origin": origin, "Authorization": f"Bearer {token or self.token}"}
        content = {"id": str(uuid4()), "text": text} | more if body is None else body
        return await self.client.post("/widget/messages", json=content, headers=headers)

    async def read(self, after=0, wait=0, **headers):
        headers = {"Authorization": f"Bearer {self.token}", "Origin": PARTNER} | headers
        headers = {name: value for name, value in headers.items() if value is not None}
        return await self.client.get("/widget/messages", params={"after": after, "wait": wait}, headers=headers)


@pytest.fixture(scope="module")
def texts():
    return Texts.load(Path(__file__).parents[3] / "locale")


@pytest.fixture
async def site(house, texts):
    inbox, clock = house.inbox, house.twilio.clock
    conversations = FakeConversations(clock=clock, inbox=inbox)
    door = WebDoor(
        conversations=conversations,
        accept=conversations.accept,
        tokens=WebTokens(secret="a secret", clock=clock),
        danger_answer=lambda text: "Appelez le 15." if "mourir" in text else None,
        clock=clock,
    )
    origins = Origins(sites={"demo": frozenset({PARTNER, OWN}), "mairie": frozenset({OTHER})}, own=OWN)
    app = FastAPI()
    app.include_router(widget_router(door, origins=origins, texts=texts))
    app.include_router(plain_router(door, origins=origins, texts=texts, pages=load_pages(), patience=0))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=OWN) as client:
        yield Site(conversations=conversations, clock=clock, client=client)


async def test_a_listed_page_opens_a_conversation_with_a_short_lived_token(site):
    response = await site.open(language="en", role="partner")

    answer = response.json()
    assert response.status_code == 201
    assert set(answer) == {"conversation", "token", "expires_at", "expires_in"}
    assert answer["expires_in"] == 15 * 60
    assert response.headers["access-control-allow-origin"] == PARTNER
    assert response.headers["cache-control"] == "no-store"
    assert site.conversations.opened == [("demo", "partner", "en")]


async def test_a_language_without_texts_is_left_to_the_conversation(site):
    assert (await site.open(language="xx")).status_code == 201
    assert site.conversations.opened == [("demo", "resident", None)]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil-pharmacie.example.org",
        "https://pharmacie.example.org.evil.test",
        "https://pharmacie.example.org:8443",
        "http://pharmacie.example.org",
        "https://PHARMACIE.example.org",
        "https://pharmacie.example.org/",
        "https://xn--pharmcie-9fa.example.org",
        "https://sub.pharmacie.example.org",
        OTHER,
        "http://localhost",
        "null",
        "",
    ],
)
async def test_an_origin_that_only_resembles_is_refused(site, origin):
    response = await site.open(origin=origin)

    assert response.status_code == 403
    assert site.conversations.opened == []


def test_the_settings_make_exact_origins():
    origins = Origins.configured({"demo": PARTNER}, "https://passerelle.example.org/chemin/")

    assert origins == Origins(sites={"demo": frozenset({PARTNER})}, own=OWN)


async def test_without_an_origin_nothing_is_opened(site):
    response = await site.client.post("/widget/conversations", json={"site": "demo"})

    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Mode": "no-cors"},
        {"Origin": OWN, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    ],
)
async def test_a_form_post_or_a_contradiction_is_refused(site, headers):
    headers = {"Origin": PARTNER} | headers
    response = await site.client.post("/widget/conversations", json={"site": "demo"}, headers=headers)

    assert response.status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_only_json_is_read(site, kind):
    headers = {"Origin": PARTNER, "Content-Type": kind}
    response = await site.client.post("/widget/conversations", content=b'{"site":"demo"}', headers=headers)

    assert response.status_code == 415


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"id": "1", "text": "x"}, "id"),
        ({"id": str(uuid4()), "text": ""}, "text"),
        ({"id": str(uuid4()), "text": "x" * 1601}, "text"),
        ({"id": str(uuid4()), "text": 3}, "text"),
        ({"id": str(uuid4()), "text": "x", "question": "q" * 161}, "question"),
        ({"id": str(uuid4()), "text": "x", "<script>": 1}, "body"),
        ([], "body"),
    ],
)
async def test_a_wrong_body_is_refused_with_the_name_of_the_field_and_never_its_value(site, body, field):
    await site.start()

    response = await site.say(body=body)

    assert response.status_code == 422
    assert response.json()["detail"].startswith(f"{field}: ")
    assert "<script>" not in response.text


async def test_a_body_too_large_or_too_deep_is_refused(site):
    await site.start()
    headers = {"Origin": PARTNER, "Authorization": f"Bearer {site.token}", "Content-Type": "application/json"}

    large = await site.client.post("/widget/messages", content=b" " * 20_000, headers=headers)
    deep = await site.client.post("/widget/messages", content=b"[" * 8_000, headers=headers)

    assert (large.status_code, deep.status_code) == (413, 422)


async def test_a_message_is_taken_with_its_question_and_renews_the_token(site, house):
    await site.start()
    site.clock.moment += timedelta(minutes=30)

    response = await site.say("1", question="Q11")

    (inbound,) = house.inbox.accepted.values()
    assert response.status_code == 202
    assert response.json()["expires_in"] == 3600
    assert (inbound.channel, inbound.text, inbound.question) == ("web", "1", "Q11")
    assert len(inbound.provider_id) <= 64


async def test_the_same_id_twice_is_one_message_but_another_conversations_id_is_its_own(site, house):
    message = {"id": str(uuid4()), "text": "bonjour"}
    await site.start()
    assert (await site.say(body=message)).status_code == 202
    assert (await site.say(body=message)).status_code == 202
    assert len(house.inbox.accepted) == 1

    await site.start()
    await site.say(body=message)
    assert len(house.inbox.accepted) == 2


async def test_a_token_serves_only_the_site_it_was_made_for(site):
    await site.start()

    assert (await site.say(origin=OTHER)).status_code == 403
    assert (await site.read(Origin=OTHER)).status_code == 403


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer x.y", "Basic abc", "bearer " + "a" * 5000])
async def test_without_a_token_of_ours_there_is_nothing(site, authorization):
    await site.start()

    assert (await site.read(Authorization=authorization)).status_code == 401


async def test_after_its_time_a_token_is_refused_and_the_page_may_read_why(site):
    await site.start()
    site.clock.moment += timedelta(hours=1)
    response = await site.say()

    assert response.status_code == 401
    assert response.headers["access-control-allow-origin"] == PARTNER


async def test_messages_are_replayed_from_a_cursor_with_their_options_and_safe_links(site):
    await site.start()
    await site.say("bonjour")

    first = (await site.read()).json()
    answer = (await site.read(after=first["cursor"])).json()
    last = answer["messages"][-1]
    senders = [message["sender"] for message in first["messages"] + answer["messages"]]
    assert senders == ["passerelle", "person", "passerelle"]
    assert last["question"] == "Q11"
    assert last["options"][0] == {"number": "1", "label": "Oui"}
    assert last["links"] == [{"label": "Appeler le 115", "href": "tel:115"}]
    assert (await site.read(after=answer["cursor"])).json() == {"messages": [], "cursor": answer["cursor"]}


async def test_the_direction_of_writing_goes_with_each_message(site):
    await site.start()
    site.conversations.add("0" * 31 + "1", "passerelle", "مرحبا", language="ar")

    assert [message["dir"] for message in (await site.read()).json()["messages"]] == ["ltr", "rtl"]


async def test_a_page_on_our_own_host_reads_without_an_origin_and_another_does_not(site):
    await site.start()

    assert (await site.read(Origin=None, **{"Sec-Fetch-Site": "same-origin"})).status_code == 200
    assert (await site.read(Origin=None, **{"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await site.read(Origin=None, **{"Sec-Fetch-Site": "none"})).status_code == 403
    assert (await site.read(Origin="null")).status_code == 403


async def test_a_waiting_page_gets_the_answer_when_it_comes(site):
    await site.start()
    waiting = asyncio.create_task(site.read(after=1, wait=5))
    await asyncio.sleep(0.1)
    site.conversations.add("0" * 31 + "1", "passerelle", "Voici.")

    assert (await waiting).json()["messages"][0]["text"] == "Voici."


async def test_nobody_waits_longer_than_allowed(site):
    await site.start()

    assert (await site.read(wait=26)).status_code == 422
    assert (await site.read(after=-1)).status_code == 422


async def test_with_the_database_down_the_danger_is_answered_and_the_message_asked_again(site, house):
    await site.start()
    house.database_down()

    danger, ordinary = await site.say("je veux mourir"), await site.say("bonjour")

    assert (danger.status_code, danger.json()["danger"]) == (503, "Appelez le 15.")
    assert (ordinary.status_code, ordinary.json()["danger"]) == (503, None)
    assert danger.headers["retry-after"] == "5"
    assert danger.headers["access-control-allow-origin"] == PARTNER


async def test_a_preflight_lists_what_is_allowed_to_listed_pages_only(site):
    allowed = await site.client.options("/widget/messages", headers={"Origin": PARTNER})
    refused = await site.client.options("/widget/messages", headers={"Origin": "https://evil.test"})

    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == PARTNER
    assert "access-control-allow-credentials" not in allowed.headers
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers


async def test_the_widget_gets_all_its_words_in_every_language(site, texts):
    for language in texts.languages:
        answer = (await site.client.get("/widget/words", params={"lang": language})).json()

        assert answer["language"] == language
        assert set(answer["words"]) == set(WORDS)
    unknown = (await site.client.get("/widget/words", params={"lang": "xx"})).json()
    assert unknown["language"] == "fr"


# The page without JavaScript


async def post(site, path="", origin=OWN, **fields):
    headers = {"Origin": origin} if origin else {}
    return await site.client.post(f"/sans-javascript{path}", data=fields, headers=headers)


def hidden(page, name):
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page.text).group(1))


async def test_the_start_page_offers_role_and_language_and_runs_no_script(site):
    page = await site.client.get("/sans-javascript", params={"lang": "en", "role": "partner"})

    assert page.status_code == 200
    assert '<html lang="en" dir="ltr">' in page.text
    assert 'value="partner" checked' in page.text
    assert "<script" not in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"


async def test_a_conversation_goes_on_by_forms_alone(site, house):
    first = await post(site, role="resident", language="fr")
    assert "De quoi avez-vous besoin ?" in first.text

    token, id = hidden(first, "token"), hidden(first, "id")
    second = await post(site, "/messages", token=token, id=id, text="bonjour")
    assert "Vivez-vous seul ?" in second.text
    assert 'href="tel:115"' in second.text
    assert "javascript:" not in second.text

    await post(site, "/messages", token=token, id=id, text="bonjour")
    assert len(house.inbox.accepted) == 1
    answers = {"token": hidden(second, "token"), "id": hidden(second, "id"), "question": hidden(second, "question")}
    await post(site, "/messages", text="1", **answers)
    assert [inbound.question for inbound in house.inbox.accepted.values()] == [None, "Q11"]


async def test_what_is_written_is_shown_as_text_only(site):
    page = await post(site, role="resident")
    attack = '"><img src=x onerror=alert(1)><script>alert(2)</script>'

    shown = await post(site, "/messages", token=hidden(page, "token"), id=str(uuid4()), text=attack)

    assert "<img" not in shown.text
    assert "<script" not in shown.text


async def test_a_partner_sees_the_question_at_hand_and_never_an_answer_given(site):
    page = await post(site, **AT_THE_COUNTER)
    fields = {name: hidden(page, name) for name in ("token", "cursor", "id")}

    after = await post(site, "/messages", text="je dois 300 euros", **fields)

    assert "Vivez-vous seul ?" in after.text
    assert "300 euros" not in after.text
    assert "De quoi avez-vous besoin" not in after.text


@pytest.mark.parametrize(
    ("missing", "said"), [("organisation", "Donnez le nom de votre structure"), ("helper", "Dites qui vous êtes")]
)
async def test_a_partner_says_what_they_are_and_for_whom_before_anything_else(site, missing, said):
    page = await post(site, **AT_THE_COUNTER | {missing: ""})

    assert page.status_code == 422
    assert said in html.unescape(page.text)
    assert 'value="partner" checked' in page.text
    assert site.conversations.opened == []


async def test_of_the_partner_the_page_gives_only_a_role_and_an_organisation(site):
    await post(site, **AT_THE_COUNTER, name="Josiane", language="fr")

    (partner,) = site.conversations.partners
    assert (partner.role, partner.organisation) == ("pharmacy", "Pharmacie des Quatre-Vents")
    assert site.conversations.opened == [("", "partner", "fr")]


async def test_a_resident_is_asked_nothing_about_who_helps(site):
    page = await site.client.get("/sans-javascript")

    assert 'name="organisation"' not in page.text


async def test_the_page_that_waits_for_an_answer_keeps_its_language(site):
    site.conversations.add = lambda *anything, **more: None
    page = await post(site, **AT_THE_COUNTER, language="ar")
    fields = {name: hidden(page, name) for name in ("token", "id", "cursor", "lang")}

    waiting = await post(site, "/messages", text="oui", **fields)

    assert '<html lang="ar" dir="rtl">' in waiting.text


async def test_a_partner_who_looks_again_still_sees_only_the_last_question(site):
    page = await post(site, **AT_THE_COUNTER)
    fields = {name: hidden(page, name) for name in ("token", "cursor", "id")}
    after = await post(site, "/messages", text="je dois 300 euros", **fields)

    again = await post(site, "/refresh", token=hidden(after, "token"))

    assert "Vivez-vous seul ?" in again.text
    assert "300 euros" not in again.text


async def test_a_conversation_where_nothing_is_said_yet_tells_what_to_do(site):
    site.conversations.add = lambda *anything, **more: None

    page = await post(site, role="resident")

    assert "Vous pouvez écrire ici" in page.text
    assert "Attendez" not in page.text


async def test_a_page_shown_before_the_answer_says_how_to_see_it(site, house):
    page = await post(site, role="resident")
    token = hidden(page, "token")
    site.conversations.add = lambda *anything, **more: None

    waiting = await post(site, "/messages", token=token, id=str(uuid4()), text="oui", cursor=hidden(page, "cursor"))

    assert "Attendez quelques secondes" in html.unescape(waiting.text)


@pytest.mark.parametrize("origin", [None, "null", PARTNER, "https://evil.test"])
async def test_a_form_posted_from_elsewhere_is_refused(site, origin):
    page = await post(site, origin=origin, role="resident", language="fr")

    assert page.status_code == 403
    assert site.conversations.opened == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"token": "forged.token", "id": str(uuid4()), "text": "x"}, 401),
        ({"id": str(uuid4()), "text": "x"}, 400),
        ({"token": "{token}", "id": "1", "text": "x"}, 400),
        ({"token": "{token}", "id": str(uuid4())}, 400),
        ({"token": "{token}", "id": str(uuid4()), "text": "x", "cursor": "-1"}, 400),
    ],
)
async def test_a_wrong_form_is_answered_by_a_page_that_says_so(site, fields, status):
    page = await post(site, role="resident")
    fields = {name: value.replace("{token}", hidden(page, "token")) for name, value in fields.items()}

    answer = await post(site, "/messages", **fields)

    assert answer.status_code == status
    assert 'role="alert"' in answer.text


async def test_a_conversation_left_alone_is_over_without_leaving_its_words(site):
    page = await post(site, **AT_THE_COUNTER)
    site.clock.moment += timedelta(minutes=15)
    answer = await post(site, "/refresh", token=hidden(page, "token"))

    assert answer.status_code == 401
    assert "De quoi avez-vous besoin" not in answer.text


async def test_with_the_database_down_the_page_answers_a_danger_and_gives_other_words_back(site, house):
    page = await post(site, role="resident")
    house.database_down()
    token = hidden(page, "token")

    danger = await post(site, "/messages", token=token, id=str(uuid4()), text="je veux mourir")
    ordinary = await post(site, "/messages", token=token, id=str(uuid4()), text="j'ai faim")

    assert danger.status_code == ordinary.status_code == 503
    assert "Appelez le 15." in danger.text
    assert "j&#39;ai faim</textarea>" in ordinary.text
    assert "112" in ordinary.text
