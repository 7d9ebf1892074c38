"""Errors, identifiers, telephone numbers, business days, settings."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from passerelle.foundation.calendar import add_business_days, is_business_day, next_allowed_hour
from passerelle.foundation.clock import PARIS, SystemClock
from passerelle.foundation.config import Settings
from passerelle.foundation.errors import BadInput, NotAllowed, TryLater
from passerelle.foundation.ids import new_code, new_id, new_secret
from passerelle.foundation.phone import NotAPhoneNumber, e164, spoken


def paris(*moment):
    return datetime(*moment, tzinfo=PARIS)


def test_the_message_of_an_error_is_its_docstring_filled():
    assert str(BadInput(place="line 3", reason="no date")) == "line 3: no date"


def test_errors_say_what_to_do_next():
    assert (BadInput.status, BadInput.exit_code, BadInput.retry) == (400, 2, False)
    assert (NotAllowed.status, TryLater.status, TryLater.retry) == (403, 503, True)


def test_identifiers_are_long_and_never_the_same():
    assert len({new_id() for _ in range(200)}) == 200
    assert len(new_id()) == 32
    assert len(new_secret()) >= 43
    assert {len(new_code(4)) for _ in range(50)} == {4}


@pytest.mark.parametrize("written", ["06 39 98 00 01", "0639980001", "+33 6 39 98 00 01", "0033639980001"])
def test_a_number_has_one_shape(written):
    assert e164(written) == "+33639980001"
    assert spoken(written) == "06 39 98 00 01"


@pytest.mark.parametrize("written", ["12", "bonjour", "", "+1 202 555 0100", "08 99 00 00 00", "+44 7400 000000"])
def test_a_number_we_never_write_to_is_refused_without_being_repeated(written):
    with pytest.raises(NotAPhoneNumber) as refusal:
        e164(written, field="phone")

    assert str(refusal.value) == "phone: this is not a phone number we can write to."


def test_short_numbers_are_said_as_they_are():
    assert spoken("3114") == "3114"


@pytest.mark.parametrize(
    ("day", "works"),
    [(date(2026, 11, 23), True), (date(2026, 11, 22), False), (date(2026, 7, 14), False), (date(2026, 5, 1), False)],
)
def test_offices_are_closed_on_sundays_and_public_holidays(day, works):
    assert is_business_day(day) is works


def test_business_days_jump_over_the_end_of_the_week_and_keep_the_hour():
    assert add_business_days(paris(2026, 11, 20, 16, 0), 1) == paris(2026, 11, 23, 16, 0)
    # Across the change of hour of 29 March.
    assert add_business_days(paris(2026, 3, 27, 16, 0), 1) == paris(2026, 3, 30, 16, 0)


@pytest.mark.parametrize(
    ("at", "leaves"),
    [
        (paris(2026, 11, 23, 10, 30), paris(2026, 11, 23, 10, 30)),
        (paris(2026, 11, 23, 6, 0), paris(2026, 11, 23, 8, 0)),
        (paris(2026, 11, 20, 21, 0), paris(2026, 11, 23, 8, 0)),
        (paris(2026, 11, 22, 11, 0), paris(2026, 11, 23, 8, 0)),
    ],
)
def test_news_that_can_wait_leaves_by_day_on_a_business_day(at, leaves):
    assert next_allowed_hour(at) == leaves


def test_the_clock_tells_utc():
    assert SystemClock().now().tzinfo is UTC


def test_the_secret_of_the_demonstration_is_made_once_and_only_we_may_read_it(tmp_path):
    settings = Settings(var=tmp_path)

    assert settings.secret_value() == Settings(var=tmp_path).secret_value()
    assert settings.bot_secret_value() != settings.secret_value()
    assert stat.S_IMODE((tmp_path / "keys" / "secret").stat().st_mode) == 0o600


def test_many_who_need_the_secret_at_once_get_the_same(tmp_path):
    """Two secrets would split every conversation in two."""
    settings = Settings(var=tmp_path)
    with ThreadPoolExecutor(max_workers=8) as threads:
        secrets = list(threads.map(lambda _: settings.secret_value(), range(40)))

    assert len(set(secrets)) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["secret"]


def test_settings_are_closed_once_read(tmp_path):
    with pytest.raises(ValueError, match="frozen"):
        Settings(var=tmp_path).port = 1


def test_a_secret_is_never_printed(tmp_path):
    assert "s3cret" not in repr(Settings(var=tmp_path, secret="s3cret", twilio_tokens="s3cret"))


def test_two_tokens_hold_during_a_rotation(tmp_path):
    assert Settings(var=tmp_path, twilio_tokens="new, old").tokens() == ("new", "old")


def test_each_widget_site_has_one_exact_origin(tmp_path):
    sites = Settings(var=tmp_path, widget_sites="a=https://a.test, b=https://b.test").sites()

    assert sites == {"a": "https://a.test", "b": "https://b.test"}
