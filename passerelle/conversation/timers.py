"""Timers of a conversation: rows that become news when they are due."""

from datetime import datetime, timedelta

from passerelle.conversation.tables import TimerRow
from passerelle.conversation.talk import Talk
from passerelle.foundation.calendar import next_allowed_hour

#: A thread kept for the person to come back to; its end is no news.
KEPT = "kept"


def come_back_in(talk: Talk, key: str, *, event: str, days: int) -> None:
    """Come back to the conversation after that many days, at a decent hour."""
    set_timer(talk, key, event=event, due_at=next_allowed_hour(talk.at + timedelta(days=days)))


def set_timer(talk: Talk, key: str, *, event: str, due_at: datetime) -> None:
    """Something happens in the conversation at that moment. The same key is set once."""
    if talk.session.get(TimerRow, key) is None:
        talk.session.add(TimerRow(key=key, conversation=talk.row.id, event=event, due_at=due_at))


def keep_until(talk: Talk, due_at: datetime) -> None:
    """The person agreed that their answers wait until then: nothing is forgotten before, and nothing is said then."""
    key = f"{KEPT}:{talk.row.id}"
    timer = talk.session.get(TimerRow, key)
    if timer is None:
        talk.session.add(TimerRow(key=key, conversation=talk.row.id, event=key, due_at=due_at))
    else:
        timer.due_at = due_at
