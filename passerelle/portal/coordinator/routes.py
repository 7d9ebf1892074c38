"""The addresses of the coordinator: the register searched, corrected, put in force; what was said and what lacks."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from passerelle.handoff.territory import CORRECTABLE
from passerelle.portal.communes import choose_commune
from passerelle.portal.coordinator.additions import ASKED, ZONES, Addition
from passerelle.portal.coordinator.changes import Change
from passerelle.portal.coordinator.coordination import Coordination, field_named
from passerelle.portal.coordinator.door import CoordinatorDoor
from passerelle.portal.coordinator.fields import BY_NAME
from passerelle.portal.coordinator.inspection import Inspection, need_name
from passerelle.portal.coordinator.versions import Versions
from passerelle.portal.desk_routes import DeskCookie
from passerelle.portal.forms import Form, read_form, read_long_form
from passerelle.portal.team import TeamSession, WrongCode
from passerelle.portal.web_pages import Pages, route_class

#: Access rules: the code opens, the session does the rest.
BY_CODE, BY_COORDINATOR = "coordinator code", "coordinator session"

HOME = "/coordination"

PostedForm = Annotated[Form, Depends(read_form)]
LongForm = Annotated[Form, Depends(read_long_form)]

_UNSOUND = 422


class CoordinatorCookie(DeskCookie):
    """The one cookie of the coordinator's pages."""

    def __init__(self, *, secure: bool) -> None:
        super().__init__(secure=secure)
        self.name = "__Host-coordination" if secure else "coordination"


def coordinator_router(
    *,
    door: CoordinatorDoor,
    coordination: Coordination,
    versions: Versions,
    inspection: Inspection,
    pages: Pages,
    secure_cookies: bool,
    shown_code: str,
) -> APIRouter:
    """The coordinator's pages. `shown_code` is the demonstration's, said on the door; empty elsewhere."""
    router = APIRouter(route_class=route_class(pages))
    desk = _Desk(door, CoordinatorCookie(secure=secure_cookies), pages)
    _add_door(router, desk, coordination, versions, shown_code)
    _add_register(router, desk, coordination)
    _add_corrections(router, desk, coordination)
    _add_addition(router, desk, coordination)
    _add_versions(router, desk, coordination, versions)
    _add_history(router, desk, coordination)
    _add_territory(router, desk, coordination)
    _add_reports(router, desk, coordination)
    _add_inspection(router, desk, inspection)
    return router


class _Desk:
    """Who is there, and how a page is shown to them."""

    def __init__(self, door: CoordinatorDoor, cookie: CoordinatorCookie, pages: Pages) -> None:
        self.door = door
        self.cookie = cookie
        self.pages = pages

    def visitor(self, request: Request) -> TeamSession:
        """The coordinator of this request. Raises CoordinatorSessionOver."""
        return self.door.session_of(self.cookie.read(request))

    def author(self, request: Request, form: Form) -> str:
        """Who sends this form of ours. Raises CoordinatorSessionOver."""
        return self.door.posted(self.cookie.read(request), form).team

    def show(self, request: Request, name: str, *, status: int = 200, **values: Any) -> Response:
        """One page, for whoever is there."""
        visitor = self.visitor(request)
        return self.pages.render(name, status=status, form_token=visitor.form_token, visitor=visitor.team, **values)


def _go(path: str, **query: object) -> Response:
    address = f"{HOME}/{path}"
    return RedirectResponse(f"{address}?{urlencode(query)}" if query else address, status_code=303)


