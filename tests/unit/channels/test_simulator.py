"""The demonstration's phones speak through the real door, with made-up numbers only."""

import httpx2
import pytest
from fastapi import FastAPI

from passerelle.channels.demonstration import demonstration_router
from passerelle.channels.origins import Origins
from passerelle.channels.simulator import EXAMPLES, simulator_router
from passerelle.channels.web_pages import load_pages

OWN = "http://localhost:8000"


@pytest.fixture
async def browser(house):
    app, pages = FastAPI(), load_pages()
    app.include_router(simulator_router(house.twilio, origins=Origins(sites={}, own=OWN), pages=pages))
    app.include_router(demonstration_router(pages=pages, site="demo"))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=OWN) as client:
        yield client


async def send(browser, text="bonjour", number="06 39 98 00 01", origin=OWN):
    return await browser.post("/simulateur/messages", json={"number": number, "text": text}, headers={"Origin": origin})


async def test_what_a_phone_writes_arrives_signed_at_the_real_door(browser, house):
    response = await send(browser, "bjr")

    (inbound,) = house.inbox.accepted.values()
    assert response.json() == {"accepted": True}
    assert (inbound.address, inbound.text) == ("+33639980001", "bjr")


async def test_a_phone_sees_both_sides_with_what_each_message_costs(browser, house):
    await send(browser, "ça va ?")
    house.twilio.send({"To": ["+33639980001"], "Body": ["Bonjour. " * 20]})
    await house.twilio.settle()

    answer = (await browser.get("/simulateur/messages", params={"number": "0639980001"})).json()
    shown = [(m["mine"], m["status"], m["encoding"], m["parts"]) for m in answer["messages"]]
    assert shown == [(True, "received", "UCS-2", 1), (False, "delivered", "GSM-7", 2)]
    later = await browser.get("/simulateur/messages", params={"number": "0639980001", "after": answer["cursor"]})
    assert later.json() == {"messages": [], "cursor": answer["cursor"]}


async def test_two_phones_do_not_see_each_other(browser):
    await send(browser, "un")
    await send(browser, "deux", number="06 39 98 00 02")

    answer = (await browser.get("/simulateur/messages", params={"number": "06 39 98 00 02"})).json()
    assert [message["text"] for message in answer["messages"]] == ["deux"]


@pytest.mark.parametrize("number", ["06 12 34 56 78", "+32639980001", "115", "", "06 39 98 00 0", "x" * 31])
async def test_only_made_up_numbers_exist(browser, house, number):
    response = await send(browser, number=number)

    assert response.status_code == 400
    assert house.inbox.calls == 0


async def test_another_sites_page_cannot_use_the_phones(browser, house):
    assert (await send(browser, origin="https://evil.test")).status_code == 403
    assert house.inbox.calls == 0


async def test_a_refused_message_is_not_shown_as_accepted(browser, house):
    house.twilio.auth_token = "another"

    assert (await send(browser)).json() == {"accepted": False}


async def test_the_page_offers_the_three_examples_and_holds_no_inline_code(browser):
    page = await browser.get("/simulateur")

    assert page.status_code == 200
    assert "09 39 98 00 00" in page.text
    assert len(EXAMPLES) == 3
    assert page.text.count('<button type="button" lang="') == 3
    assert page.headers["content-security-policy"].startswith("default-src 'self'")


async def test_the_pharmacy_shows_both_ways_in_and_the_way_without_javascript(browser):
    page = await browser.get("/demonstration/pharmacie")

    assert page.text.count("<passerelle-widget ") == 2
    assert 'role="partner"' in page.text
    assert "<noscript>" in page.text
    assert 'href="/sans-javascript"' in page.text
