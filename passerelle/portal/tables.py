"""What professionals keep: the notes of a team, the changes of a coordinator, the versions of the catalogue."""

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


class RegisterChangeRow(SQLModel, table=True):
    """One change of the register by a coordinator. Never altered but to say that it was undone."""

    __tablename__ = "register_change"

    number: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: The coordinator, as the configuration names them.
    by: str = Field(max_length=40)
    #: correct, complement, close, add, withdraw, or what of the territory: desk, referent, instance.
    kind: str = Field(max_length=20)
    #: Id of the service, desk, référent or instance.
    target: str = Field(max_length=200, index=True)
    field: str = Field(default="", max_length=60)
    #: What is said now and what was shown before, JSON.
    value: str = Field(sa_column=Column(Text, nullable=False))
    before: str = Field(default="null", sa_column=Column(Text, nullable=False))
    undone_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    undone_by: str = Field(default="", max_length=40)


class CatalogueVersionRow(SQLModel, table=True):
    """One version of the catalogue that a coordinator prepared."""

    __tablename__ = "catalogue_version"

    number: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    by: str = Field(max_length=40)
    #: preparing, prepared, in_force, failed.
    state: str = Field(max_length=12)
    sha256: str = Field(default="", max_length=64)
    #: Numbers of the changes it holds, JSON.
    changes: str = Field(sa_column=Column(Text, nullable=False))
    #: What it changes for made-up people, and how many services it holds; or what failed. JSON.
    report: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    #: When it was last put in force, and by whom.
    in_force_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    in_force_by: str = Field(default="", max_length=40)
