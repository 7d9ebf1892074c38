"""Answers to closed questions, read without any model: by number, label, prefix, typo, and lists of words.

Most turns end here (DESIGN §4.4). What is not surely an answer is None, and goes to the bot as free text.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from passerelle.foundation.clock import PARIS
from passerelle.foundation.text import Normaliser, bare, fold
from passerelle.screening.deadlines import DateWords, days_left
from passerelle.screening.sounds import sound
from passerelle.screening.spoken_numbers import Found, NumberWords, find_numbers, in_digits, ungroup, without_sign

AnswerKind = Literal["yes_no", "choice", "number", "date_limit", "commune", "text", "command", "free"]
Verdict = Literal["yes", "no", "unknown", "refuse"]

#: A longer sentence is free text, unless its first words decide.
LONGEST_ANSWER = 6
#: A date is told in more words ("je dois partir avant le 12 décembre au plus tard").
LONGEST_DATE_ANSWER = 12
#: Similarity, out of 100, from which a slip of the finger is forgiven; and the lead on the next label.
SIMILAR, LEAD = 84, 8
#: In so few words, a word that sounds like a number is one ("cinc", "katre").
LONGEST_MISSPELT_NUMBER = 3
#: The T2 question, when its options are not given (reference/screening.md §6.4).
DATE_LIMIT_OPTIONS = {1: "7", 2: "30", 3: "no"}

_COUNTED = frozenset({"number", "date_limit"})
_VERDICTS: tuple[Verdict, ...] = ("refuse", "unknown", "no", "yes")
_THUMBS: Mapping[str, Verdict] = {
    "👍": "yes", "👌": "yes", "✅": "yes", "✔": "yes", "🆗": "yes", "👎": "no", "❌": "no", "🚫": "no", "🤷": "unknown",
}  # fmt: skip
_NEGATED = "-"
_NEGATIVE_NUMBER = re.compile(r"(?:^|\s)-\d")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class LanguageWords:
    """The answer words of one language."""

    verdicts: Mapping[str, Verdict]
    yes_first: tuple[str, ...]
    no_first: tuple[str, ...]
    hesitation: tuple[str, ...]
    double_negation: tuple[str, ...]
    agreement: frozenset[str]
    negations: frozenset[str]
    numbers: NumberWords
    zero: frozenset[str]
    #: What tells "none" of the word after it ("aucun enfant").
    zero_first: tuple[str, ...]
    ordinals: Mapping[str, int]
    last: frozenset[str]
    around_number: frozenset[str]
    around_option: frozenset[str]
    polite: tuple[tuple[str, ...], ...]
    #: Words around a yes or a no that do not change it ("je pense que oui").
    softeners: tuple[str, ...]
    #: Words that tell nothing of a label ("je suis seule").
    small: frozenset[str]
    dates: DateWords


class AnswerWords:
    """The answer words of every language, from `nlu_data/<language>/answers.yml`."""

    def __init__(self, languages: Mapping[str, LanguageWords], spelling: Normaliser | None = None) -> None:
        self._languages = languages
        self._spelling = spelling or Normaliser({})

    @classmethod
    def load(cls, nlu_data: Path) -> Self:
        """Read every language folder that has answers."""
        return cls(
            {
                path.parent.name: _read(yaml.safe_load(path.read_text(encoding="utf-8")))
                for path in sorted(nlu_data.glob("*/answers.yml"))
            },
            Normaliser.load(nlu_data),
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have answer words."""
        return tuple(self._languages)

    def of(self, language: str) -> LanguageWords:
        """The words of the language, or the French ones while it has none."""
        return self._languages.get(language) or self._languages["fr"]

    def spelled_out(self, text: str, language: str) -> str:
        """The text with its short forms spelled out ("tt de suite", "ajd")."""
        return self._spelling.normalise(text, language)

    def is_small_talk(self, text: str, language: str) -> bool:
        """Whether the whole message is a greeting, thanks or hesitation: never an answer in somebody's words."""
        polite = self.of(language).polite
        rest = _without_ends(bare(fold(text)).split(), polite)
        return not rest or tuple(rest) in polite

    def agreement(self, text: str, language: str) -> Literal["yes", "no"] | None:
        """Whether the whole message is one of the few words that agree, or refuses; nothing is guessed from a part."""
        reading = _Reading.of(text, language, self)
        said = (reading.said, reading.core)
        if any(form in words.agreement for words in self._languages.values() for form in said):
            return "yes"
        verdicts = {reading.words.verdicts.get(form) or self.verdict_elsewhere(form, language) for form in said}
        return "no" if verdicts & {"no", "refuse"} or reading.core == "0" else None

    def verdict_elsewhere(self, said: str, language: str) -> Verdict | None:
        """What the whole message means in another language, when all that know it agree."""
        meant = {
            words.verdicts[said]
            for code, words in self._languages.items()
            if code != language and said in words.verdicts
        }
        return meant.pop() if len(meant) == 1 else None


