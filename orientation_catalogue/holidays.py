"""Holidays that the opening hours library does not know: Alsace-Moselle, overseas, and school holidays.

The library knows the eleven national public holidays ("PH"). The others are written into the text itself, as dates.
So are school holidays ("SH") where and when they are known (data/school_holidays.yaml); elsewhere the text is read
twice, as if every day were one and as if none were, and only what both readings say is said.
"""

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import yaml

DATA = Path(__file__).parent / "data" / "school_holidays.yaml"

#: Holidays besides the national ones, as OpenStreetMap dates. Code du travail L3134-13 (Bas-Rhin, Haut-Rhin, Moselle);
#: décret 83-1003 (abolition of slavery), L3422-2.
_ALSACE_MOSELLE = ("easter -2 days", "Dec 26")
_EXTRA = {
    "57": _ALSACE_MOSELLE,
    "67": _ALSACE_MOSELLE,
    "68": _ALSACE_MOSELLE,
    "971": ("May 27",),
    "972": ("May 22",),
    "973": ("Jun 10",),
    "974": ("Dec 20",),
    "976": ("Apr 27",),
    "977": ("Oct 09",),
    "978": ("May 28",),
}

#: How far ahead a timetable is asked: school holidays must be known until then.
_AHEAD = datetime.timedelta(days=31)

#: Rules stand between semicolons, but not those of a comment in quotes.
_BETWEEN_RULES = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?"
#: "Mo-Fr,PH 09:00-12:00" or "SH We 10:00-18:00": days, maybe more days, then the rest.
_RULE = re.compile(rf"\s*({_DAY}(?:\s*,\s*{_DAY})*)\s*:?\s+({_DAY}(?:\s*,\s*{_DAY})*\s+)?(.*)", re.DOTALL)


def local_holidays(departement: str) -> tuple[str, ...]:
    """The holidays of a département besides the national ones, as OpenStreetMap dates."""
    return _EXTRA.get(departement, ())


def with_local_holidays(hours: str, departement: str) -> str:
    """The same hours, where "PH" also means the holidays of this département."""
    dates = ",".join(local_holidays(departement))
    if not dates or "PH" not in hours:
        return hours
    return "; ".join(told for rule in _BETWEEN_RULES.split(hours) for told in _with_dates(rule.strip(), dates))


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolHolidays:
    """The school holidays of the zones, for the years that are known."""

    start: datetime.date
    until: datetime.date
    zone_of: Mapping[str, str]
    #: By zone, as OpenStreetMap dates.
    dates: Mapping[str, str]

    @classmethod
    def load(cls, path: Path = DATA) -> Self:
        """Read the periods of each zone and the départements it holds."""
        value: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(
            start=value["from"],
            until=value["until"],
            zone_of={departement: zone for zone, held in value["zones"].items() for departement in held},
            dates={
                zone: ",".join(f"{_date(first)}-{_date(last)}" for first, last in periods)
                for zone, periods in value["periods"].items()
            },
        )

    def around(self, day: datetime.date, departement: str) -> str:
        """The school holidays of a département as dates; nothing when they are not known for the weeks ahead."""
        known = self.start <= day and day + _AHEAD <= self.until
        return self.dates[self.zone_of[departement]] if known and departement in self.zone_of else ""


@lru_cache(maxsize=1)
def school_holidays() -> SchoolHolidays:
    """Those that ship with the library, read once."""
    return SchoolHolidays.load()


def _date(day: datetime.date) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.year} {months[day.month - 1]} {day.day:02}"


def readings(hours: str, dates: str) -> tuple[str, ...]:
    """The hours with school holidays written as dates; without dates, as if no day were one and as if every day were.

    Nothing when a rule of school holidays is written in a way that cannot be read.
    """
    if "SH" not in hours:
        return (hours,)
    rules = [rule.strip() for rule in _BETWEEN_RULES.split(hours)]
    if any("SH" in rule and _days(rule) is None for rule in rules):
        return ()
    if dates:
        return ("; ".join(told for rule in rules for told in _on_dates(rule, dates)),)
    never = "; ".join(told for rule in rules for told in _in_term(rule))
    always = "; ".join(told for rule in rules for told in _on_dates(rule, ""))
    return (never or "off", always)


def _with_dates(rule: str, dates: str) -> Iterator[str]:
    yield rule
    read = _days(rule)
    if read and "PH" in read[0]:
        yield f"{dates} {read[2]}"


def _in_term(rule: str) -> Iterator[str]:
    read = _days(rule)
    if read is None or "SH" not in read[0]:
        yield rule
        return
    days, _, rest = read
    others = [day for day in days if day != "SH"]
    if others:
        yield f"{','.join(others)} {rest}"


def _on_dates(rule: str, dates: str) -> Iterator[str]:
    """The rule, with school holidays on these dates; on every day when there are none."""
    yield from _in_term(rule)
    read = _days(rule)
    if read and "SH" in read[0]:
        _, inner, rest = read
        days = f"{dates} {inner}".strip() if dates else inner or "Mo-Su"
        yield f"{days} {rest}"


def _days(rule: str) -> tuple[list[str], str, str] | None:
    """The days of a rule, the days they are narrowed to, and the rest; None when it is written in another way."""
    read = _RULE.fullmatch(rule)
    if read is None:
        return None
    return [day.strip() for day in read[1].split(",")], (read[2] or "").strip(), read[3]
