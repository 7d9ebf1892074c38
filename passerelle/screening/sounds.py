"""How a word sounds, roughly, in French: what is misspelt is often written as it is heard."""

import re
from functools import lru_cache

#: Applied in order to a folded word.
_HEARD = tuple(
    (re.compile(written), heard)
    for written, heard in (
        (r"^h", ""),
        (r"(?:er|ez|ees|ee|es|et|ais|ait|aient)$", "e"),
        (r"eau|au", "o"),
        (r"ai|ei", "e"),
        (r"ph", "f"),
        (r"qu|q", "k"),
        (r"c(?=[eiy])", "s"),
        (r"ch", "ʃ"),
        (r"c", "k"),
        (r"g(?=[eiy])", "j"),
        (r"(?<=[aeiou])s(?=[aeiou])", "z"),
        (r"y", "i"),
        (r"en|em|am", "an"),
        (r"(.)\1+", r"\1"),
    )
)
_SILENT = re.compile(r"(?<=..)[esxtdgp]+$")


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """Return a key that words heard the same share, their endings of gender and number left out."""
    for written, heard in _HEARD:
        word = written.sub(heard, word)
    return _SILENT.sub("", word)
