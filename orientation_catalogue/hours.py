"""Open now, or opening when: OpenStreetMap hours, holidays of the place, dated closures, the clock of the place."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, validate

from orientation_catalogue.errors import BadHours
from orientation_catalogue.holidays import local_holidays, readings, school_holidays, with_local_holidays
from orientation_catalogue.model import Closure

PARIS = ZoneInfo("Europe/Paris")

#: Local clocks overseas; every other département keeps Paris time.
_OVERSEAS = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
#: Beyond this nobody waits: "opens in three weeks" is still said, later is not.
_HORIZON = datetime.timedelta(days=31)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """The state of a place at one moment, with what a sentence needs."""

    state: Literal["open", "closed", "unknown"]
    #: Open: when it closes. Local time.
    closes_at: datetime.datetime | None = None
    #: Closed: when it opens next. Local time.
    opens_at: datetime.datetime | None = None
    #: The dated closure in force.
    closure: Closure | None = None


def check_hours(hours: str) -> None:
    """Raise BadHours when the text is not in the OpenStreetMap form."""
    if not hours.strip() or not validate(hours):
        raise BadHours(hours=hours)


def opening_at(
    hours: str | None,
    at: datetime.datetime,
    *,
    closures: Sequence[Closure] = (),
    departement: str | None = None,
) -> Opening:
    """Say whether a place is open at a moment, and when that changes."""
    local = at.astimezone(zone_of(departement))
    closure = _closure_on(closures, local.date())
    if hours is None:
        return Opening(state="closed" if closure else "unknown", closure=closure)
    openings = [_opening(calendar, local, closures) for calendar in _calendars(hours, departement, local.date())]
    first = openings[0]
    if all(opening.state == first.state for opening in openings):
        # With and without school holidays the place does the same now; what it does next may differ.
        same = all(opening == first for opening in openings)
        return first if same else Opening(state=first.state, closure=closure)
    return Opening(state="unknown", closure=closure)


def _opening(calendar: OpeningHours, local: datetime.datetime, closures: Sequence[Closure]) -> Opening:
    closure = _closure_on(closures, local.date())
    if closure is None and calendar.is_open(local):
        return Opening(state="open", closes_at=calendar.next_change(local))
    if closure is None and calendar.is_unknown(local):
        return Opening(state="unknown")
    return Opening(state="closed", opens_at=_next_opening(calendar, local, closures), closure=closure)


def hours_say_open(hours: str, at: datetime.datetime, departement: str | None) -> bool:
    """Whether the hours alone surely say open at a moment; dated closures count besides."""
    local = at.astimezone(zone_of(departement))
    return all(calendar.is_open(local) for calendar in _calendars(hours, departement, local.date()))


def place_of(hours: str, departement: str | None) -> str:
    """The département, when these hours mean something else there than in most of France; else nothing."""
    if not departement:
        return ""
    own = departement in _OVERSEAS or bool(local_holidays(departement)) or "SH" in hours
    return departement if own else ""


def zone_of(departement: str | None) -> ZoneInfo:
    """The clock of a département."""
    return ZoneInfo(_OVERSEAS[departement]) if departement in _OVERSEAS else PARIS


def _next_opening(
    calendar: OpeningHours, local: datetime.datetime, closures: Sequence[Closure]
) -> datetime.datetime | None:
    """The first minute at which the calendar is open and no closure is in force."""
    moment: datetime.datetime | None = local
    end = local + _HORIZON
    while moment is not None and moment <= end:
        closure = _closure_on(closures, moment.date())
        if closure is not None:
            if closure.end is None:
                return None
            after = closure.end + datetime.timedelta(days=1)
            moment = datetime.datetime.combine(after, datetime.time(), moment.tzinfo)
        elif calendar.is_open(moment):
            return moment
        else:
            moment = calendar.next_change(moment)
    return None


def _closure_on(closures: Sequence[Closure], day: datetime.date) -> Closure | None:
    return next((closure for closure in closures if closure.covers(day)), None)


def _calendars(hours: str, departement: str | None, day: datetime.date) -> tuple[OpeningHours, ...]:
    place = place_of(hours, departement)
    return _calendars_of(hours, place, school_holidays().around(day, place) if "SH" in hours else "")


@lru_cache(maxsize=20_000)
def _calendars_of(hours: str, place: str, holidays: str) -> tuple[OpeningHours, ...]:
    """The calendar of a place; two when school holidays that are not known would make a difference."""
    check_hours(hours)
    zone = zone_of(place)
    texts = readings(with_local_holidays(hours, place), holidays)
    if not texts or not all(map(validate, texts)):
        texts = ("unknown",)
    # A year is far enough: it keeps "24/7 off" and rare rules from being searched until the year 9999.
    return tuple(OpeningHours(text, timezone=zone, country="FR", max_interval_days=366) for text in texts)
