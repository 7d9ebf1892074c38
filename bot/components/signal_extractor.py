"""Finds the signals of a message (just out of hospital, lives alone, ...) by the patterns of signals.yml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import rasa.nlu.utils.pattern_utils as pattern_utils
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.regex_entity_extractor import RegexEntityExtractor
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.training_messages import language_of

#: People who write in another language use French words for French things.
EVERYWHERE = "fr"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class SignalExtractor(RegexEntityExtractor):
    """Rasa's regex extractor, for entities that have patterns by language and no annotated example.

    The stock one drops every pattern whose entity is not annotated in some example, and lets Python compile a pattern
    at each message when there are more than 512 of them: with eight languages a message took 150 ms.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._compiled = _compiled(self.patterns)

    def train(self, training_data: TrainingData) -> Resource:
        """Keep all the patterns of the training data."""
        self.patterns = pattern_utils.extract_patterns(training_data, use_lookup_tables=False)
        self._compiled = _compiled(self.patterns)
        self.persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the signals found; a model without patterns finds none."""
        return super().process(messages) if self.patterns else messages

    def _extract_entities(self, message: Message) -> list[dict[str, Any]]:
        """Each signal once: the first place where one of its patterns matches."""
        text = message.get(TEXT) or ""
        first: dict[str, dict[str, Any]] = {}
        for name, start, end in sorted(self._found(text, language_of(message)), key=lambda found: found[1]):
            first.setdefault(name, {"entity": name, "start": start, "end": end, "value": text[start:end]})
        return list(first.values())

    def _found(self, text: str, language: str) -> Iterator[tuple[str, int, int]]:
        for spoken in {language, EVERYWHERE}:
            for name, pattern in self._compiled.get(spoken, ()):
                match = pattern.search(text)
                if match:
                    yield name, match.start(), match.end()


def _compiled(patterns: Iterable[dict[str, str]]) -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Compile the patterns once, by the language that the compilation of nlu_data wrote after their name."""
    by_language: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for pattern in patterns:
        name, _, language = pattern["name"].partition("@")
        by_language.setdefault(language, []).append((name, re.compile(pattern["pattern"])))
    return by_language
