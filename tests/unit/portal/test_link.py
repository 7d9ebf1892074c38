"""The link of an e-mail: looking changes nothing, one button opens."""

from datetime import timedelta

from desk_house import LINES, RECIPIENT

from passerelle.handoff.states import LINK_LASTS


def test_looking_at_a_link_changes_nothing_and_shows_nothing_of_the_request(house):
    """Mail scanners open every link before its reader does."""
    _, token = house.transmit()
    before = house.everything()

    pages = [house.client.get(f"/demande/{token}") for _ in range(5)]

    assert {page.status_code for page in pages} == {200}
    assert house.everything() == before
    assert not house.client.cookies
    assert not any(line in pages[0].text for line in LINES.values())
    assert "Sam" not in pages[0].text


def test_the_button_opens_a_session_and_says_the_request_is_received(house):
    request, token = house.transmit()

    answer = house.client.post(f"/demande/{token}", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/bureau/demandes/{request}")
    assert house.state(request) == "recu"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("bureau=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


def test_the_token_is_in_no_later_page(house):
    _, token = house.transmit()

    page = house.enter(token)

    assert page.status_code == 200
    assert token not in page.text
    assert token not in str(page.url)


def test_an_unknown_link_has_a_kind_page(house):
    for answer in (house.client.get("/demande/unknown"), house.client.post("/demande/unknown")):
        assert answer.status_code == 404
        assert "Nous ne trouvons pas cette demande" in answer.text


def test_an_expired_link_offers_a_new_one_which_opens(house):
    _, token = house.transmit()
    house.clock.moment += LINK_LASTS

    page = house.client.get(f"/demande/{token}")
    assert page.status_code == 410
    assert f'action="/demande/{token}/nouveau-lien"' in page.text
    assert house.client.post(f"/demande/{token}").status_code == 410

    assert house.client.post(f"/demande/{token}/nouveau-lien").status_code == 200
    fresh = house.tokens_sent()[-1]
    assert fresh != token
    assert house.enter(fresh).status_code == 200


def test_a_new_link_goes_to_the_recipients_own_address_only(house):
    _, token = house.transmit()
    house.clock.moment += timedelta(days=1)
    house.client.post(f"/demande/{token}/nouveau-lien", data={"email": "somebody.else@example.org"})

    addresses = {notice.recipient for notice in house.requests._outbox.claim()}

    assert addresses == {house.territory.recipient(RECIPIENT).email}


def test_asking_for_a_new_link_says_the_same_whatever_happens(house):
    _, token = house.transmit()
    known = house.client.post(f"/demande/{token}/nouveau-lien")
    unknown = house.client.post("/demande/unknown/nouveau-lien")
    with house.database.write() as session:
        house.requests.withdraw_all(session, house.conversation)
    ended = house.client.post(f"/demande/{token}/nouveau-lien")

    assert known.text == unknown.text == ended.text
    assert known.status_code == unknown.status_code == ended.status_code == 200


def test_asking_again_within_the_minute_sends_one_link(house):
    _, token = house.transmit()

    for _ in range(5):
        house.client.post(f"/demande/{token}/nouveau-lien")

    assert len(house.tokens_sent()) == 2
