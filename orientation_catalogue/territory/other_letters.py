"""Find communes written in Arabic or Cyrillic letters: by their usual form, else by how the French name sounds."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import yaml

from orientation_catalogue.territory.names import Token, fold_word

DATA = Path(__file__).parents[1] / "data" / "other_letters.yaml"

#: Communes smaller than this are seldom named in other letters, and their names are too near ordinary words.
SMALLEST = 1_500
#: Named with nothing but a small word before, or with two consonants only.
_TOWN = 10_000
#: Named in passing, or where somebody says to live.
_LARGE_ENOUGH = (_TOWN, 3_000)
#: "Vitry" alone is Vitry-sur-Seine.
_SHORTENED = 20_000
#: Of several communes sounding alike, one so many times larger than the next is the one that is meant.
_OBVIOUS = 3
_EQUALLY = 0.03
_MANY = 5
#: "Saint-Maur-des-Fossés" and its like.
_LONGEST = 6
#: Fewer consonants are written alike in too many words.
_CONSONANTS = 3
#: How far the vowels may be from the French ones, for each place between two consonants.
_FAR: Mapping["Script", float] = {"arabic": 0.26, "cyrillic": 0.2}
_FAR_IN_PASSING, _FAR_FEW = 0.13, 0.08
#: Strengths, as the finder of French names has them.
_SURE, _PLACED, _BARE = 3, 2, 1

Script = Literal["arabic", "cyrillic"]
Population = Callable[[str], int]

_ARABIC = re.compile(r"[\u0621-\u064a\u06a4\u06af\u067e]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_ARABIC_WORD, _CYRILLIC_WORD = re.compile(f"{_ARABIC.pattern}+"), re.compile(f"{_CYRILLIC.pattern}+")
#: No French name is written with these sounds; nor does an article stand before the name of a town.
_NEVER_ARABIC = re.compile(r"[حخعضظثذءئؤةى]|^ال|^لل")
_LETTERS: Mapping[str, str] = {
    letter: sound
    for written, sounds in (
        ("ابتجدرزسشصطغفقكلمنويپڤگ", "abtjdrzsʃstgfkklmnuibvg"),
        ("абвгґдеєжзиіїклмнопрстуфхцчшщюяэый", "abvggdeejziiiklmnoprstufhsʃʃʃuaeii"),
    )
    for letter, sound in zip(written, sounds, strict=True)
} | {"ه": "", "ь": "", "ъ": ""}
_VOWELS = "aeiou"
#: Sounds that the letters do not tell apart.
_ALIKE = {"arabic": str.maketrans("pvgjz", "bfkks"), "cyrillic": str.maketrans("z", "s")}
#: Names that Ukrainian and Russian decline; Бордо and Вітрі stay as they are.
_DECLINED = re.compile(r"[бвгджзклмнпрстфхцчшьая]$|ни$|ны$")
_SOFTENED = {"г": "з", "к": "ц", "х": "с"}
_ENDING = re.compile(r"(?:ами|ові|еві|єві|ом|ем|єм|ою|ею|єю|[аеиіїоуюяєйь])$")

#: French spelling to sound, in order, on lower-case words that keep their accents.
_SOUNDS = tuple(
    (re.compile(written), sound)
    for written, sound in (
        (r"œ", "e"),
        (r"^(?:saint|st)$", "sent"),
        (r"^(?:sainte|ste)$", "sent"),
        (r"(?<=[aeoué])ille(?=s?$)", "i"),
        (r"(?<=[aeoué])il(?=s?$)", "i"),
        (r"(?<=[aeoué])ill", "i"),
        (r"ville", "vil"),
        (r"(?<=mon|pon)t(?=[bcdfgjklmnpqsvz])", ""),
        (r"ill(?=[aeouéè])", "i"),
        (r"(?<=[^aeiouyéèêëîïôûâ])es?$", ""),
        (r"(?<=[aeiouyéè])es?$", ""),
        (r"tion", "sion"),
        (r"eau|au", "o"),
        (r"oû|où|ou", "u"),
        (r"oin", "uen"),
        (r"oi|oy(?=[aeiou])|oy", "ua"),
        (r"(?<![iéy])(?:en|em)(?=[^aeiouyéèêâîômn]|$)|(?:an|am|aon|aen)(?=[^aeiouyéèêâîômn]|$)", "an"),
        (r"(?:ain|aim|ein|in|im|ym|yn)(?![aeiouyéèêâîôn])", "en"),
        (r"um(?=b)|un(?![aeiouyéèê])", "en"),
        (r"ai|ay(?![aeiou])|ei|ey|ê|è|é|ë|eu", "e"),
        (r"â|à", "a"),
        (r"ô", "o"),
        (r"î|ï|y|ÿ", "i"),
        (r"û|ü|ù", "u"),
        (r"gn", "ni"),
        (r"x(?=[aeiou])", "ks"),
        (r"sch|ch", "ʃ"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"qu|q", "k"),
        (r"gu(?=[ei])", "g"),
        (r"g(?=[ei])", "j"),
        (r"ç|sc(?=[ei])|c(?=[ei])", "s"),
        (r"cc|ck|c", "k"),
        (r"(?<=[aeiou])s(?=[aeiou])", "z"),
        (r"w", "v"),
        (r"h", ""),
        (r"(.)\1+", r"\1"),
    )
)
_SILENT = re.compile(r"[tdpsxz]+$|(?<=r)[gct]$")
_MUTE_R = re.compile(r"ers?$")
_WET_L = re.compile(r"il(?:les?|s)?$")
_SMALL = re.compile(r"(?i)[\s'’-]+(?:sur|en|lès|les|sous|de|du|des|d|l|la|le|aux|et)(?=[\s'’-]).*")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A commune read in other letters: which words, which communes, how well the words around say it."""

    start: int
    end: int
    codes: tuple[str, ...]
    strength: int
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """What is said around a word."""

    #: The message is nothing else; it answers the question where one lives.
    whole: bool = False
    answering: bool = False
    #: Somebody lives, not far before, or right before.
    home: bool = False
    next_to_home: bool = False
    #: A word that places what follows stands before, or one that says it is a town.
    placed: bool = False
    kind: bool = False

    @property
    def strength(self) -> int:
        """How well the words around say that this is where somebody lives."""
        if self.whole or self.answering or self.kind or (self.home and self.placed) or self.next_to_home:
            return _SURE
        return _PLACED if self.placed else _BARE


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sound:
    """What is heard: the consonants, and the vowels before, between and after them."""

    consonants: str
    vowels: tuple[str, ...]

    def far_from(self, other: "_Sound") -> float:
        """How much the vowels differ, for each place; the consonants are the same."""
        pairs = zip(self.vowels, other.vowels, strict=True)
        return sum(_vowels_differ(one, two) for one, two in pairs) / len(self.vowels)


