"""A14: another recipient's request does not exist for anyone else; every route has its access rule."""

import pytest
from desk_house import BACKUP, RECIPIENT, STRANGER, DeskHouse, hidden_fields
from fastapi.routing import APIRoute

from passerelle.portal.desk_routes import BY_LINK, BY_SESSION

#: Every access rule of the portal, and nothing else.
RULES = {BY_LINK, BY_SESSION, "everyone", "demonstration"}

OF_A_REQUEST = (
    ("GET", "/bureau/demandes/{id}"),
    ("POST", "/bureau/demandes/{id}/accepter"),
    ("POST", "/bureau/demandes/{id}/refuser"),
    ("POST", "/bureau/demandes/{id}/fait"),
    ("POST", "/bureau/demandes/{id}/niveau"),
)


def _routes(house: DeskHouse) -> list[APIRoute]:
    return [route for route in _flattened(house.app.routes) if isinstance(route, APIRoute)]


def _flattened(routes):
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _flattened(inner.routes)
        else:
            yield route


def test_every_route_has_exactly_one_access_rule(house):
    routes = _routes(house)

    assert len(routes) == 12
    for route in routes:
        assert len(route.tags) == 1, route.path
        assert set(route.tags) <= RULES, route.path


def test_every_route_of_the_desk_is_closed_without_a_session(house):
    request, _ = house.transmit()
    before = house.everything()

    for route in _routes(house):
        if BY_SESSION in route.tags and route.path != "/bureau/sortir":
            for method in route.methods:
                answer = house.client.request(method, route.path.replace("{id}", request))
                assert answer.status_code == 401, route.path
                assert "Sam" not in answer.text
    assert house.everything() == before


def test_the_routes_of_a_request_are_all_tried_below(house):
    found = {(method, route.path) for route in _routes(house) for method in route.methods if "{id}" in route.path}

    assert found == set(OF_A_REQUEST)


@pytest.mark.parametrize(("method", "path"), OF_A_REQUEST)
@pytest.mark.parametrize("whose", ["stranger", "nobody", "odd"])
def test_a_foreign_request_answers_like_one_that_does_not_exist(house, method, path, whose):
    """404 and the same words: a stranger does not even learn that it exists."""
    request, _ = house.transmit(recipient=RECIPIENT)
    page = house.enter_as(STRANGER, house.client)
    tried = {"stranger": request, "nobody": "0" * 32, "odd": "..%2F..%2Fetc"}[whose]
    typed = {"seen": "recu", "reason": "doublon, dit-on", "level": "N1"}
    form = hidden_fields(page) | typed if method == "POST" else None

    answer = house.client.request(method, path.replace("{id}", tried), data=form)

    assert answer.status_code == 404
    assert "Sam" not in answer.text
    assert house.state(request) == "transmis"
    assert house.news() == []


def test_a_stranger_and_a_made_up_request_get_the_same_page(house):
    request, _ = house.transmit(recipient=RECIPIENT)
    house.enter_as(STRANGER, house.client)

    foreign, made_up = (house.client.get(f"/bureau/demandes/{id}") for id in (request, "0" * 32))

    assert foreign.text == made_up.text


def test_the_list_holds_only_ones_own_requests(house):
    request, _ = house.transmit(recipient=RECIPIENT)
    house.enter_as(STRANGER, house.client)

    assert request not in house.client.get("/bureau").text


def test_the_backup_may_read_and_answer(house):
    """The person agreed to the recipient and to who replaces them."""
    request, _ = house.transmit(recipient=RECIPIENT)
    house.enter_as(BACKUP, house.client)

    page = house.client.get(f"/bureau/demandes/{request}")

    assert page.status_code == 200
    assert house.answer(request, "accepter", page=page).status_code == 303
