"""One way to clean and normalise what people write, for the door, the lexicons and the bot alike.

The training data of the bot is compiled with the same functions as each request, so the bot only ever sees
normalised text (DESIGN §2).
"""

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import yaml

#: Longest text kept from one message; longer ones cost CPU (reference/reliability.md R11).
MAX_CHARACTERS = 1600

#: A base letter with more combining marks than this is a rendering attack, not a word (A19).
MAX_COMBINING_RUN = 3

_TYPOGRAPHIC = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "`": "'",
        "´": "'",
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "\u00a0": " ",
        "\u202f": " ",
        "œ": "oe",
        "Œ": "OE",
        "æ": "ae",
        "Æ": "AE",
    }
)
#: Letters that people write one for the other: on a phone, hurried, or from another country's keyboard.
_ALIKE = str.maketrans(
    {
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "گ": "ك",
        "ة": "ه",
        "ـ": None,
        "ґ": "г",
        "ı": "i",
        **{chr(digits + value): str(value) for digits in (0x0660, 0x06F0) for value in range(10)},
    }
)
#: Joiners that Arabic-script and emoji text needs; every other format character is dropped.
_KEPT_FORMAT = {"\u200c", "\u200d"}
#: Vowel signs, seldom written.
_ARABIC_MARKS = frozenset(map(chr, (*range(0x064B, 0x0653), 0x0670)))
_SPACES = re.compile(r"\s+")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*", re.UNICODE)


def clean(text: str) -> str:
    """Make a received text safe to keep: NFC, no control characters, bounded length and combining marks."""
    kept: list[str] = []
    run = 0
    for character in unicodedata.normalize("NFC", text[: MAX_CHARACTERS * 2]):
        category = unicodedata.category(character)
        if character in "\n\t":
            character = "\n" if character == "\n" else " "
        elif category in {"Cc", "Cs", "Co", "Cn"} or (category == "Cf" and character not in _KEPT_FORMAT):
            continue
        run = run + 1 if category in {"Mn", "Me"} else 0
        if run <= MAX_COMBINING_RUN:
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))[:MAX_CHARACTERS].strip()


def fold(text: str) -> str:
    """Lower the case, take accents off Latin and Arabic letters, join letters written one for the other, flatten
    typography and spaces. Idempotent.
    """
    if text.isascii():
        # Nothing to take apart; most answers are such.
        return _SPACES.sub(" ", text.translate(_TYPOGRAPHIC).lower()).strip()
    folded = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHIC).casefold()
    letters: list[str] = []
    for character in unicodedata.normalize("NFD", folded).translate(_ALIKE):
        is_mark = unicodedata.category(character) == "Mn"
        if is_mark and (character in _ARABIC_MARKS or (letters and _loses_its_marks(letters[-1]))):
            continue
        letters.append(character)
    recomposed = unicodedata.normalize("NFC", "".join(letters)).translate(_TYPOGRAPHIC)
    return _SPACES.sub(" ", recomposed).strip()


def bare(text: str) -> str:
    """Fold a whole message and drop its punctuation, to compare it with a command or a listed answer."""
    return _SPACES.sub(" ", re.sub(r"[^\w\s]", " ", fold(text))).strip()


def disarm(text: str) -> str:
    """Make a leading slash harmless: Rasa reads "/intent{...}" as a command (reference/conversation.md §1.5)."""
    stripped = text.lstrip()
    return "／" + stripped[1:] if stripped.startswith("/") else text


def _loses_its_marks(letter: str) -> bool:
    # The hamza and the madda of an alef, the two dots of a Russian yo; a hamza on another letter makes another word.
    return letter in "اе" or _is_latin(letter)


def _is_latin(character: str) -> bool:
    return character.isascii() or "LATIN" in unicodedata.name(character, "")


class Normaliser:
    """Folds a text and spells out the short forms of its language ("jsuis" → "je suis")."""

    def __init__(self, spelling: Mapping[str, Mapping[str, str]]) -> None:
        self._spelling = spelling

    @classmethod
    def load(cls, nlu_data: Path) -> Self:
        """Read `<language>/spelling.yml` of each language folder that has one."""
        tables = {}
        for path in sorted(nlu_data.glob("*/spelling.yml")):
            table = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            tables[path.parent.name] = {fold(str(short)): fold(str(full)) for short, full in table.items()}
        return cls(tables)

    def normalise(self, text: str, language: str) -> str:
        """Return the text as the bot and the lexicons read it."""
        return self.spell_out(fold(text), language)

    def spell_out(self, folded: str, language: str) -> str:
        """Return a folded text without the short forms of a language."""
        table = self._spelling.get(language)
        if not table:
            return folded
        return _TOKEN.sub(lambda found: table.get(found.group(), found.group()), folded)
