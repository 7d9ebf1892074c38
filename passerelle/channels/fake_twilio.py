"""A Twilio of our own: its REST API, its signed webhooks and its failures, for the demonstration and the tests.

It remembers what each phone really received, which makes it the oracle of "what did the person read".
"""

import asyncio
import hmac
import html
import re
from base64 import b64decode
from collections import defaultdict, deque
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Literal
from uuid import uuid4

import httpx2
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from passerelle.channels.twilio_signature import SIGNATURE_HEADER, sign
from passerelle.foundation.clock import Clock, SystemClock
from passerelle.foundation.errors import PasserelleError
from passerelle.foundation.forms import FORM_TYPE, only, read_form
from passerelle.foundation.sms import Encoding, measure

#: What a test may ask the next API call to do wrong.
Fault = Literal["429", "500", "accept-then-close", "21211", "21610", "21614"]

#: English words a long code of Twilio obeys, as the whole message (reference/conversation.md §5.3).
_OPT_OUT = frozenset({"stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"})
_OPT_IN = frozenset({"start", "yes", "unstop"})

_SENTENCES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    21211: "Invalid 'To' Phone Number",
    21602: "Message body is required",
    21604: "A 'To' phone number is required",
    21606: "The 'From' phone number provided is not a valid, message-capable Twilio phone number",
    21610: "Attempt to send to unsubscribed recipient",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
}
_FAULTS: dict[Fault, tuple[int, int]] = {
    "429": (429, 20429),
    "500": (500, 20500),
    "21211": (400, 21211),
    "21610": (400, 21610),
    "21614": (400, 21614),
}
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_TWIML_MESSAGE = re.compile(r"<Message>(.*?)</Message>", re.DOTALL)
_MAX_BODY_CHARACTERS = 1600


@dataclass(frozen=True, kw_only=True, slots=True)
class FakeMessage:
    """One SMS as Twilio knows it."""

    sid: str
    direction: Literal["inbound", "outbound-api", "outbound-reply"]
    from_: str
    to: str
    body: str
    at: datetime
    status: str
    encoding: Encoding
    parts: int
    error_code: int | None = None
    #: Grows with every change of any message, so that a page may ask for what is new.
    revision: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """A signed form on its way to the application, and the answers it got."""

    url: str
    form: dict[str, str]
    answers: list[int] = field(default_factory=list)


class TwilioError(PasserelleError):
    """{sentence}"""

    def __init__(self, status: int, code: int) -> None:
        self.http_status = status
        self.code = code
        super().__init__(sentence=_SENTENCES[code])


