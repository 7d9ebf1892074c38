"""Phrase lists a social worker can read, and the search for them in a message.

A phrase is a line of plain words, read like the messages are (accents, case and elisions do not matter), plus:

- `(mort|morte)`  one of these, of one or several words each;
- `<hit>`         one of the words listed under that name in `words:`;
- `[tout]`        may be missing;
- `frapp*`        any word that begins so;
- `..` / `...`    up to two / four other words of the same sentence;
- `.` and `?`     the end of a sentence, a question mark;
- `one & other`   both phrases, near each other in the message, in any order;
- `& !other`      and nowhere in the message this one;
- `{idea}`        any of the phrases listed under that name in `ideas:`; stands alone between two `&`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Self

import yaml
from rapidfuzz.distance import OSA

from passerelle.foundation.errors import BadInput
from passerelle.foundation.text import fold
from passerelle.safety.arabizi import NOT, Arabizi

#: What a word outside the lexicon is read as.
OTHER = "\u00b7"
END = "."
LOOK_ALIKE = "look_alike"

#: Shorter words have too many neighbours to be taken for a typo of another.
_TYPO_FROM = 6
#: Arabic joins its small words to the next one: and, in, with, to, the, will, and the Maghrebi marks of the present.
_JOINED = (
    "بال",
    "فال",
    "كال",
    "وال",
    "وكا",
    "وتا",
    "عال",
    "دال",
    "ال",
    "لل",
    "ول",
    "وب",
    "وف",
    "وس",
    "وك",
    "كا",
    "تا",
    "غا",
    "و",
    "ف",
    "ب",
    "ل",
    "ك",
    "س",
    "غ",
    "د",
)
_ARABIC = re.compile(r"[\u0621-\u064a]{4,}")
#: Fewer letters left alone are too often another word.
_LEFT_ALONE = 3
_WORD = re.compile(r"[^\W_]+|[.!?;]")
_PIECE = re.compile(r"\.{2,3}|\([^)]*\)|<\w+>|\[[^\]]*\]|[^\W_]+\*?|[.?]")
_LISTED = re.compile(r"<(\w+)>")
_GAPS = {"..": 2, "...": 4}

#: Two phrases further apart do not speak of the same thing.
_NEAR = 30
#: Each place of a phrase is tried with so many places of the others.
_TRIED = 3

#: The lexicons are long: libyaml reads them ten times faster, where it is there.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """What one word of a message must be; nothing is asked of a word in a gap, but to be of the same sentence."""

    words: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()
    optional: bool = False
    gap: bool = False

    def takes(self, word: str) -> bool:
        """Whether the word will do."""
        if self.gap:
            return word not in (END, "?")
        return word in self.words or word.startswith(self.beginnings)

    @property
    def asked(self) -> frozenset[str]:
        """The words it may be; beginnings of words keep their star."""
        return self.words.union(f"{beginning}*" for beginning in self.beginnings)


Pattern = list[Token]
GAP = Token(optional=True, gap=True)


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

    def words(self, folded: str) -> list[str]:
        """Split at apostrophes and hyphens, spell out, drop the words that change nothing."""
        words: list[str] = []
        for found in _WORD.findall(folded):
            written = END if found in ".!;" else found
            words.extend(word for word in self._short.get(written, [written]) if word not in self._dropped)
        return words

    def may_be_typo(self, word: str) -> bool:
        """Whether a word unknown to the phrases may be one of theirs, badly typed."""
        return len(word) >= _TYPO_FROM and word.isalpha() and word not in self._not_typos


class PhraseBook:
    """The phrases of one language, by kind, and the look-alikes that cancel them."""

    def __init__(
        self,
        reader: Reader,
        phrases: Mapping[str, Sequence[str]],
        lists: "WordLists",
        gives_way: Sequence["GivesWay"] = (),
    ) -> None:
        self._reader = reader
        self._parts = _Parts(lists)
        self._phrases = [
            _Phrase(kind=kind, told=self._parts.told(str(line)), untold=self._parts.untold(str(line)))
            for kind, lines in phrases.items()
            for line in lines
        ]
        often = Counter(part for phrase in self._phrases for part in phrase.told)
        self._by_part: dict[int, list[_Phrase]] = {}
        for phrase in self._phrases:
            self._by_part.setdefault(min(phrase.told, key=often.__getitem__), []).append(phrase)
        self._gives_way = [
            (rule, self._parts.told_each(rule.when), self._parts.told_each(rule.unless)) for rule in gives_way
        ]
        self._index = _Index(self._parts.patterns)
        self._arabizi = Arabizi(self._index.words)

    @classmethod
    def load(cls, path: Path, look_alikes: Path | None = None) -> Self:
        """Read a file of phrases and the file of its look-alikes, which may use the same word lists."""
        content = _read(path)
        phrases = dict(content["phrases"])
        phrases[LOOK_ALIKE] = content.get("look_alikes", [])
        if look_alikes is not None and look_alikes.exists():
            phrases[LOOK_ALIKE] = _read(look_alikes)["look_alikes"]
        reader = Reader(content.get("short", {}), content.get("dropped", ()), content.get("not_typos", ()))
        lists = WordLists(path.name, content.get("words", {}), reader, content.get("ideas", {}))
        return cls(reader, phrases, lists, [GivesWay.read(rule) for rule in content.get("gives_way", ())])

    @property
    def size(self) -> int:
        """How many phrases there are, look-alikes aside."""
        return sum(phrase.kind != LOOK_ALIKE for phrase in self._phrases)

    def kinds(self, text: str, *, forgives_typos: bool = True) -> frozenset[str]:
        """The kinds a normalised text belongs to."""
        return frozenset(hit.kind for hit in self.hits(text, forgives_typos=forgives_typos))

    def kinds_unheard(
        self, text: str, judged_by: Sequence["PhraseBook"], *, forgives_typos: bool = False
    ) -> frozenset[str]:
        """The kinds found in words that the books of other languages do not know, and so have not judged.

        "Suicide Squad" is written alike in four languages: the one of the message has its look-alikes.
        """
        hits = self.hits(text, forgives_typos=forgives_typos)
        if not hits:
            return frozenset()
        words = self._reader.words(text)
        return frozenset(
            hit.kind
            for hit in hits
            if not all(any(book.knows(word) for book in judged_by) for word in words[hit.start : hit.end])
        )

    def knows(self, word: str) -> bool:
        """Whether some phrase speaks of this word."""
        return self._index.knows(word)

    def hits(self, text: str, *, forgives_typos: bool = True) -> list[Hit]:
        """The phrases found, without those that a longer phrase or a look-alike explains better.

        Typos are forgiven only in the language of the message: a right word of one is a typo in another.
        """
        words = self._reader.words(text)
        read = [known for word in words for known in self._known(word)] if forgives_typos else map(self._spoken, words)
        spans = self._spans([*read, END])
        if not spans:
            return []
        near = [phrase for part in spans for phrase in self._by_part.get(part, ())]
        alike = [hit for phrase in near if phrase.kind == LOOK_ALIKE for hit in phrase.found(spans, spans)]
        clear = {part: kept for part, found in spans.items() if (kept := _clear_of(alike, found))}
        told = [hit for phrase in near if phrase.kind != LOOK_ALIKE for hit in phrase.found(clear, spans)]
        told = [hit for hit in told if not any(o.kind != hit.kind and o.outdoes(hit) for o in told)]
        return self._without_the_less_right(told, frozenset(spans))

    def _without_the_less_right(self, told: list[Hit], said: frozenset[int]) -> list[Hit]:
        kinds = {hit.kind for hit in told}
        for rule, when, unless in self._gives_way:
            if rule.kind in kinds and rule.to in kinds and (not when or said & when) and not said & unless:
                kinds.discard(rule.kind)
        return [hit for hit in told if hit.kind in kinds]

    def _known(self, word: str) -> Sequence[str]:
        if self._index.knows(word):
            return (word,)
        if _ARABIC.fullmatch(word) and (unjoined := self._unjoined(word)):
            return unjoined
        if arabic := self._arabizi.words(word):
            return arabic
        return ((self._reader.may_be_typo(word) and self._index.nearest(word)) or OTHER,)

    def _unjoined(self, word: str) -> Sequence[str]:
        """The words an Arabic word is joined of, when the phrases know what is left without the small ones."""
        for alone in _without_joined(word):
            if self._index.knows(alone):
                return (alone,)
        if word.startswith(NOT) and word.endswith("ش"):
            # The "not" is kept apart: a verb that lost it would say the contrary.
            for denied in (word[2:], word[2:-1]):
                for alone in (denied, *_without_joined(denied)):
                    if len(alone) >= _LEFT_ALONE and self._index.knows(alone):
                        return (NOT, alone)
        return ()

    def _spoken(self, word: str) -> str:
        return word if self._index.knows(word) else OTHER

    def _spans(self, words: Sequence[str]) -> dict[int, list[Span]]:
        spans: dict[int, set[Span]] = {}
        # Thousands of patterns would take 10 ms; the few whose words are all there take less than one.
        for indexed in self._index.candidates(frozenset(words)):
            first = indexed.pattern[0]
            for start, word in enumerate(words):
                if not (first.optional or first.takes(word)):
                    continue
                for end in _ends(indexed.pattern, words, start):
                    spans.setdefault(indexed.part, set()).add((start, end))
        return {part: sorted(found, key=_longest_first) for part, found in spans.items()}


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 (a SafeLoader, in C)


def _without_joined(word: str) -> Iterator[str]:
    return (word[len(small) :] for small in _JOINED if word.startswith(small) and len(word) - len(small) >= _LEFT_ALONE)


def _longest_first(span: Span) -> int:
    return span[0] - span[1]


def _length(hit: Hit) -> int:
    return hit.end - hit.start


def _clear_of(alike: Sequence[Hit], spans: Sequence[Span]) -> list[Span]:
    """The places whose words no look-alike explains better."""
    return [span for span in spans if not any(_explains(hit, span) for hit in alike)]


def _explains(alike: Hit, span: Span) -> bool:
    hit = Hit(kind="", start=span[0], end=span[1])
    return alike.overlaps(hit) and not hit.outdoes(alike)


@dataclass(frozen=True, kw_only=True, slots=True)
class GivesWay:
    """When two kinds are found in the same words, which is the right one."""

    kind: str
    to: str
    #: Only with one of these phrases, if there are any; never with one of those.
    when: tuple[str, ...]
    unless: tuple[str, ...]

    @classmethod
    def read(cls, rule: Mapping[str, Any]) -> Self:
        """Read one rule of the file."""
        return cls(
            kind=rule["kind"], to=rule["to"], when=tuple(rule.get("when", ())), unless=tuple(rule.get("unless", ()))
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Phrase:
    """The parts that must be said, and those that must not, by their numbers."""

    kind: str
    told: tuple[int, ...]
    untold: frozenset[int]

    def found(self, spans: Mapping[int, Sequence[Span]], everything: Mapping[int, Sequence[Span]]) -> Iterator[Hit]:
        """Yield where the phrase stands, the tightest places first."""
        if any(part not in spans for part in self.told) or any(part in everything for part in self.untold):
            return
        hits = (
            Hit(kind=self.kind, start=min(start for start, _ in chosen), end=max(end for _, end in chosen))
            for chosen in product(*(spans[part][:_TRIED] for part in self.told))
        )
        yield from sorted((hit for hit in hits if _length(hit) <= _NEAR), key=_length)[:_TRIED]


class _Parts:
    """Numbers the parts of phrases: the same words are compiled and looked for once."""

    def __init__(self, lists: "WordLists") -> None:
        self._lists = lists
        self._numbers: dict[str, int] = {}
        self.patterns: list[_Indexed] = []

    def told(self, line: str) -> tuple[int, ...]:
        """The parts that must be said."""
        return tuple(self._number(part, line) for part in _parts(line) if not part.startswith("!"))

    def untold(self, line: str) -> frozenset[int]:
        """The parts that must not be said."""
        return frozenset(self._number(part[1:].strip(), line) for part in _parts(line) if part.startswith("!"))

    def told_each(self, lines: Iterable[str]) -> frozenset[int]:
        """One part for each line."""
        return frozenset(self._number(line, line) for line in lines)

    def _number(self, part: str, line: str) -> int:
        if part not in self._numbers:
            number = self._numbers[part] = len(self._numbers)
            for pattern in self._lists.compile_part(part, line):
                self.patterns.append(_Indexed(part=number, pattern=pattern))
        return self._numbers[part]


def _parts(line: str) -> list[str]:
    return [part.strip() for part in line.split("&")]


class _Indexed:
    """A pattern of one part of a phrase, with the words it cannot do without."""

    __slots__ = ("needed", "part", "pattern")

    def __init__(self, *, part: int, pattern: Pattern) -> None:
        self.part = part
        self.pattern = pattern
        self.needed = tuple(token.asked for token in pattern if not token.optional)


def _ends(pattern: Sequence[Token], words: Sequence[str], start: int) -> frozenset[int]:
    """Where the pattern may end, when it begins at a word."""
    places = {start}
    for token in pattern:
        after = {place + 1 for place in places if place < len(words) and token.takes(words[place])}
        places = places | after if token.optional else after
        if not places:
            break
    return frozenset(places)


class _Index:
    """Finds the patterns whose words are all in a message."""

    def __init__(self, patterns: Sequence[_Indexed]) -> None:
        all_words = frozenset(word for indexed in patterns for token in indexed.pattern for word in token.asked)
        self._beginnings = frozenset(word[:-1] for word in all_words if word.endswith("*"))
        self.words = all_words - {f"{beginning}*" for beginning in self._beginnings}
        self._by_edge: dict[str, list[str]] = {}
        for word in sorted(self.words):
            if len(word) >= _TYPO_FROM:
                for edge in _edges(word):
                    self._by_edge.setdefault(edge, []).append(word)
        often = Counter(word for indexed in patterns for asked in indexed.needed for word in asked)
        self._by_rarest: dict[str, list[_Indexed]] = {}
        for indexed in patterns:
            rarest = min(indexed.needed, key=lambda asked: sum(often[word] for word in asked))
            for word in rarest:
                self._by_rarest.setdefault(word, []).append(indexed)

    def knows(self, word: str) -> bool:
        """Whether a phrase speaks of this word."""
        return word in (END, "?") or word in self.words or any(self._begun(word))

    def nearest(self, word: str) -> str | None:
        """The word of the phrases one slip away, if there is one."""
        near = (other for edge in _edges(word) for other in self._by_edge.get(edge, ()))
        return next((other for other in near if OSA.distance(word, other, score_cutoff=1) <= 1), None)

    def _begun(self, word: str) -> Iterator[str]:
        return (word[:size] for size in range(1, len(word) + 1) if word[:size] in self._beginnings)

    def candidates(self, words: frozenset[str]) -> list[_Indexed]:
        """The patterns that may match a message made of these words, whatever their order."""
        begun = {f"{beginning}*" for word in words for beginning in self._begun(word)}
        said = words | begun
        near = {id(indexed): indexed for word in said for indexed in self._by_rarest.get(word, ())}
        return [indexed for indexed in near.values() if all(not asked.isdisjoint(said) for asked in indexed.needed)]


def _edges(word: str) -> tuple[str, str]:
    """The two first letters and the three last: one slip in a word of six letters or more spares one of them."""
    return f"{word[:2]}_", f"_{word[-3:]}"


class WordLists:
    """Named lists of words, and the compiler of the phrases that use them."""

    def __init__(
        self,
        place: str,
        lists: Mapping[str, Sequence[str]],
        reader: Reader,
        ideas: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._place = place
        self._ideas = ideas or {}
        self._lists = {name: [str(word) for word in listed] for name, listed in lists.items()}
        self._reader = reader

    def compile_part(self, part: str, line: str) -> Iterator[Pattern]:
        """Yield the patterns of one part: a phrase, or all those of an idea."""
        if not (part.startswith("{") and part.endswith("}")):
            yield from self.compile(part, line)
        elif (name := part[1:-1]) in self._ideas:
            for phrase in self._ideas[name]:
                yield from self.compile_part(str(phrase), line)
        else:
            raise BadPhrase(place=self._place, phrase=line, reason=f"there is no idea {{{name}}}")

    def compile(self, part: str, line: str) -> Iterator[Pattern]:
        """Yield the Matcher patterns of one part of a phrase."""
        pieces = _PIECE.findall(part)
        left_over = _PIECE.sub("", part).replace("'", "").replace("-", "").strip()
        if not pieces or left_over:
            raise BadPhrase(place=self._place, phrase=line, reason=f'"{left_over or part}" is not understood')
        for chosen in product(*(list(self._choices(piece, line)) for piece in pieces)):
            pattern = [token for tokens in chosen for token in tokens]
            if all(token.optional for token in pattern):
                raise BadPhrase(place=self._place, phrase=line, reason="every word of it may be missing")
            yield pattern

    def _choices(self, piece: str, line: str) -> Iterator[Pattern]:
        if piece in _GAPS:
            yield [GAP] * _GAPS[piece]
        elif piece.startswith("["):
            yield from self._optional(piece[1:-1], line)
        elif piece.startswith("("):
            yield from self._one_of(piece[1:-1].split("|"), line)
        elif piece.startswith("<"):
            yield from self._one_of([piece], line)
        elif piece in (END, "?"):
            yield [Token(words=frozenset({piece}))]
        else:
            yield from self._one_of([piece], line)

    def _optional(self, inside: str, line: str) -> Iterator[Pattern]:
        choices = list(self._choices(inside if inside.startswith("<") else f"({inside})", line))
        single = [choice for choice in choices if len(choice) == 1]
        yield from (choice for choice in choices if len(choice) > 1)
        # One token that may be missing, rather than two patterns.
        if len(single) == 1:
            yield [replace(single[0][0], optional=True)]
        else:
            yield []
            yield from single

    def _one_of(self, alternatives: Sequence[str], line: str) -> Iterator[Pattern]:
        singles: list[str] = []
        beginnings: list[str] = []
        for written in self._spelled(alternatives, line):
            if written.endswith("*") and " " not in written:
                beginnings.append(fold(written[:-1]))
                continue
            spelled = self._reader.words(fold(written))
            if len(spelled) == 1:
                singles.append(spelled[0])
            elif spelled or not written:
                yield [_token(word, written) for word in spelled]
        if singles or beginnings:
            yield [Token(words=frozenset(singles), beginnings=tuple(sorted(beginnings)))]

    def _spelled(self, alternatives: Sequence[str], line: str) -> Iterator[str]:
        """The alternatives, with the words of a list in the place of its name."""
        for alternative in map(str.strip, alternatives):
            listed = _LISTED.search(alternative)
            if listed is None:
                yield alternative
            elif (name := listed[1]) in self._lists:
                before, after = alternative[: listed.start()], alternative[listed.end() :]
                yield from (f"{before}{word}{after}" for word in self._lists[name])
            else:
                raise BadPhrase(place=self._place, phrase=line, reason=f"there is no list <{name}>")


def _token(word: str, written: str) -> Token:
    # "aide soignant*": the star is lost by the reader, so it is looked for in what was written.
    if f"{word}*" in fold(written):
        return Token(beginnings=(word,))
    return Token(words=frozenset({word}))
