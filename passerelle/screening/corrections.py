"""Which earlier answer a person corrects in their own words. Pure; the words are data, language by language."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from passerelle.foundation.text import fold
from passerelle.screening.told import Told

#: A longer message tells a story: it corrects only when it says so.
_MOST_WORDS_WITHOUT_A_LEAD = 10

#: Reads words as the answer to a question: its code, or None.
ReadsAnswer = Callable[[str, str], str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """What is corrected: an answer, which gets a new code or is asked again."""

    key: str
    #: None: the question is put again.
    code: str | None
    #: Circumstances told before that are no longer true.
    untold: frozenset[str] = frozenset()
    #: Which answer was wrong was not said: the last one is meant.
    last: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Language:
    leads: tuple[re.Pattern[str], ...]
    mistake: tuple[re.Pattern[str], ...]
    again: Mapping[str, tuple[re.Pattern[str], ...]]
    answers: Mapping[tuple[str, str], tuple[re.Pattern[str], ...]]
    untold: Mapping[str, tuple[re.Pattern[str], ...]]


class Corrections:
    """The corrections of every language, as its `corrections.yml` writes them."""

    def __init__(self, languages: Mapping[str, _Language]) -> None:
        self._languages = languages

    @classmethod
    def load(cls, nlu_data: Path) -> Self:
        """Read the corrections of every language folder."""
        return cls(
            {
                path.parent.name: _language(yaml.safe_load(path.read_text(encoding="utf-8")))
                for path in sorted(nlu_data.glob("*/corrections.yml"))
            }
        )

    def find(
        self, text: str, language: str, *, told: Told, asked: Sequence[str], pending: str | None, read: ReadsAnswer
    ) -> Correction | None:
        """The correction the message makes to something told before, or None.

        `asked` holds the keys of the closed answers in force, oldest first; `read(key, words)` reads an answer.
        """
        words = self._languages.get(language)
        if words is None:
            return None
        said = _bare(text)
        lead = next((found for pattern in words.leads if (found := pattern.search(said))), None)
        if lead is None and len(said.split()) > _MOST_WORDS_WITHOUT_A_LEAD:
            return None
        untold = frozenset(
            signal for signal, patterns in words.untold.items() if signal in told.signals and _any(patterns, said)
        )
        for (key, code), patterns in words.answers.items():
            if key != pending and told.answers.get(key, code) != code and _any(patterns, said):
                return Correction(key=key, code=code, untold=untold)
        if untold:
            return Correction(key="", code=None, untold=untold)
        for key, patterns in words.again.items():
            if key in told.answers and key != pending and _any(patterns, said):
                return Correction(key=key, code=None)
        if not asked:
            return None
        if _any(words.mistake, said):
            return Correction(key=asked[-1], code=None, last=True)
        return None if lead is None else _answered_otherwise(said, lead, told, asked, read)


def _answered_otherwise(
    said: str, lead: re.Match[str], told: Told, asked: Sequence[str], read: ReadsAnswer
) -> Correction | None:
    """ "je voulais dire non": what follows answers the last closed question, or names an answer of an earlier one."""
    rest = said[lead.end() :].strip() or said[: lead.start()].strip()
    if not rest:
        return None
    key = asked[-1]
    code = read(key, rest)
    return Correction(key=key, code=code) if code is not None and code != told.answers.get(key) else None


def _bare(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s'-]", " ", fold(text)).split())


def _any(patterns: Sequence[re.Pattern[str]], said: str) -> bool:
    return any(pattern.search(said) for pattern in patterns)


def _language(table: Mapping[str, Any]) -> _Language:
    return _Language(
        leads=_patterns(table["leads"]),
        mistake=_patterns(table["mistake"]),
        again={key: _patterns(patterns) for key, patterns in table["again"].items()},
        answers={
            (key, code): _patterns(patterns)
            for key, codes in table["answers"].items()
            for code, patterns in codes.items()
        },
        untold={signal: _patterns(patterns) for signal, patterns in table["untold"].items()},
    )


def _patterns(lines: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(line) for line in lines)
