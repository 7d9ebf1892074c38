"""The fake Twilio keeps Twilio's contract: its signatures, its resources, its errors, its habits."""

from dataclasses import dataclass, field

import httpx2
import pytest
from fastapi import FastAPI, Request, Response
from twilio.request_validator import RequestValidator

from passerelle.channels.fake_twilio import FakeTwilio

ACCOUNT = "AC" + "f" * 32
TOKEN = "the-auth-token"
NUMBER = "+33939980000"
PHONE = "+33639980042"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
STATUS_URL = "https://passerelle.example.org/sms/twilio/status/notice-7"


@dataclass
class Application:
    """Stands where Passerelle stands, and judges each webhook with Twilio's own validator."""

    received: list[dict[str, str]] = field(default_factory=list)
    genuine: list[bool] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)

    def asgi(self) -> FastAPI:
        app = FastAPI()

        @app.post("/{path:path}")
        async def webhook(request: Request) -> Response:
            form = {name: str(value) for name, value in (await request.form()).items()}
            signature = request.headers["X-Twilio-Signature"]
            self.received.append(form)
            self.genuine.append(RequestValidator(TOKEN).validate(str(request.url), form, signature))
            return self.answers.pop(0) if self.answers else Response(status_code=204)

        return app


@pytest.fixture
def application():
    return Application()


@pytest.fixture
async def twilio(application):
    transport = httpx2.ASGITransport(app=application.asgi())
    async with httpx2.AsyncClient(transport=transport) as client:
        yield FakeTwilio(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            number=NUMBER,
            webhook_url="https://passerelle.example.org/sms/twilio",
            client=client,
        )


@pytest.fixture
async def api(twilio):
    transport = httpx2.ASGITransport(app=twilio.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(
        transport=transport, base_url="https://api.twilio.test", auth=(ACCOUNT, TOKEN)
    ) as client:
        yield client


async def send(api, **changes):
    fields = {"To": PHONE, "From": NUMBER, "Body": "Bonjour", "StatusCallback": STATUS_URL} | changes
    return await api.post(f"{MESSAGES}.json", data={k: v for k, v in fields.items() if v is not None})


async def test_an_inbound_webhook_passes_twilios_own_validator(twilio, application):
    answers = await twilio.deliver_inbound(PHONE, "ça va ? « œuf » 😀 & co + 100 %")

    (form,) = application.received
    assert answers == [204]
    assert application.genuine == [True]
    assert form["Body"] == "ça va ? « œuf » 😀 & co + 100 %"
    assert form["MessageSid"] == form["SmsSid"]
    assert {"AccountSid", "ApiVersion", "From", "To", "NumMedia", "NumSegments", "FromCountry"} <= set(form)


async def test_a_message_is_queued_then_sent_then_delivered_and_each_status_is_signed(twilio, api, application):
    created = await send(api)
    await twilio.settle()

    assert created.status_code == 201
    assert (created.json()["status"], created.json()["direction"]) == ("queued", "outbound-api")
    assert [form["MessageStatus"] for form in application.received] == ["sent", "delivered"]
    assert application.genuine == [True, True]
    assert twilio.received_by(PHONE) == ["Bonjour"]


async def test_a_message_is_found_again_by_recipient_and_day(twilio, api):
    sid = (await send(api)).json()["sid"]
    await send(api, To="+33639980043")
    await twilio.settle()

    listed = (await api.get(f"{MESSAGES}.json", params={"To": PHONE, "DateSent>": "2020-01-01"})).json()
    assert [message["sid"] for message in listed["messages"]] == [sid]
    assert (await api.get(f"{MESSAGES}/{sid}.json")).json()["status"] == "delivered"
    assert (await api.get(f"{MESSAGES}.json", params={"DateSent>": "2999-01-01"})).json()["messages"] == []
    assert (await api.get(f"{MESSAGES}/SM{'0' * 32}.json")).json()["code"] == 20404


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a" * 160, "1"), ("a" * 161, "2"), ("ê" * 70, "1"), ("ê" * 71, "2"), ("€" * 80, "1"), ("é" * 160, "1")],
)
async def test_segments_are_counted_as_the_network_counts_them(api, text, parts):
    assert (await send(api, Body=text)).json()["num_segments"] == parts


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": None}, 21604),
        ({"To": "0639980042"}, 21211),
        ({"From": "+33939980001"}, 21606),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
    ],
)
async def test_a_wrong_request_gets_twilios_error(api, twilio, changes, code):
    response = await send(api, **changes)

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert twilio.messages == {}


