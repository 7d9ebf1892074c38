"""Reads from Rasa's training data what only our components know: needs, topics and ideas."""

from __future__ import annotations

from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.topics import Topics


def needs_of(message: Message) -> tuple[str, ...]:
    """Read the needs that the training data gives to a message, for its block or for itself."""
    metadata = message.get("metadata") or {}
    of_block = metadata.get("intent") or {}
    of_itself = metadata.get("example") or {}
    return tuple(of_itself.get("needs", of_block.get("needs", ())))


def topics_of(training_data: TrainingData) -> Topics:
    """Read the lists of words of topics.yml and concepts.yml: lookup tables, one per name and language."""
    words: dict[str, list[str]] = {}
    for table in training_data.lookup_tables:
        words.setdefault(table["name"], []).extend(table["elements"])
    return Topics(words)
