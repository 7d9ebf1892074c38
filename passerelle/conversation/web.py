"""Conversations of the widget: opening one, and reading what was said in it from a cursor on."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from passerelle.conversation.forgetting import ERASED
from passerelle.conversation.partners import Partner
from passerelle.conversation.tables import ConversationRow
from passerelle.foundation.clock import Clock
from passerelle.foundation.crypto import Erased, KeyStore
from passerelle.foundation.database import Database, table_of
from passerelle.foundation.ids import new_id
from passerelle.notices.notice import NoticeState
from passerelle.notices.tables import NoticeRow

_conversations, _notices = table_of(ConversationRow), table_of(NoticeRow)

#: With a partner, what is said last stays this long for a page whose network was cut, then nobody reads it there.
READ_ALOUD = timedelta(minutes=2)

#: Where nothing more is asked: the request has left, the proposals were read aloud, everything is stopped or erased.
_AT_THE_END = frozenset({"proposing", "following", "paused", ERASED})


@dataclass(frozen=True, kw_only=True, slots=True)
class WebMessage:
    """One thing Passerelle said, as the widget shows it."""

    cursor: int
    sender: str
    text: str
    language: str
    at: datetime
    question: str | None
    options: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]


class WebConversations:
    """The conversations of the widget and of the page without JavaScript."""

    def __init__(self, database: Database, keys: KeyStore, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def open(self, *, site: str, role: str, language: str | None, partner: Partner | None = None) -> str:
        """Start a conversation; its id is random and known to one page only."""
        conversation, now = new_id(), self._clock.now()
        self._keys.make(conversation, now)
        with self._database.write() as session:
            session.add(
                ConversationRow(
                    id=conversation,
                    channel="web",
                    address_hash=conversation,
                    language=language or "",
                    language_chosen=language is not None,
                    stage="new",
                    role=role,
                    site=site,
                    helper=partner.role if partner else "",
                    organisation=partner.organisation if partner else "",
                    opened_at=now,
                    last_message_at=now,
                )
            )
        return conversation

    def unread_after(self, conversation: str, cursor: int) -> tuple[list[WebMessage], int]:
        """For a partner's page: what it did not read yet. The cursor it sends says what it read (decision 008)."""
        self.mark_read(conversation, cursor)
        with self._database.read() as session:
            at_work = select(_conversations.c.read_to, _conversations.c.stage, _conversations.c.pending)
            row = session.execute(at_work.where(_conversations.c.id == conversation)).one()
        found, last = self.messages_after(conversation, max(cursor, row.read_to))
        if row.pending is None and row.stage in _AT_THE_END:
            end = self._clock.now() - READ_ALOUD
            found = [message for message in found if message.at > end]
        return found, last

    def said_to(self, conversation: str) -> int:
        """The cursor of the last thing said."""
        with self._database.read() as session:
            said = select(func.max(_notices.c.number)).where(*_shown(conversation))
            return session.execute(said).scalar() or 0

    def mark_read(self, conversation: str, cursor: int) -> None:
        """A partner's page read so far: none of it is given out again."""
        read = select(func.max(_notices.c.number)).where(*_shown(conversation), _notices.c.number <= cursor)
        with self._database.read() as session:
            number = session.execute(read).scalar() or 0
            known = select(_conversations.c.read_to).where(_conversations.c.id == conversation)
            if number <= session.execute(known).scalar_one():
                return
        with self._database.write() as session:
            session.execute(
                update(_conversations)
                .where(_conversations.c.id == conversation, _conversations.c.read_to < number)
                .values(read_to=number)
            )

    def messages_after(self, conversation: str, cursor: int) -> tuple[list[WebMessage], int]:
        """What was said after a cursor, oldest first, and the cursor of the last."""
        with self._database.read() as session:
            rows = session.execute(
                select(_notices)
                .where(*_shown(conversation), _notices.c.number > cursor)
                .order_by(_notices.c.number)
                .limit(50)
            ).all()
        shown = [message for row in rows if (message := self._message(row)) is not None]
        return shown, rows[-1].number if rows else cursor

    def _message(self, row: Any) -> WebMessage | None:
        try:
            text = self._keys.open(row.conversation, row.body) if row.body else ""
        except Erased:
            return None
        extras = json.loads(row.extras) if row.extras else {}
        return WebMessage(
            cursor=row.number,
            sender="passerelle",
            text=text,
            language=row.language,
            at=row.made_at,
            question=extras.get("question") or None,
            options=tuple((str(typed), str(label)) for typed, label in extras.get("options", ())),
            links=tuple((str(label), str(href)) for label, href in extras.get("links", ())),
        )


def _shown(conversation: str) -> tuple[ColumnElement[bool], ...]:
    """What a page of that conversation may show."""
    return (
        _notices.c.conversation == conversation,
        _notices.c.channel == "web",
        _notices.c.state == NoticeState.SENT,
    )
