"""Forgetting a conversation for good: asked by the person, or because keeping it serves nobody any more.

Its key is destroyed, so that nothing sealed with it can be read anywhere, backups included.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_, select, update
from sqlmodel import Session

from passerelle.conversation.tables import ConversationRow, ObservationRow, TimerRow, TranscriptRow
from passerelle.dossier.records import erase_dossier
from passerelle.foundation.clock import Clock
from passerelle.foundation.crypto import KeyStore
from passerelle.foundation.database import Database, table_of
from passerelle.foundation.ids import new_id
from passerelle.handoff.requests import Requests
from passerelle.handoff.states import ENDED
from passerelle.handoff.tables import RequestRow
from passerelle.notices.notice import NoticeState
from passerelle.notices.outbox import Outbox
from passerelle.notices.tables import NoticeRow

FORGET = "forget"

#: Stage of a conversation of which nothing is left.
ERASED = "erased"

#: The page or the phone gets this long to receive the confirmation.
GRACE = timedelta(minutes=5)

#: A request's summary and thread are kept this long after its end (reference/handoff.md §4.4).
AFTER_THE_END = timedelta(days=92)

#: Conversations forgotten in one round, so that the others are not kept waiting.
_ONE_ROUND = 50

_conversations, _timers, _notices = table_of(ConversationRow), table_of(TimerRow), table_of(NoticeRow)
_observations = table_of(ObservationRow)
_requests, _transcripts = table_of(RequestRow), table_of(TranscriptRow)


def forget_observed(session: Session, conversation: str) -> None:
    """What a partner observed serves no more: after STOP or an erasure. That the person was asked stays."""
    session.execute(
        update(_observations)
        .where(_observations.c.conversation == conversation, _observations.c.facts.is_not(None))
        .values(facts=None, state="refused")
    )


class Forgetting:
    """Destroys keys."""

    def __init__(
        self,
        database: Database,
        keys: KeyStore,
        clock: Clock,
        *,
        outbox: Outbox,
        requests: Requests,
        unfinished: timedelta,
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._outbox = outbox
        self._requests = requests
        #: How long a conversation that led to no request is kept after its last message.
        self._unfinished = unfinished

    def forget_idle(self) -> int:
        """Forget the conversations nobody needs: silent, without a live or recent request, nothing agreed to come."""
        now = self._clock.now()
        needed = exists().where(
            _requests.c.conversation == _conversations.c.id,
            or_(_requests.c.state.not_in(sorted(ENDED)), _requests.c.changed_at > now - AFTER_THE_END),
        )
        awaited = exists().where(_timers.c.conversation == _conversations.c.id)
        asked = exists().where(_observations.c.conversation == _conversations.c.id, _observations.c.facts.is_not(None))
        with self._database.read() as session:
            idle = list(
                session.execute(
                    select(_conversations.c.id)
                    .where(
                        _conversations.c.last_message_at <= now - self._unfinished,
                        _conversations.c.waiting_since.is_(None),
                        _conversations.c.stage != ERASED,
                        ~needed,
                        ~awaited,
                        ~asked,
                    )
                    .limit(_ONE_ROUND)
                ).scalars()
            )
        for conversation in idle:
            self._forget(conversation, now)
        return len(idle)

    def forget_due(self) -> int:
        """Forget the conversations whose time has come and whose last notice has left. Returns how many."""
        now = self._clock.now()
        still_leaving = exists().where(
            _notices.c.conversation == _timers.c.conversation,
            _notices.c.state.in_([NoticeState.DUE, NoticeState.LEASED]),
        )
        with self._database.read() as session:
            due = list(
                session.execute(
                    select(_timers.c.conversation).where(
                        _timers.c.event == FORGET, _timers.c.due_at <= now, ~still_leaving
                    )
                ).scalars()
            )
        for conversation in due:
            self._forget(conversation, now)
        return len(due)

    def _forget(self, conversation: str, now: datetime) -> None:
        # The key first: a crash after it leaves rows nobody can read, and the next round finishes the work.
        self._keys.destroy(conversation)
        with self._database.write() as session:
            erase_dossier(session, conversation, now)
            self._requests.erase_content(session, conversation)
            self._outbox.erase(session, conversation)
            for table in (_transcripts, _timers, _observations):
                session.execute(delete(table).where(table.c.conversation == conversation))
            # The number may write again: it will find no trace of this thread.
            session.execute(
                update(_conversations)
                .where(_conversations.c.id == conversation)
                .values(address=None, address_hash=f"forgotten-{new_id()}", pending=None, stage=ERASED)
            )
