"""Keeping the collective notes of a team: every write of theirs is here."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from passerelle.foundation.clock import Clock
from passerelle.foundation.database import Database, table_of
from passerelle.foundation.errors import NotFound
from passerelle.foundation.ids import new_id
from passerelle.portal.collective import CollectiveNote
from passerelle.portal.tables import CollectiveNoteRow

_notes = table_of(CollectiveNoteRow)


class NoSuchNote(NotFound):
    """There is no such note, or no more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptNote:
    """A note and how long it stays."""

    id: str
    at: datetime
    until: datetime
    note: CollectiveNote


class Notes:
    """The kept notes. A team only ever sees its own."""

    def __init__(self, *, database: Database, clock: Clock, days: int) -> None:
        self._database = database
        self._clock = clock
        self._lasts = timedelta(days=days)

    @property
    def days(self) -> int:
        """Days a note is kept."""
        return self._lasts.days

    def keep(self, team: str, note: CollectiveNote) -> str:
        """Keep a note; returns its id."""
        now = self._clock.now()
        row = CollectiveNoteRow(
            id=new_id(), team=team, at=now, until=now + self._lasts, content=json.dumps(note.as_json())
        )
        with self._database.write() as session:
            session.add(row)
        return row.id

    def list(self, team: str) -> tuple[KeptNote, ...]:
        """The team's notes, newest first."""
        with self._database.read() as session:
            rows = session.execute(
                select(CollectiveNoteRow)
                .where(_notes.c.team == team, _notes.c.until > self._clock.now())
                .order_by(_notes.c.at.desc(), _notes.c.id)
            ).scalars()
            return tuple(_kept(row) for row in rows)

    def read(self, team: str, note_id: str) -> KeptNote:
        """One note of the team. Raises NoSuchNote."""
        with self._database.read() as session:
            row = session.get(CollectiveNoteRow, note_id)
            if row is None or row.team != team or row.until <= self._clock.now():
                raise NoSuchNote
            return _kept(row)

    def erase(self, team: str, note_id: str) -> None:
        """Delete a note of the team; deleting twice is deleting."""
        with self._database.write() as session:
            session.execute(delete(_notes).where(_notes.c.id == note_id, _notes.c.team == team))

    def forget_old(self) -> int:
        """Delete the notes whose time is over. Returns how many."""
        with self._database.read() as session:
            over = session.execute(select(_notes.c.id).where(_notes.c.until <= self._clock.now())).scalars().all()
        if over:
            with self._database.write() as session:
                session.execute(delete(_notes).where(_notes.c.id.in_(over)))
        return len(over)


def _kept(row: CollectiveNoteRow) -> KeptNote:
    return KeptNote(id=row.id, at=row.at, until=row.until, note=CollectiveNote.from_json(json.loads(row.content)))
