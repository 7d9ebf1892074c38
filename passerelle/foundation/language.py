"""The languages offered, and which of them a short message is written in."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import yaml
from lingua import IsoCode639_1, LanguageDetectorBuilder
from lingua import LanguageDetector as Lingua

from passerelle.foundation.text import bare, fold

#: Below this much confidence lingua's opinion is not followed: short messages fool it.
LINGUA_CONFIDENCE = 0.75
#: Fewer letters than this say nothing to a statistical model.
LINGUA_SHORTEST = 12

#: Digits stand for letters in Arabic typed in Latin ones ("3lach").
_WORD = re.compile(r"(?:[^\W_]*[^\W\d_][^\W_]*)(?:'[^\W\d_]+)*")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """One language: its code, its own name, its direction, and the words that name it or give it away."""

    code: str
    own: str
    direction: Literal["ltr", "rtl"]
    names: frozenset[str]
    cues: frozenset[str]


class Languages:
    """The languages of `nlu_data/lookups/languages.yml`, in the order of the menus."""

    def __init__(self, languages: Sequence[Language], around_name: Collection[str] = ()) -> None:
        self._around_name = frozenset(around_name)
        self._languages = {language.code: language for language in languages}
        self._names = {name: language.code for language in languages for name in language.names}

    @classmethod
    def load(cls, nlu_data: Path) -> Self:
        """Read the lookup file."""
        rows = yaml.safe_load((nlu_data / "lookups" / "languages.yml").read_text(encoding="utf-8"))
        return cls(
            [_language(code, row) for code, row in rows["languages"].items()],
            [bare(str(word)) for word in rows["around_name"]],
        )

    def __getitem__(self, code: str) -> Language:
        return self._languages[code]

    def __contains__(self, code: object) -> bool:
        return code in self._languages

    @property
    def codes(self) -> tuple[str, ...]:
        """The two-letter codes, in menu order."""
        return tuple(self._languages)

    def named(self, text: str) -> str | None:
        """Return the code of the one language a whole short message names, alone or among filler words."""
        words = bare(text).split()
        if " ".join(words) in self._names:
            return self._names[" ".join(words)]
        said = {self._names[word] for word in words if word in self._names}
        filler = all(word in self._names or word in self._around_name for word in words)
        return said.pop() if filler and len(said) == 1 else None


class LanguageDetector:
    """Tells the language of a short message: its script and frequent words first, lingua as second opinion."""

    def __init__(self, languages: Languages, lingua: Lingua) -> None:
        self._languages = languages
        self._lingua = lingua
        others = (languages[code].cues for code in languages.codes if code != "fr")
        #: Words of French too ("la", "que", "me") never tell another language by themselves.
        self._shared = languages["fr"].cues & frozenset[str]().union(*others)

    @classmethod
    def load(cls, languages: Languages) -> Self:
        """Build lingua in its low-accuracy mode, restricted to our languages.

        Measured: the whole takes 11 MB more of memory; the accurate mode costs several hundred.
        """
        codes = [IsoCode639_1.from_str(code.upper()) for code in languages.codes]
        lingua = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()
        return cls(languages, lingua)

    def recognise(self, text: str, offered: Collection[str], default: str = "fr") -> str:
        """Return the offered language of the text, or the default when nothing tells."""
        by_script = _language_of_script(text)
        if by_script is not None:
            return by_script if by_script in offered else default
        scores = self._cue_scores(text, offered)
        (first, most), (_, second) = (*scores.most_common(2), ("", 0), ("", 0))[:2]
        if most >= 2 and most > second + 1:
            return first
        opinion = self._second_opinion(text)
        if most > second and (opinion == first or opinion is None or opinion not in offered):
            return first
        if opinion in offered and opinion is not None and (most == 0 or scores[opinion] == most):
            return opinion
        return default if most == second else first

    def _cue_scores(self, text: str, offered: Collection[str]) -> Counter[str]:
        words = _WORD.findall(fold(text))
        return Counter(
            {
                code: hits
                for code in self._languages.codes
                if code in offered and (hits := sum(word in self._languages[code].cues for word in words))
                if code == "fr" or any(word in self._languages[code].cues - self._shared for word in words)
            }
        )

    def _second_opinion(self, text: str) -> str | None:
        letters = sum(character.isalpha() for character in text)
        if letters < LINGUA_SHORTEST:
            return None
        ranked = self._lingua.compute_language_confidence_values(text)
        if not ranked or ranked[0].value < LINGUA_CONFIDENCE:
            return None
        return ranked[0].language.iso_code_639_1.name.lower()


def _language(code: str, row: Mapping[str, object]) -> Language:
    named, cues = row["named"], row["cues"]
    if not isinstance(named, list) or not isinstance(cues, list):
        raise TypeError(f"languages.yml: {code}: `named` and `cues` must be lists")
    return Language(
        code=code,
        own=str(row["own"]),
        direction="rtl" if row["direction"] == "rtl" else "ltr",
        names=frozenset(bare(str(name)) for name in named),
        cues=frozenset(fold(str(cue)) for cue in cues),
    )


def _language_of_script(text: str) -> str | None:
    if _ARABIC.search(text):
        return "ar"
    return "uk" if _CYRILLIC.search(text) else None
