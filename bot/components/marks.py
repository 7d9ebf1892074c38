"""What a message is told by: its words, pairs of words, groups of letters, topics, and its shape.

People write by SMS: "jpeu plu payé mon loyé" shares few words but many groups of letters with "je ne peux plus payer
mon loyer". And people use words that no training message holds: the lists of topics.yml and concepts.yml say that an
oven belongs with a fridge, in every language.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy
from scipy.sparse import csr_matrix

from components.topics import Topics

#: Sizes of the groups of letters, the space around a word included.
LETTERS = (3, 4, 5)

#: Upper bounds of the lengths that are told apart, in words.
LENGTHS = (1, 2, 3, 5, 8, 13)

#: More ideas than this in a message say no more.
MOST_IDEAS = 4

#: A mark seen in fewer training messages than this says little about other messages.
SEEN_AT_LEAST = 2

#: How much more a topic weighs than a word: somebody chose its words, a word of a message came by chance.
TOPIC_WEIGHT = 6.0

#: How much more the shape of a message weighs than a word.
SHAPE_WEIGHT = 2.0

#: Length of the row of numbers of every message, long or short.
LENGTH_OF_ROW = 3.0

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def marks_of(text: str, topics: Topics) -> list[str]:
    """Return the marks of a normalised text, each as often as it stands there."""
    words = _WORD.findall(text)
    marks = words + [f"{first} {second}" for first, second in pairwise(words)]
    marks += [group for word in words for group in _letters_of(word)]
    found = topics.found_in(text)
    return marks + [f"@{topic}" for topic in found] + list(_shape_of(text, words, set(found)))


def _letters_of(word: str) -> Iterator[str]:
    padded = f" {word} "
    for size in LETTERS:
        for start in range(len(padded) - size + 1):
            yield f"#{padded[start : start + size]}"


def _shape_of(text: str, words: Sequence[str], ideas: Iterable[str]) -> Iterator[str]:
    """Yield first and last words, length, question mark, and how many ideas of the lists the text holds."""
    for count in (1, 2, 3):
        if len(words) >= count:
            yield f"^{' '.join(words[:count])}"
    for count in (1, 2):
        if len(words) >= count:
            yield f"${' '.join(words[-count:])}"
    yield f"~words {next((bound for bound in LENGTHS if len(words) <= bound), 'many')}"
    if "?" in text or "؟" in text:
        yield "~?"
    # A thematique is written family--leaf; the other lists are ideas.
    kinds = Counter("thematiques" if "--" in name else "ideas" for name in ideas)
    for name in ("thematiques", "ideas"):
        yield f"~{name} {min(kinds[name], MOST_IDEAS)}"


class KnownMarks:
    """The marks of the training messages, each with its place and its weight; an unknown one is not kept."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.names = sorted(weights)
        self.weights = numpy.asarray([weights[name] for name in self.names], dtype="f")
        self._places = {name: place for place, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of(cls, messages: Sequence[Sequence[str]]) -> KnownMarks:
        """Weigh the marks of the training messages: the rarer, the heavier."""
        seen = Counter(mark for marks in messages for mark in set(marks))
        return cls(
            {
                mark: (1.0 + math.log((1 + len(messages)) / (1 + count))) * _weight_of_kind(mark)
                for mark, count in seen.items()
                if count >= SEEN_AT_LEAST
            }
        )

    def rows(self, messages: Iterable[Sequence[str]]) -> Any:
        """Return one row per message, as a sparse matrix: its known marks, all rows equally long."""
        columns: list[int] = []
        values: list[float] = []
        starts = [0]
        for marks in messages:
            counts = Counter(self._places[mark] for mark in marks if mark in self._places)
            row = [(1.0 + math.log(count)) * float(self.weights[place]) for place, count in counts.items()]
            length = math.sqrt(sum(value * value for value in row)) or 1.0
            columns += counts
            values += [LENGTH_OF_ROW * value / length for value in row]
            starts.append(len(columns))
        return csr_matrix((values, columns, starts), shape=(len(starts) - 1, len(self)), dtype="f")


def _weight_of_kind(mark: str) -> float:
    if mark.startswith("@"):
        return TOPIC_WEIGHT
    return SHAPE_WEIGHT if mark[0] in "^$~" else 1.0
