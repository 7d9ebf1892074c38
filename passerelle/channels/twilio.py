"""The SMS door: what Twilio posts to us."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import phonenumbers
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from passerelle.channels.spool import Spool
from passerelle.channels.twilio_signature import SIGNATURE_HEADER, SignatureCheck
from passerelle.conversation.inbox import Accepted, Inbound
from passerelle.foundation.clock import Clock, SystemClock
from passerelle.foundation.errors import NotAllowed, PasserelleError, TryLater
from passerelle.foundation.forms import WrongShape, only, read_form
from passerelle.foundation.log import log
from passerelle.foundation.sms import fit
from passerelle.foundation.text import clean

INBOUND_PATH = "/sms/twilio"
STATUS_PATH = "/sms/twilio/status"

MAX_BODY_BYTES = 64 * 1024

_MESSAGE_SID = re.compile(r"(?:SM|MM)[0-9a-f]{32}", re.ASCII)
_NOTICE_ID = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_SMALL_NUMBER = re.compile(r"[0-9]{1,2}", re.ASCII)
_STATUS = re.compile(r"[a-z_-]{1,20}", re.ASCII)
_ERROR_CODE = re.compile(r"[0-9]{0,6}", re.ASCII)

#: Takes a message for good, or raises TryLater.
Accept = Callable[[Inbound], Accepted]
#: Records what became of a notice: its id, Twilio's id, Twilio's status, Twilio's error code or None.
OnStatus = Callable[[str, str, str, str | None], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class TwilioDoor:
    """What the SMS door needs to answer, also when the database does not."""

    signature: SignatureCheck
    #: The numbers people write to: E.164 or short codes.
    our_numbers: frozenset[str]
    spool: Spool
    #: The safety answer for a text that tells a danger, None for any other. Pure: it works with all else down.
    danger_answer: Callable[[str], str | None]
    #: What is said to a message that could only be spooled.
    received: str
    clock: Clock = field(default_factory=SystemClock)


def twilio_router(door: TwilioDoor, *, accept: Accept, on_status: OnStatus) -> APIRouter:
    """The routes Twilio calls."""
    router = APIRouter(tags=["signed by Twilio"])

    @router.post(INBOUND_PATH)
    async def receive(request: Request) -> Response:
        try:
            form = await _signed_form(request, door.signature, INBOUND_PATH)
            inbound = _inbound(form, door)
        except PasserelleError as error:
            # Without detail: whoever is not Twilio learns nothing from the answer.
            return Response(status_code=error.status)
        return await run_in_threadpool(_take, inbound, door, accept)

    @router.post(STATUS_PATH + "/{notice_id}")
    async def follow(request: Request, notice_id: str) -> Response:
        try:
            if not _NOTICE_ID.fullmatch(notice_id):
                raise WrongShape
            form = await _signed_form(request, door.signature, f"{STATUS_PATH}/{notice_id}")
            await run_in_threadpool(on_status, notice_id, *_status(form))
        except PasserelleError as error:
            return Response(status_code=error.status)
        return Response(status_code=204)

    return router


async def _signed_form(request: Request, signature: SignatureCheck, path: str) -> dict[str, list[str]]:
    form = await read_form(request, limit=MAX_BODY_BYTES)
    if not signature.accepts(path, form, request.headers.get(SIGNATURE_HEADER)):
        raise NotAllowed
    return form


def _inbound(form: dict[str, list[str]], door: TwilioDoor) -> Inbound:
    sid = _matching(_MESSAGE_SID, only(form, "MessageSid"))
    if only(form, "To") not in door.our_numbers:
        raise WrongShape
    return Inbound(
        channel="sms",
        provider="twilio",
        provider_id=sid,
        address=_phone(only(form, "From")),
        # A picture without words has no Body: the conversation answers it with a sentence.
        text=clean(only(form, "Body", default="")),
        received_at=door.clock.now(),
        media_count=int(_matching(_SMALL_NUMBER, only(form, "NumMedia", default="0"))),
    )


def _status(form: dict[str, list[str]]) -> tuple[str, str, str | None]:
    sid = _matching(_MESSAGE_SID, only(form, "MessageSid"))
    status = _matching(_STATUS, only(form, "MessageStatus"))
    error_code = _matching(_ERROR_CODE, only(form, "ErrorCode", default=""))
    return sid, status, error_code or None


def _take(inbound: Inbound, door: TwilioDoor, accept: Accept) -> Response:
    try:
        accept(inbound)
    except NotAllowed as error:
        # A known id with another content: an attack, not a repeat.
        return Response(status_code=error.status)
    except TryLater:
        return _take_without_database(inbound, door)
    except Exception as error:
        # A fault of ours must not silence a danger either. Its text may hold the person's words: only its class.
        log().error("inbox_failed", error=type(error).__name__)
        return _take_without_database(inbound, door)
    return Response(status_code=204)


def _take_without_database(inbound: Inbound, door: TwilioDoor) -> Response:
    kept = _spooled(inbound, door.spool)
    answer = door.danger_answer(inbound.text)
    if answer is not None:
        return _twiml(answer)
    # Not kept anywhere: 503 makes Twilio try again, or call the fallback address.
    return _twiml(door.received) if kept else Response(status_code=503, headers={"Retry-After": "5"})


def _spooled(inbound: Inbound, spool: Spool) -> bool:
    try:
        spool.keep(inbound)
    except OSError as error:
        log().error("spool_failed", error=type(error).__name__)
        return False
    return True


def _twiml(text: str) -> Response:
    body = html.escape(fit(text).text, quote=False)
    document = f'<?xml version="1.0" encoding="UTF-8"?><Response><Message>{body}</Message></Response>'
    return Response(document, media_type="application/xml")


def _phone(text: str) -> str:
    _matching(_E164, text)
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        raise WrongShape from error
    if not phonenumbers.is_possible_number(number):
        raise WrongShape
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise WrongShape
    return text
