"""The web door: what the widget and the page without JavaScript both do, whatever they look like."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from passerelle.channels.web_tokens import Role, Ticket, WebTokens
from passerelle.conversation.inbox import Accepted, Inbound
from passerelle.conversation.partners import Partner
from passerelle.foundation.clock import Clock, SystemClock
from passerelle.foundation.errors import TryLater

#: Seconds between two looks when nobody wakes us.
_BETWEEN_LOOKS = 0.5
#: A wake-up may fall between a look and the wait for it; this bounds what it costs.
_LONGEST_SLEEP = 2.0

_LINK_SCHEMES = ("tel:", "sms:", "https:")


class WebMessage(Protocol):
    """One message of a web conversation, as the conversation shows it."""

    @property
    def cursor(self) -> int: ...
    @property
    def sender(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def question(self) -> str | None: ...
    @property
    def options(self) -> Sequence[tuple[str, str]]: ...
    @property
    def links(self) -> Sequence[tuple[str, str]]: ...


class WebConversations(Protocol):
    """The conversation's side of the web."""

    def open(self, *, site: str, role: str, language: str | None, partner: Partner | None = None) -> str:
        """Start a conversation and return its id."""
        ...

    def messages_after(self, conversation: str, cursor: int) -> tuple[Sequence[WebMessage], int]:
        """The messages after a cursor, and the cursor of the last."""
        ...

    def unread_after(self, conversation: str, cursor: int) -> tuple[Sequence[WebMessage], int]:
        """The same for a partner's page: only what it did not read yet."""
        ...

    def said_to(self, conversation: str) -> int:
        """The cursor of the last thing said."""
        ...

    def mark_read(self, conversation: str, cursor: int) -> None:
        """A partner's page read so far."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class WebDoor:
    """Opens conversations, takes messages, shows answers."""

    conversations: WebConversations
    accept: Callable[[Inbound], Accepted]
    tokens: WebTokens
    #: The safety answer for a text that tells a danger, None for any other. Pure: it works with all else down.
    danger_answer: Callable[[str], str | None]
    #: Returns when something may be new in a conversation; without it, the door looks every half second.
    wake: Callable[[str], Awaitable[None]] | None = None
    clock: Clock = field(default_factory=SystemClock)

    async def open(self, *, site: str, role: Role, language: str | None, partner: Partner | None = None) -> Ticket:
        """Start a conversation for a page."""
        conversation = await run_in_threadpool(
            self.conversations.open, site=site, role=role, language=language, partner=partner
        )
        return self.tokens.open(conversation=conversation, site=site, role=role)

    async def say(self, ticket: Ticket, *, id: UUID, text: str, question: str | None) -> None:
        """Take one message; the same id again changes nothing. Raises NotKept."""
        inbound = Inbound(
            channel="web",
            provider="widget",
            provider_id=_provider_id(ticket.conversation, id),
            address=ticket.conversation,
            text=text,
            received_at=self.clock.now(),
            question=question,
        )
        try:
            await run_in_threadpool(self._take, ticket, inbound)
        except TryLater as error:
            raise NotKept(self.danger_answer(text)) from error

    async def messages(
        self, ticket: Ticket, *, after: int, wait: float, gone: Callable[[], Awaitable[bool]] | None = None
    ) -> tuple[Sequence[WebMessage], int]:
        """What is new after a cursor, waiting at most so many seconds for it, or until the page is `gone`."""
        end = time.monotonic() + wait
        while True:
            found, cursor = await run_in_threadpool(self._read(ticket), ticket.conversation, after)
            left = end - time.monotonic()
            if found or left <= 0 or (gone is not None and await gone()):
                return found, cursor
            await self._sleep(ticket.conversation, left)

    async def whole(self, ticket: Ticket) -> list[WebMessage]:
        """Everything said so far, which the conversation shows in slices; to a partner, the step at hand."""
        said: list[WebMessage] = []
        cursor = 0
        while True:
            found, cursor = await self.messages(ticket, after=cursor, wait=0)
            said += found
            if not found or ticket.role == "partner":
                return said

    def _take(self, ticket: Ticket, inbound: Inbound) -> None:
        """Whoever answers has read the question: a partner's page is not given it again."""
        if ticket.role == "resident":
            self.accept(inbound)
            return
        said = self.conversations.said_to(ticket.conversation)
        # A second copy of a message marks nothing: the answer to the first may be waiting to be read.
        if not self.accept(inbound).duplicate:
            self.conversations.mark_read(ticket.conversation, said)

    def _read(self, ticket: Ticket) -> Callable[[str, int], tuple[Sequence[WebMessage], int]]:
        return self.conversations.unread_after if ticket.role == "partner" else self.conversations.messages_after

    async def _sleep(self, conversation: str, left: float) -> None:
        if self.wake is None:
            await asyncio.sleep(min(left, _BETWEEN_LOOKS))
            return
        try:
            await asyncio.wait_for(self.wake(conversation), timeout=min(left, _LONGEST_SLEEP))
        except TimeoutError:
            return


class NotKept(TryLater):
    """The message could not be kept; please send it again."""

    def __init__(self, danger: str | None) -> None:
        #: The safety answer, owed at once even when nothing could be stored.
        self.danger = danger
        super().__init__()


def safe_links(message: WebMessage) -> list[tuple[str, str]]:
    """The links of a message that may be shown: calls, texts and secure pages, nothing that runs."""
    return [(label, href) for label, href in message.links if href.startswith(_LINK_SCHEMES)]


def _provider_id(conversation: str, id: UUID) -> str:
    # Bound to the conversation: nobody can use up the id of a message in somebody else's.
    return hashlib.sha256(f"{conversation}/{id}".encode()).hexdigest()
