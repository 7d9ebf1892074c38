"""One written form for the many ways of writing a place: "St-Malo", "SAINT MALO" and "saint-malo" are one."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"[^\W_]+")
_SUR = re.compile(r"(?i)\bs\s*/\s*(?=\w)")
_SOUS = re.compile(r"(?i)\bs/s\b[\s-]*(?=\w)")
_SHORT = {
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "stes": "saintes",
    "ss": "sous",
    "pce": "provence",
    "fd": "ferrand",
}
#: Applied in order: what is misspelt is often written as it is heard.
_HEARD = tuple(
    (re.compile(written), sound)
    for written, sound in (
        (r"(?<=..)[esxtdzp]+$", ""),
        (r"(?<![aeiou])(?:en|em|am)(?![aeiounm])", "an"),
        (r"eau|au", "o"),
        (r"ai|ei", "e"),
        (r"ph", "f"),
        (r"qu|q", "k"),
        (r"c(?=[eiy])", "s"),
        (r"g(?=[eiy])", "j"),
        (r"ch", "ʃ"),
        (r"c", "k"),
        (r"h", ""),
        (r"y", "i"),
        (r"z", "s"),
        (r"(.)\1+", r"\1"),
    )
)
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """One word of a text, folded."""

    word: str
    #: Written with a capital first letter, inside the text.
    capital: bool
    start: int
    end: int


@lru_cache(maxsize=4096)
def fold_word(word: str) -> str:
    """Take case, accents and ligatures off a word, and spell "st" out."""
    plain = unicodedata.normalize("NFD", word.translate(_LIGATURES).casefold())
    letters = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    return _SHORT.get(letters, letters)


def heard(letters: str) -> str:
    """Return how folded letters without spaces are heard, roughly: "kimper" is Quimper, "bordo" is Bordeaux."""
    for written, sound in _HEARD:
        letters = written.sub(sound, letters)
    return letters


def tokens(text: str) -> list[Token]:
    """Cut a text into folded words, "s/" spelled out."""
    spelled = _SUR.sub("sur ", _SOUS.sub("sous ", text))
    return [
        Token(word=fold_word(m.group()), capital=m.group()[0].isupper(), start=m.start(), end=m.end())
        for m in _TOKEN.finditer(spelled)
    ]


def spaced(name: str) -> str:
    """The folded words of a name, one space between them."""
    return " ".join(fold_word(word) for word in _TOKEN.findall(_SUR.sub("sur ", name)))
