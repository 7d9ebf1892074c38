"""Numbers as people write them: "3", "trois", "soixante-douze", "quatre vingt douze", "1 200"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from passerelle.foundation.text import bare

_GROUPED = re.compile(r"(?<!\d)(\d{1,3})((?:[ .,\u202f\u00a0]\d{3})+)(?!\d)")
_SIGN = re.compile(r"(?:№|\bn[°º])\s*(?=\d)", re.IGNORECASE)
_SCORES = {60, 80}
_TENS, _DIGITS, _AFTER_TEN = frozenset(range(10, 100, 10)), frozenset(range(1, 10)), frozenset({7, 8, 9})


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A number and the words it was said with, as positions from `start` up to `end` excluded."""

    value: int
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberWords:
    """The number words of one language, and how it puts them together."""

    values: Mapping[str, int]
    joins: frozenset[str]
    #: Arabic: "five and twenty", "five ten".
    units_first: bool = False
    #: Turkish: "ten two" is twelve. Elsewhere only 17, 18 and 19 are made so ("dix-sept").
    ten_adds: bool = False

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Self:
        """Read the number words of an answers.yml."""
        values = {bare(word): int(value) for word, value in table["numbers"].items()}
        joins = frozenset(bare(word) for word in table["number_joins"])
        units_first = bool(table.get("units_first"))
        if units_first:
            # The "and" is written with the word that follows it.
            values = {join + word: value for join in joins for word, value in values.items()} | values
        return cls(values=values, joins=joins, units_first=units_first, ten_adds=bool(table.get("ten_adds")))


def ungroup(text: str) -> str:
    """Write "1 200" as "1200"."""
    return _GROUPED.sub(lambda found: found[1] + re.sub(r"\D", "", found[2]), text)


def without_sign(text: str) -> str:
    """Write "№1" and "n°1" as "1". Folding would make a word of the sign."""
    return _SIGN.sub("", text)


def find_numbers(words: Sequence[str], numbers: NumberWords) -> tuple[Found, ...]:
    """Return the numbers said in the words, each as long as it can be."""
    found: list[Found] = []
    position = 0
    while position < len(words):
        number = _number_at(words, position, numbers)
        if number is None:
            position += 1
        else:
            found.append(number)
            position = number.end
    return tuple(found)


def in_digits(text: str, numbers: NumberWords) -> str:
    """Write the spoken numbers of a text in digits ("le deux décembre" is "le 2 décembre")."""
    words = text.split()
    for number in reversed(find_numbers(words, numbers)):
        words[number.start : number.end] = [str(number.value)]
    return " ".join(words)


def _number_at(words: Sequence[str], start: int, numbers: NumberWords) -> Found | None:
    if words[start].isdecimal():
        # Longer than any sum, age or postal code: not a number anybody means.
        return Found(value=int(words[start]), start=start, end=start + 1) if len(words[start]) <= 9 else None
    if words[start] not in numbers.values:
        return None
    value, end = numbers.values[words[start]], start + 1
    while end < len(words):
        following = end + 1 if words[end] in numbers.joins else end
        if following >= len(words) or words[following] not in numbers.values:
            break
        composed = _compose(value, numbers.values[words[following]], numbers)
        if composed is None:
            break
        value, end = composed, following + 1
    return Found(value=value, start=start, end=end)


def _compose(value: int, following: int, numbers: NumberWords) -> int | None:
    """Return the number that the two make together, or None when they are two numbers ("deux, trois")."""
    if following == 1000:
        return max(value, 1) * 1000 if value < 1000 else None
    if following == 100:
        units = value % 1000
        return value - units + units * 100 if 1 < units < 10 else None
    tens = value % 100
    if numbers.units_first and 0 < tens < 10:
        return value + following if following in _TENS else None
    if following == 20 and tens == 4:
        return value + 76
    if tens == 0 and value >= 100 and following < 100:
        return value + following
    if tens in _SCORES and following < 20:
        return value + following
    if tens >= 20 and tens % 10 == 0 and following < 10:
        return value + following
    if tens == 10 and following in (_DIGITS if numbers.ten_adds else _AFTER_TEN):
        return value + following
    return None
