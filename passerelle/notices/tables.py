"""The outbox's one table: the notice is the queue row (docs/decisions/003)."""

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from passerelle.foundation.database import UtcDateTime


class NoticeRow(SQLModel, table=True):
    """One message to one recipient, from the moment it is decided until it is settled."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("notice_due", "state", "due_at"),
        Index("notice_lane", "lane", "state", "number"),
    )

    #: Order of creation: notices of one lane leave in this order.
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True, max_length=32)
    #: The same key is the same notice: recording it twice changes nothing.
    key: str = Field(unique=True, max_length=200)
    kind: str = Field(max_length=60)
    channel: str = Field(max_length=10)
    #: Notices of one lane (one conversation, one mailbox) are delivered one after the other.
    lane: str = Field(max_length=80)
    conversation: str | None = Field(default=None, max_length=32, index=True)
    language: str = Field(max_length=5)
    #: Sealed with the conversation's key when it belongs to one; a professional's address and text are plain.
    recipient: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    subject: str = Field(default="", max_length=200)
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    #: What a web page needs beside the text: the question, its options, links. JSON, no words of the person.
    extras: str = Field(default="")
    state: str = Field(default="due", max_length=12)
    due_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    made_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    lease: str | None = Field(default=None, max_length=32)
    leased_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    attempts: int = 0
    provider_id: str | None = Field(default=None, max_length=64, index=True)
    delivery: str = Field(default="", max_length=16)
    error_code: str = Field(default="", max_length=40)
    #: A final failure of an important notice becomes a task for a person.
    important: bool = False
    parts: int = 0
