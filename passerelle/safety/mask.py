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
_NAME = re.compile(r"\s+[A-ZÀ-ÖØ-ÞŒ][^\W\d_]+(?:[-' ’][A-ZÀ-ÖØ-ÞŒ][^\W\d_]+)*")

_NEXT_WORD = re.compile(r"\s+[^\W\d_]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Words:
    health: re.Pattern[str]
    before_a_name: frozenset[str]
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
        return cls(words, frozenset(map(str, names)))

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
        masked = _mask_names(masked, words.before_a_name, first_names, brackets["name"])
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
        brackets=content["brackets"],
    )


def _mask_names(text: str, before: frozenset[str], first_names: frozenset[str], bracket: str) -> str:
    kept: list[str] = []
    position = 0
    for found in _WORD.finditer(text):
        if found.start() < position or not _announces(found.group(), before):
            continue
        name = _NAME.match(text, found.end()) or _first_name(text, found.end(), first_names)
        if name is not None:
            kept += [text[position : found.end()], " ", bracket]
            position = name.end()
    return "".join(kept) + text[position:]


def _first_name(text: str, place: int, first_names: frozenset[str]) -> re.Match[str] | None:
    """A common first name written without its capital."""
    word = _NEXT_WORD.match(text, place)
    return word if word is not None and fold(word.group()) in first_names else None


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
