"""How a page of the portal is written and protected: escaped templates, no script at all, headers that say so."""

from collections.abc import Callable, Coroutine, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from passerelle.foundation.clock import PARIS
from passerelle.foundation.errors import PasserelleError
from passerelle.foundation.phone import spoken
from passerelle.foundation.texts import Texts
from passerelle.handoff.links import LinkExpired, LinkUnknown, SessionOver
from passerelle.handoff.requests import NoSuchRequest, NotThatState
from passerelle.portal.coordinator.changes import NoSuchChange
from passerelle.portal.coordinator.coordination import NoSuchField
from passerelle.portal.coordinator.door import CoordinatorSessionOver
from passerelle.portal.coordinator.register import NoSuchService
from passerelle.portal.coordinator.versions import AlreadyPreparing, NotPrepared
from passerelle.portal.forms import ForeignForm
from passerelle.portal.notes import NoSuchNote
from passerelle.portal.team import TeamSessionOver, TooManyCodes

_ROOM = Path(__file__).parent

#: The desk is for professionals of France (DESIGN §7).
LANGUAGE = "fr"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    # A link's address is a secret: no other page may learn where the reader came from.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

#: Errors that have a page of their own.
_PAGES_OF_ERRORS: Mapping[type[PasserelleError], str] = {
    LinkUnknown: "not_found.html",
    NoSuchRequest: "not_found.html",
    LinkExpired: "link_expired.html",
    SessionOver: "session_over.html",
    ForeignForm: "foreign_form.html",
    NotThatState: "already_answered.html",
    NoSuchNote: "not_found.html",
    TeamSessionOver: "team_session_over.html",
    CoordinatorSessionOver: "coordinator_session_over.html",
    NoSuchService: "not_found.html",
    NoSuchField: "not_found.html",
    NoSuchChange: "not_found.html",
    NotPrepared: "not_found.html",
    AlreadyPreparing: "already_preparing.html",
    TooManyCodes: "team_wait.html",
}


def harden(response: Response) -> Response:
    """Put the portal's headers on an answer."""
    response.headers.update(HEADERS)
    return response


class Pages:
    """The templates of the portal."""

    def __init__(self, environment: Environment, say: Callable[..., str]) -> None:
        self._environment = environment
        #: A text, as the pages say it.
        self.say = say

    @classmethod
    def load(cls, texts: Texts, *, demonstration: bool) -> "Pages":
        """Prepare the templates; a value that a template names and nobody gave is an error, not a blank."""
        environment = Environment(
            loader=FileSystemLoader(_ROOM / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        say = partial(texts.say, language=LANGUAGE)
        environment.globals.update(say=say, language=LANGUAGE, demonstration=demonstration, form_token="")
        environment.filters.update(day=day, moment=moment, spoken=spoken, iso_day=iso_day, iso_month=iso_month)
        return cls(environment, say)

    def render(self, name: str, *, status: int = 200, **values: Any) -> Response:
        """The page as a protected answer."""
        content = self._environment.get_template(name).render(**values)
        return harden(HTMLResponse(content, status_code=status))

    def render_error(self, error: PasserelleError, *, path: dict[str, Any]) -> Response:
        """The page that says what happened and how to go on."""
        name = _PAGES_OF_ERRORS.get(type(error), "trouble.html")
        return self.render(name, status=error.status, path=path, later=error.retry)


def route_class(pages: Pages) -> type[APIRoute]:
    """Routes whose every answer, refusals included, is a protected page."""

    class PortalRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def answer(request: Request) -> Response:
                try:
                    return harden(await handle(request))
                except PasserelleError as error:
                    return pages.render_error(error, path=request.path_params)

            return answer

    return PortalRoute


def portal_files() -> StaticFiles:
    """The portal's own style, to mount at /portail."""
    return StaticFiles(directory=_ROOM / "static")


def iso_day(written: str) -> str:
    """A day written 2026-11-23, as people say it: 23 novembre 2026."""
    return str(format_date(date.fromisoformat(written), "d MMMM y", locale=LANGUAGE))


def iso_month(written: str) -> str:
    """A month written 2026-11, as people say it: novembre 2026."""
    return str(format_date(date.fromisoformat(f"{written}-01"), "MMMM y", locale=LANGUAGE))


def day(at: datetime) -> str:
    """A date as people say it: lundi 23 novembre 2026."""
    return str(format_datetime(at.astimezone(PARIS), "EEEE d MMMM y", locale=LANGUAGE))


def moment(at: datetime) -> str:
    """A date and its hour: lundi 23 novembre 2026 à 10 h 05."""
    return str(format_datetime(at.astimezone(PARIS), "EEEE d MMMM y 'à' H 'h' mm", locale=LANGUAGE))
