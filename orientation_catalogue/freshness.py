"""How old what each source says is: days since the row was updated, or last checked by a person."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from orientation_catalogue.model import Offer

#: A service checked within this many days counts as fresh (reference/observation.md §7.2, 20).
FRESH_DAYS = 180

#: The source of what ships with the program.
NATIONAL = "national"


@dataclass(frozen=True, kw_only=True, slots=True)
class Freshness:
    """One source."""

    source: str
    services: int
    #: Updated or checked within the last `FRESH_DAYS` days.
    fresh: int
    #: Days since the update of the service in the middle; None when no service has a date.
    median_days: int | None
    oldest: datetime.date | None
    newest: datetime.date | None

    def row(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "source": self.source,
            "services": self.services,
            "fresh": self.fresh,
            "median_days": self.median_days,
            "oldest": self.oldest.isoformat() if self.oldest else None,
            "newest": self.newest.isoformat() if self.newest else None,
        }


def source_of(offer: Offer) -> str:
    """The source of an offer; else the beginning of its id, as data·inclusion v1 writes it."""
    return NATIONAL if offer.national else offer.source or offer.id.partition("--")[0]


def last_seen(offer: Offer) -> datetime.date | None:
    """The day somebody last vouched for it: the row's own date, or a person's check, whichever came last."""
    return max(filter(None, (offer.updated_on, offer.complement.checked_on)), default=None)


def freshness(offers: Iterable[Offer], *, today: datetime.date) -> tuple[Freshness, ...]:
    """The sources, by name."""
    dates: dict[str, list[datetime.date | None]] = defaultdict(list)
    for offer in offers:
        dates[source_of(offer)].append(last_seen(offer))
    return tuple(_freshness(source, found, today) for source, found in sorted(dates.items()))


def _freshness(source: str, dates: list[datetime.date | None], today: datetime.date) -> Freshness:
    known = sorted(date for date in dates if date is not None)
    return Freshness(
        source=source,
        services=len(dates),
        fresh=sum((today - date).days <= FRESH_DAYS for date in known),
        median_days=int(median((today - date).days for date in known)) if known else None,
        oldest=known[0] if known else None,
        newest=known[-1] if known else None,
    )
