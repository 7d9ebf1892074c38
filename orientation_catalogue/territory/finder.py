"""Read a place in what a person writes: exact names first, then misspelt ones, with the words around as witnesses."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA

from orientation_catalogue.territory.names import Token, heard, spaced, tokens
from orientation_catalogue.territory.other_letters import SMALLEST, OtherLetters, in_other_letters
from orientation_catalogue.territory.places import CITIES, How, PlaceMatch, Places

WORDS = Path(__file__).parents[1] / "data" / "words.yaml"

#: The longest name has eleven words ("Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson" has eight).
_LONGEST = 9
#: In a sentence, a town this large is recognised without a witness.
_WELL_KNOWN = 20_000
#: A misspelt or ordinary word is read as a place of this size at least, when no question was asked.
_TOWN = 5_000
#: A name in small letters after a mere "de" or "à" is read as a place of this size at least.
_SMALL_TOWN = 2_000
#: Of several names equally near, a town so many times larger than the others is the one that is meant.
_OBVIOUS = 5
_HOME, _WITNESSED, _BARE = 3, 2, 1

_WITHOUT_ARTICLE = ("la", "le", "les", "l")
_ARTICLES = {"au": "le", "du": "le", "aux": "les", "des": "les"}
_ORDINALS = {
    word: number
    for number, word in enumerate(
        [
            "premier",
            "deuxieme",
            "troisieme",
            "quatrieme",
            "cinquieme",
            "sixieme",
            "septieme",
            "huitieme",
            "neuvieme",
            "dixieme",
            "onzieme",
            "douzieme",
            "treizieme",
            "quatorzieme",
            "quinzieme",
            "seizieme",
            "dixseptieme",
            "dixhuitieme",
            "dixneuvieme",
            "vingtieme",
        ],
        start=1,
    )
}
_ROMANS = {
    word: number
    for number, word in enumerate(
        [
            "i",
            "ii",
            "iii",
            "iv",
            "v",
            "vi",
            "vii",
            "viii",
            "ix",
            "x",
            "xi",
            "xii",
            "xiii",
            "xiv",
            "xv",
            "xvi",
            "xvii",
            "xviii",
            "xix",
            "xx",
        ],
        start=1,
    )
}
_ORDINAL = re.compile(r"(\d{1,2})(?:e|er|ere|eme|ieme|nd|th|st|rd)?")
_MONEY = re.compile(r"\s*(?:€|euros?\b|eur\b|e\b(?!\s+[^\W\d])|francs?\b|km\b|balles\b)", re.IGNORECASE)
_POSTAL = re.compile(r"\b(?:code|codes|cp|postal|postcode|habite|live)\b", re.IGNORECASE)
_STUCK_NUMBER = re.compile(r"\b(paris|lyon|marseille)(\d{1,2})\b", re.IGNORECASE)
_SPLIT_ORDINAL = re.compile(r"\bdix[- ](?=(?:sept|huit|neuv)i[eè]me)", re.IGNORECASE)
_CUT = re.compile(r"[,;.:!?/\n]")
#: The figures of Arabic keyboards, Eastern and Persian.
_FIGURES = {first + value: str(value) for first in (0x0660, 0x06F0) for value in range(10)}
_SPLIT_POSTAL = re.compile(r"\b(\d{2}) (\d{3})\b(?!\s*(?:€|euros?|eur\b|balles|francs?|km))", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Hit:
    start: int
    end: int
    codes: tuple[str, ...]
    how: How
    strength: int
    score: float = 1.0


class Finder:
    """Finds places in texts; made once, by Places."""

    def __init__(self, places: Places) -> None:
        self._places = places
        words = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
        self._words = {kind: frozenset(str(listed).split()) for kind, listed in words.items()}
        self._common = self._words["ordinary"] | self._words["everyday"] | self._words["lead"]
        self._squeezed: dict[str, str] = {}
        self._begins: dict[str, list[str]] = defaultdict(list)
        self._shaped: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._long: dict[int, list[str]] = defaultdict(list)
        self._heard: dict[str, list[str]] = defaultdict(list)
        self._alias: dict[str, str] = {}
        for name in [*places.names, *places.former_names]:
            together = name.replace(" ", "")
            self._squeezed.setdefault(together, name)
            self._shaped[together[0], len(together)].append(together)
            self._long[len(together)].append(together)
            self._heard[heard(together)].append(together)
            article, _, rest = name.partition(" ")
            if article in _WITHOUT_ARTICLE and rest and self._size(name) >= _TOWN:
                self._alias.setdefault(rest.replace(" ", ""), name)
            first = name.split(" ")
            for length in range(1, min(len(first), 4)):
                self._begins[" ".join(first[:length])].append(name)
        for alias in self._alias:
            self._shaped[alias[0], len(alias)].append(alias)
        self._regions = {spaced(name) for name in places.regions.values()}
        self._departements = {spaced(name): code for code, (name, _) in places.departements.items()}
        self._wider = {_without_small(name) for name in [*self._departements, *self._regions]}
        self._wider_first = {name.split(" ")[0] for name in [*self._departements, *self._regions]}
        self._first = {name.split(" ")[0] for name in [*places.names, *places.former_names]} | _ARTICLES.keys()
        self._within = {spaced(name): frozenset(places.departements_of(code)) for code, name in places.regions.items()}

    def _size(self, name: str) -> int:
        return max((self._places.population(code) for code in self._places.names.get(name, ())), default=0)

    def find(self, text: str, *, answering: bool = False) -> tuple[PlaceMatch, ...]:
        """The communes the text names, best first."""
        text = text.translate(_FIGURES)
        text = _STUCK_NUMBER.sub(r"\1 \2", _SPLIT_POSTAL.sub(self._join_postal, text))
        text = _SPLIT_ORDINAL.sub("dix", text)
        words = tokens(text)
        if not words:
            return ()
        postal = self._postal_codes(words, text)
        near = self._departements_said(words, postal)
        hits = (
            self._whole(words, answering)
            or self._whole_misspelt(words, answering)
            or self._in_sentence(words)
            or self._between_commas(words, text)
            or self._in_other_letters(words, text, answering)
        )
        if postal:
            return self._with_postal(postal, hits)
        hits = hits or self._misspelt(words, answering)
        if not hits:
            return self._by_insee_code(words)
        best = max(hit.strength for hit in hits)
        return self._matches([self._decided(hit, near) for hit in hits if hit.strength == best])

    @cached_property
    def _other_letters(self) -> OtherLetters:
        """Made for the first message that needs it: most never do."""
        names = {
            self._places.name(codes[0]): codes
            for listed in self._places.names.values()
            if self._places.population((codes := self._places.largest_first(listed))[0]) >= SMALLEST
        }
        return OtherLetters(names, self._places.population)

    def _in_other_letters(self, words: Sequence[Token], text: str, answering: bool) -> list[_Hit]:
        """ "ساكن في ليون", "живу у Парижі"."""
        if not in_other_letters(text):
            return []
        found = self._other_letters.find(words, answering=answering)
        return [
            self._with_arrondissement(
                words,
                _Hit(start=w.start, end=w.end, codes=w.codes, how="name", strength=w.strength, score=w.score),
            )
            for w in found
        ]

    # --- numbers -------------------------------------------------------------------------------------------------

    def _join_postal(self, found: re.Match[str]) -> str:
        joined = found[1] + found[2]
        # "20 000 de prêts": a round number inside a sentence counts something.
        around = (found.string[: found.start()] + found.string[found.end() :]).split()
        counts = found[2] == "000" and len(around) > 3 and not _POSTAL.search(found.string)
        return joined if self._places.codes_of_postal(joined) and not counts else found[0]

    def _postal_codes(self, words: Sequence[Token], text: str) -> tuple[str, ...]:
        return tuple(
            token.word
            for token in words
            if len(token.word) == 5
            and token.word.isdigit()
            and self._places.codes_of_postal(token.word)
            and not _MONEY.match(text, token.end)
        )

    def _with_postal(self, postal: Sequence[str], hits: Sequence[_Hit]) -> tuple[PlaceMatch, ...]:
        """A postal code and a name give one commune; a name of the same département wins over a wrong code."""
        inside = [code for one in postal for code in self._places.codes_of_postal(one)]
        cities = {self._places.commune(code).city for code in inside}
        named = [code for hit in sorted(hits, key=lambda hit: -hit.strength) for code in hit.codes]
        agreed = [code for code in named if code in inside]
        if agreed:
            return self._matches_of(agreed, "name")
        if any(code in cities for code in named) or not named:
            return self._matches_of(inside, "postal_code")
        departements = {self._places.departement(code) for code in inside}
        nearby = [
            c for h in hits if h.strength >= _HOME for c in h.codes if self._places.departement(c) in departements
        ]
        return self._matches_of(nearby, "name") if nearby else self._matches_of(inside, "postal_code")

    def _by_insee_code(self, words: Sequence[Token]) -> tuple[PlaceMatch, ...]:
        code = words[0].word.upper()
        if len(words) == 1 and len(code) == 5 and code[0].isdigit() and self._places.knows_zone(code):
            today = self._places.code_of_today(code) if not code.startswith("99") else None
            return self._matches_of([today], "name") if today else ()
        return ()

    def _departements_said(self, words: Sequence[Token], postal: Sequence[str]) -> frozenset[str]:
        said = {self._places.departement(code) for one in postal for code in self._places.codes_of_postal(one)}
        for start, end in _spans(len(words), 5):
            if words[start].word not in self._wider_first:
                continue
            name = " ".join(token.word for token in words[start:end])
            if name in self._departements:
                said.add(self._departements[name])
            said |= self._within.get(name, frozenset())
        for before, token in pairwise(words):
            # "Saint-Louis Réunion", not "la réunion de Saint-Louis".
            if f"la {token.word}" in self._departements and before.word not in self._words["determiner"]:
                said.add(self._departements[f"la {token.word}"])
        for token in words:
            code = token.word.upper()
            if code in self._places.departements:
                said.add(code)
            elif len(code) == 5 and code.isdigit() and code[:2] in self._places.departements:
                said.add(code[:2])
        return frozenset(said)

    def _arrondissement(self, words: Sequence[Token], hit: _Hit) -> str | None:
        city = hit.codes[0] if hit.codes and hit.codes[0] in CITIES else None
        if not city:
            return None
        number = self._number_after(words, hit.end) or self._number_before(words, hit.start)
        return self._places.arrondissement(city, number) if number else None

    def _number_after(self, words: Sequence[Token], index: int) -> int | None:
        if index < len(words) and words[index].word in {"le", "dans", "in", "the"}:
            index += 1 if words[index].word != "dans" else 2
        if index + 1 < len(words) and words[index].word in self._words["arrondissement"]:
            index += 1
        if index >= len(words):
            return None
        number = _ordinal(words[index].word)
        if number is None or words[index].word.isdigit() is False:
            return number
        following = words[index + 1] if index + 1 < len(words) else None
        apart = following is not None and following.start - words[index].end > 1
        return number if following is None or apart or following.word in self._words["arrondissement"] else None

    def _number_before(self, words: Sequence[Token], index: int) -> int | None:
        """ "le 12e arrondissement de Paris", "dans le 12e à Paris"."""
        before = [token.word for token in words[max(0, index - 4) : index]]
        kept = [word for word in before if word not in self._words["before"] | self._words["arrondissement"]]
        if not kept or (kept[-1].isdigit() and not set(before) & self._words["arrondissement"]):
            return None
        return _ordinal(kept[-1])

    # --- names ---------------------------------------------------------------------------------------------------

    def _codes(self, name: str) -> tuple[tuple[str, ...], How] | None:
        """The communes of an exact name; a former name counts only when no commune of today bears it."""
        if name in self._places.names:
            codes = self._places.largest_first(self._places.names[name])
            return (*codes, *self._much_larger(name, codes)), "name"
        if name in self._places.former_names:
            codes = self._places.largest_first(self._places.former_names[name])
            return tuple(dict.fromkeys((*self._much_larger(name, codes), *codes))), "former_name"
        return None

    def _much_larger(self, name: str, codes: Sequence[str]) -> tuple[str, ...]:
        """ "Évry" is a village; people also say it for Évry-Courcouronnes."""
        floor = max(_WELL_KNOWN, 10 * self._places.population(codes[0]))
        longer = [code for other in self._begins.get(name, ()) for code in self._places.names.get(other, ())]
        return tuple(c for c in self._places.largest_first(longer) if self._places.population(c) >= floor)

    def _named(self, words: Sequence[Token]) -> tuple[tuple[str, ...], How] | None:
        """The communes whose name is exactly these words, "au Mans" and "stmalo" included."""
        plain = [token.word for token in words]
        found = self._codes(" ".join(plain))
        if found is None and plain[0] in _ARTICLES and len(plain) > 1:
            found = self._codes(" ".join([_ARTICLES[plain[0]], *plain[1:]]))
        if found is None and len(plain) == 1 and len(plain[0]) >= 6:
            joined = re.sub(r"^(st|ste)(?=[b-df-hj-np-tv-z]?[a-z]{4})", _spell_saint, plain[0])
            name = self._squeezed.get(plain[0]) or self._squeezed.get(joined)
            found = self._codes(name) if name else None
        return found

    def _core(self, words: Sequence[Token]) -> Sequence[Token]:
        """The words that remain once the small words of an answer and the numbers are put aside at both ends."""
        start, end = 0, len(words)
        while start < end and self._is_small(words[start]):
            start += 1
        while end > start and self._is_small(words[end - 1]):
            end -= 1
        return words[start:end]

    def _is_small(self, token: Token) -> bool:
        return token.word in self._words["lead"] or token.word[0].isdigit()

    def _whole(self, words: Sequence[Token], answering: bool) -> list[_Hit]:
        """The message is an answer: nothing but a place."""
        for start, end in self._whole_spans(words):
            named = words[start:end]
            found = self._named(named) or self._glued(named) or self._without_article(named)
            # What stands before "... Guadeloupe" or "... 93" is a place, whatever else its words mean.
            located = end < len(words) and _without_small(" ".join(_plain(words[end:]))) in self._wider
            if found and self._may_stand_alone(words, start, end, found[0], answering or located):
                hit = _Hit(start=start, end=end, codes=found[0], how=found[1], strength=_HOME + 1)
                return [self._with_arrondissement(words, hit)]
        return []

    def _glued(self, words: Sequence[Token]) -> tuple[tuple[str, ...], How] | None:
        """ "Lhay les roses", "la baule escoublac" cut otherwise than the official name."""
        # "à Brest" is not Abrest.
        glued = len(words) > 1 and not {words[0].word, words[-1].word} & self._words["before"]
        name = self._squeezed.get("".join(token.word for token in words)) if glued else None
        return self._codes(name) if name else None

    def _without_article(self, words: Sequence[Token]) -> tuple[tuple[str, ...], How] | None:
        """ "Ile Rousse", "Courneuve": the article of the name left out; a name of one word must be that of a town."""
        plain = _plain(words)
        if len(plain) == 1 and plain[0] in self._common:
            return None
        codes = [c for a in _WITHOUT_ARTICLE for c in self._places.names.get(" ".join([a, *plain]), ())]
        largest = self._places.largest_first(codes)
        if not largest or (len(plain) == 1 and self._places.population(largest[0]) < _TOWN):
            return None
        return largest, "name"

    def _between_commas(self, words: Sequence[Token], text: str) -> list[_Hit]:
        """ "seul, 2 enfants, Creil": what stands between two commas is a place by itself."""
        hits = []
        for start, end in _segments(words, text):
            found = self._named(words[start:end])
            said = _plain(words[start:end])
            ordinary = all(word in self._words["ordinary"] | self._words["everyday"] for word in said)
            placed = start > 0 or (end < len(words) and words[end].word in self._words["part"])
            sure = not ordinary or (words[start].capital and placed)
            if found and sure and self._places.population(found[0][0]) >= (_WELL_KNOWN if ordinary else _SMALL_TOWN):
                hits.append(_Hit(start=start, end=end, codes=found[0], how=found[1], strength=_WITNESSED))
        return hits

    def _may_stand_alone(
        self, words: Sequence[Token], start: int, end: int, codes: Sequence[str], answering: bool
    ) -> bool:
        """Whether a message that is only this name means the place: "sure" and "je suis maçon" do not."""
        said = [token.word for token in words[start:end]]
        before = words[start - 1].word if start else ""
        population = self._places.population(codes[0])
        name = " ".join(said)
        if before in {"en", "dans"} and (name in self._departements or name in self._regions):
            return False
        if answering:
            return True
        if before in self._words["being"] - {"est", "from"} or before in {"am", "m"}:
            return False
        if name in self._departements or name in self._regions:
            return population >= _WELL_KNOWN
        known = self._words["ordinary"] | self._words["everyday"]
        common = all(word in known or word in self._words["lead"] for word in said)
        after_article = before in {"la", "le", "l", "les", "the", "ma", "mon", "my"}
        floor = _TOWN if len(said) == 1 else _SMALL_TOWN
        return not common or (population >= floor and not after_article)

    def _whole_misspelt(self, words: Sequence[Token], answering: bool) -> list[_Hit]:
        """Several words that together are nearly a name ("chalons s/ saone")."""
        core = self._core(words)
        several = 2 <= len(core) <= 5 and len(words) <= 9
        near = self._closest(core, _HOME, beginning=False) if several else []
        return [hit for hit in near if hit.score >= 0.85 and (answering or self._is_town(hit))]

    def _whole_spans(self, words: Sequence[Token]) -> Iterator[tuple[int, int]]:
        core = self._core(words)
        if not core:
            # "oui", "je", "12" alone: only the message as it stands may be a name.
            if len(words) == 1:
                yield 0, 1
            return
        first = next(index for index, token in enumerate(words) if token is core[0])
        last = first + len(core)
        yield 0, len(words)
        # Small words may belong to the name: "la ville du bois", "bourg de visa", "germigny des prés".
        for start in range(max(0, first - 4), first + 1):
            for end in range(min(len(words), last + 2), last - 1, -1):
                yield start, end
        for end in range(last - 1, first, -1):
            tail = " ".join(token.word for token in words[end:last])
            number = _ordinal(words[end].word)
            rest = {token.word for token in words[end + 1 : last]}
            if _without_small(tail) in self._wider or (number and rest <= self._words["arrondissement"]):
                for start in range(max(0, first - 2), first + 1):
                    yield start, end

    def _in_sentence(self, words: Sequence[Token]) -> list[_Hit]:
        shouting = sum(token.capital for token in words) > len(words) / 2
        hits: list[_Hit] = []
        start = 0
        while start < len(words):
            hit = self._longest_at(words, start, shouting)
            if hit:
                hits.append(self._with_arrondissement(words, hit))
            start = hit.end if hit else start + 1
        return hits

    def _longest_at(self, words: Sequence[Token], start: int, shouting: bool) -> _Hit | None:
        # One word may also be a whole name written together ("stmalo").
        longest = _LONGEST if words[start].word in self._first else 1
        for end in range(min(len(words), start + longest), start, -1):
            found = self._named(words[start:end])
            if found:
                strength = self._strength(words, start, end, found[0], shouting)
                if strength:
                    return _Hit(start=start, end=end, codes=found[0], how=found[1], strength=strength)
        return None

    def _strength(self, words: Sequence[Token], start: int, end: int, codes: Sequence[str], shouting: bool) -> int:
        """How well the words around say that these are a place; 0 when they do not."""
        lists = self._words
        said = [token.word for token in words[start:end]]
        before = [token.word for token in words[max(0, start - 6) : start]]
        if said[0] in _ARTICLES and len(said) > 1:
            before.append(said[0])
        if before and (before[-1] in lists["title"] or set(before[-2:]) & lists["title"]):
            return 0
        if self._follows_street(words, start) or self._is_no_place(words, start, end):
            return 0
        if {"pas", "not", "plus"} & set(before[-2:]):
            return 0
        after_preposition = bool(before) and before[-1] in lists["before"]
        home = self._says_home(before, after_preposition)
        population = self._places.population(codes[0])
        name = " ".join(said)
        if (name in self._departements or name in self._regions) and population < _WELL_KNOWN:
            return 0
        capital = words[start].capital and not shouting and start > 0
        if len(said) == 1 and (said[0] in lists["ordinary"] or len(said[0]) <= 3):
            close = bool(set(before[-3:]) & (lists["home"] | lists["kind"] | lists["being"]))
            spoken = after_preposition or (bool(before) and before[-1] in lists["home"])
            return _HOME if home and close and spoken else _WITNESSED if capital and after_preposition else 0
        known = lists["everyday"] | lists["ordinary"] | lists["lead"]
        if all(word in known for word in said):
            telling = [word for word in said if word not in _WITHOUT_ARTICLE]
            if home and len(telling) > 1 and population >= _SMALL_TOWN:
                return _HOME
            return 0 if not capital else _HOME if home else _WITNESSED if after_preposition else 0
        # "aux paris", "des signes": a plural article goes with things.
        plural = bool(before) and before[-1] in {"aux", "des", "les"} and said[0] not in {"les", "aux", "des"}
        if home:
            return 0 if plural and population < _WELL_KNOWN else _HOME
        if plural or (said[0] in {"le", "la", "l", "les"} and len(said) == 2 and population < _TOWN):
            return 0
        if capital and (after_preposition or population >= _SMALL_TOWN):
            return _WITNESSED
        if after_preposition and population >= _SMALL_TOWN:
            return _WITNESSED
        return _BARE if population >= _WELL_KNOWN or (len(said) > 1 and len("".join(said)) >= 9) else 0

    def _is_no_place(self, words: Sequence[Token], start: int, end: int) -> bool:
        """ "rue Victor Hugo" names a street, not the commune of Rue; "paris en ligne" are bets."""
        after = [token.word for token in words[end : end + 2]]
        word = words[start].word
        if end - start == 1 and word in self._words["never"]:
            return True
        if end - start > 1 or not after:
            return False
        if word == "paris":
            return after[0] in self._words["bets"] or after == ["en", "ligne"]
        return word in self._words["street"] and not words[start].capital

    def _follows_street(self, words: Sequence[Token], start: int) -> bool:
        """ "12 rue de Paris, Rennes": Paris names the street, Rennes does not."""
        for index in range(start - 1, max(-1, start - 5), -1):
            if words[index + 1].start - words[index].end > 1:
                return False
            if words[index].word in self._words["street"]:
                return True
            if words[index].word not in self._words["before"] | self._words["lead"]:
                return False
        return False

    def _says_home(self, before: Sequence[str], after_preposition: bool) -> bool:
        lists = self._words
        if not before:
            return False
        if len(before) > 1 and (
            list(before[-2:]) == ["c", "est"] or (after_preposition and before[-2] in lists["kind"])
        ):
            return True
        if before[-1] in lists["kind"] - {"mairie", "ccas", "hall", "municipality"}:
            return True
        if after_preposition and len(before) > 1 and before[-2] in lists["being"]:
            return True
        return before[-1] in lists["home"] or (after_preposition and bool(set(before) & lists["home"]))

    def _with_arrondissement(self, words: Sequence[Token], hit: _Hit) -> _Hit:
        code = self._arrondissement(words, hit)
        if not code:
            return hit
        return _Hit(start=hit.start, end=hit.end, codes=(code,), how="arrondissement", strength=hit.strength)

    def _decided(self, hit: _Hit, departements: frozenset[str]) -> _Hit:
        """Keep the homonyms of the départements said, when there are some."""
        own = self._departements.get(spaced(self._places.name(hit.codes[0])))
        # "Saint-Martin" names the collectivity and nine communes: it decides nothing by itself.
        departements -= {own}
        kept = tuple(code for code in hit.codes if self._places.departement(code) in departements)
        if not kept and hit.how == "name" and departements:
            name = spaced(self._places.name(hit.codes[0]))
            former = self._places.former_names.get(name, ())
            kept = tuple(code for code in former if self._places.departement(code) in departements)
        return hit if not kept else _Hit(start=hit.start, end=hit.end, codes=kept, how=hit.how, strength=hit.strength)

    # --- misspelt ------------------------------------------------------------------------------------------------

    def _misspelt(self, words: Sequence[Token], answering: bool) -> list[_Hit]:
        core = self._core(words)
        if core and len(core) <= 5 and len(words) <= 9:
            first = next(index for index, token in enumerate(words) if token is core[0])
            described = first > 0 and words[first - 1].word in (self._words["being"] - {"est", "from"}) | {"am", "m"}
            hits = [] if described and not answering else self._closest(core, _HOME, beginning=True)
            hits = [hit for hit in hits if answering or (self._is_town(hit) and len("".join(_plain(core))) >= 4)]
            if hits:
                return hits
        for index in range(1, len(words)):
            before = [token.word for token in words[max(0, index - 6) : index]]
            after_preposition = before[-1] in self._words["before"]
            if (after_preposition or before[-1] in self._words["home"]) and self._says_home(before, after_preposition):
                for length in (3, 2, 1):
                    said = words[index : index + length]
                    hits = [] if any(t.word[0].isdigit() for t in said) else self._closest(said, _HOME, beginning=False)
                    hits = [hit for hit in hits if hit.score >= 0.8 and self._is_town(hit)]
                    if hits:
                        return hits
        return []

    def _is_town(self, hit: _Hit) -> bool:
        return bool(hit.codes) and self._places.population(hit.codes[0]) >= _TOWN

    def _closest(self, said: Sequence[Token], strength: int, *, beginning: bool) -> list[_Hit]:
        plain = [token.word for token in said]
        together = "".join(plain)
        everyday = self._words["everyday"] | self._words["lead"] | self._words["home"]
        known = everyday | self._words["ordinary"]
        # "sain malo": one ordinary word may be half of a name; an everyday one, or ordinary ones only, may not.
        if len(together) < 4 or all(word in known for word in plain):
            return []
        if any(word in everyday and len(word) > 3 and word != "sous" for word in plain):
            return []
        if beginning:
            begun = self._begins.get(" ".join(plain), ())
            starts = [c for name in begun for c in self._places.names.get(name, ())]
            starts = starts or [c for name in begun for c in self._places.former_names.get(name, ())]
            if starts:
                codes = self._places.largest_first(starts)[:5]
                return [_Hit(start=0, end=len(said), codes=codes, how="beginning", strength=strength, score=0.8)]
        return self._typos(together, len(said), strength, everywhere=beginning)

    def _typos(self, together: str, length: int, strength: int, *, everywhere: bool) -> list[_Hit]:
        # Four letters with one wrong are half of the dictionary.
        allowed = 0 if len(together) < 5 else 1 if len(together) < 9 else 2
        near = self._near(self._shapes(together, allowed), together, allowed)
        if not near and everywhere and len(together) >= 5:
            near = self._near((self._long[length] for length in _around(len(together), 1)), together, 1)
        best = min(near.values(), default=0)
        # What is heard the same counts as well as what is one letter away.
        names = {
            self._squeezed.get(name) or self._alias[name]
            for name, distance in near.items()
            if distance == best and (everywhere or name in self._squeezed)
        }
        if everywhere and len(together) >= 5:
            alike = (self._squeezed[name] for name in self._heard.get(heard(together), ()))
            names |= {name for name in alike if self._size(name) >= _WELL_KNOWN}
        codes = self._meant(names)
        if not codes:
            return []
        score = 1 - (best or 1) / len(together)
        return [_Hit(start=0, end=length, codes=codes[:5], how="typo", strength=strength, score=score)]

    def _shapes(self, together: str, allowed: int) -> Iterator[Sequence[str]]:
        for length in _around(len(together), allowed):
            yield self._shaped.get((together[0], length), ())

    @staticmethod
    def _near(names: Iterable[Sequence[str]], together: str, allowed: int) -> dict[str, int]:
        return {
            name: int(distance)
            for some in names
            for name, distance, _ in process.extract(
                together, some, scorer=OSA.distance, score_cutoff=allowed, limit=20
            )
        }

    def _meant(self, names: Iterable[str]) -> tuple[str, ...]:
        """The communes of the names equally near; of one name only when it is that of a far larger town."""
        known = ((self._codes(name) or ((), "name"))[0] for name in names)
        ranked = sorted((codes for codes in known if codes), key=lambda codes: -self._places.population(codes[0]))
        sizes = [self._places.population(codes[0]) for codes in ranked[:2]]
        if len(sizes) > 1 and sizes[0] >= max(_TOWN, _OBVIOUS * sizes[1]):
            return ranked[0]
        return self._places.largest_first(code for codes in ranked for code in codes)

    # --- answers -------------------------------------------------------------------------------------------------

    def _matches(self, hits: Sequence[_Hit]) -> tuple[PlaceMatch, ...]:
        found: dict[str, PlaceMatch] = {}
        for hit in hits:
            for code in hit.codes:
                match = PlaceMatch(code=code, name=self._places.name(code), how=hit.how, score=round(hit.score, 3))
                found.setdefault(code, match)
        return tuple(found.values())

    def _matches_of(self, codes: Sequence[str], how: How) -> tuple[PlaceMatch, ...]:
        return tuple(
            PlaceMatch(code=code, name=self._places.name(code), how=how, score=1.0) for code in dict.fromkeys(codes)
        )


def _plain(words: Sequence[Token]) -> list[str]:
    return [token.word for token in words]


def _ordinal(word: str) -> int | None:
    number = _ORDINAL.fullmatch(word)
    if number:
        return int(number[1])
    if word in _ORDINALS:
        return _ORDINALS[word]
    return _ROMANS.get(re.sub(r"(?:e|eme)$", "", word)) if len(word) > 1 else None


def _without_small(name: str) -> str:
    """The name of a département or région without what comes before it ("à la Réunion", "dans l'Oise")."""
    return re.sub(r"^(?:(?:de|en|dans|d|du|des|le|la|les|l|a|au|aux|ile|iles) )+", "", name)


def _spell_saint(found: re.Match[str]) -> str:
    return "sainte" if found[1] == "ste" else "saint"


def _around(length: int, allowed: int) -> range:
    return range(length - allowed, length + allowed + 1)


def _segments(words: Sequence[Token], text: str) -> Iterator[tuple[int, int]]:
    """Yield where the parts of a message between commas begin and end, when there are several."""
    cuts = [index for index in range(1, len(words)) if _CUT.search(text[words[index - 1].end : words[index].start])]
    if cuts:
        yield from pairwise([0, *cuts, len(words)])


def _spans(length: int, longest: int) -> Iterator[tuple[int, int]]:
    for start in range(length):
        for end in range(start + 1, min(length, start + longest) + 1):
            yield start, end
