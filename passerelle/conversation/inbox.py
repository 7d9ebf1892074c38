"""The inbox: every message is kept, checked for danger and put in line before anybody is told it arrived."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from passerelle.conversation.check_backs import end_check_backs
from passerelle.conversation.tables import ConversationRow, InboundRow
from passerelle.foundation.crypto import Erased, KeyStore, keyed_hash
from passerelle.foundation.database import Database, UtcDateTime, table_of
from passerelle.foundation.errors import NotAllowed
from passerelle.foundation.ids import new_id
from passerelle.foundation.text import clean
from passerelle.safety.check import Safety

_conversations = table_of(ConversationRow)
_inbound = table_of(InboundRow)

# Statements made once: making one costs more than running it.
_OF_ADDRESS = select(_conversations.c.id).where(
    _conversations.c.channel == bindparam("channel"), _conversations.c.address_hash == bindparam("address_hash")
)
_KNOWN = select(_inbound.c.conversation, _inbound.c.fingerprint).where(
    _inbound.c.provider == bindparam("provider"), _inbound.c.provider_id == bindparam("provider_id")
)
_BEGIN = insert(_conversations)
_KEEP = insert(_inbound)
# Without a condition on the old value: on PostgreSQL the row that a turn is committing must be waited for, or that
# turn, which did not see this message, would take the conversation out of the line for good.
_IN_LINE = (
    update(_conversations)
    .where(_conversations.c.id == bindparam("conversation"))
    .values(waiting_since=func.coalesce(_conversations.c.waiting_since, bindparam("at", type_=UtcDateTime)))
)


class ChangedContent(NotAllowed):
    """A message with this id was received already, with another content."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbound:
    """One message as a door received it."""

    channel: Literal["sms", "web"]
    provider: str
    #: The provider's unique id of the message.
    provider_id: str
    #: Number in E.164, or the id of the web conversation.
    address: str
    text: str
    received_at: datetime
    media_count: int = 0
    #: Key of the question whose button was pressed.
    question: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """What the door may answer with."""

    conversation: str
    duplicate: bool
    safety: Safety


class ChecksSafety(Protocol):
    """The pure safety check."""

    def check(self, text: str, language: str) -> Safety:
        """Find danger and medical questions in a text."""
        ...


class Inbox:
    """Takes messages in."""

    def __init__(
        self,
        database: Database,
        keys: KeyStore,
        *,
        safety: ChecksSafety,
        language_of: Callable[[str], str],
        secret: str,
    ) -> None:
        self._database = database
        self._keys = keys
        self._safety = safety
        self._language_of = language_of
        self._secret = secret

    def accept(self, inbound: Inbound) -> Accepted:
        """Keep the message in one transaction, once per provider id; a repeat changes nothing.

        Raises DatabaseDown (nothing was kept: the door spools) and ChangedContent.
        """
        text = clean(inbound.text)
        # By its words, not by the conversation's row: the check owes nothing to the database (DESIGN §1.3).
        safety = self._safety.check(text, self._language_of(text))
        fingerprint = keyed_hash(self._secret, json.dumps([inbound.address, text, inbound.question]))
        try:
            return self._keep(inbound, text, safety, fingerprint)
        except IntegrityError:
            # A copy of this message is kept already; or another first message of the same person just now.
            return self._repeated(inbound, safety, fingerprint) or self._keep(inbound, text, safety, fingerprint)
        except Erased:
            # The thread of this number was erased a moment ago: what it says now begins another one.
            self._forget_address(inbound)
            return self._keep(inbound, text, safety, fingerprint)

    def thread_of(self, number: str, at: datetime, *, language: str) -> str:
        """The conversation of a telephone; begun in that language when there is none yet."""
        nothing = Inbound(channel="sms", provider="", provider_id="", address=number, text="", received_at=at)
        conversation = self._find(nothing)
        if conversation is not None:
            return conversation
        conversation = new_id()
        self._keys.make(conversation, at)
        try:
            with self._database.writing() as connection:
                connection.execute(_BEGIN, self._new_conversation(conversation, nothing) | {"language": language})
        except IntegrityError:
            # Its owner wrote just now.
            return self._find(nothing) or conversation
        return conversation

    def _keep(self, inbound: Inbound, text: str, safety: Safety, fingerprint: str) -> Accepted:
        conversation = self._find(inbound)
        fresh = conversation is None
        if conversation is None:
            conversation = new_id()
            self._keys.make(conversation, inbound.received_at)
        message = {
            "provider": inbound.provider,
            "provider_id": inbound.provider_id,
            "conversation": conversation,
            "received_at": inbound.received_at,
            "body": self._keys.seal(conversation, text),
            "fingerprint": fingerprint,
            "question": inbound.question or "",
            "media_count": inbound.media_count,
            "danger": safety.kind,
            "medical": safety.medical,
        }
        with self._database.writing() as connection:
            if fresh:
                connection.execute(_BEGIN, self._new_conversation(conversation, inbound))
            connection.execute(_KEEP, message)
            put_in_line(connection, conversation, inbound.received_at)
        return Accepted(conversation=conversation, duplicate=False, safety=safety)

    def _repeated(self, inbound: Inbound, safety: Safety, fingerprint: str) -> Accepted | None:
        """What was answered to the first copy of this message, if there is one. Raises ChangedContent."""
        with self._database.reading() as connection:
            known = connection.execute(
                _KNOWN, {"provider": inbound.provider, "provider_id": inbound.provider_id}
            ).first()
        if known is None:
            return None
        if known.fingerprint != fingerprint:
            raise ChangedContent()
        return Accepted(conversation=known.conversation, duplicate=True, safety=safety)

    def _forget_address(self, inbound: Inbound) -> None:
        with self._database.write() as session:
            session.execute(
                update(_conversations)
                .where(
                    _conversations.c.channel == inbound.channel,
                    _conversations.c.address_hash == keyed_hash(self._secret, inbound.address),
                )
                .values(address=None, address_hash=f"forgotten-{new_id()}")
            )

    def _find(self, inbound: Inbound) -> str | None:
        if inbound.channel == "web":
            return inbound.address
        address_hash = keyed_hash(self._secret, inbound.address)
        with self._database.reading() as connection:
            found: str | None = connection.execute(
                _OF_ADDRESS, {"channel": inbound.channel, "address_hash": address_hash}
            ).scalar()
        return found

    def _new_conversation(self, conversation: str, inbound: Inbound) -> dict[str, object]:
        return {
            "id": conversation,
            "channel": inbound.channel,
            "address_hash": keyed_hash(self._secret, inbound.address),
            "address": self._keys.seal(conversation, inbound.address),
            "language": "",
            "stage": "new",
            "role": "resident",
            "opened_at": inbound.received_at,
            "last_message_at": inbound.received_at,
        }


def put_in_line(session: Session | Connection, conversation: str, at: datetime) -> None:
    """Say that a message of this conversation waits for its turn, since that moment or earlier."""
    session.execute(_IN_LINE, {"conversation": conversation, "at": at})


def stop_conversation(session: Session, conversation: str, at: datetime) -> None:
    """The person told the provider to stop: nothing more is written to them until they write."""
    session.execute(
        update(_conversations)
        .where(_conversations.c.id == conversation, _conversations.c.stopped_at.is_(None))
        .values(stopped_at=at, pending=None, stage="paused")
    )
    end_check_backs(session, conversation)
