"""The tables of the conversation: who is talking, what came in, what was said."""

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from passerelle.foundation.database import UtcDateTime


class ConversationRow(SQLModel, table=True):
    """One thread with one person, by one channel."""

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("channel", "address_hash"),
        Index("conversation_waiting", "waiting_since"),
    )

    id: str = Field(primary_key=True, max_length=32)
    channel: str = Field(max_length=10)
    #: Keyed hash of the number: finds the conversation without keeping the number.
    address_hash: str = Field(max_length=64)
    #: The number itself, sealed; empty on the web.
    address: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    language: str = Field(max_length=5)
    #: Chosen by the person: never guessed again.
    language_chosen: bool = False
    stage: str = Field(max_length=12)
    role: str = Field(max_length=12)
    #: After a sign of violence: no news by itself, the phone may be watched (reference/screening.md §5.4).
    discreet: bool = False
    site: str = Field(default="", max_length=40)
    #: All that is kept about a partner who fills in with the person: what they are, and for which organisation.
    helper: str = Field(default="", max_length=20, sa_column_kwargs={"server_default": ""})
    organisation: str = Field(default="", max_length=60, sa_column_kwargs={"server_default": ""})
    #: What a partner's page was shown and answered: never given out again (docs/decisions/008).
    read_to: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    #: The question waiting for an answer, with its identity and options (JSON), sealed: a preview holds words.
    pending: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    misunderstood: int = 0
    questions_asked: int = 0
    introduced: bool = False
    stopped_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    opened_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    last_message_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: Since when a message waits for its turn; empty when none does.
    waiting_since: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    lease: str | None = Field(default=None, max_length=32)
    leased_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    turns: int = 0


class InboundRow(SQLModel, table=True):
    """One message received, kept from the door until its turn is committed."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("provider", "provider_id"),
        Index("inbound_waiting", "conversation", "state", "number"),
    )

    #: Order of arrival.
    number: int | None = Field(default=None, primary_key=True)
    provider: str = Field(max_length=20)
    provider_id: str = Field(max_length=64)
    conversation: str = Field(max_length=32)
    received_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: A sealed copy in transit, wiped by the commit of its turn.
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    #: Keyed hash of the content: the same id with another content is an attack, not a repeat.
    fingerprint: str = Field(max_length=64)
    #: The question a button belonged to.
    question: str = Field(default="", max_length=160)
    #: Not a message but news that the person must be told: `accepted:<request>`… ; empty for a message.
    event: str = Field(default="", max_length=60)
    media_count: int = 0
    danger: str = Field(max_length=20)
    medical: bool = False
    state: str = Field(default="waiting", max_length=12)
    attempts: int = 0


class TranscriptRow(SQLModel, table=True):
    """One thing said, masked and sealed; for danger and medical messages, only that it happened."""

    __tablename__ = "transcript"
    __table_args__ = (Index("transcript_conversation", "conversation", "number"),)

    number: int | None = Field(default=None, primary_key=True)
    conversation: str = Field(max_length=32)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    sender: str = Field(max_length=10)
    #: `text`, `command:<name>`, `danger:<kind>`, `medical`, `media`.
    kind: str = Field(max_length=40)
    words: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class TimerRow(SQLModel, table=True):
    """Something to do later in a conversation. A row, so that no restart loses it."""

    __tablename__ = "timer"
    __table_args__ = (Index("timer_due", "due_at"),)

    #: The same key is the same timer.
    key: str = Field(primary_key=True, max_length=120)
    conversation: str = Field(max_length=32, index=True)
    #: The news it becomes when due.
    event: str = Field(max_length=60)
    due_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class ObservationRow(SQLModel, table=True):
    """What a frontline partner observed, kept until the person says on their own phone whether it may serve."""

    __tablename__ = "observation"

    id: str = Field(primary_key=True, max_length=32)
    #: The thread of the person's own phone.
    conversation: str = Field(max_length=32, index=True)
    #: All that is kept about the partner.
    role: str = Field(max_length=20)
    organisation: str = Field(max_length=60)
    #: Facts not confirmed yet (JSON), sealed; wiped by the person's no, by three silent days, by the last confirmation.
    facts: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    #: asked, agreed, refused, silent.
    state: str = Field(max_length=10)
    made_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: When the facts are erased unless the person goes on.
    erase_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
