"""The addresses of the référent's desk. Plain functions: they run in threads, the database being synchronous."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from passerelle.foundation.clock import Clock
from passerelle.foundation.database import Database
from passerelle.handoff.links import DeskSession, Links
from passerelle.handoff.requests import (
    LEAST_REASON,
    SCALE,
    NoSuchLevel,
    ReadableRequest,
    ReasonTooShort,
    Requests,
)
from passerelle.handoff.states import RefusalReason
from passerelle.portal.desk import Desk, ReasonMissing
from passerelle.portal.forms import Form, read_form
from passerelle.portal.grading import Gradations
from passerelle.portal.request_page import is_withdrawn, view
from passerelle.portal.web_pages import Pages, route_class

#: Access rules, one per route (a test holds it).
BY_LINK, BY_SESSION = "token of a link", "desk session"

PostedForm = Annotated[Form, Depends(read_form)]


def desk_router(
    *,
    database: Database,
    requests: Requests,
    links: Links,
    clock: Clock,
    gradations: Gradations,
    pages: Pages,
    secure_cookies: bool,
) -> APIRouter:
    """The link sent to a référent, and the desk it opens."""
    desk = Desk(database=database, requests=requests, links=links, clock=clock)
    router = APIRouter(route_class=route_class(pages))
    cookie = DeskCookie(secure=secure_cookies)
    _add_link_routes(router, desk, cookie, pages)
    _add_desk_routes(router, desk, cookie, pages, gradations)
    return router


class DeskCookie:
    """The one cookie of the desk."""

    def __init__(self, *, secure: bool) -> None:
        # The prefix makes browsers refuse a cookie planted by a neighbouring host; it needs https.
        self.name = "__Host-bureau" if secure else "bureau"
        self._secure = secure

    def read(self, request: Request) -> str | None:
        """Its value in this request."""
        return request.cookies.get(self.name)

    def put(self, response: Response, value: str) -> None:
        """Give it to the browser until it closes."""
        response.set_cookie(self.name, value, path="/", secure=self._secure, httponly=True, samesite="lax")

    def take_back(self, response: Response) -> None:
        """Make the browser forget it."""
        response.delete_cookie(self.name, path="/", secure=self._secure, httponly=True, samesite="lax")


def _add_link_routes(router: APIRouter, desk: Desk, cookie: DeskCookie, pages: Pages) -> None:
    @router.get("/demande/{token}", tags=[BY_LINK])
    def show_link(token: str) -> Response:
        desk.look(token)
        return pages.render("link.html", token=token)

    @router.post("/demande/{token}", tags=[BY_LINK])
    def open_link(request: Request, token: str, _form: PostedForm) -> Response:
        opened = desk.open(token, former_cookie=cookie.read(request))
        response = _go_to(opened.request)
        cookie.put(response, opened.cookie)
        return response

    @router.post("/demande/{token}/nouveau-lien", tags=[BY_LINK])
    def renew_link(token: str, _form: PostedForm) -> Response:
        desk.renew(token)
        return pages.render("link_renewed.html")


def _add_desk_routes(router: APIRouter, desk: Desk, cookie: DeskCookie, pages: Pages, gradations: Gradations) -> None:
    def show(
        visitor: DeskSession,
        request: ReadableRequest,
        *,
        status: int = 200,
        level_missing: bool = False,
        given: str = "",
    ) -> Response:
        if is_withdrawn(request):
            return pages.render("request_withdrawn.html", form_token=visitor.form_token)
        return pages.render(
            "request.html",
            status=status,
            form_token=visitor.form_token,
            request=view(request),
            gradation=gradations.show(request.grading) if request.grading else None,
            reasons=tuple(RefusalReason),
            reason_missing=status == ReasonMissing.status and not level_missing,
            levels=SCALE,
            least_reason=LEAST_REASON,
            level_missing=level_missing,
            given=given,
            overrides=request.overrides,
        )

    @router.get("/bureau", tags=[BY_SESSION])
    def list_requests(request: Request) -> Response:
        visitor, found = desk.list(cookie.read(request))
        return pages.render("requests.html", form_token=visitor.form_token, requests=found)

    @router.get("/bureau/demandes/{id}", tags=[BY_SESSION])
    def show_request(request: Request, id: str) -> Response:
        return show(*desk.read(cookie.read(request), id))

    @router.post("/bureau/demandes/{id}/accepter", tags=[BY_SESSION])
    def accept(request: Request, id: str, form: PostedForm) -> Response:
        desk.accept(cookie.read(request), form, id)
        return _go_to(id)

    @router.post("/bureau/demandes/{id}/refuser", tags=[BY_SESSION])
    def refuse(request: Request, id: str, form: PostedForm) -> Response:
        try:
            desk.refuse(cookie.read(request), form, id)
        except ReasonMissing as missing:
            return show(*desk.read(cookie.read(request), id), status=missing.status)
        return _go_to(id)

    @router.post("/bureau/demandes/{id}/fait", tags=[BY_SESSION])
    def finish(request: Request, id: str, form: PostedForm) -> Response:
        desk.finish(cookie.read(request), form, id)
        return _go_to(id)

    @router.post("/bureau/demandes/{id}/niveau", tags=[BY_SESSION])
    def change_level(request: Request, id: str, form: PostedForm) -> Response:
        try:
            desk.change_level(cookie.read(request), form, id)
        except (ReasonTooShort, NoSuchLevel):
            visitor, found = desk.read(cookie.read(request), id)
            status = ReasonTooShort.status
            return show(visitor, found, status=status, level_missing=True, given=form.get("reason", ""))
        return _go_to(id)

    @router.post("/bureau/sortir", tags=[BY_SESSION])
    def leave(request: Request, form: PostedForm) -> Response:
        desk.leave(cookie.read(request), form)
        response = pages.render("left.html")
        cookie.take_back(response)
        return response


def _go_to(request_id: str) -> Response:
    return RedirectResponse(f"/bureau/demandes/{request_id}", status_code=303)
