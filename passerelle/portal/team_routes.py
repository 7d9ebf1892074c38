"""The addresses of the teams: the collective reading (level C) and the professional's question."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from passerelle.handoff.reports import REPORT_KINDS
from passerelle.portal.collective import (
    DELAYS,
    ECHELONS,
    FACTORS,
    LEVELS,
    LONGEST,
    STRENGTHS,
    WEIGHTS,
    CollectiveNote,
    CollectiveReading,
    Draft,
)
from passerelle.portal.desk_routes import DeskCookie
from passerelle.portal.forms import Form, read_form, read_long_form
from passerelle.portal.handout import Handout
from passerelle.portal.markdown import note_as_markdown
from passerelle.portal.notes import Notes
from passerelle.portal.question import Answer, ProfessionalQuestion
from passerelle.portal.team import TeamDoor, TeamSession, WrongCode
from passerelle.portal.web_pages import Pages, route_class

#: Access rules: the code opens, the session does the rest.
BY_CODE, BY_TEAM = "team code", "team session"

PostedForm = Annotated[Form, Depends(read_form)]
LongForm = Annotated[Form, Depends(read_long_form)]

HandsOut = Callable[[Sequence[str], str], Handout]

_UNSOUND = 422


class TeamCookie(DeskCookie):
    """The one cookie of the teams' pages."""

    def __init__(self, *, secure: bool) -> None:
        super().__init__(secure=secure)
        self.name = "__Host-equipe" if secure else "equipe"


def team_router(
    *,
    door: TeamDoor,
    reading: CollectiveReading,
    question: ProfessionalQuestion,
    notes: Notes,
    report: Callable[[str, str], None],
    hand_out: HandsOut,
    languages: Sequence[tuple[str, str]],
    pages: Pages,
    secure_cookies: bool,
    shown_code: str,
) -> APIRouter:
    """The pages of the teams. `report` keeps what is said of a dispositif (id, kind); `hand_out` lists (ids, language),
    one of `languages` (code, own name).

    `shown_code` is the demonstration's, said on the door; empty elsewhere.
    """
    router = APIRouter(route_class=route_class(pages))
    cookie = TeamCookie(secure=secure_cookies)
    _add_door(router, door, notes, cookie, pages, shown_code)
    _add_question(router, door, question, cookie, pages, languages)
    _add_reading(router, door, reading, notes, cookie, pages)
    _add_notes(router, door, notes, cookie, pages)
    _add_report(router, door, report, cookie, pages)
    _add_handout(router, door, hand_out, cookie)
    return router


def _add_door(
    router: APIRouter, door: TeamDoor, notes: Notes, cookie: TeamCookie, pages: Pages, shown_code: str
) -> None:
    def show_door(*, wrong: bool = False) -> Response:
        status = WrongCode.status if wrong else 200
        return pages.render("team_door.html", status=status, is_open=door.is_open, wrong=wrong, shown_code=shown_code)

    @router.get("/equipe", tags=[BY_CODE])
    def enter() -> Response:
        return show_door()

    @router.post("/equipe", tags=[BY_CODE])
    def open_door(form: PostedForm) -> Response:
        try:
            value = door.open(form.get("code", ""))
        except WrongCode:
            return show_door(wrong=True)
        response = RedirectResponse("/equipe/accueil", status_code=303)
        cookie.put(response, value)
        return response

    @router.get("/equipe/accueil", tags=[BY_TEAM])
    def home(request: Request) -> Response:
        team = door.session_of(cookie.read(request))
        return pages.render("team_home.html", form_token=team.form_token, notes=notes.list(team.team), days=notes.days)

    @router.post("/equipe/sortir", tags=[BY_TEAM])
    def leave(request: Request, form: PostedForm) -> Response:
        door.posted(cookie.read(request), form)
        response = RedirectResponse("/equipe", status_code=303)
        cookie.take_back(response)
        return response


def _add_question(
    router: APIRouter,
    door: TeamDoor,
    question: ProfessionalQuestion,
    cookie: TeamCookie,
    pages: Pages,
    languages: Sequence[tuple[str, str]],
) -> None:
    def need_name(need: str) -> str:
        return pages.say(f"need.{need}")

    def show(team: TeamSession, answer: Answer | None) -> Response:
        return pages.render(
            "team_question.html",
            form_token=team.form_token,
            answer=answer,
            listed=question.listed(),
            need_name=need_name,
            report_kinds=REPORT_KINDS,
            languages=languages,
        )

    @router.get("/equipe/question", tags=[BY_TEAM])
    def show_question(request: Request) -> Response:
        return show(door.session_of(cookie.read(request)), None)

    @router.post("/equipe/question", tags=[BY_TEAM])
    def answer_question(request: Request, form: LongForm) -> Response:
        return show(door.posted(cookie.read(request), form), question.answer(form))