def _add_door(router: APIRouter, desk: _Desk, coordination: Coordination, versions: Versions, shown_code: str) -> None:
    door, cookie, pages = desk.door, desk.cookie, desk.pages

    def show_door(*, wrong: bool = False) -> Response:
        status = WrongCode.status if wrong else 200
        return pages.render(
            "coordinator_door.html", status=status, is_open=door.is_open, wrong=wrong, shown_code=shown_code
        )

    @router.get(HOME, tags=[BY_CODE])
    def enter() -> Response:
        return show_door()

    @router.post(HOME, tags=[BY_CODE])
    def open_door(form: PostedForm) -> Response:
        try:
            value = door.open(form.get("code", ""))
        except WrongCode:
            return show_door(wrong=True)
        response = _go("accueil")
        cookie.put(response, value)
        return response

    @router.get(f"{HOME}/accueil", tags=[BY_COORDINATOR])
    def home(request: Request) -> Response:
        return desk.show(
            request,
            "coordinator_home.html",
            territory=coordination.territory.name,
            services=len(coordination.register.offers()),
            waiting=len(versions.waiting()),
            reports=len(coordination.reports()),
        )

    @router.post(f"{HOME}/sortir", tags=[BY_COORDINATOR])
    def leave(request: Request, form: PostedForm) -> Response:
        desk.author(request, form)
        response = RedirectResponse(HOME, status_code=303)
        cookie.take_back(response)
        return response


def _add_register(router: APIRouter, desk: _Desk, coordination: Coordination) -> None:
    register = coordination.register

    @router.get(f"{HOME}/dispositifs", tags=[BY_COORDINATOR])
    def search(request: Request) -> Response:
        asked = {
            name: request.query_params.get(name, "")[:120] for name in ("words", "need", "commune", "epci", "page")
        }
        chosen = choose_commune(asked, register.places) if asked["commune"] else None
        page = int(asked["page"]) if asked["page"].isascii() and asked["page"].isdigit() else 1
        groups = register.groups()
        known = asked["epci"] in dict(groups)
        results = register.search(
            words=asked["words"],
            need=asked["need"],
            commune=(chosen.code or "") if chosen else "",
            epci=asked["epci"] if known else "",
            page=page,
        )
        return desk.show(
            request,
            "coordinator_search.html",
            asked=asked,
            chosen=chosen,
            results=results,
            groups=groups,
            needs=BY_NAME["thematiques"].choices,
            more=lambda number: urlencode({**asked, "page": number}),
        )

    @router.get(f"{HOME}/dispositif", tags=[BY_COORDINATOR])
    def show_sheet(request: Request, id: str = "") -> Response:
        return sheet_page(request, id)

    def sheet_page(request: Request, service_id: str, *, wrong: str = "", given: Form | None = None) -> Response:
        desk.visitor(request)
        return desk.show(
            request,
            "coordinator_sheet.html",
            status=_UNSOUND if wrong else 200,
            sheet=register.sheet(service_id),
            history=[_told(change, coordination) for change in coordination.changes.history(target=service_id)],
            reports=[one for one in coordination.reports() if one.service == service_id],
            wrong=wrong,
            given=given or {},
            link=lambda name: urlencode({"id": service_id, "field": name}),
        )

    @router.post(f"{HOME}/fermer", tags=[BY_COORDINATOR])
    def close(request: Request, form: PostedForm) -> Response:
        author, service_id = desk.author(request, form), form.get("id", "")
        wrong = coordination.close(author, service_id, form)
        return sheet_page(request, service_id, wrong=wrong, given=form) if wrong else _go("dispositif", id=service_id)

    @router.post(f"{HOME}/verifier", tags=[BY_COORDINATOR])
    def vouch(request: Request, form: PostedForm) -> Response:
        coordination.vouch(desk.author(request, form), form.get("id", ""))
        return _go("dispositif", id=form.get("id", ""))

    @router.post(f"{HOME}/retirer", tags=[BY_COORDINATOR])
    def withdraw(request: Request, form: PostedForm) -> Response:
        coordination.withdraw(desk.author(request, form), form.get("id", ""))
        return _go("dispositif", id=form.get("id", ""))


