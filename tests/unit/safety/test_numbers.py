"""Help numbers are dated rows; a closed line never stands alone (reference/screening.md §5.1)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from passerelle.safety.check import KINDS
from passerelle.safety.numbers import DAYS_OF_TRUST, HelpNumbers

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def numbers():
    return HelpNumbers.load()


def test_every_shown_row_was_checked_lately(numbers):
    """Check the number at its source, then write the day in verified_on."""
    oldest = date.today() - timedelta(days=DAYS_OF_TRUST)  # noqa: DTZ011

    assert [row.number for row in numbers.shown if row.verified_on < oldest] == []


def test_every_shown_row_names_its_source(numbers):
    assert all(row.source_url.startswith("https://") and row.source_title for row in numbers.shown)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [NOON, NIGHT])
def test_each_danger_has_an_open_line_first(numbers, kind, at):
    assert numbers.for_kind(kind, at)[0].open_at(at)


def test_open_lines_come_before_closed_ones(numbers):
    by_day = [row.number for row in numbers.for_kind("vulnerable_adult", NOON)]
    by_night = [row.number for row in numbers.for_kind("vulnerable_adult", NIGHT)]

    assert by_day[0] == "3133"
    assert by_night[-1] == "3133"


def test_lines_replaced_or_not_confirmed_are_not_shown(numbers):
    assert {"3977", "116117"}.isdisjoint(row.number for row in numbers.shown)


def test_hours_are_those_of_paris(numbers):
    line = next(row for row in numbers.shown if row.number == "3133")

    assert line.open_at(datetime(2026, 7, 1, 7, 30, tzinfo=UTC))
    assert not line.open_at(datetime(2026, 12, 1, 7, 30, tzinfo=UTC))


def test_114_is_written_to_and_the_others_called(numbers):
    links = {row.number: row.href for row in numbers.shown}

    assert (links["114"], links["15"]) == ("sms:114", "tel:15")


def test_a_danger_without_lines_shows_none(numbers):
    assert numbers.for_kind("none", NOON) == ()
