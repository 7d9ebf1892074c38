"""`passerelle chat`: the same conversation in a terminal, through the same inbox and the same turns."""

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from passerelle.app.compose import Parts, compose
from passerelle.app.running_bot import parts_with_bot
from passerelle.app.workers import Workers
from passerelle.conversation.inbox import Inbound
from passerelle.conversation.web import WebMessage
from passerelle.foundation.config import Settings
from passerelle.foundation.ids import new_id


def chat(settings: Settings, *, language: str | None, role: str) -> None:
    """Talk until the end of the input. Nothing of it is kept: its database lives in a folder of its own."""
    with parts_with_bot(settings) as running, tempfile.TemporaryDirectory(prefix="passerelle-chat-") as folder:
        own = settings.model_copy(update={"var": Path(folder), "database_url": "", "keys_url": ""})
        parts = compose(own, bot=running.bot_client)
        parts.prepare()
        terminal = Terminal(parts, language=language, role=role)
        for text in _lines():
            for message in terminal.say(text):
                print(_shown(message), flush=True)
        parts.close()


class Terminal:
    """One conversation, answered at once."""

    def __init__(self, parts: Parts, *, language: str | None, role: str) -> None:
        self._parts = parts
        self._workers = Workers(parts)
        self._conversation = parts.web_conversations.open(site="terminal", role=role, language=language)
        self._cursor = 0

    def say(self, text: str) -> list[WebMessage]:
        """Say one thing and return what is answered."""
        self._parts.accept(
            Inbound(
                channel="web",
                provider="terminal",
                provider_id=new_id(),
                address=self._conversation,
                text=text,
                received_at=self._parts.clock.now(),
            )
        )
        while self._workers.take_one_turn():
            pass
        messages, self._cursor = self._parts.web_conversations.messages_after(self._conversation, self._cursor)
        return messages


def _lines() -> Iterable[str]:
    """One message per line; a prompt only where somebody is typing."""
    if not sys.stdin.isatty():
        yield from (line.rstrip("\n") for line in sys.stdin if line.strip())
        return
    while True:
        try:
            yield input("> ")
        except EOFError:
            return


def _shown(message: WebMessage) -> str:
    return "\n".join([message.text, *(f"  {typed}  {label}" for typed, label in message.options)])