def parse_answer(
    text: str,
    *,
    kind: AnswerKind,
    options: Sequence[str] = (),
    language: str,
    words: AnswerWords,
    at: datetime,
) -> str | None:
    """Return the value of the answer, or None when the message is not surely one.

    `yes`, `no`, `unknown`, `refuse`, the option's number, an integer, or for a date limit the days left from
    `at`. `options` are the labels in order. "0" refuses, except where a number is asked.
    """
    said = without_sign(text)
    spelled_out = words.spelled_out(said, language)
    # A number is first read spelled out: without its apostrophe "сорок п'ять" would be forty.
    ways = (spelled_out, said) if kind in _COUNTED else (said, spelled_out)
    for way in ways if spelled_out != fold(said) else (said,):
        value = _parse(_Reading.of(way, language, words), kind, options, at)
        if value is not None:
            return value
    return None


def _parse(reading: "_Reading", kind: AnswerKind, options: Sequence[str], at: datetime) -> str | None:
    if kind == "yes_no":
        return _yes_no(reading, options)
    if kind == "choice":
        return _choice(reading, options)
    if kind == "number":
        return _number(reading)
    if kind == "date_limit":
        return _date_limit(reading, options, at.astimezone(PARIS).date())
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    """One message, read several ways once."""

    text: str
    #: Folded, without punctuation, as it stands and then without greeting, thanks and stretched letters.
    said: str
    core: str
    language: str
    all_words: AnswerWords
    words: LanguageWords

    @classmethod
    def of(cls, text: str, language: str, all_words: AnswerWords) -> Self:
        words = all_words.of(language)
        said = bare(ungroup(fold(text)))
        core = " ".join(_without_ends(_STRETCHED.sub(r"\1", said).split(), words.polite))
        return cls(text=text, said=said, core=core, language=language, all_words=all_words, words=words)

    @property
    def length(self) -> int:
        return len(self.core.split())


def _yes_no(reading: _Reading, options: Sequence[str]) -> str | None:
    number = _option_number(reading, reading.words.around_number)
    if number is not None:
        return _yes_no_numbered(reading, number, options)
    return _led_by_number(reading, ("oui", "non") if len(options) < 2 else options, yes_no=True) or _verdict(reading)


def _yes_no_numbered(reading: _Reading, number: int, options: Sequence[str]) -> str | None:
    if number in (0, 1, 2):
        return ("refuse", "yes", "no")[number]
    if number <= len(options):
        return _label_verdict(options[number - 1], reading.words)
    return None


def _choice(reading: _Reading, options: Sequence[str]) -> str | None:
    labels = [_label(option, reading.words) for option in options]
    for said in (reading.said, reading.core):
        label = _label(said, reading.words)
        if labels.count(label) == 1:
            return str(labels.index(label) + 1)
    number = _option_number(reading, reading.words.around_number)
    if number is not None:
        if number == 0:
            return "refuse"
        return str(number) if number <= len(options) else None
    if options and reading.core.rpartition(" ")[2] in reading.words.last:
        return str(len(options))
    return _led_by_number(reading, options) or _choice_by_words(reading, options, labels)


def _choice_by_words(reading: _Reading, options: Sequence[str], labels: Sequence[str]) -> str | None:
    verdict = _verdict(reading, soft=reading.length <= LONGEST_ANSWER)
    by_verdict = {_label_verdict(option, reading.words): str(n) for n, option in enumerate(options, start=1)}
    exact = reading.words.verdicts.get(reading.said) or reading.words.verdicts.get(reading.core)
    if exact is not None and exact in by_verdict:
        return by_verdict[exact]
    if exact in ("unknown", "refuse"):
        return exact
    if reading.length <= LONGEST_ANSWER:
        for way in (_prefixed, _contained, _similar, _same_gist):
            found = way(reading, labels)
            if found is not None:
                return str(found + 1)
    if verdict is not None and verdict in by_verdict:
        return by_verdict[verdict]
    return verdict if verdict in ("unknown", "refuse") else None


