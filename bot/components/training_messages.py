"""The messages to learn from, as passerelle.conversation.training_data compiles them beside Rasa's own data."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from rasa.shared.nlu.training_data.message import Message

from components.topics import Topics

#: The intent of a person who tells their situation.
TELLS = "tell_situation"

#: Where train.py says the compiled data is; Rasa hands no path to a component.
DATA = "PASSERELLE_BOT_DATA"


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
    #: Whether it asks for advice on a symptom, a drug, a dose or a result; None when nobody said.
    medical: bool | None = None


def read_examples() -> list[Example]:
    """Read the messages; those about the conversation itself tell no need and no danger."""
    with (_data() / "messages.jsonl").open(encoding="utf-8") as lines:
        return [_example(**json.loads(line)) for line in lines]


def read_topics() -> Topics:
    """Read the lists of words of topics.yml and concepts.yml, all languages together."""
    return Topics(json.loads((_data() / "topics.json").read_text(encoding="utf-8")))


def language_of(message: Message) -> str:
    """Read the language that the channel gives to a message to understand; empty when it gives none."""
    return str((message.get("metadata") or {}).get("language", ""))


def _example(
    *, text: str, language: str, intent: str, needs: list[str] | None, danger: str | None, medical: bool | None
) -> Example:
    if intent != TELLS:
        return Example(text, language, intent, (), "none", medical=False)
    return Example(text, language, intent, None if needs is None else tuple(needs), danger, medical)


def _data() -> Path:
    return Path(os.environ[DATA])
