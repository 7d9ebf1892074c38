"""Forgetting a conversation for good: its key is destroyed once the last word to the person has left."""

from datetime import timedelta

from sqlalchemy import delete, exists, select, update

from passerelle.conversation.tables import ConversationRow, TimerRow
from passerelle.foundation.clock import Clock
from passerelle.foundation.crypto import KeyStore
from passerelle.foundation.database import Database, table_of
from passerelle.foundation.ids import new_id
from passerelle.notices.notice import NoticeState
from passerelle.notices.tables import NoticeRow

FORGET = "forget"

#: The page or the phone gets this long to receive the confirmation.
GRACE = timedelta(minutes=5)

_conversations, _timers, _notices = table_of(ConversationRow), table_of(TimerRow), table_of(NoticeRow)


class Forgetting:
    """Destroys keys."""

    def __init__(self, database: Database, keys: KeyStore, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

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
            # The key first: a crash after it leaves rows nobody can read, and the timer to finish the work.
            self._keys.destroy(conversation)
            with self._database.write() as session:
                # The number may write again: it will find no trace of this thread.
                session.execute(
                    update(_conversations)
                    .where(_conversations.c.id == conversation)
                    .values(address=None, address_hash=f"forgotten-{new_id()}", pending=None, stage="erased")
                )
                session.execute(delete(_timers).where(_timers.c.conversation == conversation))
        return len(due)