def _number(reading: _Reading) -> str | None:
    if _NEGATIVE_NUMBER.search(fold(reading.text)):
        return None
    for said in (reading.said, reading.core):
        if said in reading.words.zero:
            return "0"
    found = _numbers(reading)
    if len({number.value for number in found}) == 1 and reading.length <= LONGEST_ANSWER:
        return str(found[0].value)
    verdict = _verdict(reading) if not found else None
    if verdict in ("unknown", "refuse"):
        return verdict
    if reading.length <= LONGEST_ANSWER and any(
        reading.core.startswith(none + " ") for none in reading.words.zero_first
    ):
        return "0"
    return None if found else _number_misspelt(reading)


def _number_misspelt(reading: _Reading) -> str | None:
    words = reading.words
    said = reading.core.split()
    if len(said) > LONGEST_MISSPELT_NUMBER:
        return None
    meant = {
        value
        for word in said
        if len(word) >= 3 and word not in words.negations and word not in words.small and word not in words.verdicts
        for form, value in words.numbers.values.items()
        if sound(word) == sound(form) or _one_letter_off(word, form)
    }
    return str(meant.pop()) if len(meant) == 1 else None


def _one_letter_off(word: str, form: str) -> bool:
    same_start = len(form) >= 5 and word[0] == form[0]
    return same_start and OSA.distance(word, form, score_cutoff=1) <= 1


def _date_limit(reading: _Reading, options: Sequence[str], today: date) -> str | None:
    number = _option_number(reading, reading.words.around_option, ordinals=False)
    if number is not None:
        return _date_limit_numbered(reading, number, options, today)
    labels = [_label(option, reading.words) for option in options]
    said = _label(reading.core, reading.words)
    if said in labels:
        return _label_days(options[labels.index(said)], reading, today)
    if reading.said in reading.words.dates.none or reading.core in reading.words.dates.none:
        return "no"
    if reading.length <= LONGEST_DATE_ANSWER:
        left = days_left(reading.text, reading.words.dates, today)
        if left is not None:
            return str(left)
    verdict = _verdict(reading)
    if verdict is not None or reading.length > LONGEST_ANSWER:
        return verdict if verdict != "yes" else None
    left = days_left(reading.words.dates.respelled(reading.core), reading.words.dates, today)
    return None if left is None else str(left)


def _date_limit_numbered(reading: _Reading, number: int, options: Sequence[str], today: date) -> str | None:
    if number == 0:
        return "refuse"
    if not options:
        return DATE_LIMIT_OPTIONS.get(number)
    return _label_days(options[number - 1], reading, today) if number <= len(options) else None


def _label_days(label: str, reading: _Reading, today: date) -> str | None:
    """What an option of the date question means in days: 7 and 30 for "this week" and "this month"."""
    said = bare(label)
    if said in reading.words.dates.none or _label_verdict(label, reading.words) == "no":
        return "no"
    left = days_left(label, reading.words.dates, today)
    return str(left) if left is not None else _label_verdict(label, reading.words)


def _verdict(reading: _Reading, *, soft: bool = True) -> Verdict | None:
    """Whether the message says yes, no, does not know or will not say."""
    thumbs = {verdict for sign, verdict in _THUMBS.items() if sign in reading.text}
    if not reading.said:
        return thumbs.pop() if len(thumbs) == 1 else None
    words = reading.words
    for said in (reading.said, reading.core):
        if said in words.verdicts:
            return words.verdicts[said]
        if elsewhere := reading.all_words.verdict_elsewhere(said, reading.language):
            return elsewhere
    if any(_holds(reading.core, phrase) for phrase in words.double_negation):
        return "yes"
    return _first_words(reading.core, words) or _softened(reading) or (_similar_verdict(reading) if soft else None)


def _softened(reading: _Reading) -> Verdict | None:
    """The verdict left when what only softens it is put aside ("moi je dirais plutôt non malheureusement")."""
    rest = f" {reading.core} "
    for words in reading.words.softeners:
        rest = rest.replace(f" {words} ", " ")
    return reading.words.verdicts.get(rest.strip())