@pytest.mark.parametrize("credentials", [None, (ACCOUNT, "wrong"), ("AC" + "0" * 32, TOKEN)])
async def test_without_the_right_credentials_nothing_is_shown_or_sent(twilio, credentials):
    transport = httpx2.ASGITransport(app=twilio.app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://api.twilio.test") as client:
        for method in ("GET", "POST"):
            response = await client.request(method, f"{MESSAGES}.json", auth=credentials)

            assert (response.status_code, response.json()["code"]) == (401, 20003)


async def test_ordered_failures_come_once_each_in_order(api, twilio):
    twilio.fail_next("429", "500", "21614")

    codes = [(await send(api)).json().get("code") for _ in range(4)]
    await twilio.settle()

    assert codes == [20429, 20500, 21614, None]
    assert twilio.received_by(PHONE) == ["Bonjour"]


async def test_an_answer_may_be_lost_although_the_message_was_accepted(api, twilio):
    """The ambiguous case: only listing the messages tells that this one left."""
    twilio.fail_next("accept-then-close")

    answer = await send(api)
    await twilio.settle()

    assert answer.content == b""
    assert twilio.received_by(PHONE) == ["Bonjour"]


async def test_stop_is_obeyed_by_a_long_code_until_start(api, twilio):
    twilio.carrier_stop = True
    await twilio.deliver_inbound(PHONE, " Stop ")

    assert (await send(api)).json()["code"] == 21610
    await twilio.deliver_inbound(PHONE, "START")
    assert (await send(api)).status_code == 201


async def test_stop_inside_a_sentence_or_on_a_short_code_is_left_to_us(api, twilio):
    await twilio.deliver_inbound(PHONE, "STOP")
    assert (await send(api)).status_code == 201

    twilio.carrier_stop = True
    await twilio.deliver_inbound(PHONE, "STOP SVP")
    assert (await send(api)).status_code == 201


async def test_a_failed_webhook_is_tried_again_with_the_same_id(twilio, application):
    application.answers = [Response(status_code=503), Response(status_code=500)]

    answers = await twilio.deliver_inbound(PHONE, "bonjour")

    assert answers == [503, 500, 204]
    assert len({form["MessageSid"] for form in application.received}) == 1


async def test_an_application_that_does_not_answer_is_tried_then_given_up(twilio):
    def refused(request):
        raise httpx2.ConnectError("refused")

    twilio.client = httpx2.AsyncClient(transport=httpx2.MockTransport(refused))

    assert await twilio.deliver_inbound(PHONE, "bonjour") == [0, 0, 0, 0]


async def test_webhooks_may_arrive_in_another_order(twilio, application):
    twilio.hold_inbound()
    await twilio.deliver_inbound(PHONE, "un")
    await twilio.deliver_inbound(PHONE, "deux")
    assert application.received == []

    await twilio.release_inbound(reverse=True)

    assert [form["Body"] for form in application.received] == ["deux", "un"]


async def test_statuses_may_arrive_reversed_doubled_and_bad(twilio, api, application):
    twilio.reverse_callbacks = twilio.repeat_callbacks = True
    twilio.final_status = "undelivered"

    await send(api)
    await twilio.settle()

    assert [form["MessageStatus"] for form in application.received] == ["undelivered"] * 2 + ["sent"] * 2
    assert application.received[0]["ErrorCode"] == "30003"
    assert twilio.received_by(PHONE) == []


async def test_an_answer_in_twiml_reaches_the_phone(twilio, application):
    """The way a danger is answered when the database is down."""
    twiml = "<Response><Message>Appelez le 15 &amp; le 112.</Message></Response>"
    application.answers = [Response(twiml, media_type="application/xml")]

    await twilio.deliver_inbound(PHONE, "bonjour")
    await twilio.settle()

    assert twilio.received_by(PHONE) == ["Appelez le 15 & le 112."]


async def test_a_phone_sees_only_its_own_messages_and_only_what_changed(twilio, api):
    await twilio.deliver_inbound(PHONE, "bonjour")
    await send(api)
    await send(api, To="+33639980043")
    await twilio.settle()

    mine = twilio.thread(PHONE)
    last = max(message.revision for message in mine)
    assert [message.body for message in mine] == ["bonjour", "Bonjour"]
    assert twilio.thread(PHONE, after=last) == []
