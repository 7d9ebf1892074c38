"""The workers: whatever one piece of work does, the next one is done."""

import threading
import time

import pytest
from fakes import MONDAY_MORNING
from houses import Resident, drain
from sqlalchemy import text

from passerelle.app.bells import Bell, Bells
from passerelle.app.workers import Workers
from passerelle.conversation.inbox import Inbound


@pytest.fixture
def workers(sqlite_parts):
    workers = Workers(sqlite_parts)
    yield workers
    workers.stop(seconds=5)


def wait_for(ready, seconds=10.0):
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "this did not happen in time"
        time.sleep(0.01)


def test_a_message_is_answered_without_anybody_asking(sqlite_parts, sms, workers):
    workers.start()
    Resident(sqlite_parts).writes("bonjour")

    wait_for(lambda: sms.texts)
    assert len(sms.texts) == 1


def test_twenty_people_at_once_get_an_answer_each(sqlite_parts, sms, workers):
    people = [Resident(sqlite_parts, phone=f"+3363998{number:04d}") for number in range(20)]
    workers.start()
    for person in people:
        person.writes("bonjour")

    wait_for(lambda: len(sms.taken) >= 20, seconds=30)
    assert sorted(notice.recipient for notice in sms.taken) == [person.phone for person in people]


def test_a_worker_outlives_a_database_that_goes_away(sqlite_parts, sms, workers):
    workers.start()
    with sqlite_parts.database.write() as session:
        session.execute(text("ALTER TABLE conversation RENAME TO gone"))
    time.sleep(0.3)
    with sqlite_parts.database.write() as session:
        session.execute(text("ALTER TABLE gone RENAME TO conversation"))
    Resident(sqlite_parts).writes("bonjour")

    wait_for(lambda: sms.texts)


def test_stopping_finishes_what_was_begun(sqlite_parts, workers):
    workers.start()
    workers.stop(seconds=10)

    assert not any(thread.name.startswith(("turn-", "notice-", "duty")) for thread in threading.enumerate())


def test_a_message_spooled_while_the_database_was_away_is_answered(sqlite_parts, sms):
    """F18: the door kept it on disk; a duty hands it to the inbox, once."""
    spooled = Inbound(
        channel="sms",
        provider="twilio",
        provider_id="SM1",
        address="+33639980001",
        text="bonjour",
        received_at=MONDAY_MORNING,
    )
    sqlite_parts.spool.keep(spooled)
    for _ in range(2):
        Workers(sqlite_parts).do_duties()
        drain(sqlite_parts)

    assert len(sms.texts) == 1
    assert list(sqlite_parts.spool.folder.glob("*.sealed")) == []


def test_a_spooled_message_that_was_kept_after_all_is_not_answered_twice(sqlite_parts, sms):
    """The database said no after it had said yes to itself."""
    message = Inbound(
        channel="sms",
        provider="twilio",
        provider_id="SM1",
        address="+33639980001",
        text="bonjour",
        received_at=MONDAY_MORNING,
    )
    sqlite_parts.accept(message)
    sqlite_parts.spool.keep(message)
    Workers(sqlite_parts).do_duties()
    drain(sqlite_parts)

    assert len(sms.texts) == 1


def test_a_spooled_message_is_not_readable_on_the_disk(sqlite_parts):
    sqlite_parts.spool.keep(
        Inbound(
            channel="sms",
            provider="twilio",
            provider_id="SM1",
            address="+33639980001",
            text="je vis chez ma soeur",
            received_at=MONDAY_MORNING,
        )
    )

    (file,) = sqlite_parts.spool.folder.glob("*.sealed")
    assert b"soeur" not in file.read_bytes()


def test_a_bell_wakes_who_sleeps():
    bell = Bell()
    threading.Timer(0.05, bell.ring).start()
    started = time.monotonic()
    bell.wait(10)

    assert time.monotonic() - started < 5


async def test_a_page_is_woken_by_news_of_its_own_conversation_only():
    import asyncio

    bells = Bells(turn=Bell(), notice=Bell())
    mine, other = asyncio.create_task(bells.page_news("mine")), asyncio.create_task(bells.page_news("other"))
    await asyncio.sleep(0)
    threading.Thread(target=bells.said_in, args=("mine",)).start()

    await asyncio.wait_for(mine, timeout=5)
    assert not other.done()
    other.cancel()


def test_a_danger_is_answered_without_any_database(sqlite_parts):
    """The door says it itself when nothing else works (DESIGN §4.1)."""
    assert "3114" in sqlite_parts.danger_answer("je veux mourir")
    assert sqlite_parts.danger_answer("bonjour") is None
