"""A15: a link guessed, scanned, forwarded or leaked."""

import hashlib
import json

import pytest

from passerelle.handoff.states import LINK_LASTS


def test_a_scanner_that_opens_the_link_five_times_leaves_no_trace(house):
    request, token = house.transmit()
    before = house.everything()

    for method in ("GET", "HEAD", "OPTIONS", "GET", "GET"):
        house.client.request(method, f"/demande/{token}")

    assert house.everything() == before
    assert house.state(request) == "transmis"


def test_only_a_hash_of_the_token_is_kept_with_the_links(house):
    _, token = house.transmit()

    assert house.links_kept() == [hashlib.sha256(token.encode()).hexdigest()]
    assert len(token) >= 43


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda t: t[:-1], lambda t: t + "A", lambda t: " " + t])
def test_a_token_nearly_right_opens_nothing(house, change):
    _, token = house.transmit()

    assert house.client.get(f"/demande/{change(token)}").status_code == 404
    assert house.client.post(f"/demande/{change(token)}").status_code == 404
    assert not house.client.cookies


def test_the_hash_itself_is_not_a_token(house):
    house.transmit()

    assert house.client.post(f"/demande/{house.links_kept()[0]}").status_code == 404


def test_an_expired_link_opens_no_session(house):
    _, token = house.transmit()
    house.clock.moment += LINK_LASTS

    assert house.client.post(f"/demande/{token}").status_code == 410
    assert not house.client.cookies


def test_no_page_tells_the_next_one_where_the_reader_came_from(house):
    _, token = house.transmit()

    assert house.client.get(f"/demande/{token}").headers["referrer-policy"] == "no-referrer"


def test_a_link_to_a_withdrawn_request_shows_no_word_of_the_person(house):
    _, token = house.transmit()
    with house.database.write() as session:
        house.requests.withdraw_all(session, house.conversation)

    page = house.enter(token)

    assert "Sam" not in page.text
    assert "06 39 98" not in page.text


def test_nothing_of_the_person_is_in_the_mails(house):
    house.transmit()

    kept = json.loads(house.everything())["notice"]

    assert "Sam" not in str(kept)
    assert "06 39 98" not in str(kept)
