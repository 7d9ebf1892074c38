"""The tables of the dossier."""

from datetime import datetime

from sqlalchemy import Column, LargeBinary, Text
from sqlmodel import Field, SQLModel

from passerelle.foundation.database import UtcDateTime


class AnswerRow(SQLModel, table=True):
    """One answer in force: a code, or the person's own words sealed."""

    __tablename__ = "answer"

    conversation: str = Field(primary_key=True, max_length=32)
    #: Question, with the thematique it was asked about when there is one: `Q11`, `T1:<thematique>`.
    key: str = Field(primary_key=True, max_length=160)
    code: str = Field(max_length=60)
    words: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    #: Version of the questionnaire the question was asked from.
    version: str = Field(max_length=40)
    #: Who said it: self, relative, observed.
    source: str = Field(max_length=12)
    #: Order of asking, so that RETOUR finds the question before.
    place: int
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class ToldNeedRow(SQLModel, table=True):
    """One need told in free text."""

    __tablename__ = "told_need"

    conversation: str = Field(primary_key=True, max_length=32)
    thematique: str = Field(primary_key=True, max_length=120)
    wanted: bool
    #: Who said it first: self, relative, observed (and confirmed by the person).
    source: str = Field(default="self", max_length=12, sa_column_kwargs={"server_default": "self"})
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class SignalRow(SQLModel, table=True):
    """One circumstance told in free text: a rupture, being alone… never its medical reason."""

    __tablename__ = "signal"

    conversation: str = Field(primary_key=True, max_length=32)
    signal: str = Field(primary_key=True, max_length=40)
    #: Who said it first: self, relative, observed (and confirmed by the person).
    source: str = Field(default="self", max_length=12, sa_column_kwargs={"server_default": "self"})
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class EvaluationRow(SQLModel, table=True):
    """One evaluation as it was last graded: needs, facts, level, who said what, in codes only."""

    __tablename__ = "evaluation"

    conversation: str = Field(primary_key=True, max_length=32)
    #: 1 for the first; one more each time the person takes stock again.
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    content: str = Field(sa_column=Column(Text, nullable=False))
    #: The person has begun another one since.
    ended: bool = False


class AgreementRow(SQLModel, table=True):
    """The person's agreement to transmit: what, to whom, until when, in which exact words."""

    __tablename__ = "agreement"

    id: str = Field(primary_key=True, max_length=32)
    conversation: str = Field(max_length=32, index=True)
    purpose: str = Field(max_length=40)
    legal_basis: str = Field(max_length=12)
    recipient: str = Field(max_length=80)
    #: Items agreed to and items taken out, as lists of field names (JSON).
    items: str
    removed: str
    notice_version: str = Field(max_length=40)
    language: str = Field(max_length=5)
    #: The text shown, sealed, and the SHA-256 of it: the hash outlives the words as proof.
    words: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    sha256: str = Field(max_length=64)
    channel: str = Field(max_length=10)
    #: How the yes was said: the word, or the button.
    method: str = Field(max_length=40)
    proof: str = Field(max_length=10)
    #: Four digits the person and the recipient share: whoever calls says them.
    withdrawal_code: str = Field(max_length=4)
    given_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    withdrawn_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
