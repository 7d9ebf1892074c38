"""Phrase lists a social worker can read, compiled to spaCy Matcher patterns.

A phrase is a line of plain words, read like the messages are (accents, case and elisions do not matter), plus:

- `(mort|morte)`  one of these, of one or several words each;
- `<hit>`         one of the words listed under that name in `words:`;
- `[tout]`        may be missing;
- `frapp*`        any word that begins so;
- `..` / `...`    up to two / four other words of the same sentence;
- `.` and `?`     the end of a sentence, a question mark;
- `one & other`   both phrases anywhere in the message.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Self

import spacy
import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA
from spacy.matcher import Matcher
from spacy.tokens import Doc

from passerelle.foundation.errors import BadInput
from passerelle.foundation.text import fold

#: What a word outside the lexicon is read as: the words of people are not kept in spaCy's string store.
OTHER = "\u00b7"
END = "."

#: Shorter words have too many neighbours to be taken for a typo of another.
_TYPO_FROM = 6
_WORD = re.compile(r"[^\W_]+|[.!?;]")
_PIECE = re.compile(r"\.{2,3}|\([^)]*\)|<\w+>|\[[^\]]*\]|[^\W_]+\*?|[.?]")
_GAPS = {"..": 2, "...": 4}

Pattern = list[dict[str, Any]]


class BadPhrase(BadInput):
    """{place}: the phrase "{phrase}" cannot be read: {reason}."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A phrase found in a message, by word positions."""

    kind: str
    start: int
    end: int

    def overlaps(self, other: "Hit") -> bool:
        """Whether the two share a word."""
        return self.start < other.end and other.start < self.end

    def outdoes(self, other: "Hit") -> bool:
        """Whether this phrase holds the other one and says more."""
        inside = self.start <= other.start and other.end <= self.end
        return inside and self.end - self.start > other.end - other.start


class Reader:
    """Turns a normalised text into the words the phrases are made of."""

    def __init__(self, short: Mapping[str, str], dropped: Iterable[str], not_typos: Iterable[str]) -> None:
        self._short = {fold(str(key)): fold(str(value)).split() for key, value in short.items()}
        self._dropped = frozenset(fold(str(word)) for word in dropped)
        self._not_typos = frozenset(fold(str(word)) for word in not_typos)

    def words(self, text: str) -> list[str]:
        """Split at apostrophes and hyphens, spell out, drop the words that change nothing."""
        words: list[str] = []
        for found in _WORD.findall(fold(text)):
            written = END if found in ".!;" else found
            words.extend(word for word in self._short.get(written, [written]) if word not in self._dropped)
        return words

    def may_be_typo(self, word: str) -> bool:
        """Whether a word unknown to the phrases may be one of theirs, badly typed."""
        return len(word) >= _TYPO_FROM and word.isalpha() and word not in self._not_typos


class PhraseBook:
    """The phrases of one language, by kind, and the look-alikes that cancel them."""

    def __init__(self, reader: Reader, phrases: Mapping[str, Sequence[str]], words: "WordLists") -> None:
        self._reader = reader
        self._vocab = spacy.blank("xx").vocab
        self._matcher = Matcher(self._vocab)
        #: Names in the matcher of the parts of each phrase, with its kind.
        self._phrases: list[tuple[str, tuple[str, ...]]] = []
        self._words: set[str] = {END, "?"}
        self._beginnings: tuple[str, ...] = ()
        beginnings: set[str] = set()
        for kind, lines in phrases.items():
            for line in lines:
                self._add(kind, str(line), words, beginnings)
        self._beginnings = tuple(beginnings)
        self._long_words = tuple(sorted(word for word in self._words if len(word) >= _TYPO_FROM))

    @classmethod
    def load(cls, path: Path, look_alikes: Path | None = None) -> Self:
        """Read a file of phrases and the file of its look-alikes, which may use the same word lists."""
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        phrases = dict(content["phrases"])
        if look_alikes is not None and look_alikes.exists():
            listed = yaml.safe_load(look_alikes.read_text(encoding="utf-8"))
            phrases[LOOK_ALIKE] = listed["look_alikes"]
        elif "look_alikes" in content:
            phrases[LOOK_ALIKE] = content["look_alikes"]
        reader = Reader(content.get("short", {}), content.get("dropped", ()), content.get("not_typos", ()))
        return cls(reader, phrases, WordLists(path.name, content.get("words", {}), reader))

    @property
    def size(self) -> int:
        """How many phrases there are, look-alikes aside."""
        return sum(kind != LOOK_ALIKE for kind, _ in self._phrases)

    def kinds(self, text: str) -> frozenset[str]:
        """The kinds a normalised text belongs to."""
        return frozenset(hit.kind for hit in self.hits(text))

    def hits(self, text: str) -> list[Hit]:
        """The phrases found, without those that a longer phrase or a look-alike explains better."""
        words = [self._known(word) for word in self._reader.words(text)]
        if all(word == OTHER for word in words):
            return []
        found = list(self._found([*words, END]))
        look_alikes = [hit for hit in found if hit.kind == LOOK_ALIKE]
        told = [
            hit
            for hit in found
            if hit.kind != LOOK_ALIKE
            and not any(alike.overlaps(hit) and not hit.outdoes(alike) for alike in look_alikes)
        ]
        return [hit for hit in told if not any(o.kind != hit.kind and o.outdoes(hit) for o in told)]

    def _add(self, kind: str, line: str, words: "WordLists", beginnings: set[str]) -> None:
        names = []
        for part in line.split("&"):
            name = f"{len(self._phrases)}.{len(names)}"
            self._matcher.add(name, list(words.compile(part.strip(), line, self._words, beginnings)))
            names.append(name)
        self._phrases.append((kind, tuple(names)))

    def _known(self, word: str) -> str:
        if word in self._words or word.startswith(self._beginnings):
            return word
        if self._reader.may_be_typo(word):
            near = process.extractOne(word, self._long_words, scorer=OSA.distance, score_cutoff=1)
            if near is not None:
                return str(near[0])
        return OTHER

    def _found(self, words: Sequence[str]) -> Iterator[Hit]:
        spans: dict[str, list[tuple[int, int]]] = {}
        for name, start, end in self._matcher(Doc(self._vocab, words=list(words))):
            spans.setdefault(self._vocab.strings[name], []).append((start, end))
        for kind, names in self._phrases:
            if all(name in spans for name in names):
                for together in product(*(spans[name][:3] for name in names)):
                    yield Hit(
                        kind=kind, start=min(s for s, _ in together), end=max(e for _, e in together)
                    )


