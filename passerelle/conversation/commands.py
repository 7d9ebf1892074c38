"""Commands people may write at any moment, recognised on the whole message and in every language at once.

They come before any model (DESIGN §4.3): somebody who writes STOP is obeyed even with the bot down.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Self

import yaml
from rapidfuzz.distance import OSA

from passerelle.foundation.language import Languages
from passerelle.foundation.text import bare

#: A shorter word is never read as the misspelling of a command: too many ordinary words are one letter away.
SHORTEST_MISSPELT = 5

_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
#: Lists of commands.yml that are not commands.
_ASIDE = frozenset({"ambiguous", "polite", "ordinary"})


class Command(StrEnum):
    """What a whole message may order."""

    STOP = "stop"
    HELP = "help"
    BACK = "back"
    RESTART = "restart"
    ERASE = "erase"
    MY_DATA = "my_data"
    STATUS = "status"
    LANGUAGE = "language"
    HUMAN = "human"
    CONTACT = "contact"
    WITHDRAW = "withdraw"
    RESUME = "resume"
    WHY = "why"
    SKIP = "skip"
    REPEAT = "repeat"


class Commands:
    """The forms of each command, language by language, as `nlu_data/<language>/commands.yml` lists them."""

    def __init__(self, tables: Mapping[str, Mapping[str, Sequence[str]]], languages: Languages) -> None:
        self._languages = languages
        self._forms = {code: _forms(table) for code, table in tables.items()}
        self._by_length = {code: _by_length(forms) for code, forms in self._forms.items()}
        self._ambiguous = {code: _bared(table.get("ambiguous", ())) for code, table in tables.items()}
        self._ordinary = _bared(word for table in tables.values() for word in table.get("ordinary", ()))
        polite = _bared(word for table in tables.values() for word in table.get("polite", ()))
        self._polite = tuple(sorted((tuple(words.split()) for words in polite), key=len, reverse=True))

    @classmethod
    def load(cls, nlu_data: Path) -> Self:
        """Read the commands of every language folder and the names of the languages."""
        tables = {
            path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8"))
            for path in sorted(nlu_data.glob("*/commands.yml"))
        }
        return cls(tables, Languages.load(nlu_data))

    def recognise(self, text: str, languages: Sequence[str]) -> Command | None:
        """Return the command the whole message is, in any of the languages; earlier languages win."""
        tried = tuple(dict.fromkeys(_readings(text, self._polite)))
        for said in tried:
            for language in languages:
                if command := self._forms.get(language, {}).get(said):
                    return command
        if self.language_named(text) is not None:
            return Command.LANGUAGE
        return next((found for said in tried if (found := self._misspelt(said, languages))), None)

    def language_named(self, text: str) -> str | None:
        """Return the code of the language a whole message names ("english", "en français svp")."""
        names = (self._languages.named(said) for said in _readings(text, self._polite))
        return next((code for code in names if code), None)

    def ambiguous(self, text: str, languages: Sequence[str]) -> bool:
        """Whether the message asks to cancel without saying what: the person must be asked."""
        forms = frozenset().union(*(self._ambiguous.get(language, frozenset()) for language in languages))
        return any(said in forms for said in _readings(text, self._polite))

    def _misspelt(self, said: str, languages: Sequence[str]) -> Command | None:
        words = said.split()
        if not words or any(word in self._ordinary for word in words):
            return None
        found = {
            command
            for language in languages
            for form, command in self._by_length.get(language, {}).get(len(words), ())
            if _one_slip(words, form)
        }
        return found.pop() if len(found) == 1 else None


def _forms(table: Mapping[str, Sequence[str]]) -> dict[str, Command]:
    return {bare(form): Command(command) for command, forms in table.items() if command not in _ASIDE for form in forms}


def _by_length(forms: Mapping[str, Command]) -> dict[int, list[tuple[tuple[str, ...], Command]]]:
    """Forms by their number of words: a message is only compared with those it could be a slip of."""
    found: dict[int, list[tuple[tuple[str, ...], Command]]] = {}
    for form, command in forms.items():
        words = tuple(form.split())
        if any(len(word) >= SHORTEST_MISSPELT for word in words):
            found.setdefault(len(words), []).append((words, command))
    return found


def _bared(words: Iterable[str]) -> frozenset[str]:
    return frozenset(bare(word) for word in words)


def _readings(text: str, polite: Sequence[tuple[str, ...]]) -> Iterable[str]:
    """Yield the message as it stands, then without its polite ends, then without stretched or repeated words."""
    said = bare(text)
    for reading in (said, _STRETCHED.sub(r"\1", said)):
        words = reading.split()
        yield reading
        yield " ".join(_without_polite_ends(words, polite))
        if len(words) > 1 and len(set(words)) == 1:
            yield words[0]


def _without_polite_ends(words: Sequence[str], polite: Sequence[tuple[str, ...]]) -> Sequence[str]:
    for phrase in polite:
        if len(words) > len(phrase):
            if tuple(words[-len(phrase) :]) == phrase:
                return _without_polite_ends(words[: -len(phrase)], polite)
            if tuple(words[: len(phrase)]) == phrase:
                return _without_polite_ends(words[len(phrase) :], polite)
    return words


def _one_slip(words: Sequence[str], form: Sequence[str]) -> bool:
    """Whether the words are the form but for one slip of the finger in one long word."""
    different = [(word, meant) for word, meant in zip(words, form, strict=True) if word != meant]
    if len(different) != 1:
        return False
    word, meant = different[0]
    # The first letter is rarely wrong, and asking for it keeps "casser" away from "passer".
    return len(meant) >= SHORTEST_MISSPELT and word[:1] == meant[:1] and OSA.distance(word, meant, score_cutoff=1) <= 1