class OtherLetters:
    """The communes in Arabic and Cyrillic letters; made once, when the first such message comes."""

    def __init__(self, names: Mapping[str, tuple[str, ...]], population: Population) -> None:
        """Take the official names, each with its communes of today, largest first."""
        listed = yaml.safe_load(DATA.read_text(encoding="utf-8"))
        self._names, self._population = names, population
        forms = [(form, name) for name, forms in listed["usual"].items() for form in forms]
        self._usual = {_joined(form): name for form, name in forms}
        self._declined = {
            stem: name for form, name in forms if _DECLINED.search(form) for stem in _stems(_joined(form))
        }
        self._guarded = frozenset(_stem(_joined(form)) for form in listed["said_of_home"])
        self._words = {
            kind: frozenset(map(fold_word, listed[kind].split()))
            for kind in ("before", "home", "kind", "lead", "street")
        }
        self._small = frozenset().union(*(listed for kind, listed in self._words.items() if kind != "street"))
        self._ordinary = frozenset(map(fold_word, listed["ordinary"].split()))
        self._joined = frozenset(listed["joined"].split())
        self._places_joined = frozenset(listed["places_joined"].split())

    def _size(self, name: str) -> int:
        return self._population(self._names[name][0])

    @cached_property
    def _heard(self) -> dict[tuple[Script, str], list[tuple[_Sound, str]]]:
        """The names by script and consonants, shortened ones of large towns included."""
        found: dict[tuple[Script, str], list[tuple[_Sound, str]]] = defaultdict(list)
        for name, codes in self._names.items():
            short = _SMALL.sub("", name) if self._population(codes[0]) >= _SHORTENED else name
            for said in dict.fromkeys((name, short)):
                for spoken in _spoken(said):
                    for script in _FAR:
                        sound = _sound(spoken, script)
                        found[script, sound.consonants].append((sound, name))
        return found

    def find(self, words: Sequence[Token], *, answering: bool) -> list[Written]:
        """The communes named by these words; only those said best."""
        core = self._core(words)
        if core and (whole := self._named(words, *core, said=_Said(whole=True, answering=answering))):
            return [whole]
        hits = list(self._in_sentence(words))
        best = max((hit.strength for hit in hits), default=0)
        return [hit for hit in hits if hit.strength == best]

    def _core(self, words: Sequence[Token]) -> tuple[int, int] | None:
        """What remains of a short answer without the words that only lead to a place."""
        start, end = 0, len(words)
        while start < end and self._is_small(words[start]):
            start += 1
        while end > start and self._is_small(words[end - 1]):
            end -= 1
        return (start, end) if 0 < end - start <= _LONGEST else None

    def _is_small(self, token: Token) -> bool:
        return token.word in self._small or token.word.isdigit()

    def _in_sentence(self, words: Sequence[Token]) -> Iterator[Written]:
        start = 0
        while start < len(words):
            if words[start].word in self._words["street"]:
                # "шосе Париж", "شارع باريس 12": the name is that of the street.
                start += 2
                continue
            said = self._said(words, start)
            ends = range(min(len(words), start + _LONGEST), start, -1)
            hit = next(filter(None, (self._named(words, start, end, said=said) for end in ends)), None)
            if hit:
                yield hit
            start = hit.end if hit else start + 1

    def _said(self, words: Sequence[Token], start: int) -> "_Said":
        """What the words before say of the next one."""
        before = [token.word for token in words[max(0, start - 5) : start]]
        last = before[-1] if before else ""
        return _Said(
            home=last in self._words["home"] or bool(set(before) & self._words["home"]),
            next_to_home=last in self._words["home"],
            placed=last in self._words["before"],
            kind=last in self._words["kind"],
        )

    def _named(self, words: Sequence[Token], start: int, end: int, *, said: "_Said") -> Written | None:
        plain = [token.word for token in words[start:end]]
        script = _script(plain)
        if script is None or plain[0] in self._small or plain[-1] in self._small:
            return None
        capital = script == "cyrillic" and words[start].capital
        if len(plain) == 1 and plain[0] in self._ordinary and not capital:
            return None
        readings = [(plain, said)]
        if script == "arabic":
            readings += [([without, *plain[1:]], one) for without, one in self._unjoined(plain[0], said)]
        for read, witness in readings:
            together = "".join(read)
            name = self._usual.get(together) or self._declined.get(_stem(together))
            if name and (witness.strength == _SURE or _stem(together) not in self._guarded):
                return self._written(start, end, self._names[name], witness, 1.0)
        for read, witness in readings:
            codes, far = self._by_sound(read, script, said=witness, capital=capital)
            if codes:
                return self._written(start, end, codes, witness, round(0.95 - far, 3))
        return None

    @staticmethod
    def _written(start: int, end: int, codes: tuple[str, ...], said: "_Said", score: float) -> Written:
        return Written(start=start, end=end, codes=codes, strength=said.strength, score=score)

    def _unjoined(self, first: str, said: "_Said") -> Iterator[tuple[str, "_Said"]]:
        """The first word without the small Arabic words joined to it; "in" and "at" place what follows."""
        for _ in range(2):
            if first[:1] not in self._joined or len(first) <= _CONSONANTS:
                return
            said = replace(said, placed=said.placed or first[0] in self._places_joined)
            first = first[1:]
            yield first, said

    def _by_sound(
        self, words: Sequence[str], script: Script, *, said: "_Said", capital: bool
    ) -> tuple[tuple[str, ...], float]:
        unwritten = script == "arabic" and any(_NEVER_ARABIC.search(word) for word in words)
        if words[0] in self._ordinary or unwritten or not (said.whole or said.placed or said.kind):
            return (), 0.0
        near: dict[str, float] = {}
        for sound in _readings(words, script):
            for known, name in self._heard.get((script, sound.consonants), ()):
                far, size = sound.far_from(known), self._size(name)
                few = len(sound.consonants) < _CONSONANTS
                # Arabic has no capital letters to say that a name follows.
                lives = said.strength == _SURE and not said.whole
                sure = said.answering or (said.strength == _SURE and capital) or (lives and script == "arabic")
                allowed = _FAR[script] if sure and not few else _FAR_FEW if sure and size >= _TOWN else 0.0
                if not sure and not few and size >= _LARGE_ENOUGH[said.strength == _SURE]:
                    allowed = _FAR_IN_PASSING if said.strength == _SURE or capital else 0.0
                if allowed and far <= allowed and far < near.get(name, 1):
                    near[name] = far
        return self._meant(near)

    def _meant(self, near: Mapping[str, float]) -> tuple[tuple[str, ...], float]:
        """The communes that sound nearest; of several, the town that is far larger."""
        if not near:
            return (), 0.0
        nearest = min(near.values())
        ranked = sorted((name for name, far in near.items() if far <= nearest + _EQUALLY), key=self._size, reverse=True)
        if len(ranked) > 1 and self._size(ranked[0]) >= _OBVIOUS * self._size(ranked[1]):
            ranked = ranked[:1]
        return tuple(dict.fromkeys(code for name in ranked for code in self._names[name]))[:_MANY], nearest