def _add_corrections(router: APIRouter, desk: _Desk, coordination: Coordination) -> None:
    def form_page(
        request: Request, service_id: str, name: str, *, wrong: str = "", given: Form | None = None
    ) -> Response:
        desk.visitor(request)
        field, sheet = field_named(name), coordination.register.sheet(service_id)
        value = sheet.value(name)
        return desk.show(
            request,
            "coordinator_correct.html",
            status=_UNSOUND if wrong else 200,
            sheet=sheet,
            field=field,
            line=next(line for line in sheet.lines if line.field.name == name),
            value=field.typed(value) if given is None else given.get("value", ""),
            picked=_picked(field.choices, value, given),
            wrong=wrong,
        )

    @router.get(f"{HOME}/corriger", tags=[BY_COORDINATOR])
    def show_form(request: Request, id: str = "", field: str = "") -> Response:
        return form_page(request, id, field)

    @router.post(f"{HOME}/corriger", tags=[BY_COORDINATOR])
    def correct(request: Request, form: LongForm) -> Response:
        author, service_id, name = desk.author(request, form), form.get("id", ""), form.get("field", "")
        wrong = coordination.correct(author, service_id, name, form)
        if wrong:
            return form_page(request, service_id, name, wrong=wrong, given=form)
        return _go("dispositif", id=service_id)


def _picked(
    choices: tuple[tuple[str, str], ...], value: Any, given: Form | None, name: str = "value"
) -> frozenset[str]:
    """What is ticked or chosen among the choices of a field."""
    if given is not None:
        return frozenset(code for code, _ in choices if given.get(f"{name}_{code}") or given.get(name) == code)
    if isinstance(value, bool):
        return frozenset({"yes" if value else "no"})
    return frozenset(map(str, value)) if isinstance(value, list | tuple) else frozenset({str(value)})


def _add_addition(router: APIRouter, desk: _Desk, coordination: Coordination) -> None:
    def form_page(request: Request, addition: Addition | None) -> Response:
        typed: Mapping[str, str] = addition.typed if addition else {}
        return desk.show(
            request,
            "coordinator_add.html",
            status=_UNSOUND if addition else 200,
            fields=ASKED,
            zones=ZONES,
            typed=typed,
            picked=lambda field, form: _picked(field.choices, None, form, field.name),
            wrongs=addition.wrongs if addition else {},
            commune=addition.commune if addition else None,
        )

    @router.get(f"{HOME}/ajouter", tags=[BY_COORDINATOR])
    def show_form(request: Request) -> Response:
        return form_page(request, None)

    @router.post(f"{HOME}/ajouter", tags=[BY_COORDINATOR])
    def add(request: Request, form: LongForm) -> Response:
        addition = coordination.add(desk.author(request, form), form)
        return form_page(request, addition) if addition.value is None else _go("dispositif", id=addition.id)


def _add_versions(router: APIRouter, desk: _Desk, coordination: Coordination, versions: Versions) -> None:
    @router.get(f"{HOME}/version", tags=[BY_COORDINATOR])
    def show(request: Request) -> Response:
        desk.visitor(request)
        listed = versions.list()
        places = coordination.register.places
        return desk.show(
            request,
            "coordinator_version.html",
            versions=listed,
            newest=listed[0] if listed else None,
            ready=versions.ready(),
            waiting=[_told(change, coordination) for change in versions.waiting()],
            can_go_back=versions.can_go_back,
            service_name=coordination.register.name,
            commune_name=places.name,
            need_names=lambda needs: ", ".join(map(need_name, needs)),
        )

    @router.post(f"{HOME}/version/preparer", tags=[BY_COORDINATOR])
    def prepare(request: Request, form: PostedForm) -> Response:
        versions.prepare(desk.author(request, form))
        return _go("version")

    @router.post(f"{HOME}/version/mettre-en-vigueur", tags=[BY_COORDINATOR])
    def put_in_force(request: Request, form: PostedForm) -> Response:
        versions.put_in_force(desk.author(request, form), _number(form))
        return _go("version")

    @router.post(f"{HOME}/version/revenir", tags=[BY_COORDINATOR])
    def go_back(request: Request, form: PostedForm) -> Response:
        versions.go_back(desk.author(request, form))
        return _go("version")


def _add_history(router: APIRouter, desk: _Desk, coordination: Coordination) -> None:
    @router.get(f"{HOME}/historique", tags=[BY_COORDINATOR])
    def show(request: Request) -> Response:
        desk.visitor(request)
        history = [_told(change, coordination) for change in coordination.changes.history()]
        return desk.show(request, "coordinator_history.html", history=history)

    @router.post(f"{HOME}/annuler", tags=[BY_COORDINATOR])
    def undo(request: Request, form: PostedForm) -> Response:
        coordination.undo(desk.author(request, form), _number(form))
        return _go("historique")