@dataclass(kw_only=True)
class FakeTwilio:
    """The provider: phones on one side, the application on the other."""

    account_sid: str
    auth_token: str
    #: The number people write to.
    number: str
    #: The full address of the application's SMS door, exactly as it is configured there.
    webhook_url: str
    #: Carries the webhooks; a test gives one that ends in the application itself.
    client: httpx2.AsyncClient
    #: Seconds between two statuses of a message.
    delay: float = 0.0
    #: Whether STOP is obeyed by the provider itself. Short codes leave it to us (reference/conversation.md §5.3).
    carrier_stop: bool = False
    #: More tries after a webhook that failed, as `#rc=3&rp=all` asks of Twilio.
    webhook_retries: int = 3
    #: Status callbacks leave in the reverse of the right order.
    reverse_callbacks: bool = False
    #: Every status callback leaves twice.
    repeat_callbacks: bool = False
    #: Messages end as this; "undelivered" and "failed" carry error 30003.
    final_status: Literal["delivered", "undelivered", "failed"] = "delivered"
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        self.messages: dict[str, FakeMessage] = {}
        self.webhooks: list[Webhook] = []
        self.opted_out: set[str] = set()
        self._faults: deque[Fault] = deque()
        self._held: list[Webhook] | None = None
        self._revision = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._lines: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.app = _api(self)

    # What a test or the simulator asks of it

    def fail_next(self, *faults: Fault) -> None:
        """The next API calls fail so, in this order; later ones work again."""
        self._faults.extend(faults)

    def thread(self, phone: str, *, after: int = 0) -> list[FakeMessage]:
        """What this phone sent and received that changed after a revision, in the order it happened."""
        return [
            message
            for message in self.messages.values()
            if phone in (message.from_, message.to) and message.revision > after
        ]

    def received_by(self, phone: str) -> list[str]:
        """The texts the phone really got."""
        return [message.body for message in self.thread(phone) if message.to == phone and message.status == "delivered"]

    async def deliver_inbound(
        self, from_: str, body: str, sid: str | None = None, *, media: int = 0, times: int = 1
    ) -> list[int]:
        """A phone writes to us: post the signed webhook (`times` over for a duplicate) and return the statuses."""
        message = self._record(
            sid=sid or _new_sid("MM" if media else "SM"),
            direction="inbound",
            from_=from_,
            to=self.number,
            body=body,
            status="received",
        )
        self._obey_opt_words(from_, body)
        webhook = Webhook(url=self.webhook_url, form=self._inbound_form(message, media))
        if self._held is not None:
            self._held += [webhook] * times
            return []
        for _ in range(times):
            await self._call(webhook)
        return webhook.answers

    def hold_inbound(self) -> None:
        """Keep the webhooks of the next inbound messages until `release_inbound`."""
        self._held = []

    async def release_inbound(self, *, reverse: bool = False) -> None:
        """Post the webhooks held back, in order or reversed."""
        held, self._held = self._held or [], None
        for webhook in reversed(held) if reverse else held:
            await self._call(webhook)

    async def settle(self) -> None:
        """Wait until every message has reached its final status and every callback was answered."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    # The provider's side

    def send(self, form: dict[str, list[str]]) -> FakeMessage:
        """Accept a message as POST Messages does, or raise TwilioError."""
        to, body = only(form, "To", default=""), only(form, "Body", default="")
        self._refuse_bad(to, only(form, "From", default=self.number), body)
        message = self._record(
            sid=_new_sid("SM"), direction="outbound-api", from_=self.number, to=to, body=body, status="queued"
        )
        self._start(self._deliver(message, only(form, "StatusCallback", default="") or None))
        return message

    def next_fault(self) -> Fault | None:
        """The failure ordered for this API call, if any."""
        return self._faults.popleft() if self._faults else None

    def resource(self, message: FakeMessage) -> dict[str, Any]:
        """A message as Twilio's JSON shows it."""
        date = format_datetime(message.at)
        return {
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": message.body,
            "date_created": date,
            "date_sent": date if message.status not in {"queued", "sending"} else None,
            "date_updated": date,
            "direction": message.direction,
            "error_code": message.error_code,
            "error_message": None,
            "from": message.from_,
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": str(message.parts),
            "price": None,
            "price_unit": "USD",
            "sid": message.sid,
            "status": message.status,
            "subresource_uris": {},
            "to": message.to,
            "uri": f"/2010-04-01/Accounts/{self.account_sid}/Messages/{message.sid}.json",
        }

    def _refuse_bad(self, to: str, from_: str, body: str) -> None:
        if not to:
            raise TwilioError(400, 21604)
        if not _E164.fullmatch(to):
            raise TwilioError(400, 21211)
        if from_ != self.number:
            raise TwilioError(400, 21606)
        if not body:
            raise TwilioError(400, 21602)
        if len(body) > _MAX_BODY_CHARACTERS:
            raise TwilioError(400, 21617)
        if to in self.opted_out:
            raise TwilioError(400, 21610)

    def _obey_opt_words(self, phone: str, body: str) -> None:
        word = body.strip().casefold()
        if self.carrier_stop and word in _OPT_OUT:
            self.opted_out.add(phone)
        elif word in _OPT_IN:
            self.opted_out.discard(phone)

    def _record(
        self,
        *,
        sid: str,
        direction: Literal["inbound", "outbound-api", "outbound-reply"],
        from_: str,
        to: str,
        body: str,
        status: str,
    ) -> FakeMessage:
        cost = measure(body)
        message = FakeMessage(
            sid=sid,
            direction=direction,
            from_=from_,
            to=to,
            body=body,
            at=self.clock.now(),
            status=status,
            encoding=cost.encoding,
            parts=cost.parts,
        )
        return self._keep(message)

    def _keep(self, message: FakeMessage) -> FakeMessage:
        self._revision += 1
        self.messages[message.sid] = replace(message, revision=self._revision)
        return self.messages[message.sid]

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, message: FakeMessage, callback: str | None) -> None:
        statuses = ["sending", "sent", self.final_status]
        # One phone receives in the order the messages were accepted.
        async with self._lines[message.to]:
            for status in statuses:
                await asyncio.sleep(self.delay)
                error_code = 30003 if status in {"undelivered", "failed"} else None
                message = self._keep(replace(message, status=status, error_code=error_code))
        if callback:
            await self._report(message, callback, statuses[1:])

    async def _report(self, message: FakeMessage, callback: str, statuses: list[str]) -> None:
        order = list(reversed(statuses)) if self.reverse_callbacks else statuses
        for status in order:
            webhook = Webhook(url=callback, form=self._status_form(message, status))
            for _ in range(2 if self.repeat_callbacks else 1):
                await self._call(webhook)

    async def _call(self, webhook: Webhook) -> None:
        self.webhooks.append(webhook)
        for attempt in range(1 + self.webhook_retries):
            # Twilio waits a little between two tries; a test with no delay does not.
            await asyncio.sleep(attempt * self.delay)
            response = await self._post(webhook)
            webhook.answers.append(response.status_code if response else 0)
            if response is not None and response.status_code < 500:
                self._obey_twiml(webhook, response)
                return

    async def _post(self, webhook: Webhook) -> httpx2.Response | None:
        signed = {name: [value] for name, value in webhook.form.items()}
        headers = {
            SIGNATURE_HEADER: sign(webhook.url, signed, token=self.auth_token),
            "Content-Type": f"{FORM_TYPE}; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
        }
        try:
            return await self.client.post(webhook.url, data=webhook.form, headers=headers, timeout=15)
        except httpx2.HTTPError:
            return None

    def _obey_twiml(self, webhook: Webhook, response: httpx2.Response) -> None:
        for text in _TWIML_MESSAGE.findall(response.text if response.status_code == 200 else ""):
            message = self._record(
                sid=_new_sid("SM"),
                direction="outbound-reply",
                from_=self.number,
                to=webhook.form["From"],
                body=html.unescape(text),
                status="queued",
            )
            self._start(self._deliver(message, None))

    def _inbound_form(self, message: FakeMessage, media: int) -> dict[str, str]:
        place = {f"{side}{part}": "" for side in ("To", "From") for part in ("City", "State", "Zip")}
        return place | {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "Body": message.body,
            "From": message.from_,
            "FromCountry": "FR",
            "MessageSid": message.sid,
            "NumMedia": str(media),
            "NumSegments": str(message.parts),
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "To": message.to,
            "ToCountry": "FR",
        }

    def _status_form(self, message: FakeMessage, status: str) -> dict[str, str]:
        form = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "From": message.from_,
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
            "To": message.to,
        }
        return form | ({"ErrorCode": str(message.error_code)} if message.error_code else {})


