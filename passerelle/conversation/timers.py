"""Timers of a conversation: rows that become news when they are due."""

from datetime import timedelta

from passerelle.conversation.tables import TimerRow
from passerelle.conversation.talk import Talk
from passerelle.foundation.calendar import next_allowed_hour


def set_timer(talk: Talk, key: str, *, event: str, days: int) -> None:
    """Come back to the conversation after that many days, at a decent hour. The same key is set once."""
    if talk.session.get(TimerRow, key) is None:
        due = next_allowed_hour(talk.at + timedelta(days=days))
        talk.session.add(TimerRow(key=key, conversation=talk.row.id, event=event, due_at=due))