def _add_territory(router: APIRouter, desk: _Desk, coordination: Coordination) -> None:
    territory = coordination.territory

    @router.get(f"{HOME}/territoire", tags=[BY_COORDINATOR])
    def show(request: Request) -> Response:
        desk.visitor(request)
        return desk.show(
            request,
            "coordinator_territory.html",
            territory=territory.name,
            desks=territory.desks(),
            recipients=territory.recipients(),
            instances=territory.instances(),
            fields={kind: names for kind, (_, names) in CORRECTABLE.items()},
            link=lambda kind, line, name: urlencode({"kind": kind, "line": line, "field": name}),
        )

    def form_page(request: Request, given: Form, *, wrong: str = "") -> Response:
        desk.visitor(request)
        kind, line, name = (given.get(part, "") for part in ("kind", "line", "field"))
        value = coordination.territory_value(kind, line, name)
        shown = "\n".join(value) if isinstance(value, list) else value
        return desk.show(
            request,
            "coordinator_territory_correct.html",
            status=_UNSOUND if wrong else 200,
            kind=kind,
            line=line,
            field=name,
            title=coordination.territory_value(kind, line, "name"),
            value=given.get("value", "") if wrong else shown,
            wrong=wrong,
        )

    @router.get(f"{HOME}/territoire/corriger", tags=[BY_COORDINATOR])
    def show_form(request: Request) -> Response:
        return form_page(request, {name: value[:200] for name, value in request.query_params.items()})

    @router.post(f"{HOME}/territoire/corriger", tags=[BY_COORDINATOR])
    def correct(request: Request, form: LongForm) -> Response:
        author = desk.author(request, form)
        wrong = coordination.correct_territory(
            author, form.get("kind", ""), form.get("line", ""), form.get("field", ""), form
        )
        return form_page(request, form, wrong=wrong) if wrong else _go("territoire")


def _add_reports(router: APIRouter, desk: _Desk, coordination: Coordination) -> None:
    @router.get(f"{HOME}/signalements", tags=[BY_COORDINATOR])
    def show(request: Request) -> Response:
        desk.visitor(request)
        return desk.show(
            request,
            "coordinator_reports.html",
            reports=coordination.reports(),
            service_name=coordination.register.name,
            has_sheet=coordination.register.holds,
            link=lambda service: urlencode({"id": service}),
        )

    @router.post(f"{HOME}/signalements/clore", tags=[BY_COORDINATOR])
    def settle(request: Request, form: PostedForm) -> Response:
        author = desk.author(request, form)
        coordination.settle(author, form.get("id", ""), form.get("kind", ""), form.get("how", ""))
        return _go("signalements")


def _add_inspection(router: APIRouter, desk: _Desk, inspection: Inspection) -> None:
    @router.get(f"{HOME}/import", tags=[BY_COORDINATOR])
    def show_import(request: Request) -> Response:
        desk.visitor(request)
        return desk.show(
            request,
            "coordinator_import.html",
            refused=inspection.refused(),
            sources=inspection.freshness(),
        )

    @router.get(f"{HOME}/manques", tags=[BY_COORDINATOR])
    def show_gaps(request: Request) -> Response:
        desk.visitor(request)
        return desk.show(
            request,
            "coordinator_gaps.html",
            coverage=inspection.coverage(),
            gaps=inspection.gaps(request.query_params.get("month", "")),
            need_name=need_name,
        )


def _number(form: Form) -> int:
    typed = form.get("number", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _told(change: Change, coordination: Coordination) -> dict[str, Any]:
    """A change as a line of history."""
    field = BY_NAME.get(change.field)
    show: Callable[[Any], str] = field.show if field else _plainly
    name = coordination.register.name(change.target)
    if change.kind == "add":
        name = change.value["service"]["nom"]
    return {
        "change": change,
        "name": name,
        "value": "" if change.kind in {"add", "withdraw", "close"} else show(change.value),
        "before": show(change.before),
    }


def _plainly(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
