"""What time it is, asked of one object so that a test can choose it."""

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

#: The hours people live by: desks, notices and deadlines are said in this zone.
PARIS = ZoneInfo("Europe/Paris")


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment, in UTC, timezone-aware."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)
