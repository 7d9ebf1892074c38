"""Ages said in free text ("j'ai 14 ans", "ma mère a 82 ans"), told from durations, in every language at once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml

from passerelle.foundation.text import bare
from passerelle.screening.answers import AnswerWords
from passerelle.screening.spoken_numbers import in_digits

#: Nobody is older.
OLDEST = 115

_GROUPS = ((15, "under_15"), (18, "15_17"), (26, "18_25"), (60, "26_59"))
_CLAUSE = re.compile(r"[,;.!?\n]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ages:
    """The ages of one message."""

    own: int | None = None
    other: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Patterns:
    own: tuple[re.Pattern[str], ...]
    other: tuple[re.Pattern[str], ...]


class AgeReader:
    """Reads ages with the patterns of `nlu_data/<language>/ages.yml`; people mix languages."""

    def __init__(self, languages: Mapping[str, _Patterns], words: AnswerWords) -> None:
        self._languages = languages
        self._words = words

    @classmethod
    def load(cls, nlu_data: Path, words: AnswerWords) -> Self:
        """Read every language folder that has ages."""
        tables = {
            path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8"))
            for path in sorted(nlu_data.glob("*/ages.yml"))
        }
        patterns = {
            code: _Patterns(own=_compiled(table["own"]), other=_compiled(table["other"]))
            for code, table in tables.items()
        }
        return cls(patterns, words)

    def read(self, text: str) -> Ages:
        """The first age of the person, and the first of somebody else."""
        own = other = None
        for language, patterns in self._languages.items():
            said = self._said(text, language)
            found = _first(patterns.other, said)
            other = found if other is None else other
            rest = [_without(patterns.other, part) for part in said] if found else said
            own = _first(patterns.own, rest) if own is None else own
        # "ma mère, 82 ans": the same age seen from nearer.
        return Ages(own=None if own == other else own, other=other)

    def _said(self, text: str, language: str) -> list[str]:
        """The whole message and then each of its parts, bare, numbers in digits."""
        numbers = self._words.of(language).numbers
        parts = _CLAUSE.split(text)
        return [in_digits(bare(self._words.spelled_out(part, language)), numbers) for part in (text, *parts)]


def age_group(age: int) -> str:
    """The answer to P2 that the age is."""
    return next((code for under, code in _GROUPS if age < under), "60_or_over")


def _compiled(patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern.replace("{n}", r"(?P<age>\d{1,3})")) for pattern in patterns)


def _without(patterns: Iterable[re.Pattern[str]], said: str) -> str:
    for pattern in patterns:
        said = pattern.sub(" - ", said)
    return said


def _first(patterns: Iterable[re.Pattern[str]], said: Iterable[str]) -> int | None:
    for part in said:
        for pattern in patterns:
            found = pattern.search(part)
            if found and 0 < int(found["age"]) <= OLDEST:
                return int(found["age"])
    return None
