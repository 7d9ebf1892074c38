"""A token opens one conversation, for a while, and cannot be made by anybody else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.channels.web_tokens import SessionOver, WebTokens

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class MovingClock:
    def __init__(self):
        self.moment = START

    def now(self):
        return self.moment


@pytest.fixture
def clock():
    return MovingClock()


@pytest.fixture
def tokens(clock):
    return WebTokens(secret="a secret", clock=clock)


def ticket(tokens, role="resident"):
    return tokens.open(conversation="c" * 32, site="demo", role=role)


def test_a_token_gives_back_its_ticket(tokens):
    assert tokens.read(tokens.write(ticket(tokens))) == ticket(tokens)


@pytest.mark.parametrize(("role", "minutes"), [("resident", 60), ("partner", 15)])
def test_a_token_ends_sooner_at_a_counter(tokens, clock, role, minutes):
    token = tokens.write(ticket(tokens, role))

    clock.moment = START + timedelta(minutes=minutes, seconds=-1)
    assert tokens.read(token).role == role
    clock.moment = START + timedelta(minutes=minutes)
    with pytest.raises(SessionOver):
        tokens.read(token)


def test_a_renewed_ticket_lasts_longer_but_never_for_ever(tokens, clock):
    renewed = ticket(tokens)
    for _ in range(20):
        clock.moment = min(clock.moment + timedelta(minutes=50), renewed.expires_at - timedelta(seconds=1))
        renewed = tokens.renewed(renewed)

    assert renewed.expires_at == START + timedelta(hours=12)


def test_another_secret_makes_another_token(tokens, clock):
    foreign = WebTokens(secret="another", clock=clock)

    with pytest.raises(SessionOver):
        tokens.read(foreign.write(ticket(foreign)))


@given(st.text(max_size=300))
def test_no_text_is_a_token(text):
    with pytest.raises(SessionOver):
        WebTokens(secret="a secret").read(text)


@given(st.integers(min_value=0), st.characters(codec="utf-8"))
def test_one_changed_character_spoils_a_token(position, other):
    tokens = WebTokens(secret="a secret")
    token = tokens.write(ticket(tokens))
    position %= len(token)
    changed = token[:position] + other + token[position + 1 :]

    if changed != token:
        with pytest.raises(SessionOver):
            tokens.read(changed)


def test_a_token_says_nothing_of_the_person(tokens):
    assert len(tokens.write(ticket(tokens))) < 400