LOOK_ALIKE = "look_alike"


class WordLists:
    """Named lists of words, and the compiler of the phrases that use them."""

    def __init__(self, place: str, lists: Mapping[str, Sequence[str]], reader: Reader) -> None:
        self._place = place
        self._lists = {name: [str(word) for word in listed] for name, listed in lists.items()}
        self._reader = reader

    def compile(self, part: str, line: str, words: set[str], beginnings: set[str]) -> Iterator[Pattern]:
        """Yield the Matcher patterns of one phrase, noting its words and beginnings of words."""
        pieces = _PIECE.findall(part)
        left_over = _PIECE.sub("", part).replace("'", "").replace("-", "").strip()
        if not pieces or left_over:
            raise BadPhrase(place=self._place, phrase=line, reason=f'"{left_over or part}" is not understood')
        for chosen in product(*(list(self._choices(piece, line)) for piece in pieces)):
            pattern = [token for tokens in chosen for token in tokens]
            if pattern:
                _note(pattern, words, beginnings)
                yield pattern

    def _choices(self, piece: str, line: str) -> Iterator[Pattern]:
        if piece in _GAPS:
            yield [{"TEXT": {"NOT_IN": [END, "?"]}, "OP": "?"} for _ in range(_GAPS[piece])]
        elif piece.startswith("["):
            yield []
            yield from self._inside(piece[1:-1], line)
        elif piece.startswith("("):
            yield from self._one_of(piece[1:-1].split("|"), line)
        elif piece.startswith("<"):
            name = piece[1:-1]
            if name not in self._lists:
                raise BadPhrase(place=self._place, phrase=line, reason=f"there is no list <{name}>")
            yield from self._one_of(self._lists[name], line)
        elif piece in (END, "?"):
            yield [{"TEXT": piece}]
        else:
            yield from self._one_of([piece], line)

    def _inside(self, text: str, line: str) -> Iterator[Pattern]:
        yield from self._choices(text, line) if text.startswith("<") else self._one_of(text.split("|"), line)

    def _one_of(self, alternatives: Sequence[str], line: str) -> Iterator[Pattern]:
        singles: list[str] = []
        beginnings: list[str] = []
        for alternative in alternatives:
            written = alternative.strip()
            if written.endswith("*") and " " not in written:
                beginnings.append(fold(written[:-1]))
                continue
            spelled = self._reader.words(written)
            if len(spelled) == 1:
                singles.append(spelled[0])
            elif spelled or not written:
                yield [_token(word, written) for word in spelled]
        if singles:
            yield [{"TEXT": {"IN": sorted(singles)}} if len(singles) > 1 else {"TEXT": singles[0]}]
        if beginnings:
            yield [{"TEXT": {"REGEX": f"^(?:{'|'.join(sorted(beginnings))})"}}]


def _token(word: str, written: str) -> dict[str, Any]:
    # "aide soignant*": the star is lost by the reader, so it is looked for in what was written.
    if f"{word}*" in fold(written):
        return {"TEXT": {"REGEX": f"^(?:{word})"}}
    return {"TEXT": word}


def _note(pattern: Pattern, words: set[str], beginnings: set[str]) -> None:
    for token in pattern:
        asked = token["TEXT"]
        if isinstance(asked, str):
            words.add(asked)
        elif "IN" in asked:
            words.update(asked["IN"])
        elif "REGEX" in asked:
            beginnings.update(asked["REGEX"][len("^(?:") : -1].split("|"))
