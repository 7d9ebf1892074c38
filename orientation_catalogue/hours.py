"""Open now, or opening when: OpenStreetMap hours, French public holidays, dated closures, Paris time."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, validate

from orientation_catalogue.errors import BadHours
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
    zone = zone_of(departement)
    local = at.astimezone(zone)
    closure = _closure_on(closures, local.date())
    if hours is None:
        return Opening(state="closed" if closure else "unknown", closure=closure)
    calendar = _calendar(hours, zone.key)
    if closure is None and calendar.is_open(local):
        return Opening(state="open", closes_at=calendar.next_change(local))
    if closure is None and calendar.is_unknown(local):
        return Opening(state="unknown")
    return Opening(state="closed", opens_at=_next_opening(calendar, local, closures), closure=closure)


def hours_say_open(hours: str, local: datetime.datetime) -> bool:
    """Whether the hours alone say open at a local time; dated closures count besides."""
    zone = local.tzinfo
    return _calendar(hours, zone.key if isinstance(zone, ZoneInfo) else PARIS.key).is_open(local)


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


@lru_cache(maxsize=20_000)
def _calendar(hours: str, zone: str) -> OpeningHours:
    check_hours(hours)
    # A year is far enough: it keeps "24/7 off" and rare rules from being searched until the year 9999.
    return OpeningHours(hours, timezone=ZoneInfo(zone), country="FR", max_interval_days=366)