def in_other_letters(text: str) -> bool:
    """Whether a text holds Arabic or Cyrillic letters."""
    return bool(_ARABIC.search(text) or _CYRILLIC.search(text))


def _script(said: Sequence[str]) -> Script | None:
    together = "".join(said)
    if _CYRILLIC_WORD.fullmatch(together):
        return "cyrillic"
    return "arabic" if _ARABIC_WORD.fullmatch(together) else None


def _joined(form: str) -> str:
    return "".join(fold_word(word) for word in _WORD.findall(form))


def _stem(together: str) -> str:
    """A name without the ending a Ukrainian or Russian case changes."""
    return _ENDING.sub("", together) if _CYRILLIC.match(together) and len(together) > _CONSONANTS else together


def _stems(together: str) -> tuple[str, ...]:
    """A name without its ending, and as it is before the ending of "in": Страсбург, у Страсбурзі."""
    stem = _stem(together)
    return (stem, stem[:-1] + _SOFTENED[stem[-1]]) if stem[-1:] in _SOFTENED else (stem,)


def _readings(said: Sequence[str], script: Script) -> Iterator[_Sound]:
    together = "".join(said)
    for read in dict.fromkeys((together, _stem(together))) if script == "cyrillic" else (together,):
        yield _sound("".join(_LETTERS.get(letter, "?") for letter in read), script)


