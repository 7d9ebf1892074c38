"""The check-backs after a discharge, as rows of timers: set when the person agrees, ended by STOP."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import delete
from sqlmodel import Session

from passerelle.conversation.tables import TimerRow
from passerelle.foundation.calendar import next_allowed_hour
from passerelle.foundation.clock import PARIS
from passerelle.foundation.database import table_of

#: News that asks how it goes after a discharge.
BACK_HOME = "back_home"

#: Days after the discharge (issue 4: a hospital or an emergency service).
CHECK_BACK_DAYS_AFTER_DISCHARGE = (2, 7, 30)

_timers = table_of(TimerRow)


def set_check_backs(session: Session, conversation: str, about: str, left_on: date, now: datetime) -> None:
    """Ask how it goes 2, 7 and 30 days after that date; a moment already past is left out."""
    for days in CHECK_BACK_DAYS_AFTER_DISCHARGE:
        due = next_allowed_hour(datetime.combine(left_on + timedelta(days=days), time(10), tzinfo=PARIS))
        key = f"{BACK_HOME}:{days}-{about}"
        if due > now and session.get(TimerRow, key) is None:
            session.add(TimerRow(key=key, conversation=conversation, event=key, due_at=due.astimezone(now.tzinfo)))


def end_check_backs(session: Session, conversation: str) -> None:
    """No check-back any more."""
    session.execute(
        delete(_timers).where(_timers.c.conversation == conversation, _timers.c.event.startswith(f"{BACK_HOME}:"))
    )
