"""The partner's side of an observation: kept sealed in the thread of the person's phone, and the person is asked."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import func, select, update

from passerelle.conversation.confirming import SILENT_DAYS, Fact, write_facts
from passerelle.conversation.inbox import Inbox
from passerelle.conversation.news import put_news
from passerelle.conversation.observed import LONGEST_SENTENCE
from passerelle.conversation.tables import ObservationRow
from passerelle.foundation.clock import Clock
from passerelle.foundation.crypto import KeyStore
from passerelle.foundation.database import Database, table_of
from passerelle.foundation.errors import TryLater
from passerelle.foundation.ids import new_id

_observations = table_of(ObservationRow)

#: Who said no, or did not answer, is left in peace this long, whoever reports what.
LEFT_IN_PEACE = timedelta(days=30)

#: SMS to people who did not write to us cost money and patience: no more than this in an hour.
MOST_IN_AN_HOUR = 60


class TooManyObservations(TryLater):
    """Too many observations were sent in the last hour."""

    status = 429


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """What a partner filled in."""

    role: str
    organisation: str
    #: Mobile phone of the person, in E.164.
    phone: str
    #: The language the person reads.
    language: str
    commune: str
    needs: tuple[str, ...]
    deadline: Literal["week", "month"] | None = None
    #: A free sentence, masked already.
    words: str = ""
    #: Planned discharge, from a hospital or an emergency service.
    leaving_on: date | None = None

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What the person will confirm, in order."""
        return (
            Fact(kind="commune", value=self.commune),
            *(Fact(kind="need", value=need) for need in self.needs),
            *((Fact(kind=self.deadline),) if self.deadline else ()),
            *((Fact(kind="leaving", value=self.leaving_on.isoformat()),) if self.leaving_on else ()),
            *((Fact(kind="words", value=self.words[:LONGEST_SENTENCE]),) if self.words else ()),
        )


class Observations:
    """Takes observations in, and erases those nobody said yes to."""

    def __init__(self, database: Database, keys: KeyStore, clock: Clock, *, inbox: Inbox) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._inbox = inbox

    def record(self, observed: Observation) -> None:
        """Keep what was observed and have the person asked. Says nothing of whether the number is known here."""
        now = self._clock.now()
        self._refuse_a_flood()
        conversation = self._inbox.thread_of(observed.phone, now, language=observed.language)
        facts = self._keys.seal(conversation, write_facts(observed.facts))
        with self._database.write() as session:
            last = session.execute(
                select(ObservationRow)
                .where(_observations.c.conversation == conversation)
                .order_by(_observations.c.made_at.desc())
                .limit(1)
            ).scalar()
            if last is not None and last.state == "asked":
                # Asked already: the newest facts wait for the same answer.
                last.role, last.organisation, last.facts = observed.role, observed.organisation, facts
                return
            if last is not None and last.state in {"refused", "silent"} and last.made_at > now - LEFT_IN_PEACE:
                return
            row = ObservationRow(
                id=new_id(),
                conversation=conversation,
                role=observed.role,
                organisation=observed.organisation,
                facts=facts,
                state="asked",
                made_at=now,
                erase_at=now + SILENT_DAYS,
            )
            session.add(row)
            put_news(session, conversation, f"observed:{row.id}", now)

    def erase_silent(self) -> int:
        """Erase the facts whose person did not go on in time. Returns how many."""
        silent = (
            _observations.c.erase_at <= self._clock.now(),
            _observations.c.facts.is_not(None),
        )
        with self._database.read() as session:
            found = list(session.execute(select(_observations.c.id, _observations.c.state).where(*silent)))
        if not found:
            return 0
        with self._database.write() as session:
            for id_, state in found:
                session.execute(
                    update(_observations)
                    .where(_observations.c.id == id_, *silent)
                    .values(facts=None, state="silent" if state == "asked" else state)
                )
        return len(found)

    def _refuse_a_flood(self) -> None:
        since = self._clock.now() - timedelta(hours=1)
        with self._database.read() as session:
            recent = session.execute(
                select(func.count()).select_from(_observations).where(_observations.c.made_at > since)
            ).scalar()
        if (recent or 0) >= MOST_IN_AN_HOUR:
            raise TooManyObservations
