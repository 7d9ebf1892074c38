"""Turns are claimed under a lease: one at a time per conversation, whatever the number of processes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update

from passerelle.conversation.tables import ConversationRow, InboundRow
from passerelle.foundation.clock import Clock
from passerelle.foundation.crypto import Erased, KeyStore
from passerelle.foundation.database import Database, table_of
from passerelle.foundation.ids import new_id
from passerelle.safety.check import Kind

_conversations = table_of(ConversationRow)
_inbound = table_of(InboundRow)

#: Longer than the longest turn (bot 4 s, action 3 s); a dead worker's turn is taken over after it.
LEASE = timedelta(seconds=30)

#: A message that made its turn fail this often is set aside so that the others flow.
MAX_ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedMessage:
    """The next message of a conversation, with the lease that lets one worker answer it."""

    number: int
    conversation: ConversationRow
    lease: str
    text: str
    question: str
    event: str
    media_count: int
    danger: Kind
    medical: bool
    received_at: datetime
    attempts: int


class Claims:
    """Hands out messages waiting for their turn."""

    def __init__(self, database: Database, keys: KeyStore, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def claim(self) -> ClaimedMessage | None:
        """Lease the conversation that has waited longest and return its oldest message, or None."""
        now = self._clock.now()
        waiting = and_(
            _conversations.c.waiting_since.is_not(None),
            _conversations.c.waiting_since <= now,
            or_(
                _conversations.c.leased_until.is_(None),
                _conversations.c.leased_until <= now,
                # A lease that lasts longer than any lease: the clock jumped.
                _conversations.c.leased_until > now + LEASE * 2,
            ),
        )
        oldest = select(_conversations.c.id).where(waiting).order_by(_conversations.c.waiting_since).limit(1)
        with self._database.read() as session:
            if session.execute(oldest).first() is None:
                return None
        lease = new_id()
        with self._database.write() as session:
            conversation = session.execute(
                select(ConversationRow).where(_conversations.c.id.in_(oldest)).with_for_update(skip_locked=True)
            ).scalar()
            if conversation is None:
                return None
            message = session.execute(
                select(InboundRow)
                .where(_inbound.c.conversation == conversation.id, _inbound.c.state == "waiting")
                .order_by(_inbound.c.number)
                .limit(1)
            ).scalar()
            if message is None or message.number is None:
                conversation.waiting_since = None
                return None
            message.attempts += 1
            if message.attempts > MAX_ATTEMPTS:
                # Poison: it stays in the table for an operator, without its words.
                message.state, message.body = "set_aside", None
                return None
            conversation.lease, conversation.leased_until = lease, now + LEASE
            return ClaimedMessage(
                number=message.number,
                conversation=conversation,
                lease=lease,
                text=self._words(message),
                question=message.question,
                event=message.event,
                media_count=message.media_count,
                danger=message.danger,
                medical=message.medical,
                received_at=message.received_at,
                attempts=message.attempts,
            )

    def give_back(self, message: ClaimedMessage, wait: timedelta) -> None:
        """The turn failed and nothing of it was kept: it is tried again after the wait."""
        now = self._clock.now()
        with self._database.write() as session:
            session.execute(
                update(_conversations)
                .where(_conversations.c.id == message.conversation.id, _conversations.c.lease == message.lease)
                .values(lease=None, leased_until=None, waiting_since=now + wait)
            )

    def _words(self, message: InboundRow) -> str:
        if message.body is None:
            return ""
        try:
            return self._keys.open(message.conversation, message.body)
        except Erased:
            return ""
