"""A6: a page of another site posts the desk's forms with the reader's cookie."""

import pytest
from desk_house import hidden_fields

VERBS = ("accepter", "refuser", "fait", "niveau")


@pytest.fixture
def opened(house):
    request, token = house.transmit()
    return request, house.enter(token)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("given", [None, "", "x" * 43, "é"])
def test_an_answer_without_the_sessions_token_changes_nothing(house, opened, verb, given):
    request, _ = opened
    before = house.state(request)
    form = {"reason": "doublon", "seen": before} | ({} if given is None else {"form_token": given})

    answer = house.client.post(f"/bureau/demandes/{request}/{verb}", data=form)

    assert answer.status_code == 403
    assert house.state(request) == before
    assert house.news() == []


def test_another_sessions_token_is_not_enough(house, opened):
    request, page = opened
    other = house.another_browser()
    foreign = hidden_fields(house.enter(house.transmit()[1], other))["form_token"]

    answer = house.client.post(
        f"/bureau/demandes/{request}/accepter", data=hidden_fields(page) | {"form_token": foreign}
    )

    assert answer.status_code == 403
    assert house.state(request) == "recu"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_browser_that_says_the_form_comes_from_elsewhere_is_believed(house, opened, site):
    request, page = opened

    answer = house.client.post(
        f"/bureau/demandes/{request}/accepter", data=hidden_fields(page), headers={"Sec-Fetch-Site": site}
    )

    assert answer.status_code == 403
    assert house.state(request) == "recu"


def test_nobody_can_be_signed_in_from_another_site(house):
    """Else an attacker's own session could be slipped under a reader."""
    _, token = house.transmit()

    answer = house.client.post(f"/demande/{token}", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert not house.client.cookies


def test_nobody_can_be_signed_out_from_another_site(house, opened):
    answer = house.client.post("/bureau/sortir", data={"form_token": "guess"})

    assert answer.status_code == 403
    assert house.client.get("/bureau").status_code == 200


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"form_token=a&form_token=b", "application/x-www-form-urlencoded"),
        (b"&".join(b"f%d=1" % n for n in range(50)), "application/x-www-form-urlencoded"),
        (b"x" * 5000, "application/x-www-form-urlencoded"),
        ("é".encode(), "application/x-www-form-urlencoded"),
        (b"form_token=%ff%fe", "application/x-www-form-urlencoded"),
    ],
)
def test_a_form_of_another_shape_is_refused(house, opened, content, kind):
    request, _ = opened

    answer = house.client.post(f"/bureau/demandes/{request}/accepter", content=content, headers={"Content-Type": kind})

    assert answer.status_code == 400
    assert house.state(request) == "recu"


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_a_form_of_another_type_carries_no_token(house, opened, kind):
    request, page = opened
    token = hidden_fields(page)["form_token"]
    content = {
        "application/json": f'{{"form_token": "{token}"}}',
        "text/plain": f"form_token : {token}",
        "multipart/form-data; boundary=x": (
            f'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{token}\r\n--x--\r\n'
        ),
    }[kind]

    answer = house.client.post(f"/bureau/demandes/{request}/accepter", content=content, headers={"Content-Type": kind})

    assert answer.status_code in {400, 403}
    assert house.state(request) == "recu"
