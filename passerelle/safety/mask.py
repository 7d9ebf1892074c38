"""Hides, in what may be kept or sent, health words, other people's names and what identifies someone (§4.9)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import yaml

from passerelle.foundation.text import fold
from passerelle.safety.check import DATA

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b", re.IGNORECASE)
_NIR = re.compile(r"\b[1-478](?:[ .-]?\d{2}){2}[ .-]?\d[\dABab](?:[ .-]?\d{3}){2}(?:[ .-]?\d{2})?\b")
_PHONE = re.compile(r"(?<![\w])(?:(?:\+|00)\d{1,3}[ .-]?(?:\(0\))?|0)[1-9](?:[ .-]?\d{2}){4}(?!\d)")
#: A number written with other groups, long enough to be somebody's.
_LONG_NUMBER = re.compile(r"(?<![\w])\+?\d(?:[ .-]?\d){8,14}(?!\w)")

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*\.?")
_NEXT_WORD = re.compile(r"(?:\s+|(?<=\s))[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MORE_NAME = re.compile(r"[-' ’]([^\W\d_]+)")
#: Before a first name these make a street or a commune.
_NOT_A_PERSON = frozenset(
    {"saint", "sainte", "st", "ste", "rue", "avenue", "boulevard", "bd", "place", "allee", "san", "santa"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Words:
    health: re.Pattern[str]
    before_a_name: frozenset[str]
    #: "je m'appelle": what follows is a name even without a capital.
    says_a_name: re.Pattern[str]
    #: What may follow it and is none ("je m'appelle pas").
    not_names: frozenset[str]
    brackets: Mapping[str, str]


class Masker:
    """Masks texts with the word lists of every language: people mix them."""

    def __init__(self, words: Mapping[str, _Words], first_names: frozenset[str] = frozenset()) -> None:
        self._words = words
        self._first_names = first_names

    @classmethod
    def load(cls, data: Path | None = None) -> Self:
        """Read `health_words/<language>.yaml` and `first_names.yaml`."""
        root = data or DATA
        names = yaml.safe_load((root / "first_names.yaml").read_text(encoding="utf-8"))["first_names"]
        words = {path.stem: _read(path) for path in sorted((root / "health_words").glob("*.yaml"))}
        return cls(words, frozenset(fold(str(name)) for name in names))

    def mask(self, text: str, language: str) -> str:
        """Return the text with bracketed words in the place of what must not be kept."""
        brackets = (self._words.get(language) or self._words["fr"]).brackets
        return _mask_all(text, tuple(self._words.values()), self._first_names, brackets)

    def hides(self, text: str, language: str) -> frozenset[str]:
        """What would be hidden of a text all in this language: "name", "phone", "health"…"""
        words = self._words[language]
        masked = _mask_all(text, (words,), self._first_names, words.brackets)
        return frozenset(
            kind for kind, bracket in words.brackets.items() if masked.count(bracket) > text.count(bracket)
        )


def _mask_all(text: str, all_words: Sequence[_Words], first_names: frozenset[str], brackets: Mapping[str, str]) -> str:
    masked = _EMAIL.sub(brackets["email"], text)
    masked = _IBAN.sub(brackets["iban"], masked)
    masked = _NIR.sub(brackets["nir"], masked)
    masked = _PHONE.sub(brackets["phone"], masked)
    masked = _LONG_NUMBER.sub(brackets["phone"], masked)
    for words in all_words:
        masked = _mask_said_names(masked, words, brackets["name"])
        masked = _mask_names(masked, words.before_a_name, first_names, brackets["name"])
    masked = _mask_first_names(masked, first_names, brackets["name"])
    for words in all_words:
        masked = _mask_health(masked, words.health, brackets["health"])
    return masked


def _read(path: Path) -> _Words:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    longest_first = sorted((fold(str(word)) for word in content["words"]), key=len, reverse=True)
    alternatives = "|".join(
        re.escape(word[:-1]) + r"[^\W_]*" if word.endswith("*") else re.escape(word) + "s?" for word in longest_first
    )
    return _Words(
        health=re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])"),
        before_a_name=frozenset(fold(str(word)) for word in content["before_a_name"]),
        says_a_name=_phrases(content.get("says_a_name", ())),
        not_names=frozenset(fold(str(word)) for word in content.get("not_names", ())),
        brackets=content["brackets"],
    )


def _phrases(phrases: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted((fold(str(phrase)) for phrase in phrases), key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'}) (?=[^\W\d_])")


def _mask_names(text: str, before: frozenset[str], first_names: frozenset[str], bracket: str) -> str:
    kept: list[str] = []
    position = 0
    for found in _WORD.finditer(text):
        if found.start() < position or not _announces(found.group(), before):
            continue
        end = _capitalised(text, found.end()) or _first_name(text, found.end(), first_names)
        if end is not None:
            kept += [text[position : found.end()], " ", bracket]
            position = end
    return "".join(kept) + text[position:]


def _mask_said_names(text: str, words: _Words, bracket: str) -> str:
    """The person names themselves, or somebody: the next word is a name, with a capital or not."""
    folded, places = _folded_with_places(text)
    kept: list[str] = []
    position = 0
    for found in words.says_a_name.finditer(folded):
        start = places[found.end() - 1] + 1
        word = _NEXT_WORD.match(text, start)
        repeated = folded[: found.start()].endswith(found.group())  # "adım adım": step by step
        if start < position or word is None or repeated or fold(word.group()) in words.not_names:
            continue
        kept += [text[position:start], bracket]
        position = _capitalised(text, start) or word.end()
    return "".join(kept) + text[position:]


def _mask_first_names(text: str, first_names: frozenset[str], bracket: str) -> str:
    """Common first names with their capital, wherever they stand, but those of streets and communes."""
    kept: list[str] = []
    position, before = 0, ""
    for found in _WORD.finditer(text):
        word = found.group().rstrip(".")
        named_after = fold(before) in _NOT_A_PERSON
        is_name = word[:1].isupper() and fold(word) in first_names and not named_after
        # "rue Victor Hugo": the whole name is the street's.
        before = before if named_after and word[:1].isupper() else word
        if found.start() >= position and is_name and not _in_brackets(text, found.start()):
            kept += [text[position : found.start()], bracket]
            position = found.start() + len(word)
    return "".join(kept) + text[position:]


def _capitalised(text: str, place: int) -> int | None:
    """Where the words with a capital that begin here end, in any script that has capitals."""
    word = _NEXT_WORD.match(text, place)
    if word is None or not word.group().lstrip()[:1].isupper() or len(word.group().strip()) < 2:
        return None
    end = word.end()
    while (more := _MORE_NAME.match(text, end)) and more.group(1)[0].isupper() and len(more.group(1)) > 1:
        end = more.end()
    return end


def _first_name(text: str, place: int, first_names: frozenset[str]) -> int | None:
    """Where a common first name written without its capital ends; in Arabic one may have two words."""
    word = _NEXT_WORD.match(text, place)
    if word is None:
        return None
    more = _MORE_NAME.match(text, word.end())
    if more is not None and fold(text[word.start() : more.end()]) in first_names:
        return more.end()
    return word.end() if fold(word.group()) in first_names else None


def _announces(written: str, before: frozenset[str]) -> bool:
    word = fold(written)
    return word in before or word.rstrip(".") in before


def _mask_health(text: str, health: re.Pattern[str], bracket: str) -> str:
    folded, places = _folded_with_places(text)
    kept: list[str] = []
    position = 0
    for found in health.finditer(folded):
        start, end = places[found.start()], places[found.end() - 1] + 1
        if start < position or _in_brackets(text, start):
            continue
        kept += [text[position:start], bracket]
        position = end
    return "".join(kept) + text[position:]


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """The text folded letter by letter, and where each folded letter was."""
    folded: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for plain in _folded_letter(letter):
            folded.append(plain)
            places.append(place)
    return "".join(folded), places


@lru_cache(maxsize=4096)
def _folded_letter(letter: str) -> str:
    return fold(letter) or " "


def _in_brackets(text: str, place: int) -> bool:
    return text.rfind("[", 0, place) > text.rfind("]", 0, place)
