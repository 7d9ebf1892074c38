"""The widget's API: JSON only, a bearer token, exact origins; no cookie, so nothing to forge."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from babel import Locale
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from passerelle.channels.origins import Origins
from passerelle.channels.refusals import refusal
from passerelle.channels.web_door import NotKept, WebDoor, WebMessage, safe_links
from passerelle.channels.web_tokens import SessionOver, Ticket
from passerelle.conversation.partners import LONGEST_ORGANISATION, Partner, PartnerRole
from passerelle.foundation.errors import BadInput, NotAllowed, PasserelleError
from passerelle.foundation.forms import WrongType, media_type, read_body
from passerelle.foundation.texts import SOURCE_LANGUAGE, Texts

MAX_BODY_BYTES = 16 * 1024
LONGEST_WAIT = 25.0

#: What a database column holds.
_HIGHEST_CURSOR = 2**31 - 1

#: The interface words the widget needs; each is a text `widget.<word>`.
WORDS = (
    "close",
    "continue",
    "ended",
    "erased",
    "expiring",
    "failed",
    "finish",
    "history",
    "input",
    "leave",
    "offline",
    "open",
    "open_partner",
    "partner",
    "restart",
    "robot",
    "send",
    "title",
    "unavailable",
    "validate",
    "waiting",
    "welcome",
    "welcome_partner",
    "you",
)

Site = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=1600)]
Organisation = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_ORGANISATION)]
QuestionKey = Annotated[str, StringConstraints(min_length=1, max_length=160)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Opening(_Body):
    """What a page says to start."""

    site: Site
    language: Language | None = None
    role: Literal["resident", "partner"] = "resident"
    #: What a partner is, and for which organisation: nothing else is kept about them.
    helper: PartnerRole = "other"
    organisation: Organisation = ""


class Saying(_Body):
    """One message; `id` makes a repeat harmless."""

    id: UUID
    text: Words
    question: QuestionKey | None = None


class NotUnderstood(BadInput):
    """{field}: {reason}"""

    status = 422


_Shape = TypeVar("_Shape", bound=_Body)


def widget_router(door: WebDoor, *, origins: Origins, texts: Texts) -> APIRouter:
    """The routes `static/widget.js` calls."""
    router = APIRouter(prefix="/widget", tags=["bearer token"], route_class=_route_class(origins))

    @router.post("/conversations", status_code=201)
    async def open_conversation(request: Request) -> dict[str, Any]:
        asked = await _read(request, Opening)
        origins.require_site(request, asked.site)
        language = asked.language if asked.language in texts.languages else None
        partner = Partner(role=asked.helper, organisation=asked.organisation or asked.site)
        ticket = await door.open(
            site=asked.site, role=asked.role, language=language, partner=partner if asked.role == "partner" else None
        )
        return {"conversation": ticket.conversation} | _shown(door, ticket)

    @router.post("/messages", status_code=202)
    async def say(request: Request) -> dict[str, Any]:
        ticket = _ticket(request, door)
        origins.require_site(request, ticket.site)
        said = await _read(request, Saying)
        await door.say(ticket, id=said.id, text=said.text, question=said.question)
        return {"id": str(said.id)} | _shown(door, door.tokens.renewed(ticket))

    @router.post("/renewals")
    async def renew(request: Request) -> dict[str, Any]:
        ticket = _ticket(request, door)
        origins.require_site(request, ticket.site)
        return _shown(door, door.tokens.renewed(ticket))

    @router.get("/messages")
    async def follow(
        request: Request,
        after: Annotated[int, Query(ge=0, le=_HIGHEST_CURSOR)] = 0,
        wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0,
    ) -> dict[str, Any]:
        ticket = _ticket(request, door)
        origins.require_reader(request, ticket.site)
        found, cursor = await door.messages(ticket, after=after, wait=wait, gone=request.is_disconnected)
        return {"messages": [message_json(message) for message in found], "cursor": cursor}

    @router.get("/words")
    async def words(lang: Annotated[str, Query(max_length=20)] = SOURCE_LANGUAGE) -> JSONResponse:
        language = lang if lang in texts.languages else SOURCE_LANGUAGE
        spoken = {word: texts.say(f"widget.{word}", language=language) for word in WORDS}
        content = {"language": language, "dir": direction(language), "words": spoken}
        return JSONResponse(content, headers={"Cache-Control": "public, max-age=300"})

    @router.options("/{path:path}")
    async def preflight(request: Request) -> Response:
        if not origins.known(request.headers.get("origin")):
            raise NotAllowed
        return Response(
            status_code=204,
            headers={
                "Access-Control-Allow-Methods": "GET, POST",
                "Access-Control-Allow-Headers": "authorization, content-type",
                "Access-Control-Max-Age": "600",
            },
        )

    return router


def message_json(message: WebMessage) -> dict[str, Any]:
    """A message as the widget reads it."""
    return {
        "cursor": message.cursor,
        "sender": message.sender,
        "text": message.text,
        "language": message.language,
        "dir": direction(message.language),
        "at": message.at.isoformat(),
        "question": message.question,
        "options": [{"number": number, "label": label} for number, label in message.options],
        "links": [{"label": label, "href": href} for label, href in safe_links(message)],
    }


def direction(language: str) -> str:
    """Which way a language is written: "ltr" or "rtl"."""
    return str(Locale.parse(language or SOURCE_LANGUAGE).text_direction)


def _route_class(origins: Origins) -> type[APIRoute]:
    """Routes whose every answer, refusals included, a listed page may read and no other."""

    class WidgetRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def answer(request: Request) -> Response:
                try:
                    response = await handle(request)
                except NotKept as error:
                    response = refusal(error, danger=error.danger)
                except PasserelleError as error:
                    response = refusal(error)
                return _readable(response, request.headers.get("origin"), origins)

            return answer

    return WidgetRoute


def _readable(response: Response, origin: str | None, origins: Origins) -> Response:
    response.headers["Vary"] = "Origin"
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    if origin is not None and origins.known(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


def _shown(door: WebDoor, ticket: Ticket) -> dict[str, Any]:
    left = ticket.expires_at - door.tokens.clock.now()
    return {
        "token": door.tokens.write(ticket),
        "expires_at": ticket.expires_at.isoformat(),
        # The page counts from its own clock, which may be wrong by hours.
        "expires_in": int(left.total_seconds()),
    }


def _ticket(request: Request, door: WebDoor) -> Ticket:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise SessionOver
    return door.tokens.read(token)


async def _read(request: Request, shape: type[_Shape]) -> _Shape:
    if media_type(request) != "application/json":
        raise WrongType(expected="application/json")
    try:
        return shape.model_validate_json(await read_body(request, limit=MAX_BODY_BYTES))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        # A field name we did not choose is a text of the sender's: it is not said back.
        field = first["loc"][0] if first["loc"] and first["loc"][0] in shape.model_fields else "body"
        raise NotUnderstood(field=field, reason=first["msg"]) from None