def _first_words(core: str, words: LanguageWords) -> Verdict | None:
    opening = next(
        (
            (verdict, phrase)
            for verdict, phrases in (("no", words.no_first), ("yes", words.yes_first))
            for phrase in phrases
            if core.startswith(phrase + " ")
        ),
        None,
    )
    if opening is None:
        return None
    verdict, phrase = opening
    rest = core.removeprefix(phrase + " ")
    if any(_holds(rest, words_of_doubt) for words_of_doubt in words.hesitation):
        doubts = {words.verdicts.get(doubt) for doubt in words.hesitation if _holds(rest, doubt)}
        return "unknown" if "unknown" in doubts else None
    against = words.yes_first if verdict == "no" else words.no_first
    if any(_holds(rest, phrase) for phrase in against if " " not in phrase):
        return None
    if verdict == "yes":
        # "d'accord mais pas maintenant" is not a yes; "oui je n'ai pas mangé" is.
        plain = phrase in words.yes_first[:3]
        return "yes" if plain or not words.negations.intersection(rest.split()) else None
    return "no"


def _similar_verdict(reading: _Reading) -> Verdict | None:
    core = reading.core
    if len(core) < 5 or reading.length > LONGEST_ANSWER:
        return None
    close = process.extract(core, reading.words.verdicts.keys(), scorer=fuzz.ratio, score_cutoff=90, limit=5)
    negated = _negated(core, reading.words)
    meant = {
        reading.words.verdicts[form]
        for form, _, _ in close
        if len(form) >= 5 and _negated(form, reading.words) == negated and _slips_only(core, form)
    }
    return meant.pop() if len(meant) == 1 else None


def _slips_only(said: str, form: str) -> bool:
    """Whether no word is another one: "je ne suis pas seule" is near "je ne suis pas sure", and no slip of it."""
    pairs = list(zip(said.split(), form.split(), strict=False))
    together = len(said.split()) != len(form.split())
    return together or all(OSA.distance(word, meant, score_cutoff=1) <= 1 for word, meant in pairs)


def _option_number(reading: _Reading, around: frozenset[str], *, ordinals: bool = True) -> int | None:
    """The option's number when nothing else is said ("la 2", "réponse deux", "2)", "1️⃣", "la première")."""
    words = reading.core.split()
    numbers = find_numbers(words, reading.words.numbers)
    covered = {position for number in numbers for position in range(number.start, number.end)}
    values = [number.value for number in numbers]
    # "the third one": what follows a rank is no number.
    ranked = any(word in reading.words.ordinals for word in words) and all(value == 1 for value in values)
    if ordinals and (not numbers or ranked) and not any(word.isdecimal() for word in words):
        places = [n for n, word in enumerate(words) if word in reading.words.ordinals]
        covered |= set(places)
        values = [reading.words.ordinals[words[place]] for place in places]
    filler = all(position in covered or word in around for position, word in enumerate(words))
    return values[0] if filler and len(values) == 1 else None


def _led_by_number(reading: _Reading, options: Sequence[str], *, yes_no: bool = False) -> str | None:
    """The option when its number comes with its own label ("1 oui", "2: en couple")."""
    first, _, rest = reading.core.partition(" ")
    if not (first.isdecimal() and rest and 1 <= int(first) <= len(options)):
        return None
    number, label = int(first), options[int(first) - 1]
    if yes_no:
        said = reading.words.verdicts.get(rest)
        return said if said is not None and said == _label_verdict(label, reading.words) else None
    meant, said_label = _label(label, reading.words), _label(rest, reading.words)
    agrees = meant.startswith(said_label) or fuzz.ratio(meant, said_label) >= SIMILAR
    return str(number) if agrees else None


def _prefixed(reading: _Reading, labels: Sequence[str]) -> int | None:
    said = _label(reading.core, reading.words)
    if len(said) < 2:
        return None
    return _only(n for n, label in enumerate(labels) if label.startswith(said))


def _contained(reading: _Reading, labels: Sequence[str]) -> int | None:
    """The label said inside a short sentence ("je vis en couple"), or holding the words said ("moins d'un mois")."""
    said = _label(reading.core, reading.words)
    inside = [
        n
        for n, label in enumerate(labels)
        if _holds(said, label) and _negated(said, reading.words) == _negated(label, reading.words)
    ]
    longest = [n for n in inside if not any(n != m and _holds(labels[m], labels[n]) for m in inside)]
    # "oui mais plus tard" holds two labels: the one that says more is meant.
    telling = [n for n in longest if reading.words.verdicts.get(labels[n]) not in ("yes", "no")] or longest
    if telling:
        return telling[0] if len(telling) == 1 else None
    return _only(n for n, label in enumerate(labels) if len(said) >= 4 and _holds(label, said))