def _add_reading(
    router: APIRouter,
    door: TeamDoor,
    reading: CollectiveReading,
    notes: Notes,
    cookie: TeamCookie,
    pages: Pages,
) -> None:
    def show_form(team: TeamSession, draft: Draft | None) -> Response:
        return pages.render(
            "team_reading.html",
            status=_UNSOUND if draft is not None and not draft.is_sound else 200,
            form_token=team.form_token,
            fields=draft.fields if draft else {},
            refused=draft.refused if draft else {},
            commune=draft.commune if draft else None,
            domains=reading.domains,
            weights=WEIGHTS,
            factors=FACTORS,
            strengths=STRENGTHS,
            levels=LEVELS,
            echelons=ECHELONS,
            delays=DELAYS,
            longest=LONGEST,
        )

    @router.get("/equipe/lecture", tags=[BY_TEAM])
    def show_reading(request: Request) -> Response:
        return show_form(door.session_of(cookie.read(request)), None)

    @router.post("/equipe/lecture", tags=[BY_TEAM])
    def go_on(request: Request, form: LongForm) -> Response:
        team = door.posted(cookie.read(request), form)
        draft = reading.read(form)
        step = form.get("step", "")
        if not draft.is_sound:
            return show_form(team, draft)
        if step == "resources":
            return pages.render(
                "team_resources.html",
                form_token=team.form_token,
                fields={name: value for name, value in draft.fields.items() if not name.startswith("service_")},
                found=reading.resources(draft),
            )
        if step in {"note", "keep", "download"}:
            return finish(team, draft, step)
        return show_form(team, draft)

    def finish(team: TeamSession, draft: Draft, step: str) -> Response:
        note = reading.note(draft)
        if step == "keep":
            return RedirectResponse(f"/equipe/notes/{notes.keep(team.team, note)}", status_code=303)
        if step == "download":
            return _markdown(note, pages)
        return pages.render(
            "team_note.html",
            form_token=team.form_token,
            note=note,
            fields=draft.fields,
            kept=None,
            days=notes.days,
        )


def _add_notes(router: APIRouter, door: TeamDoor, notes: Notes, cookie: TeamCookie, pages: Pages) -> None:
    @router.get("/equipe/notes/{id}", tags=[BY_TEAM])
    def show_note(request: Request, id: str) -> Response:
        team = door.session_of(cookie.read(request))
        kept = notes.read(team.team, id)
        return pages.render(
            "team_note.html", form_token=team.form_token, note=kept.note, fields={}, kept=kept, days=notes.days
        )

    @router.get("/equipe/notes/{id}/note.md", tags=[BY_TEAM])
    def download_note(request: Request, id: str) -> Response:
        team = door.session_of(cookie.read(request))
        return _markdown(notes.read(team.team, id).note, pages)

    @router.post("/equipe/notes/{id}/effacer", tags=[BY_TEAM])
    def erase_note(request: Request, id: str, form: PostedForm) -> Response:
        team = door.posted(cookie.read(request), form)
        notes.erase(team.team, id)
        return RedirectResponse("/equipe/accueil", status_code=303)


def _add_report(
    router: APIRouter, door: TeamDoor, report: Callable[[str, str], None], cookie: TeamCookie, pages: Pages
) -> None:
    @router.post("/equipe/signaler", tags=[BY_TEAM])
    def report_error(request: Request, form: PostedForm) -> Response:
        team = door.posted(cookie.read(request), form)
        report(form.get("service", ""), form.get("kind", ""))
        return pages.render("team_reported.html", form_token=team.form_token)


def _add_handout(router: APIRouter, door: TeamDoor, hand_out: HandsOut, cookie: TeamCookie) -> None:
    @router.post("/equipe/liste", tags=[BY_TEAM])
    def make_list(request: Request, form: LongForm) -> Response:
        door.posted(cookie.read(request), form)
        chosen = [name.removeprefix("service_") for name in form if name.startswith("service_")]
        handout = hand_out(chosen, form.get("language", ""))
        make, media_type, ending = _HANDED.get(form.get("form", ""), _HANDED["pdf"])
        name = f"dispositifs-{handout.day}.{ending}"
        return Response(
            make(handout),
            media_type=media_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )


_HANDED: dict[str, tuple[Callable[[Handout], str | bytes], str, str]] = {
    "pdf": (Handout.pdf, "application/pdf", "pdf"),
    "contacts": (Handout.vcards, "text/vcard; charset=utf-8", "vcf"),
    "table": (Handout.table, "text/csv; charset=utf-8", "csv"),
}


def _markdown(note: CollectiveNote, pages: Pages) -> Response:
    return PlainTextResponse(
        note_as_markdown(note, pages.say),
        media_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="lecture-collective-{note.day}.md"'},
    )
