"""A9: a session fixed, stolen, kept too long."""

from datetime import timedelta

from desk_house import RECIPIENT, STRANGER, open_desk_house

from passerelle.handoff.states import SESSION_IDLE, SESSION_LASTS


def test_a_planted_cookie_is_never_adopted(house):
    planted = "p" * 43
    house.client.cookies.set("bureau", planted)
    request, token = house.transmit()

    house.enter(token)

    stolen = house.another_browser()
    stolen.cookies.set("bureau", planted)
    assert stolen.get(f"/bureau/demandes/{request}").status_code == 401


def test_opening_another_link_ends_the_former_session(house):
    request, token = house.transmit(recipient=RECIPIENT)
    house.enter(token)
    former = house.client.cookies["bureau"]

    house.enter_as(STRANGER, house.client)

    assert house.client.cookies["bureau"] != former
    kept = house.another_browser()
    kept.cookies.set("bureau", former)
    assert kept.get(f"/bureau/demandes/{request}").status_code == 401
    assert house.client.get(f"/bureau/demandes/{request}").status_code == 404


def test_a_session_ends_after_ten_hours_even_in_use(house):
    _, token = house.transmit()
    house.enter(token)
    step = SESSION_IDLE - timedelta(minutes=1)
    clicks = 0

    while house.client.get("/bureau").status_code == 200:
        house.clock.moment += step
        clicks += 1

    assert timedelta() <= clicks * step - SESSION_LASTS < step


def test_only_a_hash_of_the_cookie_is_kept(house):
    _, token = house.transmit()
    house.enter(token)

    assert house.client.cookies["bureau"] not in house.everything()


def test_over_https_the_cookie_cannot_be_planted_by_a_neighbouring_host(tmp_path):
    with open_desk_house(tmp_path, secure_cookies=True) as house:
        _, token = house.transmit()
        given = house.client.post(f"/demande/{token}", follow_redirects=False).headers["set-cookie"]

        assert given.startswith("__Host-bureau=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(given.split("; "))
        assert "domain" not in given.lower()
        assert house.client.get("/bureau").status_code == 200
