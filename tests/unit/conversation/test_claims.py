"""Turns are claimed: one at a time per conversation, in the order of arrival, whatever dies."""

import threading
import time
from datetime import timedelta

import pytest
from houses import Resident
from sqlalchemy import select, update

from passerelle.conversation.claims import LEASE, MAX_ATTEMPTS
from passerelle.conversation.tables import ConversationRow, InboundRow
from passerelle.foundation.database import DatabaseDown, table_of

_inbound, _conversations = table_of(InboundRow), table_of(ConversationRow)


def finish(parts, message):
    """What the commit of a turn does to the line, and nothing else."""
    with parts.database.write() as session:
        session.execute(update(_inbound).where(_inbound.c.number == message.number).values(state="done", body=None))
        waits = session.execute(
            select(_inbound.c.received_at)
            .where(_inbound.c.conversation == message.conversation.id, _inbound.c.state == "waiting")
            .limit(1)
        ).scalar()
        session.execute(
            update(_conversations)
            .where(_conversations.c.id == message.conversation.id)
            .values(waiting_since=waits, lease=None, leased_until=None)
        )


def test_messages_of_one_person_come_in_the_order_they_arrived(parts, resident):
    for text in ("un", "deux", "trois"):
        resident.writes(text)

    seen = []
    while message := parts.claims.claim():
        seen.append(message.text)
        finish(parts, message)
    assert seen == ["un", "deux", "trois"]


def test_a_claimed_conversation_is_nobody_elses(parts, resident):
    resident.writes("un")
    resident.writes("deux")

    assert parts.claims.claim().text == "un"
    assert parts.claims.claim() is None


def test_another_person_does_not_wait_behind_the_first(parts, another_resident):
    another_resident(1).writes("un")
    another_resident(2).writes("deux")

    assert {parts.claims.claim().text, parts.claims.claim().text} == {"un", "deux"}


def test_who_has_waited_longest_is_served_first(parts, another_resident, clock):
    another_resident(1).writes("first")
    clock.advance(seconds=5)
    another_resident(2).writes("second")

    assert parts.claims.claim().text == "first"


def test_the_turn_of_a_dead_worker_is_taken_over(parts, resident, clock):
    resident.writes("un")
    lost = parts.claims.claim()
    clock.moment += LEASE

    taken = parts.claims.claim()
    assert (taken.text, taken.attempts) == ("un", 2)
    assert taken.lease != lost.lease


def test_a_turn_given_back_is_tried_again_after_its_wait(parts, resident, clock):
    resident.writes("un")
    parts.claims.give_back(parts.claims.claim(), timedelta(seconds=10))

    assert parts.claims.claim() is None
    clock.advance(seconds=10)
    assert parts.claims.claim().text == "un"


def test_a_lease_from_before_the_clock_went_back_is_over(parts, resident, clock):
    clock.advance(days=2)
    resident.writes("un")
    parts.claims.claim()
    clock.advance(days=-2)
    with parts.database.write() as session:
        session.execute(update(_conversations).values(waiting_since=clock.now()))

    assert parts.claims.claim().text == "un"


def test_a_message_that_kills_each_worker_is_set_aside_and_the_next_one_flows(parts, resident, clock):
    """Nobody could even apologise: the worker dies each time (F29)."""
    resident.writes("poison")
    resident.writes("suite")
    for _ in range(MAX_ATTEMPTS):
        assert parts.claims.claim().text == "poison"
        clock.moment += LEASE

    served = [parts.claims.claim() for _ in range(2)]
    assert [message.text for message in served if message] == ["suite"]
    with parts.database.read() as session:
        state, body = session.execute(select(_inbound.c.state, _inbound.c.body).order_by(_inbound.c.number)).first()
    assert (state, body) == ("set_aside", None)


def test_a_message_that_arrives_while_a_turn_commits_stays_in_line(parts, resident):
    """On PostgreSQL the turn does not see it any more, and must not take the conversation out of the line."""
    resident.writes("un")
    message = parts.claims.claim()
    late = threading.Thread(target=resident.writes, args=("deux",))
    with parts.database.write() as session:
        whose = _conversations.c.id == message.conversation.id
        session.execute(select(_conversations).where(whose).with_for_update())
        session.execute(update(_inbound).where(_inbound.c.number == message.number).values(state="done", body=None))
        late.start()
        late.join(0.3)
        session.execute(update(_conversations).where(whose).values(waiting_since=None, lease=None, leased_until=None))
    late.join()

    assert parts.claims.claim().text == "deux"


@pytest.mark.parametrize("pairs", [50])
def test_two_workers_keep_the_order_of_every_conversation(parts, pairs):
    """Without the claim, 20 of 20 conversations lost a message in the laboratory (R6, F27)."""
    people = [Resident(parts, phone=f"+3363998{number:04d}") for number in range(pairs)]
    for text in ("un", "deux"):
        for person in people:
            person.writes(text)
    served, problems = [], []
    lock = threading.Lock()
    end = time.monotonic() + 60

    def work():
        while len(served) < 2 * pairs and time.monotonic() < end:
            try:
                message = parts.claims.claim()
                if message is None:
                    time.sleep(0.001)
                    continue
                with lock:
                    served.append((message.conversation.id, message.text, message.attempts))
                finish(parts, message)
            except DatabaseDown as error:
                problems.append(error)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(served) == 2 * pairs
    for conversation in {conversation for conversation, _, _ in served}:
        assert [text for c, text, _ in served if c == conversation] == ["un", "deux"]
    assert {attempts for _, _, attempts in served} == {1}
