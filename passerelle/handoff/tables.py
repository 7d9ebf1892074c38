"""The tables of the handoff: requests, their history, links and sessions, what people say of the dispositifs."""

from datetime import date, datetime

from sqlalchemy import Column, Date, Index, LargeBinary
from sqlmodel import Field, SQLModel

from passerelle.foundation.database import UtcDateTime


class RequestRow(SQLModel, table=True):
    """One request to one recipient, on one agreement."""

    __tablename__ = "request"
    __table_args__ = (Index("request_clock", "clock_at"), Index("request_recipient", "recipient", "state"))

    id: str = Field(primary_key=True, max_length=32)
    conversation: str = Field(max_length=32, index=True)
    agreement: str = Field(max_length=32)
    recipient: str = Field(max_length=80)
    state: str = Field(max_length=20)
    level: str = Field(max_length=4)
    territory: str = Field(max_length=40)
    commune: str = Field(max_length=5)
    #: The summary the person agreed to (JSON), sealed with the conversation's key.
    summary: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    #: The graphique de gradation as it was then: wanted and unwanted needs, weights, level, rules (JSON, no words).
    grading: str = Field(default="")
    refusal: str = Field(default="", max_length=30)
    made_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: When its clock rings; empty when nobody owes anything.
    clock_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    reminders: int = 0


class RequestEventRow(SQLModel, table=True):
    """One change of a request: who, what, when. No content."""

    __tablename__ = "request_event"

    number: int | None = Field(default=None, primary_key=True)
    request: str = Field(max_length=32, index=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: Recipient id, `person` or `clock`.
    by: str = Field(max_length=80)
    #: State reached, or `opened`, `reminded`, `link_renewed`.
    what: str = Field(max_length=30)
    reason: str = Field(default="", max_length=30)


class LevelOverrideRow(SQLModel, table=True):
    """A level that a professional gave after reading the situation (R-90), kept beside the computed one."""

    __tablename__ = "level_override"

    number: int | None = Field(default=None, primary_key=True)
    request: str = Field(max_length=32, index=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: Recipient id, and what they are: first_line, referent, complex_situations.
    by: str = Field(max_length=80)
    role: str = Field(max_length=30)
    level: str = Field(max_length=4)
    #: Why, sealed with the conversation's key: it speaks of the person. Gone with the summary.
    reason: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class LinkRow(SQLModel, table=True):
    """A link sent to a recipient. Only the SHA-256 of its token is kept."""

    __tablename__ = "link"

    sha256: str = Field(primary_key=True, max_length=64)
    request: str = Field(max_length=32, index=True)
    recipient: str = Field(max_length=80)
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class DeskSessionRow(SQLModel, table=True):
    """A recipient's session at the desk. Only the SHA-256 of its cookie is kept."""

    __tablename__ = "desk_session"

    sha256: str = Field(primary_key=True, max_length=64)
    recipient: str = Field(max_length=80)
    form_token: str = Field(max_length=64)
    opened_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    seen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class ServiceReportRow(SQLModel, table=True):
    """What somebody said of a dispositif: a wrong number, closed, refused. Says nothing of who said it."""

    __tablename__ = "service_report"

    number: int | None = Field(default=None, primary_key=True)
    #: The day alone: an hour beside a conversation would be a person.
    day: date = Field(sa_column=Column(Date, nullable=False))
    service: str = Field(max_length=200, index=True)
    #: wrong_number, closed, refused, wrong_card.
    kind: str = Field(max_length=20)
    #: resident or professional.
    told_by: str = Field(max_length=20)
    settled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True, index=True))
    settled_by: str = Field(default="", max_length=40)
    #: corrected or dismissed.
    settled_how: str = Field(default="", max_length=20)