def _api(twilio: FakeTwilio) -> FastAPI:
    """The REST API, with the two resources we use."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    base = "/2010-04-01/Accounts/{account}"

    @app.exception_handler(TwilioError)
    async def refuse(request: Request, error: TwilioError) -> JSONResponse:
        content = {
            "code": error.code,
            "message": str(error),
            "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
            "status": error.http_status,
        }
        return JSONResponse(content, status_code=error.http_status)

    @app.post(base + "/Messages.json")
    async def create(request: Request, account: str) -> Response:
        _authenticate(twilio, request, account)
        fault = twilio.next_fault()
        if fault in _FAULTS:
            raise TwilioError(*_FAULTS[fault])
        message = twilio.send(await read_form(request, limit=64 * 1024))
        if fault == "accept-then-close":
            return _BrokenAnswer()
        return JSONResponse(twilio.resource(message), status_code=201)

    @app.get(base + "/Messages.json")
    async def find(request: Request, account: str) -> JSONResponse:
        _authenticate(twilio, request, account)
        found = [message for message in reversed(twilio.messages.values()) if _wanted(message, request)]
        size = int(request.query_params.get("PageSize", "50"))
        content = {
            "messages": [twilio.resource(message) for message in found[:size]],
            "next_page_uri": None,
            "page": 0,
            "page_size": size,
        }
        return JSONResponse(content)

    @app.get(base + "/Messages/{sid}.json")
    async def show(request: Request, account: str, sid: str) -> JSONResponse:
        _authenticate(twilio, request, account)
        if sid not in twilio.messages:
            raise TwilioError(404, 20404)
        return JSONResponse(twilio.resource(twilio.messages[sid]))

    return app


class _BrokenAnswer(Response):
    """Announces an answer and breaks off: the message is accepted, and the caller cannot know."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"500")]})
        raise ConnectionResetError


def _authenticate(twilio: FakeTwilio, request: Request, account: str) -> None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    expected = f"{twilio.account_sid}:{twilio.auth_token}".encode()
    try:
        given = b64decode(encoded, validate=True)
    except ValueError:
        given = b""
    if scheme.lower() != "basic" or not hmac.compare_digest(given, expected) or account != twilio.account_sid:
        raise TwilioError(401, 20003)


def _wanted(message: FakeMessage, request: Request) -> bool:
    asked = request.query_params
    day = message.at.date().isoformat()
    return (
        asked.get("To", message.to) == message.to
        and asked.get("From", message.from_) == message.from_
        and asked.get("DateSent>", "") <= message.at.isoformat()
        and (asked.get("DateSent") or day) == day
    )


def _new_sid(prefix: str) -> str:
    return prefix + uuid4().hex
