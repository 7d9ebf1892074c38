"""What each answer of a provider means for the notice."""

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import httpx2
import pytest
from fakes import MONDAY_MORNING, FakeSender
from sqlalchemy import select

from passerelle.foundation.database import table_of
from passerelle.notices.delivery import AnswerLost, Delivery, Refused, TryAgain
from passerelle.notices.notice import NewNotice, Notice, NoticeState
from passerelle.notices.outbox import LEASE
from passerelle.notices.tables import NoticeRow
from passerelle.notices.twilio import TwilioSender

_N = table_of(NoticeRow)

NOTICE = Notice(
    key="turn:1:0",
    id="a" * 32,
    lease="b" * 32,
    kind="turn",
    channel="sms",
    recipient="+33639980001",
    subject="",
    text="Bonjour",
    language="fr",
    conversation=None,
    made_at=MONDAY_MORNING,
    attempts=1,
    ambiguous=False,
)


class Provider:
    """Twilio's API in the memory of the test."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def methods(self):
        return [request.method for request in self.asked]


def sender(provider):
    return TwilioSender(
        client=httpx2.Client(transport=httpx2.MockTransport(provider)),
        api="https://twilio.test",
        account="AC1",
        token="token",
        number="+33937000000",
        public_url="https://passerelle.test",
    )


def created(sid="SM1"):
    return httpx2.Response(201, json={"sid": sid})


def failed(status, code):
    return httpx2.Response(status, json={"code": code, "message": "no"})


def listed(**changes):
    message = {"sid": "SM1", "to": NOTICE.recipient, "body": "Bonjour", "date_created": format_datetime(MONDAY_MORNING)}
    return httpx2.Response(200, json={"messages": [message | changes]})


def ambiguous(notice):
    return replace(notice, ambiguous=True)


def test_a_message_carries_the_address_its_reports_come_to():
    provider = Provider(created())

    assert sender(provider).send(NOTICE) == ("SM1", 1)
    form = dict(httpx2.QueryParams(provider.asked[0].content.decode()))
    assert form["StatusCallback"] == f"https://passerelle.test/sms/twilio/status/{NOTICE.id}"
    assert (form["To"], form["From"], form["Body"]) == ("+33639980001", "+33937000000", "Bonjour")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failed(429, 20429), TryAgain),
        (failed(500, 20500), AnswerLost),
        (failed(503, 20503), AnswerLost),
        (httpx2.Response(502, text="<html>bad gateway</html>"), AnswerLost),
        (failed(400, 21211), Refused),
        (failed(400, 21614), Refused),
        (failed(400, 21610), Refused),
        (failed(400, 99999), Refused),
        # Our own mistake must not lose the person's message.
        (failed(401, 20003), TryAgain),
        (failed(403, 20403), TryAgain),
        (httpx2.ConnectError("no route"), TryAgain),
        (httpx2.ConnectTimeout("slow"), TryAgain),
        (httpx2.ReadTimeout("no answer"), AnswerLost),
        (httpx2.RemoteProtocolError("closed"), AnswerLost),
    ],
)
def test_each_answer_of_twilio_is_sorted_by_what_to_do_next(answer, error):
    with pytest.raises(error) as raised:
        sender(Provider(answer)).send(NOTICE)

    assert type(raised.value) is error or error is Refused
    assert raised.value.retry is (error is not Refused)


def test_a_message_that_may_have_left_is_looked_for_before_it_is_sent_again():
    """Twilio has no idempotency key: after a lost answer we ask first (F14)."""
    provider = Provider(listed(sid="SM7"))

    assert sender(provider).send(ambiguous(NOTICE)) == ("SM7", 1)
    assert provider.methods == ["GET"]


def test_a_message_twilio_does_not_have_is_sent_again():
    provider = Provider(httpx2.Response(200, json={"messages": []}), created())

    assert sender(provider).send(ambiguous(NOTICE)) == ("SM1", 1)
    assert provider.methods == ["GET", "POST"]


@pytest.mark.parametrize(
    "other",
    [
        {"body": "Au revoir"},
        {"to": "+33639980002"},
        # The same question, asked a minute before.
        {"date_created": format_datetime(MONDAY_MORNING - timedelta(minutes=1))},
    ],
)
def test_another_message_is_not_taken_for_this_one(other):
    provider = Provider(listed(sid="SM7", **other), created())

    assert sender(provider).send(ambiguous(NOTICE)) == ("SM1", 1)


@pytest.mark.parametrize(
    "answer",
    [httpx2.ReadTimeout("slow"), httpx2.Response(200, text="<html>"), failed(500, 20500), failed(429, 20429)],
)
def test_nothing_is_sent_again_while_twilio_cannot_be_asked(answer):
    provider = Provider(answer)

    with pytest.raises(TryAgain):
        sender(provider).send(ambiguous(NOTICE))
    assert provider.methods == ["GET"]


# From the outbox to the provider


def record(parts, **changes):
    fields = {"key": "k:1", "kind": "request.new", "channel": "sms", "recipient": "+33639980001", "text": "Bonjour"}
    with parts.database.write() as session:
        parts.outbox.record(session, NewNotice(**fields | changes))


def state(parts):
    with parts.database.read() as session:
        return session.execute(select(_N)).one()


def test_a_busy_provider_is_asked_again_later_and_takes_it_once(parts, sms, clock):
    record(parts)
    sms.fail_next(TryAgain(code="429"), TryAgain(code="429"))

    for _ in range(20):
        parts.delivery.deliver_due()
        clock.advance(seconds=31)

    assert sms.texts == ["Bonjour"]
    assert (state(parts).state, state(parts).attempts) == (NoticeState.SENT, 3)


def test_what_a_provider_refuses_is_never_tried_again(parts, sms, clock):
    record(parts, important=True)
    sms.fail_next(Refused(code="21610"))

    for _ in range(5):
        parts.delivery.deliver_due()
        clock.advance(hours=2)

    assert sms.texts == []
    assert (state(parts).state, state(parts).error_code) == (NoticeState.FAILED, "21610")


def test_after_a_lost_answer_the_next_attempt_knows_it(parts, sms, clock):
    """An answer lost without a crash is as ambiguous as a worker that died."""
    record(parts)
    sms.fail_next(AnswerLost(code="ReadTimeout"))
    parts.delivery.deliver_due()
    clock.advance(minutes=2)
    (again,) = parts.outbox.claim()

    assert again.ambiguous


def test_a_worker_that_dies_after_sending_makes_the_next_one_ask(parts, clock):
    record(parts)
    parts.outbox.claim()
    clock.moment += LEASE
    sender = FakeSender()
    Delivery(parts.outbox, {"sms": sender}).deliver_due()

    assert [notice.ambiguous for notice in sender.taken] == [True]


def test_one_failing_lane_does_not_hold_the_others(parts, sms):
    record(parts)
    record(parts, key="k:2", recipient="+33639980002", text="Autre")
    sms.fail_next(TryAgain(code="429"), None)
    parts.delivery.deliver_due()

    assert sms.texts == ["Autre"]
