"""Tells whether a short text of a professional could say who somebody is: then it is refused whole, never cleaned up.

Strict on purpose. A name the lists do not know still passes when nothing announces it and it has no capital: the page
says so, and the team answers for what it writes.
"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Literal, Self

import yaml

from passerelle.foundation.text import clean, fold
from passerelle.safety.check import DATA
from passerelle.safety.mask import Masker

Identity = Literal["contact", "number", "birth", "address", "name", "health"]

_LANGUAGE = "fr"

_LINK = re.compile(r"https?:|www\.|(?<!\w)@\w|\b\w+\.(?:com|fr|org|net)\b", re.IGNORECASE)
#: A file, an allowance or a room: from six digits on it is somebody's.
_LONG_NUMBER = re.compile(r"\d(?:[ .-]?\d){5,}")
_MONEY = re.compile(r"\d[\d  .]*(?:,\d{1,2})? ?(?:€|euros?\b)", re.IGNORECASE)

_MONTHS = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
_BORN = re.compile(r"\bnee?s?\b.{0,12}?\d|\bnaissance\b.{0,6}\d|\bdate de naissance\b")
_DATE = re.compile(
    rf"\b\d{{1,2}} ?[/. -] ?(?:\d{{1,2}}|{_MONTHS}) ?[/. -] ?(\d{{4}}|\d{{2}})\b|\b(\d{{4}})-\d\d-\d\d\b"
)

_STREET = r"(?:rue|avenue|av|boulevard|bd|allee|impasse|chemin|route|quai|ruelle|sente|venelle|faubourg|lieu-dit)"
#: Words that are streets only before a capital: one may look for "2 places de crèche" or "3 cours de français".
_OTHER_STREET = r"(?:place|cours|square|passage|residence|hameau|lotissement|esplanade|villa|cite)"
_ADDRESS = re.compile(
    rf"\b\d{{1,4}} ?(?:bis|ter|quater|[a-d]\b)?,? ?{_STREET}\b"
    rf"|\b{_STREET}\b[^,.;\d]{{2,40}}[, ]+(?:n ?°? ?|numero )?\d{{1,4}}\b"
    r"|\b\d{5},? ?[a-z]{2}|\bbp ?\d+"
    r"|\b(?:appt?|apt|appartement|bat|batiment|porte|etage|escalier)\.? ?(?:n ?°? ?)?\d+\b"
    r"(?! (?:pieces|personnes|places))"
    r"|\b\d+(?:er|e|eme)? etage\b"
)
_CAPITAL_ADDRESS = re.compile(
    rf"\b\d{{1,4}},? ?{_OTHER_STREET}(?: (?:de|du|des|la|les|l'|d'))* ?[A-ZÀ-ÖØ-Þ]", re.IGNORECASE
)

_CIVILITY = re.compile(
    r"(?<![^\W_])(?:m\.|mr\.?|mme|mlle|mmes|melle|monsieur|madame|mademoiselle|docteur|dr\.?"
    r"|s'appelle|nommee?|prenommee?|nom de famille|prenom :?)\s+([^\W\d_]+)",
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
#: After these a capital only opens a sentence.
_SENTENCE_END = re.compile(r"(?:^|[.!?:;•«(\n–-])\s*$")
_CARE = re.compile(
    r"(?<![^\W_])(?:hopita\w*|hospitali\w*|hospi|chu|chr|cliniques?|urgences|maternites?|samu|psychologues?|csapa|cmp"
    r"|operations?)(?![^\W_])"
)


class IdentityCheck:
    """Looks for what could name somebody."""

    def __init__(
        self, masker: Masker, *, first_names: frozenset[str], allowed: frozenset[str], after_a_civility: frozenset[str]
    ) -> None:
        self._masker = masker
        self._first_names = first_names
        self._allowed = allowed
        self._after_a_civility = after_a_civility

    @classmethod
    def load(cls, masker: Masker, data: Path | None = None) -> Self:
        """Read `first_names.yaml` and `institutions.yaml`."""
        root = data or DATA
        names = yaml.safe_load((root / "first_names.yaml").read_text(encoding="utf-8"))["first_names"]
        listed = yaml.safe_load((root / "institutions.yaml").read_text(encoding="utf-8"))
        ordinary = frozenset(fold(str(word)) for word in listed["also_ordinary_words"])
        return cls(
            masker,
            first_names=frozenset(map(str, names)) - ordinary,
            allowed=frozenset(fold(str(word)) for word in (*listed["institutions"], *listed["also_ordinary_words"])),
            after_a_civility=frozenset(str(word) for word in listed["after_a_civility"]),
        )

    def find(self, text: str, *, today: date, is_place: Callable[[str], bool]) -> Identity | None:
        """Why the text must be refused, or None. `is_place` knows the names of communes and wider places."""
        written = clean(text)
        folded = fold(written)
        kinds = self._masker.hides(_CARE.sub("lieu", folded), _LANGUAGE)
        if "email" in kinds or _LINK.search(written):
            return "contact"
        if kinds & {"phone", "nir", "iban"}:
            return "number"
        if _tells_birth(folded, today):
            return "birth"
        if _ADDRESS.search(_MONEY.sub("", folded)) or _is_other_street(written):
            return "address"
        if _LONG_NUMBER.search(_MONEY.sub("", _DATE.sub("", folded))):
            return "number"
        if self._names_somebody(written, folded, is_place):
            return "name"
        return "health" if "health" in kinds else None

    def _names_somebody(self, written: str, folded: str, is_place: Callable[[str], bool]) -> bool:
        if any(found[1] not in self._after_a_civility for found in _CIVILITY.finditer(folded)):
            return True
        if any(fold(word) in self._first_names for word in _WORD.findall(written)):
            return not is_place(written)
        return any(self._is_a_name(phrase, is_place) for phrase in _capitalised(written))

    def _is_a_name(self, phrase: tuple[str, ...], is_place: Callable[[str], bool]) -> bool:
        """Whether words with a capital are neither a service, nor initials, nor a place."""
        if is_place(" ".join(phrase)):
            return False
        return any(not self._is_known(word, is_place) for word in phrase)

    def _is_known(self, word: str, is_place: Callable[[str], bool]) -> bool:
        # Two to five capitals are initials of a service: CCAS, MDPH, SIAO.
        initials = word.isupper() and 2 <= len(word) <= 5
        return initials or fold(word) in self._allowed or is_place(word)


def _capitalised(written: str) -> list[tuple[str, ...]]:
    """Runs of words with a capital; the first word of a sentence only counts when another one follows it."""
    runs: list[tuple[str, ...]] = []
    run: list[str] = []
    opens, end = False, 0
    for found in _WORD.finditer(written):
        # "l'Armée": the article is not part of the name.
        word = re.split("['’]", found.group())[-1] if re.match(r"[lds]['’]", found.group()) else found.group()
        joined = bool(run) and written[end : found.start()].strip() == ""
        if not word[0].isupper():
            runs, run = _close(runs, run, opens)
        else:
            if run and not joined:
                runs, run = _close(runs, run, opens)
            if not run:
                opens = _SENTENCE_END.search(written[: found.start()]) is not None
            run.append(word)
        end = found.end()
    return _close(runs, run, opens)[0]


def _close(runs: list[tuple[str, ...]], run: list[str], opens: bool) -> tuple[list[tuple[str, ...]], list[str]]:
    if opens and len(run) == 1 and not run[0].isupper():
        return runs, []
    if opens and len(run) > 1 and not run[0].isupper():
        # "Appeler Rennes": the first word may be ordinary, the others may not; both orders of a name are seen.
        return [*runs, tuple(run[1:])], []
    return ([*runs, tuple(run)], []) if run else (runs, [])


def _is_other_street(written: str) -> bool:
    found = _CAPITAL_ADDRESS.search(written)
    return found is not None and found.group()[-1].isupper()


def _tells_birth(folded: str, today: date) -> bool:
    """A whole date is a birth unless it is of this year or later: a deadline."""
    if _BORN.search(folded):
        return True
    years = [int(found[1] or found[2]) for found in _DATE.finditer(folded)]
    return any((year if year > 99 else 2000 + year) not in range(today.year, today.year + 3) for year in years)
