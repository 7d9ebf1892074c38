"""Business days (jours ouvrés): Monday to Friday, French public holidays left out (reference/screening.md §6.5)."""

from datetime import date, datetime, time, timedelta
from functools import cache

from opening_hours import OpeningHours

from passerelle.foundation.clock import PARIS

#: No message of ours wakes anyone: notices that can wait leave within these hours of Paris.
DAY_STARTS, DAY_ENDS = time(8, 0), time(20, 0)


@cache
def _business_days() -> OpeningHours:
    return OpeningHours("Mo-Fr 00:00-24:00; PH off", country="FR")


def is_business_day(day: date) -> bool:
    """Whether offices work on that day."""
    return bool(_business_days().is_open(datetime.combine(day, time(12))))


def add_business_days(start: datetime, days: int) -> datetime:
    """The same hour of Paris, that many business days later."""
    moment = start.astimezone(PARIS)
    left = days
    while left > 0:
        moment += timedelta(days=1)
        if is_business_day(moment.date()):
            left -= 1
    return moment.astimezone(start.tzinfo)


def next_allowed_hour(at: datetime) -> datetime:
    """The first moment from then on at which a notice that can wait may leave: a business day, by day."""
    moment = at.astimezone(PARIS)
    while not (is_business_day(moment.date()) and moment.timetz().replace(tzinfo=None) < DAY_ENDS):
        moment = datetime.combine(moment.date() + timedelta(days=1), DAY_STARTS, tzinfo=PARIS)
    if moment.timetz().replace(tzinfo=None) < DAY_STARTS:
        moment = datetime.combine(moment.date(), DAY_STARTS, tzinfo=PARIS)
    return moment.astimezone(at.tzinfo)
