"""Finds the signals of a message (just out of hospital, lives alone, ...) by the patterns of signals.yml."""

from __future__ import annotations

from typing import Any

import rasa.nlu.utils.pattern_utils as pattern_utils
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.regex_entity_extractor import RegexEntityExtractor
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class SignalExtractor(RegexEntityExtractor):
    """Rasa's regex extractor, for entities that have patterns and no annotated example.

    The stock one drops every pattern whose entity is not annotated in some example.
    """

    def train(self, training_data: TrainingData) -> Resource:
        """Keep all the patterns of the training data."""
        self.patterns = pattern_utils.extract_patterns(training_data, use_lookup_tables=False)
        self.persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the signals found; a model without patterns finds none."""
        return super().process(messages) if self.patterns else messages

    def _extract_entities(self, message: Message) -> list[dict[str, Any]]:
        """Each signal once: the first place where one of its patterns matches."""
        if not message.get(TEXT):
            return []
        found = sorted(super()._extract_entities(message), key=lambda entity: entity["start"])
        first: dict[str, dict[str, Any]] = {}
        for entity in found:
            first.setdefault(entity["entity"], entity)
        return list(first.values())
