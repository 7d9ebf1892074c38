"""Finds which topics and ideas a text speaks of, by the lists of words of topics.yml and concepts.yml."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_WORD = re.compile(r"[^\W_]+")

#: The shortest beginning of a word that a list may hold.
SHORTEST_STEM = 2


class Topics:
    """Lists of words that belong together; `frigo*` stands for every word that begins with "frigo".

    A thousand words are looked up in dictionaries: one pattern of them all took a hundred times longer.
    """

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self.words = {topic: sorted(set(words[topic])) for topic in sorted(words)}
        self._whole: dict[str, list[str]] = {}
        self._stems: dict[str, list[str]] = {}
        self._phrases: dict[str, list[tuple[list[str], bool, str]]] = {}
        for topic, listed in self.words.items():
            for form in listed:
                self._add(topic, form)

    def _add(self, topic: str, form: str) -> None:
        words, is_stem = _WORD.findall(form), form.endswith("*")
        if len(words) > 1:
            self._phrases.setdefault(words[0], []).append((words, is_stem, topic))
        elif words:
            (self._stems if is_stem else self._whole).setdefault(words[0], []).append(topic)

    def found_in(self, text: str) -> list[str]:
        """Return the topics that a normalised text speaks of, once for each different word or phrase."""
        words = _WORD.findall(text)
        found = {(topic, form) for at, form in enumerate(words) for topic in self._topics_at(words, at, form)}
        return sorted(topic for topic, _ in found)

    def _topics_at(self, words: Sequence[str], at: int, word: str) -> list[str]:
        topics = list(self._whole.get(word, ()))
        for size in range(SHORTEST_STEM, len(word) + 1):
            topics += self._stems.get(word[:size], ())
        for phrase, is_stem, topic in self._phrases.get(word, ()):
            said = words[at : at + len(phrase)]
            if said == phrase or (is_stem and said[:-1] == phrase[:-1] and _ends_like(said, phrase)):
                topics.append(topic)
        return topics


def _ends_like(said: Sequence[str], phrase: Sequence[str]) -> bool:
    return len(said) == len(phrase) and said[-1].startswith(phrase[-1])
