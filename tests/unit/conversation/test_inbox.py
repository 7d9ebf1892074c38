"""Every message is kept once, whatever the provider repeats and whoever arrives at the same instant."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text

from passerelle.conversation.inbox import ChangedContent, Inbound
from passerelle.conversation.tables import ConversationRow, InboundRow
from passerelle.foundation.database import DatabaseDown, table_of

_inbound, _conversations = table_of(InboundRow), table_of(ConversationRow)


@pytest.fixture
def message(clock):
    return Inbound(
        channel="sms",
        provider="twilio",
        provider_id="SM1",
        address="+33639980001",
        text="Bonjour",
        received_at=clock.now(),
    )


@pytest.fixture
def count(parts):
    def count(table):
        with parts.database.read() as session:
            return session.execute(select(func.count()).select_from(table)).scalar()

    return count


def at_once(work, arguments):
    """Call from one thread per argument, all let go at the same instant; returns what each gave or raised."""
    barrier = threading.Barrier(len(arguments))
    outcomes = []

    def run(argument):
        barrier.wait()
        try:
            outcomes.append(work(argument))
        except Exception as error:
            outcomes.append(error)

    threads = [threading.Thread(target=run, args=(argument,)) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_a_repeated_message_is_kept_once(parts, message, count):
    first = parts.inbox.accept(message)
    again = parts.inbox.accept(message)

    assert (first.duplicate, again.duplicate) == (False, True)
    assert first.conversation == again.conversation
    assert count(_inbound) == 1


def test_the_same_id_three_times_at_once_is_one_row(parts, message, count):
    outcomes = at_once(parts.inbox.accept, [message] * 3)

    assert sorted(accepted.duplicate for accepted in outcomes) == [False, True, True]
    assert (count(_inbound), count(_conversations)) == (1, 1)


def test_two_first_messages_at_once_open_one_conversation(parts, message, count):
    both = [message, replace(message, provider_id="SM2", text="Je suis seul")]
    outcomes = at_once(parts.inbox.accept, both)

    assert len({accepted.conversation for accepted in outcomes}) == 1
    assert (count(_inbound), count(_conversations)) == (2, 1)


@pytest.mark.parametrize("changed", [{"text": "Bonsoir"}, {"address": "+33639980002"}, {"question": "T3"}])
def test_a_known_id_with_another_content_is_refused(parts, message, count, changed):
    """A replay with the fields cut elsewhere keeps its signature: the content must be the same (A2)."""
    parts.inbox.accept(message)

    with pytest.raises(ChangedContent):
        parts.inbox.accept(replace(message, **changed))
    assert count(_inbound) == 1


def test_the_same_id_of_two_providers_is_two_messages(parts, message, count):
    parts.inbox.accept(message)
    parts.inbox.accept(replace(message, provider="other"))

    assert count(_inbound) == 2


def test_neither_number_nor_words_can_be_read_in_the_tables(parts, message):
    parts.inbox.accept(replace(message, text="je vis chez ma soeur"))

    with parts.database.read() as session:
        body = session.execute(select(_inbound.c.body)).scalar()
        hashed, address = session.execute(select(_conversations.c.address_hash, _conversations.c.address)).one()
    assert b"soeur" not in body
    assert b"639980001" not in address
    assert "639980001" not in hashed


def test_the_danger_of_a_message_is_kept_with_it(parts, message):
    accepted = parts.inbox.accept(replace(message, text="je veux mourir"))

    assert accepted.safety.kind == "suicide"
    with parts.database.read() as session:
        assert session.execute(select(_inbound.c.danger)).scalar() == "suicide"


def test_a_message_that_was_not_kept_is_not_accepted(sqlite_parts, message):
    """The door must know, so that it spools or lets the provider try again (F18)."""
    with sqlite_parts.database.write() as session:
        session.execute(text("ALTER TABLE inbound RENAME TO gone"))

    with pytest.raises(DatabaseDown):
        sqlite_parts.inbox.accept(message)


def test_a_message_is_cut_and_cleaned_at_the_door(parts, message):
    parts.inbox.accept(replace(message, text="a\x00b" + "x" * 5000))
    claimed = parts.claims.claim()

    assert claimed.text.startswith("ab")
    assert len(claimed.text) <= 1600
