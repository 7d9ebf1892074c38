"""Holidays that the opening hours library does not know: Alsace-Moselle, overseas, and school holidays.

The library knows the eleven national public holidays ("PH"). The others are written into the text itself, as dates.
School holidays ("SH") differ by zone and are set year by year: a text that depends on them is read twice, as if every
day were one and as if none were, and only what both readings say is said.
"""

import re
from collections.abc import Iterator

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


def without_school_holidays(hours: str) -> tuple[str, ...]:
    """The hours when there is no school holiday and when there are nothing else; one text when it changes nothing."""
    if "SH" not in hours:
        return (hours,)
    rules = [rule.strip() for rule in _BETWEEN_RULES.split(hours)]
    if any("SH" in rule and _days(rule) is None for rule in rules):
        # Nobody can say: neither reading would be right.
        return ()
    never = "; ".join(told for rule in rules for told in _in_term(rule))
    always = "; ".join(_in_holidays(rule) for rule in rules)
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


def _in_holidays(rule: str) -> str:
    read = _days(rule)
    if read is None or "SH" not in read[0]:
        return rule
    days, inner, rest = read
    others = [day for day in days if day != "SH"]
    return f"{','.join([*others, inner or 'Mo-Su'])} {rest}"


def _days(rule: str) -> tuple[list[str], str, str] | None:
    """The days of a rule, the days they are narrowed to, and the rest; None when it is written in another way."""
    read = _RULE.fullmatch(rule)
    if read is None:
        return None
    return [day.strip() for day in read[1].split(",")], (read[2] or "").strip(), read[3]
