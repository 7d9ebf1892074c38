"""What nobody needs any more is forgotten, and nothing that somebody waits for is."""

import pytest
from houses import drain
from sqlalchemy import select

from passerelle.conversation.forgetting import AFTER_THE_END, GRACE
from passerelle.conversation.tables import ConversationRow, TranscriptRow
from passerelle.dossier.tables import AnswerRow, ToldNeedRow
from passerelle.foundation.crypto import Erased
from passerelle.foundation.database import table_of
from passerelle.handoff.states import RequestState
from passerelle.handoff.tables import RequestRow

RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
TOLD = "je ne peux plus payer mon loyer a rennes"


@pytest.fixture
def told(bot, resident):
    """Somebody told a need, and stopped there."""
    bot.tell(TOLD, needs=[RENT])
    return resident.writes(TOLD).conversation


def left_of(parts, conversation):
    with parts.database.read() as session:
        return [
            row
            for table in map(table_of, (AnswerRow, ToldNeedRow, TranscriptRow))
            for row in session.execute(select(table).where(table.c.conversation == conversation))
        ]


def test_a_conversation_left_alone_for_a_day_is_erased_and_its_key_destroyed(parts, clock, told):
    drain(parts)
    sealed = parts.keys.seal(told, "mes mots")
    clock.advance(hours=25)

    assert parts.forgetting.forget_idle() == 1

    assert left_of(parts, told) == []
    with pytest.raises(Erased):
        parts.keys.open(told, sealed)


def test_an_hour_of_silence_forgets_nothing(parts, clock, told):
    drain(parts)
    clock.advance(hours=1)

    assert parts.forgetting.forget_idle() == 0


def test_a_message_that_waits_for_its_turn_keeps_its_conversation(parts, clock, told):
    clock.advance(hours=25)

    assert parts.forgetting.forget_idle() == 0


@pytest.mark.parametrize(
    ("state", "days", "kept"),
    [
        (RequestState.TRANSMIS, 200, True),
        (RequestState.CLOS_AIDE_RECUE, 30, True),
        (RequestState.CLOS_AIDE_RECUE, AFTER_THE_END.days + 1, False),
        (RequestState.RETIRE, AFTER_THE_END.days + 1, False),
    ],
)
def test_a_conversation_is_kept_as_long_as_its_request_needs_it(parts, clock, told, state, days, kept):
    drain(parts)
    with parts.database.write() as session:
        session.add(
            RequestRow(
                id="a" * 32,
                conversation=told,
                agreement="b" * 32,
                recipient="ccas-rennes",
                state=state,
                level="N2",
                territory="demo-35",
                commune="35238",
                made_at=clock.now(),
                changed_at=clock.now(),
            )
        )
    clock.advance(days=days)

    assert parts.forgetting.forget_idle() == (0 if kept else 1)


def test_somebody_who_writes_again_after_being_forgotten_is_somebody_new(parts, clock, resident, told):
    drain(parts)
    clock.advance(hours=25)
    parts.forgetting.forget_idle()

    again = resident.writes("bonjour").conversation

    assert again != told


def test_what_the_person_erased_is_unreadable_once_the_last_word_has_left(parts, clock, resident, told):
    drain(parts)
    resident.says("EFFACER")
    resident.says("1")
    sealed = parts.keys.seal(told, "mes mots")

    assert parts.forgetting.forget_due() == 0
    clock.advance(seconds=GRACE.total_seconds() + 1)
    assert parts.forgetting.forget_due() == 1

    with pytest.raises(Erased):
        parts.keys.open(told, sealed)
    with parts.database.read() as session:
        assert session.get(ConversationRow, told).address is None
