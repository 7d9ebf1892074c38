"""The outbox: recorded once, claimed by one, settled for good."""

import itertools
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from passerelle.foundation.database import table_of
from passerelle.notices.notice import FINAL, NewNotice, NoticeState
from passerelle.notices.outbox import LEASE, RETRY_WAITS
from passerelle.notices.tables import NoticeRow

_N = table_of(NoticeRow)
_keys = itertools.count(1)


def a_notice(**changes):
    fields = {
        "key": f"test:{next(_keys)}",
        "kind": "request.new",
        "channel": "email",
        "recipient": "referent@example.test",
        "text": "Une demande vous attend.",
    } | changes
    return NewNotice(**fields)


@pytest.fixture
def outbox(parts):
    return parts.outbox


@pytest.fixture
def record(parts):
    def record(*notices):
        with parts.database.write() as session:
            for notice in notices:
                parts.outbox.record(session, notice)

    return record


@pytest.fixture
def rows(parts):
    def rows():
        with parts.database.read() as session:
            return session.execute(select(_N).order_by(_N.c.number)).all()

    return rows


def test_the_same_key_is_the_same_notice(record, rows):
    record(a_notice(key="request:7:new"))
    record(a_notice(key="request:7:new", text="Another text"))

    assert [row.key for row in rows()] == ["request:7:new"]


def test_a_notice_of_a_transaction_that_fails_was_never_there(parts, rows):
    with suppress(ZeroDivisionError), parts.database.write() as session:
        parts.outbox.record(session, a_notice())
        raise ZeroDivisionError

    assert rows() == []


def test_a_claimed_notice_is_not_claimed_twice(outbox, record):
    record(a_notice())

    assert [len(outbox.claim()), len(outbox.claim())] == [1, 0]


def test_one_lane_is_served_one_notice_at_a_time_in_its_order(outbox, record):
    record(*(a_notice(text=text) for text in "abc"), a_notice(recipient="other@example.test", text="x"))

    said = []
    while notices := outbox.claim():
        assert len({notice.recipient for notice in notices}) == len(notices)
        for notice in notices:
            said.append(notice.text)
            outbox.settle_sent(notice, "id")
    assert sorted(said) == ["a", "b", "c", "x"]
    assert [text for text in said if text != "x"] == ["a", "b", "c"]


def test_a_notice_waits_longer_after_each_failure(outbox, record, clock):
    record(a_notice(lifetime=timedelta(days=3)))
    for wait in (*RETRY_WAITS, RETRY_WAITS[-1]):
        (notice,) = outbox.claim()
        outbox.give_back(notice, "503")

        clock.moment += wait - timedelta(seconds=1)
        assert outbox.claim() == []
        clock.moment += timedelta(seconds=1)

    (notice,) = outbox.claim()
    assert notice.attempts == len(RETRY_WAITS) + 2


def test_a_notice_that_waits_for_its_next_attempt_lets_the_lane_go_on(outbox, record):
    """A number that fails for a day must not silence the conversation."""
    record(a_notice(text="first"), a_notice(text="second"))
    (first,) = outbox.claim()
    outbox.give_back(first, "503")

    assert [notice.text for notice in outbox.claim()] == ["second"]


def test_a_late_notice_expires_unsent(outbox, record, rows, clock):
    record(a_notice(lifetime=timedelta(hours=1)))
    clock.advance(hours=1)

    assert outbox.claim() == []
    assert [row.state for row in rows()] == [NoticeState.EXPIRED]


def test_the_lease_of_a_dead_worker_is_taken_over_and_the_notice_is_ambiguous(outbox, record, clock):
    record(a_notice())
    (lost,) = outbox.claim()
    clock.moment += LEASE

    (taken,) = outbox.claim()
    assert (lost.ambiguous, taken.ambiguous, taken.attempts) == (False, True, 2)


def test_a_lease_longer_than_any_lease_is_over(outbox, record, clock):
    """The clock jumped forward, a worker leased, and it jumped back (F23)."""
    record(a_notice(lifetime=timedelta(days=10)))
    clock.advance(days=2)
    outbox.claim()
    clock.advance(days=-2)

    assert len(outbox.claim()) == 1


def test_a_worker_that_lost_its_lease_settles_nothing(outbox, record, rows, clock):
    record(a_notice())
    (lost,) = outbox.claim()
    clock.moment += LEASE
    (taken,) = outbox.claim()

    outbox.settle_failed(lost, "30005")
    assert rows()[0].state == NoticeState.LEASED
    outbox.settle_sent(taken, "SM2")
    outbox.give_back(lost, "503")
    assert (rows()[0].state, rows()[0].provider_id) == (NoticeState.SENT, "SM2")


def test_the_failure_of_an_important_notice_is_told_to_the_caller(outbox, record):
    record(a_notice(important=True), a_notice(recipient="other@example.test"))
    important, courtesy = outbox.claim()

    assert outbox.settle_failed(important, "21610")
    assert not outbox.settle_failed(courtesy, "21610")


