"""What was proposed, as it was then: a later catalogue changes nothing to it."""

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from passerelle.foundation.database import UtcDateTime


class OrientationRow(SQLModel, table=True):
    """One decision and its proposals: rules, facts, versions; no words of the person."""

    __tablename__ = "orientation"

    number: int | None = Field(default=None, primary_key=True)
    conversation: str = Field(max_length=32, index=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    level: str = Field(max_length=4)
    commune: str = Field(default="", max_length=5)
    #: Trace of the decision (reference/screening.md §6.2), JSON.
    trace: str = Field(sa_column=Column(Text, nullable=False))
    #: Snapshot of the proposals, JSON.
    proposals: str = Field(sa_column=Column(Text, nullable=False))
    catalogue: str = Field(max_length=64)


class OrientationGapRow(SQLModel, table=True):
    """How often a need had no near answer in a territory and a month; nothing says whose need it was."""

    __tablename__ = "orientation_gap"

    #: "2026-11".
    month: str = Field(max_length=7, primary_key=True)
    #: SIREN of the intercommunalité, else code of the département, else nothing.
    territory: str = Field(max_length=9, primary_key=True)
    need: str = Field(max_length=120, primary_key=True)
    #: none, incompatible or far.
    kind: str = Field(max_length=12, primary_key=True)
    count: int
