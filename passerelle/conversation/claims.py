"""Turns are claimed under a lease: one at a time per conversation, whatever the number of processes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, or_, select, update

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

# Statements made once: making one costs more than running it.
_WAITS = and_(
    _conversations.c.waiting_since.is_not(None),
    _conversations.c.waiting_since <= bindparam("now"),
    or_(
        _conversations.c.leased_until.is_(None),
        _conversations.c.leased_until <= bindparam("now"),
        # A lease that lasts longer than any lease: the clock jumped.
        _conversations.c.leased_until > bindparam("too_far"),
    ),
)
_LONGEST_WAITING = select(_conversations.c.id).where(_WAITS).order_by(_conversations.c.waiting_since).limit(1)
_LEASE = (
    update(_conversations)
    .where(_conversations.c.id == _LONGEST_WAITING.with_for_update(skip_locked=True).scalar_subquery())
    .values(lease=bindparam("new_lease"), leased_until=bindparam("until"))
    .returning(
        _conversations.c.id,
        _conversations.c.channel,
        _conversations.c.language,
        _conversations.c.stage,
        _conversations.c.role,
        _conversations.c.pending,
    )
)
_NEXT_MESSAGE = (
    select(_inbound.c.number)
    .where(_inbound.c.conversation == bindparam("of"), _inbound.c.state == "waiting")
    .order_by(_inbound.c.number)
    .limit(1)
)
_TRY = (
    update(_inbound)
    .where(_inbound.c.number == _NEXT_MESSAGE.scalar_subquery())
    .values(attempts=_inbound.c.attempts + 1)
    .returning(*_inbound.c)
)
_NOTHING_WAITS = (
    update(_conversations)
    .where(_conversations.c.id == bindparam("of"))
    .values(waiting_since=None, lease=None, leased_until=None)
)
#: Poison: it stays in the table for an operator, without its words.
_SET_ASIDE = update(_inbound).where(_inbound.c.number == bindparam("poison")).values(state="set_aside", body=None)
_RELEASE = update(_conversations).where(_conversations.c.id == bindparam("of")).values(lease=None, leased_until=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedConversation:
    """What is read of a conversation to understand its message; its turn reads the row again."""

    id: str
    channel: str
    language: str
    stage: str
    role: str
    pending: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedMessage:
    """The next message of a conversation, with the lease that lets one worker answer it."""

    number: int
    conversation: ClaimedConversation
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
        moment = {"now": now, "too_far": now + LEASE * 2}
        with self._database.reading() as connection:
            # Looking first without the writer's lock: an idle worker costs nobody anything.
            if connection.execute(_LONGEST_WAITING, moment).first() is None:
                return None
        with self._database.writing() as connection:
            lease = new_id()
            conversation = connection.execute(_LEASE, moment | {"new_lease": lease, "until": now + LEASE}).first()
            if conversation is None:
                return None
            message = connection.execute(_TRY, {"of": conversation.id}).first()
            if message is None:
                connection.execute(_NOTHING_WAITS, {"of": conversation.id})
                return None
            if message.attempts > MAX_ATTEMPTS:
                connection.execute(_SET_ASIDE, {"poison": message.number})
                connection.execute(_RELEASE, {"of": conversation.id})
                return None
            return ClaimedMessage(
                number=message.number,
                conversation=ClaimedConversation(**conversation._mapping),
                lease=lease,
                text=self._words(message.conversation, message.body),
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

    def _words(self, conversation: str, sealed: bytes | None) -> str:
        if sealed is None:
            return ""
        try:
            return self._keys.open(conversation, sealed)
        except Erased:
            return ""