def _spoken(name: str) -> Iterator[str]:
    """How a French name is said, and how it is when the silent letters at the ends of its words are read."""
    *first, last = _WORD.findall(name.casefold())
    said = "".join(_SILENT.sub("", heard) or heard for heard in map(_heard_word, first))
    read = _heard_word(last)
    endings = {_SILENT.sub("", read) or read, read, _MUTE_R.sub("e", read)}
    if _WET_L.search(last):
        endings.add(f"{_SILENT.sub('', read)}l")
    yield from (said + ending for ending in endings)
    if first:
        yield "".join(map(_heard_word, first)) + (_SILENT.sub("", read) or read)


@lru_cache(maxsize=8_192)
def _heard_word(word: str) -> str:
    for written, sound in _SOUNDS:
        word = written.sub(sound, word)
    return word


def _sound(spoken: str, script: Script) -> _Sound:
    """Consonants and vowels apart."""
    spoken = spoken.translate(_ALIKE[script]).replace("np", "mp").replace("nb", "mb")
    vowels: list[str] = [""]
    consonants: list[str] = []
    for letter in spoken:
        if letter in _VOWELS:
            vowels[-1] += letter
        elif not consonants or vowels[-1] or consonants[-1] != letter:
            consonants.append(letter)
            vowels.append("")
    return _Sound(consonants="".join(consonants), vowels=tuple(vowels))


def _vowels_differ(one: str, two: str) -> float:
    if one == two:
        return 0.0
    if not one or not two:
        # Short vowels are not written in Arabic, nor silent ones heard in French.
        return 0.3 if len(one or two) == 1 else 0.6
    alike = {frozenset("ei"), frozenset("ae"), frozenset("ou")}
    if one[0] == two[0] and one[-1] == two[-1]:
        return 0.1
    if frozenset((one[-1], two[-1])) in alike or one[-1] == two[-1] or one[0] == two[0]:
        return 0.2
    return 0.6