def _similar(reading: _Reading, labels: Sequence[str]) -> int | None:
    said = _label(reading.core, reading.words)
    if len(said) < 4 or not labels:
        return None
    scores = sorted(((fuzz.ratio(said, label), n) for n, label in enumerate(labels)), reverse=True)
    best, number = scores[0]
    clear = len(scores) == 1 or best - scores[1][0] >= LEAD
    same_sense = _negated(said, reading.words) == _negated(labels[number], reading.words)
    return number if best >= SIMILAR and clear and same_sense else None


def _same_gist(reading: _Reading, labels: Sequence[str]) -> int | None:
    """The label said in other forms of its words ("je suis seule", "locatère", "pas de logement")."""
    said = _gist(reading.core, reading.words)
    gists = [_gist(label, reading.words) for label in labels]
    if not said:
        return None
    if gists.count(said) == 1:
        return gists.index(said)
    # Another sense, or a number: "je ne suis pas seul" and "3 enfants" say more than "seul" and "avec des enfants".
    telling = frozenset(word for word in said if word == _NEGATED or word.isdecimal())
    return _only(n for n, gist in enumerate(gists) if gist and telling <= gist <= said)


def _gist(said: str, words: LanguageWords) -> frozenset[str]:
    """How the telling words of a label sound, whatever their order; every negation is one."""
    telling = (word for word in _label(said, words).split() if word not in words.small)
    return frozenset(_NEGATED if word in words.negations else sound(word) for word in telling)


def _numbers(reading: _Reading) -> tuple[Found, ...]:
    words = reading.core.split()
    found = find_numbers(words, reading.words.numbers)
    # "un" and "a" are articles as soon as another number is there ("une trentaine").
    telling = tuple(number for number in found if number.value != 1 or words[number.start].isdecimal())
    return telling or found


def _label(text: str, words: LanguageWords) -> str:
    """A label, or what is compared with it, its numbers in digits ("un mois" is "1 mois")."""
    return in_digits(bare(text), words.numbers)


def _label_verdict(label: str, words: LanguageWords) -> Verdict | None:
    return words.verdicts.get(bare(label))


def _negated(said: str, words: LanguageWords) -> bool:
    return not words.negations.isdisjoint(said.split())


def _holds(sentence: str, phrase: str) -> bool:
    return f" {phrase} " in f" {sentence} "


def _only(found: Iterable[int]) -> int | None:
    numbers = list(found)
    return numbers[0] if len(numbers) == 1 else None


def _without_ends(words: list[str], polite: Sequence[tuple[str, ...]]) -> list[str]:
    for phrase in polite:
        if len(words) > len(phrase):
            if tuple(words[: len(phrase)]) == phrase:
                return _without_ends(words[len(phrase) :], polite)
            if tuple(words[-len(phrase) :]) == phrase:
                return _without_ends(words[: -len(phrase)], polite)
    return words


def _read(table: Mapping[str, Any]) -> LanguageWords:
    numbers = NumberWords.read(table)
    around = frozenset(part for words in table["around_number"] for part in bare(words).split())
    return LanguageWords(
        verdicts={bare(form): verdict for verdict in reversed(_VERDICTS) for form in table[verdict]},
        yes_first=tuple(bare(words) for words in table["yes_first"]),
        no_first=tuple(bare(words) for words in table["no_first"]),
        hesitation=tuple(bare(words) for words in table["hesitation"]),
        double_negation=tuple(bare(words) for words in table["double_negation"]),
        agreement=frozenset(bare(words) for words in table["agreement"]),
        negations=frozenset(bare(words) for words in table["negations"]),
        numbers=numbers,
        zero=frozenset(bare(words) for words in table["zero"]),
        zero_first=tuple(bare(words) for words in table.get("zero_first", ())),
        ordinals={bare(word): int(value) for word, value in table["ordinals"].items()},
        last=frozenset(bare(word) for word in table["last"]),
        around_number=around - numbers.values.keys(),
        around_option=frozenset(bare(word) for word in table["around_option"]),
        polite=tuple(sorted((tuple(bare(words).split()) for words in table["polite"]), key=len, reverse=True)),
        softeners=tuple(sorted((bare(words) for words in table.get("softeners", ())), key=len, reverse=True)),
        small=frozenset(bare(word) for word in table.get("small", ())),
        dates=DateWords.read(table["dates"], numbers),
    )