def test_withdrawing_takes_back_what_has_not_left_and_its_words(parts, record, rows, clock):
    conversation = "c" * 32
    parts.keys.make(conversation, clock.now())
    record(
        a_notice(conversation=conversation, kind="turn", channel="sms", recipient="+33639980001", text="one"),
        a_notice(conversation=conversation, kind="turn", channel="sms", recipient="+33639980001", text="two"),
        a_notice(),
    )
    (gone, _) = parts.outbox.claim()
    parts.outbox.settle_sent(gone, "SM1")
    with parts.database.write() as session:
        parts.outbox.withdraw(session, conversation)

    sent, withdrawn, other = rows()
    assert (sent.state, withdrawn.state, other.state) == ("sent", "withdrawn", "leased")
    assert (withdrawn.body, withdrawn.recipient) == (None, None)
    assert parts.outbox.claim() == []


def test_nothing_leaves_once_the_key_is_destroyed(parts, record, rows, clock):
    conversation = "d" * 32
    parts.keys.make(conversation, clock.now())
    record(a_notice(conversation=conversation, channel="sms", recipient="+33639980001"))
    parts.keys.destroy(conversation)

    assert parts.outbox.claim() == []
    assert [row.state for row in rows()] == [NoticeState.WITHDRAWN]


def test_words_to_a_person_are_sealed_in_the_table(parts, record, rows, clock):
    conversation = "e" * 32
    parts.keys.make(conversation, clock.now())
    record(a_notice(conversation=conversation, channel="sms", recipient="+33639980001", text="Bonjour Sam"))

    (row,) = rows()
    assert b"Bonjour" not in row.body
    assert b"639980001" not in row.recipient
    assert parts.outbox.claim()[0].text == "Bonjour Sam"


def test_a_web_notice_is_delivered_by_being_recorded(record, rows, outbox):
    record(a_notice(channel="web"))

    assert [row.state for row in rows()] == [NoticeState.SENT]
    assert outbox.claim() == []


# Delivery reports

STATUSES = ("queued", "sending", "sent", "delivered")
RANKS = {"": 0, "accepted": 1, "queued": 1, "sending": 2, "sent": 3, "delivered": 4, "undelivered": 4, "failed": 4}


@given(order=st.permutations(STATUSES), again=st.lists(st.sampled_from(STATUSES), max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reports_in_any_order_and_repeated_end_the_same(sqlite_parts, order, again):
    """Callbacks come late, twice and shuffled: the status only moves forward (F11)."""
    outbox = sqlite_parts.outbox
    with sqlite_parts.database.write() as session:
        outbox.record(session, a_notice(recipient=f"r{next(_keys)}@example.test"))
    (notice,) = outbox.claim()
    outbox.settle_sent(notice, f"SM-{notice.id}")

    seen = []
    for status in (*order, *again):
        outbox.report_delivery(notice.id, f"SM-{notice.id}", status, "")
        with sqlite_parts.database.read() as session:
            seen.append(session.execute(select(_N.c.delivery).where(_N.c.id == notice.id)).scalar())

    assert seen[-1] == "delivered"
    assert [RANKS[status] for status in seen] == sorted(RANKS[status] for status in seen)


@pytest.mark.parametrize(("first", "second"), [("delivered", "failed"), ("failed", "delivered")])
def test_the_first_final_report_stands(outbox, record, rows, first, second):
    record(a_notice())
    (notice,) = outbox.claim()
    outbox.settle_sent(notice, "SM1")

    outbox.report_delivery(notice.id, "SM1", first, "")
    outbox.report_delivery(notice.id, "SM1", second, "")

    assert rows()[0].delivery == first


def test_a_report_proves_that_a_lost_answer_had_arrived(outbox, record, rows, clock):
    """The worker died between the provider's yes and our row: the callback carries the notice's id (F14)."""
    record(a_notice())
    (lost,) = outbox.claim()

    outbox.report_delivery(lost.id, "SM9", "sent", "")
    clock.moment += LEASE

    assert (rows()[0].state, rows()[0].provider_id) == (NoticeState.SENT, "SM9")
    assert outbox.claim() == []


def test_an_undelivered_important_notice_is_told_once(outbox, record):
    record(a_notice(important=True))
    (notice,) = outbox.claim()
    outbox.settle_sent(notice, "SM1")

    assert outbox.report_delivery(notice.id, "SM1", "undelivered", "30003")
    assert not outbox.report_delivery(notice.id, "SM1", "undelivered", "30003")


def test_a_report_about_a_notice_we_do_not_know_changes_nothing(outbox, rows):
    assert not outbox.report_delivery("0" * 32, "SM-unknown", "failed", "30003")
    assert rows() == []


def test_every_settled_state_is_final(outbox, record, rows, clock):
    record(a_notice(), a_notice(recipient="b@example.test"), a_notice(recipient="c@example.test"))
    first, second, _ = outbox.claim()
    outbox.settle_sent(first, "SM1")
    outbox.settle_failed(second, "21211")
    clock.advance(days=1)
    outbox.claim()

    assert {NoticeState(row.state) for row in rows()} <= FINAL
