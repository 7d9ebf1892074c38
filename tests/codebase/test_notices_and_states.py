"""Every kind of notice has its texts; every state of a request has an owner, and a clock unless it has ended."""

import ast

import pytest
from code_read import languages, modules
from houses import reading_parts

from passerelle.conversation.news import _NEWS
from passerelle.handoff.states import ENDED, STANDINGS, RefusalReason, RequestState
from passerelle.notices.notice import LIFETIME

#: Notices of a turn are made of whatever the turn said: their texts are held by tests/codebase/test_texts.py.
SPOKEN_KINDS = {"turn", "safety"}


def _written_kinds():
    """The kinds of e-mail named where a recipient is written to."""
    for _, module in modules():
        for call in ast.walk(module):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "_write_to":
                yield from (
                    keyword.value.value
                    for keyword in call.keywords
                    if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant)
                )


def test_the_kinds_of_mail_are_found():
    assert {"request.new", "request.reminder", "request.withdrawn", "request.link"} <= set(_written_kinds())


@pytest.mark.parametrize("language", languages())
def test_every_kind_of_notice_has_a_subject_and_a_body_in_every_language(language):
    texts = reading_parts().texts

    missing = [
        f"{kind}.{part}"
        for kind in set(_written_kinds()) - SPOKEN_KINDS
        for part in ("subject", "body")
        if not texts.has(f"{kind}.{part}", language)
    ]
    assert missing == []


def test_every_kind_of_a_turn_has_a_lifetime():
    assert set(LIFETIME) >= SPOKEN_KINDS


def test_every_state_has_a_standing():
    assert set(STANDINGS) == set(RequestState)


def test_every_state_has_an_owner_and_a_clock_unless_it_has_ended():
    lost = [
        state
        for state, standing in STANDINGS.items()
        if state not in ENDED and (standing.owner == "nobody" or standing.clock is None)
    ]

    assert lost == []


def test_nothing_watches_a_state_that_has_ended():
    assert [state for state in ENDED if STANDINGS[state].clock is not None or STANDINGS[state].owner != "nobody"] == []


def test_every_state_can_end():
    def reaches_an_end(state, seen=frozenset()):
        if state in ENDED:
            return True
        return any(reaches_an_end(after, seen | {state}) for after in STANDINGS[state].follows - seen)

    assert [state for state in RequestState if not reaches_an_end(state)] == []


def test_a_withdrawal_is_possible_as_long_as_a_request_lives():
    assert [s for s in RequestState if s not in ENDED and RequestState.RETIRE not in STANDINGS[s].follows] == []


@pytest.mark.parametrize("language", languages())
def test_every_reason_to_refuse_has_words_for_the_person(language):
    texts = reading_parts().texts

    assert [reason for reason in RefusalReason if not texts.has(f"refusal.{reason}", language)] == []


@pytest.mark.parametrize("language", languages())
def test_every_state_has_words_for_the_person_who_asks_where_it_is(language):
    texts = reading_parts().texts

    assert [state for state in RequestState if not texts.has(f"status.{state}", language)] == []


def test_every_piece_of_news_that_is_put_in_line_can_be_told():
    """`put_news(…, f"kind:id")` and timers: the kind must have a teller."""
    put = set()
    for _, module in modules():
        for call in ast.walk(module):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in {"come_back_in", "set_timer"}:
                put |= {k.value.value for k in call.keywords if k.arg == "event" and isinstance(k.value, ast.Constant)}

    assert put <= set(_NEWS) | {"forget"}
