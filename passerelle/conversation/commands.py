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
from passerelle.foundation.text import bare, fold

#: A shorter word is never read as the misspelling of a command: too many ordinary words are one letter away.
SHORTEST_MISSPELT = 5
#: In a word of four letters only two letters typed in the wrong order, or one typed twice, are forgiven.
SHORTEST_SWAPPED = 4

#: No polite phrase has more words.
_LONGEST_POLITE = 5

_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLED = re.compile(r"([^\W\d_])\1")
_PUNCTUATION = re.compile(r"[^\w\s]")
_CHOICE = re.compile(r"\(([^)]*)\)|\[([^\]]*)\]")
#: Lists of commands.yml that are not commands.
_ASIDE = frozenset({"ambiguous", "asked_with", "polite", "ordinary"})


class Command(StrEnum):
    """What a whole message may order."""

    STOP = "stop"
    HELP = "help"
    BACK = "back"
    RESTART = "restart"
    AGAIN = "again"
    ERASE = "erase"
    MY_DATA = "my_data"
    STATUS = "status"
    LANGUAGE = "language"
    HUMAN = "human"
    CONTACT = "contact"
    WITHDRAW = "withdraw"
    PAUSE = "pause"
    RESUME = "resume"
    WHY = "why"
    SKIP = "skip"
    REPEAT = "repeat"


_WITH_SLASH = frozenset({Command.STOP, Command.HELP})


class Commands:
    """The forms of each command, language by language, as `nlu_data/<language>/commands.yml` lists them.

    In a form, `(a|b)` is one of these and `[a]` or `[a|b]` may be missing.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, Sequence[str]]], languages: Languages) -> None:
        self._languages = languages
        self._forms = {code: _forms(table) for code, table in tables.items()}
        self._with_one_word_out = {code: _with_one_word_out(forms) for code, forms in self._forms.items()}
        self._ambiguous = {code: _bared(table.get("ambiguous", ())) for code, table in tables.items()}
        self._ordinary = _bared(word for table in tables.values() for word in table.get("ordinary", ()))
        polite = _bared(word for table in tables.values() for word in table.get("polite", ()))
        self._asked_with = {code: _longest_first(table.get("asked_with", ())) for code, table in tables.items()}
        self._polite = frozenset(tuple(words.split()) for words in polite)

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
        found = self._ordered(tried, languages)
        if text.lstrip().startswith("/"):
            # "/restart" is an order to a bot's machinery; "/stop" and "/help" are what people write to robots.
            return found if found in _WITH_SLASH else None
        if found is not None:
            return found
        if self.language_named(text) is not None:
            return Command.LANGUAGE
        return next((found for said in tried if (found := self._misspelt(said, languages))), None)

    def _ordered(self, tried: Sequence[str], languages: Sequence[str]) -> Command | None:
        for said in tried:
            for language in languages:
                forms = self._forms.get(language, {})
                if command := forms.get(said) or forms.get(self._what_is_asked(said, language)):
                    return command
        return None

    def language_named(self, text: str) -> str | None:
        """Return the code of the language a whole message names ("english", "en français svp")."""
        names = (self._languages.named(said) for said in _readings(text, self._polite))
        return next((code for code in names if code), None)

    def ambiguous(self, text: str, languages: Sequence[str]) -> bool:
        """Whether the message asks to cancel without saying what: the person must be asked."""
        forms = frozenset().union(*(self._ambiguous.get(language, frozenset()) for language in languages))
        return any(said in forms for said in _readings(text, self._polite))

    def _what_is_asked(self, said: str, language: str) -> str:
        """The message without the words that only say it is an order ("je voudrais ...")."""
        asked = next((words for words in self._asked_with.get(language, ()) if said.startswith(words + " ")), "")
        return said.removeprefix(asked).lstrip()

    def _misspelt(self, said: str, languages: Sequence[str]) -> Command | None:
        words = said.split()
        if not words or any(word in self._ordinary for word in words):
            return None
        found = {
            command
            for language in languages
            for place, word in enumerate(words)
            for meant, command in self._with_one_word_out.get(language, {}).get(_word_out(words, place), ())
            if _one_slip(word, meant)
        }
        return found.pop() if len(found) == 1 else None


def _forms(table: Mapping[str, Sequence[str]]) -> dict[str, Command]:
    # Folded before it is spelled out: folding is what costs, and one line may stand for hundreds of forms.
    return {
        " ".join(_PUNCTUATION.sub(" ", spelled).split()): Command(command)
        for command, forms in table.items()
        if command not in _ASIDE
        for form in forms
        for spelled in _spelled(fold(form))
    }


def _spelled(form: str) -> Iterable[str]:
    """Yield every form that one line of commands.yml stands for."""
    choice = _CHOICE.search(form)
    if choice is None:
        yield form
        return
    sure, maybe = choice.groups()
    for chosen in sure.split("|") if sure is not None else ["", *maybe.split("|")]:
        yield from _spelled(form[: choice.start()] + chosen + form[choice.end() :])


def _with_one_word_out(forms: Mapping[str, Command]) -> dict[str, list[tuple[str, Command]]]:
    """Forms by what is left when one long word is taken out: a message is only compared with its own neighbours."""
    found: dict[str, list[tuple[str, Command]]] = {}
    for form, command in forms.items():
        words = form.split()
        for place, word in enumerate(words):
            if len(word) >= SHORTEST_SWAPPED:
                found.setdefault(_word_out(words, place), []).append((word, command))
    return found


def _word_out(words: Sequence[str], place: int) -> str:
    return " ".join((*words[:place], "*", *words[place + 1 :]))


def _bared(words: Iterable[str]) -> frozenset[str]:
    return frozenset(bare(word) for word in words)


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(_bared(words), key=len, reverse=True))


def _readings(text: str, polite: frozenset[tuple[str, ...]]) -> Iterable[str]:
    """Yield the message as it stands, then without its polite ends, then without stretched or repeated words."""
    said = bare(text)
    for reading in (said, _STRETCHED.sub(r"\1", said)):
        words = reading.split()
        yield reading
        yield " ".join(_without_polite_ends(words, polite))
        if len(words) > 1 and len(set(words)) == 1:
            yield words[0]


def _without_polite_ends(words: Sequence[str], polite: frozenset[tuple[str, ...]]) -> Sequence[str]:
    for length in range(min(len(words) - 1, _LONGEST_POLITE), 0, -1):
        if tuple(words[-length:]) in polite:
            return _without_polite_ends(words[:-length], polite)
        if tuple(words[:length]) in polite:
            return _without_polite_ends(words[length:], polite)
    return words


def _one_slip(word: str, meant: str) -> bool:
    """Whether one slip of the finger makes the word of the form the one that was written."""
    if len(word) < SHORTEST_SWAPPED or OSA.distance(word, meant, score_cutoff=1) > 1:
        return False
    if len(meant) < SHORTEST_MISSPELT:
        return _doubled(word, meant) or sorted(word) == sorted(meant)
    # The first letter is rarely wrong, and asking for it keeps "casser" away from "passer"; an h is not heard.
    return word[:1] == meant[:1] or word == meant.removeprefix("h") or _doubled(word, meant)


def _doubled(word: str, meant: str) -> bool:
    """Whether one letter was typed twice, or once too few ("aidee", "stopp")."""
    return _DOUBLED.sub(r"\1", word) == _DOUBLED.sub(r"\1", meant)
