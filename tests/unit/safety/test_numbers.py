"""Help numbers are dated rows; a closed line never stands alone (reference/screening.md §5.1)."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.foundation.config import ROOT
from passerelle.foundation.texts import Texts
from passerelle.safety.check import KINDS
from passerelle.safety.numbers import DAYS_OF_TRUST, PARIS, HelpNumbers

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 22, tzinfo=UTC)

#: A life may hang on these: each was read in two places at least.
LIFE_SAVING = {"15", "17", "18", "112", "114", "115", "119", "3114", "3919"}

NUMBERS = HelpNumbers.load()

ROW = """
  - number: "{number}"
    usage: number.{number}
    audience: [all]
    hours: "{hours}"
    channels: [call]
    zone: FR
    confirmed: {confirmed}
    verified_on: 2026-11-22
    source_title: "Une page"
    source_url: "https://example.org"
    read_in: ["https://example.org"]
"""


@pytest.fixture(scope="module")
def numbers():
    return NUMBERS


def test_every_shown_row_was_checked_lately(numbers):
    """Check the number at its source, then write the day in verified_on."""
    today = date.today()  # noqa: DTZ011

    assert [row.number for row in numbers.to_check_again(today)] == []


def test_a_row_older_than_180_days_is_to_check_again(numbers):
    checked = {row.number: row.verified_on for row in numbers.shown}
    oldest = min(checked.values())

    assert numbers.to_check_again(oldest + timedelta(days=DAYS_OF_TRUST)) == ()
    late = {row.number for row in numbers.to_check_again(oldest + timedelta(days=DAYS_OF_TRUST + 1))}
    assert late == {number for number, day in checked.items() if day == oldest}


def test_no_row_was_checked_in_the_future(numbers):
    assert [row.number for row in numbers.shown if row.verified_on > date.today()] == []  # noqa: DTZ011


def test_every_shown_row_names_its_source_and_what_was_read(numbers):
    for row in numbers.shown:
        assert row.source_url.startswith("https://"), row.number
        assert row.source_title, row.number
        assert row.read_in, row.number


def test_a_line_that_saves_lives_was_read_in_two_places(numbers):
    shown = {row.number: row for row in numbers.shown}

    assert set(shown) >= LIFE_SAVING
    assert [number for number in LIFE_SAVING if len(set(shown[number].read_in)) < 2] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [NOON, NIGHT])
def test_each_danger_has_an_open_line_first(numbers, kind, at):
    assert numbers.for_kind(kind, at)[0].open_at(at)


@given(minutes=st.integers(min_value=0, max_value=3 * 365 * 24 * 60), kind=st.sampled_from(KINDS))
def test_a_closed_line_is_never_offered_alone(minutes, kind):
    """Whatever the hour, the day of the year and the change of clocks."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opened = [row.open_at(at) for row in NUMBERS.for_kind(kind, at)]

    assert opened[0]
    assert opened == sorted(opened, reverse=True)


def test_112_comes_first_when_all_the_others_are_closed(tmp_path):
    path = tmp_path / "numbers.yaml"
    day = ROW.format(number="3133", hours="Mo-Su 09:00-20:00", confirmed="true")
    last = ROW.format(number="112", hours="24/7", confirmed="true")
    path.write_text(f'numbers:{day}{last}\nkinds:\n  vulnerable_adult: ["3133"]\n', encoding="utf-8")

    offered = HelpNumbers.load(path).for_kind("vulnerable_adult", NIGHT)

    assert [row.number for row in offered] == ["112", "3133"]


def test_a_row_that_is_not_confirmed_is_not_shown_even_where_its_danger_names_it(tmp_path):
    path = tmp_path / "numbers.yaml"
    rows = ROW.format(number="3114", hours="24/7", confirmed="false")
    rows += ROW.format(number="15", hours="24/7", confirmed="true")
    path.write_text(f'numbers:{rows}\nkinds:\n  suicide: ["3114", "15"]\n', encoding="utf-8")

    read = HelpNumbers.load(path)

    assert [row.number for row in read.shown] == ["15"]
    assert [row.number for row in read.for_kind("suicide", NOON)] == ["15"]


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


def test_what_a_text_says_of_the_hours_is_what_the_row_says(numbers):
    """« Jour et nuit » only for a line that never closes; 9 h-20 h as the rule has it."""
    texts = Texts.load(ROOT / "locale")
    for row in numbers.shown:
        said = texts.say(row.usage, language="fr", form="sms")
        assert "jour et nuit" not in said or row.hours == "24/7", row.number
        if hours := re.search(r"(\d+) h-(\d+) h", said):
            opening, closing = int(hours[1]), int(hours[2])
            day = datetime(2026, 11, 25, tzinfo=PARIS)
            assert row.open_at(day.replace(hour=opening, minute=1)), row.number
            assert not row.open_at(day.replace(hour=opening - 1, minute=59)), row.number
            assert row.open_at(day.replace(hour=closing - 1, minute=59)), row.number
            assert not row.open_at(day.replace(hour=closing, minute=1)), row.number


def test_114_is_written_to_and_the_others_called(numbers):
    links = {row.number: row.href for row in numbers.shown}

    assert (links["114"], links["15"]) == ("sms:114", "tel:15")


def test_a_danger_without_lines_shows_none(numbers):
    assert numbers.for_kind("none", NOON) == ()
