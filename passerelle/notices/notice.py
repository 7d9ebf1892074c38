"""What a notice is, and the states it goes through."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

Channel = Literal["sms", "email", "web"]


class NoticeState(StrEnum):
    """due → leased → sent, or one of the three ways of never leaving."""

    DUE = "due"
    LEASED = "leased"
    SENT = "sent"
    FAILED = "failed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


FINAL = frozenset({NoticeState.SENT, NoticeState.FAILED, NoticeState.EXPIRED, NoticeState.WITHDRAWN})

#: A notice that could not leave within this time is not sent any more: a late word can harm.
LIFETIME = {
    "turn": timedelta(hours=4),
    "safety": timedelta(hours=1),
    "person": timedelta(days=3),
    "professional": timedelta(days=3),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NewNotice:
    """A notice about to be recorded."""

    #: Idempotency key, unique for ever.
    key: str
    #: Kind of text, e.g. `turn`, `request.sent`: every kind has a text in every language (a test holds it).
    kind: str
    channel: Channel
    #: Telephone number (E.164), mailbox, or conversation of the widget.
    recipient: str
    text: str
    language: str = "fr"
    conversation: str | None = None
    subject: str = ""
    extras: dict[str, object] = field(default_factory=dict)
    lifetime: timedelta = LIFETIME["turn"]
    important: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A notice claimed for delivery, its words readable."""

    id: str
    key: str
    lease: str
    kind: str
    channel: Channel
    recipient: str
    subject: str
    text: str
    language: str
    conversation: str | None
    made_at: datetime
    attempts: int
    #: Whether an earlier attempt may have reached the provider without our knowing.
    ambiguous: bool
