"""Opening hours: now, next, holidays, closures, in the local time of the place."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orientation_catalogue.errors import BadHours
from orientation_catalogue.hours import check_hours, opening_at
from orientation_catalogue.model import Closure

PARIS = ZoneInfo("Europe/Paris")
NEW_YEAR = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
WEEKDAYS = "Mo-Fr 09:00-12:00; PH off"


def paris(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=PARIS)


def test_a_place_is_open_within_its_hours() -> None:
    opening = opening_at(WEEKDAYS, paris("2026-11-23T10:00"))

    assert opening.state == "open"
    assert opening.closes_at == paris("2026-11-23T12:00")


def test_a_place_tells_when_it_opens_next() -> None:
    assert opening_at(WEEKDAYS, paris("2026-11-20T18:00")).opens_at == paris("2026-11-23T09:00")


def test_a_public_holiday_is_closed() -> None:
    """8 May 2026 is a Friday; the next opening is Monday the 11th."""
    opening = opening_at(WEEKDAYS, paris("2026-05-08T10:00"))

    assert opening.state == "closed"
    assert opening.opens_at == paris("2026-05-11T09:00")


def test_a_dated_closure_closes_and_its_end_opens() -> None:
    closure = Closure(start=datetime.date(2026, 11, 23), end=datetime.date(2026, 11, 25))

    opening = opening_at(WEEKDAYS, paris("2026-11-23T10:00"), closures=[closure])

    assert opening.closure == closure
    assert opening.opens_at == paris("2026-11-26T09:00")


def test_a_closure_without_end_promises_no_opening() -> None:
    closure = Closure(start=datetime.date(2026, 11, 1), end=None)

    assert opening_at("24/7", paris("2026-11-23T10:00"), closures=[closure]).opens_at is None


def test_unknown_hours_are_unknown() -> None:
    assert opening_at(None, paris("2026-11-23T10:00")).state == "unknown"


def test_overseas_hours_follow_the_local_clock() -> None:
    """Ten in the morning in Saint-Denis de La Réunion is seven in Paris."""
    assert opening_at(WEEKDAYS, paris("2026-11-23T07:00"), departement="974").state == "open"


def test_the_clock_change_keeps_the_hour_of_the_door() -> None:
    opening = opening_at("Mo-Su 09:00-10:00", datetime.datetime(2026, 3, 28, 20, tzinfo=datetime.UTC))

    assert opening.opens_at is not None
    assert opening.opens_at.astimezone(datetime.UTC).hour == 7


@pytest.mark.parametrize("hours", ["lundi 9h", "9h-12h", "", " "])
def test_hours_in_another_form_are_refused(hours: str) -> None:
    with pytest.raises(BadHours):
        check_hours(hours)


@given(
    st.sampled_from([WEEKDAYS, "24/7", "Sa[1] 10:00-12:00", "Tu 22:00-02:00", "off"]),
    st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NEW_YEAR + datetime.timedelta(minutes=minutes)),
)
def test_what_opens_next_is_open_then(hours: str, moment: datetime.datetime) -> None:
    opening = opening_at(hours, moment)

    if opening.opens_at:
        assert opening_at(hours, opening.opens_at).state == "open"
