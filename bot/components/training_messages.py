"""Reads from Rasa's training data what only our components know: language, needs, dangers, topics and ideas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.topics import Topics

#: The intent of a person who tells their situation.
TELLS = "tell_situation"


@dataclass(frozen=True)
class Example:
    """A training message, normalised, and what is known of it."""

    text: str
    language: str
    intent: str
    #: The thematiques it tells of; None when nobody said.
    needs: tuple[str, ...] | None
    #: The kind of danger, "none", or None when nobody said.
    danger: str | None


def examples_of(training_data: TrainingData) -> Iterator[Example]:
    """Yield the messages of the training data; those about the conversation itself tell no need and no danger."""
    for message in training_data.intent_examples:
        if not message.get(TEXT):
            continue
        noted = _noted(message)
        tells = message.get(INTENT) == TELLS
        needs = noted.get("needs") if tells else ()
        yield Example(
            text=message.get(TEXT),
            language=str(noted.get("language", "")),
            intent=message.get(INTENT),
            needs=None if needs is None else tuple(needs),
            danger=noted.get("danger") if tells else "none",
        )


def topics_of(training_data: TrainingData) -> Topics:
    """Read the lists of words of topics.yml and concepts.yml: lookup tables, one per name and language."""
    words: dict[str, list[str]] = {}
    for table in training_data.lookup_tables:
        words.setdefault(table["name"], []).extend(table["elements"])
    return Topics(words)


def language_of(message: Message) -> str:
    """Read the language that the channel gives to a message to understand; empty when it gives none."""
    return str((message.get("metadata") or {}).get("language", ""))


def _noted(message: Message) -> dict[str, Any]:
    # Rasa keeps what is noted of a block of messages under "intent", and of one message under "example".
    metadata = message.get("metadata") or {}
    return {**(metadata.get("intent") or {}), **(metadata.get("example") or {})}
