"""Opening hours: now, next, holidays, closures, in the local time of the place."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orientation_catalogue.errors import BadHours
from orientation_catalogue.holidays import readings, school_holidays, with_local_holidays
from orientation_catalogue.hours import check_hours, hours_say_open, opening_at, zone_of
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


# --- holidays ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("departement", "day"),
    [
        ("67", "2026-04-03"),
        ("57", "2028-12-26"),
        ("971", "2026-05-27"),
        ("972", "2026-05-22"),
        ("973", "2026-06-10"),
        ("974", "2027-12-20"),
        ("976", "2026-04-27"),
        ("977", "2026-10-09"),
        ("978", "2026-05-28"),
    ],
)
def test_a_holiday_of_the_place_closes_there_and_nowhere_else(departement: str, day: str) -> None:
    """Good Friday and 26 December in Alsace-Moselle, the abolition of slavery overseas."""
    noon = f"{day}T11:00"
    there = datetime.datetime.fromisoformat(noon).replace(tzinfo=zone_of(departement))

    assert opening_at(WEEKDAYS, there, departement=departement).state == "closed"
    assert opening_at(WEEKDAYS, paris(noon), departement="35").state == "open"


def test_a_place_open_on_holidays_is_open_on_those_of_the_place() -> None:
    """26 December 2027 is a Sunday, on which it is otherwise closed."""
    hours = "Mo-Sa 09:00-12:00; PH 10:00-11:00"

    assert opening_at(hours, paris("2027-12-26T10:30"), departement="68").state == "open"
    assert opening_at(hours, paris("2027-12-26T10:30"), departement="35").state == "closed"


def test_hours_that_say_nothing_of_holidays_stay_as_they_are() -> None:
    assert opening_at("Mo-Fr 09:00-12:00", paris("2026-04-03T10:00"), departement="67").state == "open"


SCHOOL = "Mo-Fr 09:00-12:00; SH off"


@pytest.mark.parametrize(
    ("departement", "day", "state"),
    [
        ("35", "2026-10-20", "closed"),
        ("35", "2026-11-03", "open"),
        # Winter holidays of 2027: zone C (Paris) from the 6th, zone B (Rennes) from the 20th of February.
        ("75", "2027-02-08", "closed"),
        ("35", "2027-02-08", "open"),
        ("35", "2027-02-22", "closed"),
        ("75", "2027-02-23", "open"),
    ],
)
def test_school_holidays_are_those_of_the_zone(departement: str, day: str, state: str) -> None:
    """The library takes every day for a school day."""
    assert opening_at(SCHOOL, paris(f"{day}T10:00"), departement=departement).state == state


def test_after_school_holidays_a_place_opens_again() -> None:
    opening = opening_at(SCHOOL, paris("2026-10-20T10:00"), departement="35")

    assert opening.opens_at == paris("2026-11-02T09:00")


def test_a_place_only_open_in_school_holidays_is() -> None:
    hours = "SH We 14:00-18:00"

    assert opening_at(hours, paris("2026-10-21T15:00"), departement="35").state == "open"
    assert opening_at(hours, paris("2026-11-25T15:00"), departement="35").state == "closed"


@pytest.mark.parametrize(
    ("departement", "at"),
    [("974", "2026-11-23T10:00"), ("2A", "2026-11-23T10:00"), (None, "2026-11-23T10:00"), ("35", "2032-11-22T10:00")],
    ids=["overseas", "Corsica", "nowhere said", "a year not known yet"],
)
def test_school_holidays_that_are_not_known_leave_the_answer_unknown(departement: str | None, at: str) -> None:
    noon = datetime.datetime.fromisoformat(at).replace(tzinfo=zone_of(departement))
    evening = noon.replace(hour=20)

    assert opening_at(SCHOOL, noon, departement=departement).state == "unknown"
    assert opening_at(SCHOOL, evening, departement=departement).state == "closed"
    assert opening_at(SCHOOL, evening, departement=departement).opens_at is None
    assert not hours_say_open(SCHOOL, noon, departement)


@pytest.mark.parametrize("hours", ["Mo-Fr,SH 09:00-12:00", "SH Mo-Fr 08:00-18:00; Mo-Fr 09:00-12:00"])
def test_unknown_school_holidays_that_change_nothing_now_are_no_matter(hours: str) -> None:
    assert opening_at(hours, paris("2026-11-23T10:00")).state == "open"


def test_every_departement_of_the_mainland_has_one_zone() -> None:
    known = school_holidays()

    assert len(known.zone_of) == 94
    assert set(known.zone_of.values()) == set(known.dates) == {"A", "B", "C"}


DAYS = st.sampled_from(["Mo-Fr", "PH", "SH", "Mo,PH", "PH,SH", "Sa", "SH We"])
RULES = st.lists(st.tuples(DAYS, st.sampled_from(["off", "09:00-12:00", "14:00-18:00"])), min_size=1, max_size=4)


@given(RULES, st.sampled_from(["67", "974", "35"]))
def test_every_timetable_with_holidays_can_still_be_read(rules: list[tuple[str, str]], departement: str) -> None:
    hours = "; ".join(" ".join(rule) for rule in rules)

    check_hours(hours)
    dates = school_holidays().dates["A"]
    for text in (*readings(with_local_holidays(hours, departement), ""), *readings(hours, dates)):
        check_hours(text)


@given(
    st.sampled_from([WEEKDAYS, "24/7", "Sa[1] 10:00-12:00", "Tu 22:00-02:00", "off"]),
    st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NEW_YEAR + datetime.timedelta(minutes=minutes)),
)
def test_what_opens_next_is_open_then(hours: str, moment: datetime.datetime) -> None:
    opening = opening_at(hours, moment)

    if opening.opens_at:
        assert opening_at(hours, opening.opens_at).state == "open"
