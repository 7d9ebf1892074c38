"""The notes a team chose to keep. They name nobody."""

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from passerelle.foundation.database import UtcDateTime


class CollectiveNoteRow(SQLModel, table=True):
    """One collective reading (level C): factors, levels at stake, decisions, resources."""

    __tablename__ = "collective_note"

    id: str = Field(primary_key=True, max_length=32)
    team: str = Field(max_length=40, index=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: After this day the note is deleted.
    until: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    level: str = Field(default="C", max_length=4)
    #: The note, JSON.
    content: str = Field(sa_column=Column(Text, nullable=False))
