"""In every language: enough to learn from once near-duplicates are removed, and nothing measured that was learned."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from rapidfuzz import fuzz

from passerelle.foundation.text import Normaliser

NLU_DATA = Path(__file__).parents[3] / "nlu_data"
LANGUAGES = sorted(path.parent.name for path in NLU_DATA.glob("*/needs.yml"))

#: Messages of needs, thematiques, and messages of the rarest one, that a language must have to be offered.
LEAST = {"fr": (5000, 36, 80)}
LEAST_OF_OTHERS = (600, 20, 1)
NEAR_DUPLICATE = 92
#: Below this many words two messages are alike by chance: "bonsoir j'ai faim".
SCORED_WORDS = 4
RAREST = 4

_WORD = re.compile(r"\w+")


@cache
def normaliser() -> Normaliser:
    return Normaliser.load(NLU_DATA)


@cache
def read(language: str, pattern: str) -> list[Any]:
    found: list[Any] = []
    for path in sorted((NLU_DATA / language).glob(pattern)):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or []
        found += [{"text": t} for texts in content.values() for t in texts] if isinstance(content, dict) else content
    return found


def words(language: str, text: str) -> list[str]:
    return _WORD.findall(normaliser().normalise(text, language))


def alike(language: str, one: Sequence[Any], other: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """The places of messages that are near-duplicates: the pairs that share a rare word and most words, then scored."""
    split = [words(language, message["text"]) for message in other]
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, found in enumerate(split):
        for word in set(found):
            holders[word].append(place)
    for place, message in enumerate(one):
        own = words(language, message["text"])
        if len(own) < SCORED_WORDS:
            continue
        # Of two near-duplicates, one of the rarest words is the same; all pairs of eight thousand take two minutes.
        rarest = sorted(set(own), key=lambda word: len(holders.get(word, ())))[:RAREST]
        for near in {near for word in rarest for near in holders.get(word, ())}:
            theirs = set(split[near])
            alike_words = len(theirs.intersection(own))
            if (
                10 * alike_words >= 7 * max(len(set(own)), len(theirs))
                and fuzz.ratio(" ".join(own), " ".join(split[near])) >= NEAR_DUPLICATE
            ):
                yield place, near


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_enough_messages_once_near_duplicates_are_removed(language):
    lines = read(language, "needs*.yml")
    doubles = {max(one, other) for one, other in alike(language, lines, lines) if one != other}
    kept = [line for place, line in enumerate(lines) if place not in doubles]
    counted = Counter(need for line in kept for need in line["needs"])
    messages, thematiques, rarest = LEAST.get(language, LEAST_OF_OTHERS)

    assert len(kept) >= messages
    assert len(counted) >= thematiques
    assert min(counted.values()) >= rarest


@pytest.mark.parametrize("kind", ["needs*.yml", "danger*.yml", "intents*.yml", "medical*.yml"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_measured_was_learned(language, kind):
    learned, measured = read(language, kind), read(language, f"evaluation/{kind}")
    seen = {" ".join(words(language, line["text"])) for line in learned}
    same = [
        line["text"]
        for line in measured
        if len(found := words(language, line["text"])) >= SCORED_WORDS and " ".join(found) in seen
    ]
    close = [(measured[one]["text"], learned[other]["text"]) for one, other in alike(language, measured, learned)]

    assert same == []
    assert close == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_measured_for_all_that_is_promised(language):
    measured = {path.stem.split("_")[0] for path in (NLU_DATA / language / "evaluation").glob("*.yml")}

    assert {"needs", "intents", "danger", "medical", "commands", "answers"} <= measured
