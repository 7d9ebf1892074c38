"""The demonstration's phones: a page that sends and receives SMS through the fake Twilio, by the real door."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from passerelle.channels.fake_twilio import FakeMessage, FakeTwilio
from passerelle.channels.origins import Origins
from passerelle.channels.refusals import RefusingRoute
from passerelle.channels.web_pages import Pages
from passerelle.foundation.forms import WrongShape, WrongType, media_type, read_body
from passerelle.foundation.phone import e164, spoken

#: Numbers set aside for fiction: 06 39 98 xx xx.
_MADE_UP = re.compile(r"\+3363998[0-9]{4}", re.ASCII)

EXAMPLES = (
    (
        "fr",
        "bjr jsuis sorti de lhopital ya 10 jours jvis seul a rennes personne pr maider pr les courses et le menage"
        " et la caf a coupé mes apl",
    ),
    (
        "en",
        "Hello, I live in 35400 and I can't pay my rent since two months, I don't understand the letters",
    ),
    ("fr", "jen peux plus je dors dans ma voiture ce soir avec mon fils"),
)


class Typed(BaseModel):
    """What somebody typed on one of the phones."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, StringConstraints(max_length=30)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=1600)]


def simulator_router(twilio: FakeTwilio, *, origins: Origins, pages: Pages) -> APIRouter:
    """The page of the phones and what it calls. For the demonstration only."""
    router = APIRouter(prefix="/simulateur", tags=["demonstration"], route_class=RefusingRoute)

    @router.get("")
    async def show() -> Response:
        return pages.render(
            "simulator.html", language="fr", dir="ltr", examples=EXAMPLES, our_number=spoken(twilio.number)
        )

    @router.post("/messages", status_code=202)
    async def send(request: Request) -> dict[str, Any]:
        origins.require_own_page(request)
        typed = await _typed(request)
        answers = await twilio.deliver_inbound(_made_up(typed.number), typed.text)
        return {"accepted": bool(answers) and answers[-1] in {200, 204}}

    @router.get("/messages")
    async def follow(number: str, after: int = 0) -> dict[str, Any]:
        phone = _made_up(number)
        changed = twilio.thread(phone, after=after)
        return {
            "messages": [_shown(message, phone) for message in changed],
            "cursor": max((message.revision for message in changed), default=after),
        }

    return router


def _shown(message: FakeMessage, phone: str) -> dict[str, Any]:
    return {
        "sid": message.sid,
        "mine": message.from_ == phone,
        "text": message.body,
        "status": message.status,
        "encoding": message.encoding,
        "parts": message.parts,
    }


async def _typed(request: Request) -> Typed:
    if media_type(request) != "application/json":
        raise WrongType(expected="application/json")
    try:
        return Typed.model_validate_json(await read_body(request, limit=16 * 1024))
    except ValidationError as error:
        raise WrongShape from error


def _made_up(number: str) -> str:
    phone = e164(number)
    if not _MADE_UP.fullmatch(phone):
        raise WrongShape
    return phone
