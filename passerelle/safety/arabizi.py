"""Arabic in Latin letters and figures ("kaydrebni", "ma9dertch"): which known Arabic word a token stands for."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

#: Fewer consonants are those of too many words.
_CONSONANTS = 3
#: A vowel of the token that Arabic does not write may be a short one.
_SHORT_VOWEL = 0.1
#: "ka", "kay", "ta", "gha" before a verb: the phrases are mostly written without them.
_BEFORE_VERBS = (re.compile(r"^(?:ka|ta|gha|ghadi|ba|ra|w|f|l|b|d)(?=..)"), re.compile(r"^(?:ka|ta|gha)[nyt](?=..)"))

_ARABIC = dict(zip("بتثجحخدذرزسشصضطظعغفقكلمنهپڤگ", "bttjhxddrzsʃsdtd3ɣf9klmnhbf9", strict=True))
_ARABIC_VOWELS = {"ا": "a", "و": "w", "ي": "y"}
_TWO = {"kh": "x", "gh": "ɣ", "ch": "ʃ", "sh": "ʃ", "th": "t", "dh": "d", "ou": "o", "oo": "o", "ee": "i", "ei": "i"}
_LATIN = {
    **dict(zip("bptjhdrzsfvklmngq", "bbtjhdrzsffklmn99", strict=True)),
    **{"7": "h", "5": "x", "3": "3", "9": "9", "8": "ɣ", "6": "t", "x": "x", "c": "k"},
}
_LATIN_VOWELS = {"a": "a", "o": "w", "u": "w", "w": "w", "i": "y", "y": "y", "e": "", "2": "", "'": ""}
#: "ma9dertch": the verb stands between the two halves of "not".
_DENIED = re.compile(r"ma(.{3,}?)(?:che?|she?)")
NOT = "ما"
_TOKEN = re.compile(r"[a-z0-9']{4,}")
_LETTERS = re.compile(r"[a-z]")
_ARABIC_WORD = re.compile(r"[\u0621-\u064a]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sound:
    consonants: str
    vowels: tuple[str, ...]


class Arabizi:
    """The Arabic words of some phrases, found by their consonants."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_consonants: dict[str, list[tuple[_Sound, str]]] = defaultdict(list)
        for word in sorted(words):
            if _ARABIC_WORD.fullmatch(word):
                sound = _sound_of_arabic(word)
                if len(sound.consonants) >= _CONSONANTS:
                    self._by_consonants[sound.consonants].append((sound, word))

    def words(self, token: str) -> Sequence[str]:
        """The known Arabic word nearest to a token, its "not" apart; none when none has its consonants and vowels."""
        if not _TOKEN.fullmatch(token) or not _LETTERS.search(token):
            return ()
        if word := self._nearest(token):
            return (word,)
        denied = _DENIED.fullmatch(token)
        word = self._nearest(denied[1]) if denied else None
        return (NOT, word) if word else ()

    def _nearest(self, token: str) -> str | None:
        for written in _without_marks(token):
            sound = _sound_of_latin(written)
            near = (
                (cost, word)
                for known, word in self._by_consonants.get(sound.consonants, ())
                if (cost := _cost(known, sound)) is not None
            )
            if found := min(near, default=None):
                return found[1]
        return None


def _without_marks(token: str) -> Iterator[str]:
    yield token
    for marks in _BEFORE_VERBS:
        shorter = marks.sub("", token)
        if shorter != token:
            yield shorter


def _sound_of_arabic(word: str) -> _Sound:
    # The last letter of a feminine word is a vowel, whatever it is written with.
    letters = re.sub("ه$", "ا", word)
    return _sound((_ARABIC.get(letter), _ARABIC_VOWELS.get(letter, "")) for letter in letters)


def _sound_of_latin(token: str) -> _Sound:
    pieces = re.findall("|".join(_TWO) + "|.", token)
    spoken = (_TWO.get(piece, piece) for piece in pieces)
    return _sound(
        (_LATIN.get(piece) or (piece if piece in "xɣʃ" else None), _LATIN_VOWELS.get(piece, "")) for piece in spoken
    )


def _sound(pieces: Iterable[tuple[str | None, str]]) -> _Sound:
    consonants: list[str] = []
    vowels = [""]
    for consonant, vowel in pieces:
        if consonant is None:
            vowels[-1] += vowel
        elif not consonants or vowels[-1] or consonants[-1] != consonant:
            consonants.append(consonant)
            vowels.append("")
    return _Sound(consonants="".join(consonants), vowels=tuple(vowels))


def _cost(known: _Sound, said: _Sound) -> float | None:
    """How many vowels of the token Arabic leaves out; None when a long one of the word is not in the token."""
    cost = 0.0
    last = len(known.vowels) - 1
    for place, (long, written) in enumerate(zip(known.vowels, said.vowels, strict=True)):
        if long and not written and not (place in (0, last) and long == "a"):
            return None
        if long and written and not set(long) & set(written):
            return None
        cost += _SHORT_VOWEL * max(0, len(written) - len(long)) + 0.2 * max(0, len(long) - len(written))
    return cost
