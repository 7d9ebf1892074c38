"""Whatever the bot does, the person gets words: stock Rasa fails in silence, we do not (R1–R8, F3–F5)."""

import time

import pytest
from fakes import FakeSender, FixedClock
from houses import Resident, open_parts
from stub_bot import stub_bot

from passerelle.foundation.config import Settings

FREE_TEXT = "je ne sais plus comment faire avec tout ca"

FAILURES = [
    "status 500",
    "html",
    "empty list",
    "null",
    "truncated",
    "wrong types",
    "half a document",
    "hangs",
    "drips",
    "closes",
]


@pytest.fixture
def bot_server():
    with stub_bot() as server:
        yield server


@pytest.fixture
def house(tmp_path, bot_server):
    """A Passerelle whose real client asks the stub."""
    settings = Settings(var=tmp_path, bot_port=bot_server.server_port, bot_timeout=0.4)
    parts = open_parts(
        tmp_path, settings=settings, bot=None, clock=FixedClock(), senders={"sms": FakeSender(), "email": FakeSender()}
    )
    yield parts
    parts.close()


@pytest.fixture
def person(house):
    return Resident(house)


def has_a_menu(answer):
    return "1 " in answer and "2 " in answer


@pytest.mark.parametrize("mode", FAILURES)
def test_a_bot_that_fails_leaves_the_menu(bot_server, person, mode):
    bot_server.mode = mode
    (answer,) = person.says(FREE_TEXT)

    assert bot_server.asked == 1
    assert has_a_menu(answer)


def test_no_bot_at_all_leaves_the_menu(bot_server, person):
    bot_server.shutdown()
    bot_server.server_close()
    (answer,) = person.says(FREE_TEXT)

    assert has_a_menu(answer)


def test_an_action_nobody_has_is_answered_too(bot_server, person):
    bot_server.mode = "unknown action"

    assert person.says(FREE_TEXT)


def test_the_menu_leads_on_without_the_bot(bot_server, person):
    bot_server.mode = "status 500"
    person.says(FREE_TEXT)
    (answer,) = person.says("1")

    assert answer


def test_a_commune_is_understood_without_the_bot(bot_server, person, house):
    bot_server.mode = "status 500"
    person.says("j'habite a rennes et je ne sais plus comment faire")

    with house.database.read() as session:
        from sqlalchemy import text

        codes = session.execute(text("SELECT code FROM answer WHERE key = 'P1'")).scalars().all()
    assert codes == ["35238"]


def test_a_slow_bot_is_left_alone_for_a_while_so_that_nobody_waits_for_it(bot_server, person):
    bot_server.mode = "hangs"
    for _ in range(2):
        person.says(FREE_TEXT)
    started = time.monotonic()
    answers = person.says(FREE_TEXT)

    assert answers
    assert time.monotonic() - started < 0.4
    assert bot_server.asked == 2


def test_commands_dangers_and_closed_answers_never_wait_for_the_bot(bot_server, person):
    bot_server.mode = "hangs"

    assert person.says("je veux mourir")
    assert person.says("STOP")
    assert bot_server.asked == 0


def test_the_bot_is_used_again_as_soon_as_it_answers(bot_server, person):
    bot_server.mode = "status 500"
    person.says(FREE_TEXT)
    bot_server.mode = "good"
    (answer,) = person.says("bonjour a vous")

    assert bot_server.asked == 2
    assert answer
