"""Deadlines in people's words, as the days left: "vendredi", "le 5", "dans 10 jours", "avant la fin du mois"."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Self

from rapidfuzz.distance import OSA

from passerelle.foundation.text import bare, fold
from passerelle.screening.spoken_numbers import NumberWords, find_numbers, in_digits

#: A date of this year that passed less than this many days ago is a missed deadline, not one of next year.
MISSED_WITHIN = 60

#: A shorter word has too many neighbours to be taken for a slip of the finger.
SHORTEST_RESPELLED = 5

_NUMERIC = re.compile(r"(?<!\d)(\d{1,2}) ?[/.] ?(\d{1,2})(?: ?[/.] ?(\d{4}|\d{2}))?(?![\d/])")
_DASHED = re.compile(r"(?<!\d)(\d{1,2})-(\d{1,2})-(\d{4}|\d{2})(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"


@dataclass(frozen=True, kw_only=True, slots=True)
class DateWords:
    """The words of one language that tell a date, each way of telling compiled once."""

    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    days: Mapping[str, int]
    feasts: Mapping[str, str]
    units: Mapping[str, int]
    numbers: NumberWords
    #: What may stand between a number and its unit, or a day and its month ("une quinzaine de jours").
    between: frozenset[str]
    none: frozenset[str]
    #: What tells of the past: "il y a 10 jours" is no deadline.
    past: re.Pattern[str]
    patterns: Mapping[str, re.Pattern[str]]

    def respelled(self, said: str) -> str:
        """The words with those that are one letter away from a day or a month put right ("vendrdi", "demin")."""
        known = {word for table in (self.weekdays, self.months, self.days) for words in table for word in words.split()}
        return " ".join(word if word in known else _nearest(word, known) for word in said.split())

    @classmethod
    def read(cls, table: Mapping[str, Any], numbers: NumberWords) -> Self:
        """Read the `dates` block of an answers.yml."""
        months, weekdays = _any(table["months"]), _any(table["weekdays"])
        day = rf"{_DAY}(?: ?(?:{_any(table.get('day_endings', ()))}))?"
        #: "le 5 jours" would be a duration, never a day.
        counted = f"(?! ?(?:{_any([*table['units'], *table['hours']])})\\b)"
        following, this = _any(table["next"]), _any(table.get("this", ()))
        return cls(
            weekdays=_bared(table["weekdays"]),
            months=_bared(table["months"]),
            days=_bared(table["days"]),
            feasts=_bared(table["feasts"]),
            units=_bared(table["units"]),
            between=frozenset(bare(word) for word in table.get("of", ())),
            numbers=replace(numbers, values={**numbers.values, **dict.fromkeys(table.get("one", ()), 1)}),
            none=frozenset(bare(words) for words in table["none"]),
            past=_past(table),
            patterns={
                "stuck": re.compile(rf"\b(\d{{1,3}})({_any(table['units'])})\b"),
                "day_month": re.compile(
                    rf"\b{day}(?: (?:{_any(table.get('of', ()))}))? (?P<month>{months})(?: (?P<year>\d{{4}}))?\b"
                ),
                "month_day": re.compile(rf"\b(?P<month>{months}) (?:the )?{day}\b{counted}"),
                "day_next_month": re.compile(rf"\b{day} (?:{_any(table['of_next_month'])})\b"),
                "end_of_next_month": _phrases(table["end_of_next_month"]),
                "start_of": re.compile(rf"\b(?:{_any(table['start_of'])}) (?P<month>{months})\b"),
                "middle_of": re.compile(rf"\b(?:{_any(table['middle_of'])}) (?P<month>{months})\b"),
                "end_of": re.compile(rf"\b(?:{_any(table['end_of'])}) (?P<month>{months})\b"),
                "month": re.compile(rf"\b(?:{_any(table['month_openers'])}) (?P<month>{months})\b"),
                "feast": _phrases(table["feasts"]),
                "hours": re.compile(rf"\b(?P<count>\d{{1,3}}) ?(?:{_any(table['hours'])})\b"),
                "end_of_month": _phrases(table["end_of_month"]),
                "end_of_week": _phrases(table["end_of_week"]),
                "next_month": _phrases(table["next_month"]),
                "next_week": _phrases(table["next_week"]),
                "weekday": re.compile(
                    rf"\b(?P<this>(?:{this}) )?(?:(?P<next_before>{following}) )?(?P<weekday>{weekdays})\b"
                    rf"(?: (?P<next>{following}))?(?P<week_after> (?:{_any(table.get('week_after', ()))}))?"
                ),
                "phrase": _phrases(table["days"]),
                "led_day": re.compile(rf"\b(?:{_any(table['day_lead'])}) {day}\b{counted}"),
                "trailed_day": re.compile(rf"\b{day} (?:{_any(table.get('day_trail', ()))})\b"),
                "ordinal_day": re.compile(rf"^{_DAY} ?(?:{_any(table.get('day_endings', ()))})$"),
            },
        )


def days_left(text: str, words: DateWords, today: date) -> int | None:
    """Return how many days the date said leaves from today (0 when it is today or just missed); None if none."""
    said = words.patterns["stuck"].sub(r"\1 \2", bare(text))
    counted = in_digits(said, words.numbers)
    if any(words.past.search(reading) for reading in (said, counted)):
        return None
    numeric = _numeric_date(fold(text), today)
    if numeric is not None:
        return numeric
    ways = ((way, reading) for reading in (counted, said) for way in _WAYS)
    return next((left for way, reading in ways if (left := way(reading, words, today)) is not None), None)


def _numeric_date(folded: str, today: date) -> int | None:
    if found := _ISO.search(folded):
        return _left_until(today, int(found[3]), int(found[2]), int(found[1]))
    if found := _DASHED.search(folded) or _NUMERIC.search(folded):
        year = found[3] and int(found[3]) + (2000 if len(found[3]) == 2 else 0)
        return _left_until(today, int(found[1]), int(found[2]), year or None)
    return None


def _named_date(said: str, words: DateWords, today: date) -> int | None:
    for name in ("day_month", "month_day"):
        if found := words.patterns[name].search(said):
            year = found.groupdict().get("year")
            return _left_until(today, int(found["day"]), words.months[found["month"]], int(year) if year else None)
    return None


def _part_of_month(said: str, words: DateWords, today: date) -> int | None:
    if found := words.patterns["day_next_month"].search(said):
        first = _next_month(today)
        return (_day_in(first, int(found["day"])) - today).days
    if words.patterns["end_of_next_month"].search(said):
        return (_last_of(_next_month(today)) - today).days
    for name, day in (("start_of", 1), ("middle_of", 15), ("end_of", 31), ("month", 31)):
        if found := words.patterns[name].search(said):
            month = words.months[found["month"]]
            # "en décembre": the whole month is left when it has begun, else its first day is the one to fear.
            whole = day if name != "month" or month == today.month else 1
            year = today.year + (month < today.month)
            return max((_day_in(date(year, month, 1), whole) - today).days, 0)
    return None


def _feast(said: str, words: DateWords, today: date) -> int | None:
    found = words.patterns["feast"].search(said)
    if not found:
        return None
    month, day = (int(part) for part in words.feasts[found[0]].split("-"))
    this_year = date(today.year, month, day)
    return ((this_year if this_year >= today else date(today.year + 1, month, day)) - today).days


def _duration(said: str, words: DateWords, today: date) -> int | None:
    if found := words.patterns["hours"].search(said):
        return int(found["count"]) // 24
    parts = said.split()
    for number in find_numbers(parts, words.numbers):
        following = number.end + (not words.between.isdisjoint(parts[number.end : number.end + 1]))
        if following < len(parts) and parts[following] in words.units:
            return min(number.value * words.units[parts[following]], 3650)
    return None


def _weekday_of_next_week(said: str, words: DateWords, today: date) -> int | None:
    found = words.patterns["weekday"].search(said)
    if not found or not words.patterns["next_week"].search(said):
        return None
    return 7 - today.weekday() + words.weekdays[found["weekday"]]


def _edge(said: str, words: DateWords, today: date) -> int | None:
    if words.patterns["end_of_month"].search(said):
        return (_last_of(today) - today).days
    if words.patterns["next_month"].search(said):
        return (_next_month(today) - today).days
    if words.patterns["end_of_week"].search(said):
        return 6 - today.weekday()
    if words.patterns["next_week"].search(said):
        return 7 - today.weekday()
    return None


def _weekday(said: str, words: DateWords, today: date) -> int | None:
    found = words.patterns["weekday"].search(said)
    if not found:
        return None
    left = (words.weekdays[found["weekday"]] - today.weekday()) % 7
    if left == 0 and not found["this"]:
        left = 7
    return left + (7 if found["week_after"] else 0)


def _phrase(said: str, words: DateWords, today: date) -> int | None:
    found = words.patterns["phrase"].search(said)
    return words.days[found[0]] if found else None


def _day_of_month(said: str, words: DateWords, today: date) -> int | None:
    found = next(
        (found for way in ("led_day", "trailed_day", "ordinal_day") if (found := words.patterns[way].search(said))),
        None,
    )
    if not found:
        return None
    day = int(found["day"])
    first = today.replace(day=1)
    while _last_of(first).day < day or first.replace(day=day) < today:
        first = _next_month(first)
    return (first.replace(day=day) - today).days


_WAYS: Sequence[Callable[[str, DateWords, date], int | None]] = (
    _named_date,
    _part_of_month,
    _feast,
    _duration,
    _weekday_of_next_week,
    _edge,
    _weekday,
    _day_of_month,
    _phrase,
)


def _left_until(today: date, day: int, month: int, year: int | None) -> int | None:
    try:
        # 29 February said in an ordinary year is nobody's deadline: refused like 31 April.
        said = date(year or today.year, month, day)
    except ValueError:
        return None
    left = (said - today).days
    if year is None and left < -MISSED_WITHIN:
        left = (_day_in(date(today.year + 1, month, 1), day) - today).days
    return max(left, 0)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _last_of(day: date) -> date:
    return _next_month(day) - timedelta(days=1)


def _day_in(month: date, day: int) -> date:
    """The day in that month, or its last one when the month is shorter."""
    return month.replace(day=min(day, _last_of(month).day))


def _nearest(word: str, known: Iterable[str]) -> str:
    near = {
        other
        for other in known
        if len(other) >= SHORTEST_RESPELLED and other[0] == word[0] and OSA.distance(word, other, score_cutoff=1) <= 1
    }
    return near.pop() if len(near) == 1 else word


def _past(table: Mapping[str, Any]) -> re.Pattern[str]:
    """Words of the past alone, around a duration ("il y a 3 jours") or by a day, a week, a month ("lundi dernier")."""
    past: Mapping[str, Sequence[str]] = table.get("past", {})
    units, months = table["units"], _any(table["months"])
    duration = rf"\d+ ?(?:{_any(units)})"
    # "le dernier jour du mois" is to come; "قبل شهر ديسمبر" is before December.
    long_ones = [unit for unit, days in units.items() if days > 1]
    named = rf"(?:{_any([*long_ones, *table['weekdays'], *table['months']])})"
    before, after = _any(past.get("before_duration", ())), _any(past.get("after_duration", ()))
    return re.compile(
        rf"\b(?:{_any(past.get('always', ()))}"
        rf"|(?:{before}) (?:\w+ )?(?:{duration}|(?:{_any(long_ones)})(?! (?:{months})\b))"
        rf"|{duration} (?:{after})"
        rf"|(?:{_any(past.get('before_name', ()))}) {named}|{named} (?:{_any(past.get('after_name', ()))}))\b"
    )


def _any(phrases: Iterable[str]) -> str:
    """Any of the phrases; of none, nothing is found."""
    return (
        "|".join(re.escape(words) for words in sorted((bare(phrase) for phrase in phrases), key=len, reverse=True))
        or "(?!)"
    )


def _phrases(phrases: Sequence[str] | Mapping[str, object]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_any(phrases)})\b")


def _bared(table: Mapping[str, Any]) -> dict[str, Any]:
    return {bare(words): value for words, value in table.items()}
