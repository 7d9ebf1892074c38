"""Numbers as people write them: "3", "trois", "soixante-douze", "quatre vingt douze", "1 200"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_GROUPED = re.compile(r"(?<!\d)(\d{1,3})((?:[ .,\u202f\u00a0]\d{3})+)(?!\d)")
_SCORES = {60, 80}


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A number and the words it was said with, as positions from `start` up to `end` excluded."""

    value: int
    start: int
    end: int


def ungroup(text: str) -> str:
    """Write "1 200" as "1200"."""
    return _GROUPED.sub(lambda found: found[1] + re.sub(r"\D", "", found[2]), text)


def find_numbers(words: Sequence[str], spoken: Mapping[str, int], joins: frozenset[str]) -> tuple[Found, ...]:
    """Return the numbers said in the words, each as long as it can be."""
    found: list[Found] = []
    position = 0
    while position < len(words):
        number = _number_at(words, position, spoken, joins)
        if number is None:
            position += 1
        else:
            found.append(number)
            position = number.end
    return tuple(found)


def in_digits(text: str, spoken: Mapping[str, int], joins: frozenset[str]) -> str:
    """Write the spoken numbers of a text in digits ("le deux décembre" is "le 2 décembre")."""
    words = text.split()
    for number in reversed(find_numbers(words, spoken, joins)):
        words[number.start : number.end] = [str(number.value)]
    return " ".join(words)


def _number_at(words: Sequence[str], start: int, spoken: Mapping[str, int], joins: frozenset[str]) -> Found | None:
    if words[start].isdecimal():
        # Longer than any sum, age or postal code: not a number anybody means.
        return Found(value=int(words[start]), start=start, end=start + 1) if len(words[start]) <= 9 else None
    if words[start] not in spoken:
        return None
    value, end = spoken[words[start]], start + 1
    while end < len(words):
        following = end + 1 if words[end] in joins else end
        if following >= len(words) or words[following] not in spoken:
            break
        composed = _compose(value, spoken[words[following]])
        if composed is None:
            break
        value, end = composed, following + 1
    return Found(value=value, start=start, end=end)


def _compose(value: int, following: int) -> int | None:
    """Return the number that the two make together, or None when they are two numbers ("deux, trois")."""
    if following == 1000:
        return max(value, 1) * 1000 if value < 1000 else None
    if following == 100:
        units = value % 1000
        return value - units + units * 100 if 1 < units < 10 else None
    tens = value % 100
    if following == 20 and tens == 4:
        return value + 76
    if tens == 0 and value >= 100 and following < 100:
        return value + following
    if tens in _SCORES and following < 20:
        return value + following
    if tens >= 20 and tens % 10 == 0 and following < 10:
        return value + following
    if tens in {70, 90} or tens < 20:
        return value + following if tens == 10 and following in {7, 8, 9} else None
    return None
