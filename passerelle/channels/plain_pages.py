"""The widget's twin without JavaScript: the same door, one server-rendered page, a signed token in the form."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from babel import Locale
from fastapi import APIRouter, Request, Response

from passerelle.channels.origins import Origins
from passerelle.channels.web_door import NotKept, WebDoor, WebMessage
from passerelle.channels.web_pages import Pages
from passerelle.channels.web_tokens import Role, SessionOver, Ticket
from passerelle.channels.widget import MAX_BODY_BYTES, direction, message_json
from passerelle.conversation.partners import LONGEST_ORGANISATION, ROLES, Partner
from passerelle.foundation.errors import PasserelleError
from passerelle.foundation.forms import WrongShape, only, read_form
from passerelle.foundation.texts import SOURCE_LANGUAGE, Texts

PATH = "/sans-javascript"
NEUTRAL_PAGE = "https://meteofrance.com/"

#: Seconds the page waits for an answer before it is shown without one.
PATIENCE = 4.0

#: A partner who did not say what they are, and for which organisation, is asked.
_MISSING = 422

_WORDS = {
    "title": "plain.title",
    "intro": "plain.intro",
    "who": "plain.who",
    "resident": "plain.resident",
    "partner": "plain.partner",
    "language": "plain.language",
    "start": "plain.start",
    "you_are": "observe.you",
    "organisation": "observe.organisation",
    "refresh": "plain.refresh",
    "options": "plain.options",
    "leave": "widget.leave",
    "together": "widget.partner",
    "you": "widget.you",
    "robot": "widget.robot",
    "input": "widget.input",
    "send": "widget.send",
}


def plain_router(
    door: WebDoor, *, origins: Origins, texts: Texts, pages: Pages, patience: float = PATIENCE
) -> APIRouter:
    """The routes of the page without JavaScript."""
    router = APIRouter(prefix=PATH, tags=["token in the form"])
    twin = _Twin(door, origins, texts, pages, patience)
    router.get("")(twin.show_start)
    router.post("")(twin.open)
    router.post("/messages")(twin.say)
    router.post("/refresh")(twin.refresh)
    return router


class _Twin:
    def __init__(self, door: WebDoor, origins: Origins, texts: Texts, pages: Pages, patience: float) -> None:
        self._door = door
        self._origins = origins
        self._texts = texts
        self._pages = pages
        self._patience = patience

    async def show_start(self, lang: str = SOURCE_LANGUAGE, role: str = "resident") -> Response:
        """The page where a conversation begins."""
        return self._start(self._known(lang), role=role)

    async def open(self, request: Request) -> Response:
        """Start a conversation and show it."""
        try:
            form = await self._form(request)
            language = self._known(only(form, "language", default=SOURCE_LANGUAGE))
            role = _role(only(form, "role", default="resident"))
            partner = _partner(form) if role == "partner" else None
            if role == "partner" and not (partner and partner.is_known):
                missing = "observe.error.organisation" if partner and partner.role in ROLES else "observe.error.role"
                return self._start(language, role=role, partner=partner, notice=missing, status=_MISSING)
            ticket = await self._door.open(site="", role=role, language=language, partner=partner)
        except PasserelleError as error:
            return self._refusal(error)
        return await self._conversation(ticket, language=language, seen=None)

    async def say(self, request: Request) -> Response:
        """Take a message, then show the conversation with its answer."""
        try:
            form = await self._form(request)
            ticket = self._door.tokens.read(only(form, "token"))
            text = only(form, "text").strip()[:1600]
            seen, language = _cursor(form), only(form, "lang", default="") or None
            if text:
                question = only(form, "question", default="") or None
                await self._door.say(ticket, id=_id(form), text=text, question=question)
        except NotKept as error:
            return self._not_kept(error, ticket, text)
        except PasserelleError as error:
            return self._refusal(error)
        return await self._conversation(self._door.tokens.renewed(ticket), seen=seen, language=language)

    async def refresh(self, request: Request) -> Response:
        """Show what is new."""
        try:
            form = await self._form(request)
            ticket = self._door.tokens.read(only(form, "token"))
            language = only(form, "lang", default="") or None
        except PasserelleError as error:
            return self._refusal(error)
        return await self._conversation(ticket, seen=None, language=language)

    async def _form(self, request: Request) -> dict[str, list[str]]:
        self._origins.require_own_page(request)
        return await read_form(request, limit=MAX_BODY_BYTES)

    async def _conversation(self, ticket: Ticket, *, seen: int | None, language: str | None = None) -> Response:
        try:
            if seen is not None:
                await self._door.messages(ticket, after=seen, wait=self._patience)
            found = await self._door.whole(ticket)
        except PasserelleError as error:
            return self._refusal(error)
        messages = [message_json(message) for message in _current(found, ticket.role, seen)]
        waiting = seen is not None and not any(message.cursor > seen for message in found if _ours(message))
        return self._page(
            ticket,
            messages=messages,
            language=messages[-1]["language"] if messages else language or SOURCE_LANGUAGE,
            notice="plain.no_answer_yet" if waiting else None,
        )

    def _not_kept(self, error: NotKept, ticket: Ticket, text: str) -> Response:
        """The database is down: the danger is answered all the same, and the words are given back."""
        return self._page(
            ticket,
            messages=[],
            language=SOURCE_LANGUAGE,
            notice=None if error.danger else "plain.not_kept",
            danger=error.danger,
            unsent="" if error.danger else text,
            status=error.status,
        )

    def _page(
        self,
        ticket: Ticket,
        *,
        messages: list[dict[str, Any]],
        language: str,
        notice: str | None,
        danger: str | None = None,
        unsent: str = "",
        status: int = 200,
    ) -> Response:
        language = self._known(language)
        last = messages[-1] if messages else {"options": [], "question": None, "cursor": 0}
        return self._pages.render(
            "plain_conversation.html",
            status=status,
            **self._frame(language),
            notice=danger or (notice and self._texts.say(notice, language=language)),
            role=ticket.role,
            messages=messages,
            options=last["options"],
            question=last["question"] or "",
            token=self._door.tokens.write(ticket),
            cursor=last["cursor"],
            # One id per form: pressing "send" twice, or reloading the page, says it once.
            ids=(uuid4(), uuid4()),
            unsent=unsent,
            neutral_page=NEUTRAL_PAGE,
        )

    def _start(
        self,
        language: str,
        *,
        role: str,
        partner: Partner | None = None,
        notice: str | None = None,
        status: int = 200,
    ) -> Response:
        return self._pages.render(
            "plain_start.html",
            status=status,
            **self._frame(language),
            notice=notice and self._texts.say(notice, language=language),
            role=role,
            languages=[(code, _own_name(code)) for code in self._texts.languages],
            helpers=[(helper, self._texts.say(f"observe.role.{helper}", language=language)) for helper in ROLES],
            helper=partner.role if partner else "",
            organisation=partner.organisation if partner else "",
            longest_organisation=LONGEST_ORGANISATION,
        )

    def _refusal(self, error: PasserelleError) -> Response:
        if isinstance(error, SessionOver):
            notice = "plain.session_over"
        else:
            notice = "plain.not_kept" if error.retry else "plain.refused"
        return self._start(SOURCE_LANGUAGE, role="resident", notice=notice, status=error.status)

    def _frame(self, language: str) -> dict[str, Any]:
        words = {name: self._texts.say(key, language=language) for name, key in _WORDS.items()}
        return {"words": words, "language": language, "dir": direction(language)}

    def _known(self, language: str) -> str:
        return language if language in self._texts.languages else SOURCE_LANGUAGE


def _role(text: str) -> Role:
    if text == "resident":
        return "resident"
    if text == "partner":
        return "partner"
    raise WrongShape


def _partner(form: dict[str, list[str]]) -> Partner:
    """What a partner says they are."""
    organisation = " ".join(only(form, "organisation", default="").split())
    return Partner(role=only(form, "helper", default=""), organisation=organisation[:LONGEST_ORGANISATION])


def _id(form: dict[str, list[str]]) -> UUID:
    try:
        return UUID(only(form, "id"))
    except ValueError as error:
        raise WrongShape from error


def _cursor(form: dict[str, list[str]]) -> int:
    """The last message the page showed: what comes after it is the answer."""
    text = only(form, "cursor", default="0")
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise WrongShape
    return int(text)


def _ours(message: WebMessage) -> bool:
    return message.sender != "person"


def _current(messages: Sequence[WebMessage], role: Role, seen: int | None) -> Sequence[WebMessage]:
    """What the page shows: a partner sees the step at hand, never the answers given before."""
    if role == "resident":
        return messages
    new = [message for message in messages if seen is not None and message.cursor > seen and _ours(message)]
    return new or [message for message in messages if _ours(message)][-1:]


def _own_name(language: str) -> str:
    name = Locale.parse(language).get_display_name(language) or language
    return name[0].upper() + name[1:]
