"""Killed before or after every function that writes, and started again: each message is answered exactly once."""

import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fakes import FixedClock

from passerelle.channels.fake_twilio import FakeTwilio

HERE = Path(__file__).parent

SAM, AWA = "+33639980001", "+33639980002"
MESSAGES = [
    ("SM1", SAM, "bonjour"),
    ("SM2", AWA, "je veux mourir"),
    ("SM3", SAM, "aide"),
]

#: Every function that writes, from the door to the provider.
WRITERS = [
    "passerelle.foundation.crypto:KeyStore.make",
    "passerelle.conversation.inbox:Inbox._keep",
    "passerelle.conversation.inbox:put_in_line",
    "passerelle.conversation.claims:Claims.claim",
    "passerelle.conversation.turn:Turns._answer",
    "passerelle.conversation.turn:Turns._commit",
    "passerelle.notices.outbox:Outbox.record_new",
    "passerelle.notices.outbox:Outbox.claim",
    "passerelle.notices.twilio:TwilioSender.send",
    "passerelle.notices.outbox:Outbox.settle_sent",
]
PLACES = [f"{writer}:{moment}:1" for writer in WRITERS for moment in ("before", "after")]
#: And every commit of the whole walk, whoever asked for it.
_COMMIT = "sqlalchemy.engine.default:DefaultDialect.do_commit"
COMMITS = [f"{_COMMIT}:{moment}:{count}" for moment in ("before", "after") for count in (1, 4, 7, 10)]


@pytest.fixture(scope="module")
def twilio():
    """A Twilio that remembers, in front of a door that always says thank you."""
    thanks = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _request: httpx2.Response(204)))
    fake = FakeTwilio(
        account_sid="AC" + "0" * 32,
        auth_token="demonstration-token",
        number="+33937000000",
        webhook_url="http://passerelle.test/sms/twilio",
        client=thanks,
        clock=FixedClock(),
    )
    server = uvicorn.Server(uvicorn.Config(fake.app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    fake.address = f"http://127.0.0.1:{port}"
    yield fake
    server.should_exit = True
    thread.join(timeout=5)


@pytest.fixture(scope="module")
def live():
    """Live one life of a Passerelle; returns its exit status."""
    with subprocess.Popen(
        [sys.executable, str(HERE / "at_work.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"

        def live(**order):
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield live
        process.stdin.close()


@pytest.fixture
def outcome(tmp_path, twilio, live):
    """Die at a place, come back until all is done, and say what became of everything."""

    def outcome(place):
        twilio.messages.clear()
        twilio.clock = FixedClock()
        order = {"var": str(tmp_path), "messages": MESSAGES, "twilio": twilio.address}
        status = live(crash=place, seconds=0, **order)
        # Every lease of the dead is over after two minutes.
        twilio.clock.advance(minutes=2)
        assert live(crash=None, seconds=120, **order) == 0
        return status, {phone: len([m for m in twilio.messages.values() if m.to == phone]) for phone in (SAM, AWA)}

    return outcome


def check_nothing_is_left_or_broken(folder):
    with sqlite3.connect(folder / "passerelle.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert set(database.execute("SELECT state, body IS NULL FROM inbound")) == {("done", 1)}
        assert set(database.execute("SELECT state FROM notice")) == {("sent",)}
        assert database.execute("SELECT count(*) FROM inbound").fetchone() == (3,)
        assert database.execute("SELECT count(*) FROM conversation").fetchone() == (2,)
        said = database.execute("SELECT count(*) FROM transcript WHERE sender = 'person'").fetchone()
        assert said == (3,)


@pytest.mark.parametrize("place", PLACES)
def test_killed_at_a_function_that_writes(outcome, tmp_path, place):
    status, answers = outcome(place)

    assert status == -signal.SIGKILL
    assert answers == {SAM: 2, AWA: 1}
    check_nothing_is_left_or_broken(tmp_path)


@pytest.mark.parametrize("place", COMMITS)
def test_killed_at_a_commit(outcome, tmp_path, place):
    status, answers = outcome(place)

    assert status == -signal.SIGKILL
    assert answers == {SAM: 2, AWA: 1}
    check_nothing_is_left_or_broken(tmp_path)


def test_without_a_crash_the_same_walk_gives_the_same(outcome, tmp_path):
    status, answers = outcome(None)

    assert (status, answers) == (0, {SAM: 2, AWA: 1})
    check_nothing_is_left_or_broken(tmp_path)
