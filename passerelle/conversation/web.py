"""Conversations of the widget: opening one, and reading what was said in it from a cursor on."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from passerelle.conversation.tables import ConversationRow
from passerelle.foundation.clock import Clock
from passerelle.foundation.crypto import Erased, KeyStore
from passerelle.foundation.database import Database, table_of
from passerelle.foundation.ids import new_id
from passerelle.notices.notice import NoticeState
from passerelle.notices.tables import NoticeRow

_notices = table_of(NoticeRow)


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

    def open(self, *, site: str, role: str, language: str | None) -> str:
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
                    opened_at=now,
                    last_message_at=now,
                )
            )
        return conversation

    def messages_after(self, conversation: str, cursor: int) -> tuple[list[WebMessage], int]:
        """What was said after a cursor, oldest first, and the cursor of the last."""
        with self._database.read() as session:
            rows = session.execute(
                select(_notices)
                .where(
                    _notices.c.conversation == conversation,
                    _notices.c.channel == "web",
                    _notices.c.state == NoticeState.SENT,
                    _notices.c.number > cursor,
                )
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
