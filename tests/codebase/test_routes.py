"""Every address has an access rule that somebody wrote down."""

from starlette.routing import Mount

from passerelle.app.web import build_web

#: What a tag of a route means: who may call it, and what is checked (reference/reliability.md §4).
ACCESS_RULES = {
    "signed by Twilio",
    "bearer token",
    "token in the form",
    "token of a link",
    "partner code",
    "desk session",
    "team code",
    "team session",
    "coordinator code",
    "coordinator session",
    "demonstration",
    "everyone",
}

#: Routes and folders without a tag: each says nothing about anyone.
OPEN_TO_EVERYONE = {"/health", "/static", "/portail"}

#: The fake Twilio keeps Twilio's own basic authentication, and exists in the demonstration only.
WITH_A_PASSWORD = {"/faux-twilio"}


def _without_rule(routes):
    for route in routes:
        if isinstance(route, Mount):
            if route.path not in OPEN_TO_EVERYONE | WITH_A_PASSWORD:
                yield route.path
            continue
        tags = set(getattr(route, "tags", ()))
        if not tags & ACCESS_RULES and route.path not in OPEN_TO_EVERYONE:
            yield route.path


def _all_routes(app):
    for route in app.routes:
        inner = getattr(route, "original_router", None) or getattr(route, "router", None)
        if not hasattr(route, "path") and inner is not None:
            yield from inner.routes
        else:
            yield route


def test_every_route_has_one_access_rule(sqlite_parts):
    app = build_web(sqlite_parts, with_workers=False)

    assert {"/sms/twilio", "/widget/messages", "/health"} <= {route.path for route in _all_routes(app)}
    assert sorted(_without_rule(_all_routes(app))) == []


def test_no_route_has_two_access_rules(sqlite_parts):
    app = build_web(sqlite_parts, with_workers=False)

    twice = [route.path for route in _all_routes(app) if len(ACCESS_RULES & set(getattr(route, "tags", ()))) > 1]
    assert twice == []


def test_the_description_of_the_routes_is_not_served(sqlite_parts):
    app = build_web(sqlite_parts, with_workers=False)

    assert (app.openapi_url, app.docs_url, app.redoc_url) == (None, None, None)
