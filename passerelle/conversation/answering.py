"""Answers to the waiting question: reading them, and what each one sets in motion."""

import re
from collections.abc import Callable
from datetime import datetime

from passerelle.conversation import epices
from passerelle.conversation.alert import answer_alert, danger_told, raise_new_alert
from passerelle.conversation.asking import communes_named, keep_answer, keep_words, put_by_id, settle_commune
from passerelle.conversation.menu import answer_menu
from passerelle.conversation.news import answer_back_home, answer_helped, answer_solved
from passerelle.conversation.observed import answer_agreement, answer_fact
from passerelle.conversation.offer import answer_check_back, answer_offer
from passerelle.conversation.orders import (
    answer_erase,
    answer_pause,
    answer_restart,
    answer_resume,
    answer_stop,
    answer_withdraw,
    choose_language,
)
from passerelle.conversation.pending import Pending
from passerelle.conversation.preview import answer_preview, begin_handoff, read_preview_answer
from passerelle.conversation.reporting import WHAT_FAILED, WHICH_FAILED, answer_what_failed, answer_which_failed
from passerelle.conversation.talk import House, Talk
from passerelle.conversation.walk import answer_more, go_on, go_on_after
from passerelle.foundation.phone import NotAPhoneNumber, e164, spoken
from passerelle.foundation.text import bare
from passerelle.screening.ages import OLDEST, age_group
from passerelle.screening.answers import AnswerKind, parse_answer
from passerelle.screening.menu import MENU_KEY
from passerelle.screening.told import OTHER_AGE, REFUSE, UNKNOWN

#: What the person wants to be called: a name they give of themselves is not hidden from who will call.
FIRST_NAME = "P5"

#: Longer than this is a story, not a first name or a time of day.
_MOST_WORDS = 8

#: What cannot be undone, or leaves: only a plain yes does it.
_PLAINLY = frozenset({"erase", "withdraw", "restart"})

#: The options of P2 have one digit; nobody under ten writes to us about their age in two.
_LAST_OPTION = 9

_DIGIT = re.compile(r"\d")


def parse_pending(house: House, pending: Pending, text: str, language: str, at: datetime) -> str | None:
    """The code a message answers the question with, or None when it is no answer to it."""
    if pending.kind == "preview":
        return read_preview_answer(house, text, language)
    if pending.kind == "commune":
        refused = _parsed(house, "yes_no", (), text, language, at)
        if refused in {UNKNOWN, REFUSE}:
            return refused
        return "commune" if communes_named(house, text, answering=True) else None
    if pending.kind == "words":
        words = _own_words(house, text, language, at)
        # Without a digit it is something else than a number: a question, a refusal in other words.
        return None if words == "words" and pending.key == "PHONE" and not _DIGIT.search(text) else words
    if pending.question_id == "P2" and (age := _age(house, pending, text)) is not None:
        return age_group(age)
    labels = tuple(choice.label for choice in pending.choices)
    parsed = _parsed(house, pending.kind, labels, text, language, at)
    if parsed is None or parsed in {UNKNOWN, REFUSE}:
        return parsed
    if parsed == "yes" and pending.key in _PLAINLY and not _plain_yes(house, pending, text, language):
        return None
    if pending.kind == "yes_no":
        return parsed
    return pending.code_of(parsed) if pending.choices else parsed


def _age(house: House, pending: Pending, text: str) -> int | None:
    """The age said in answer to P2, of whom it asks about; a number too big for an option is one."""
    said = bare(text)
    if said.isdecimal() and _LAST_OPTION < int(said) <= OLDEST:
        return int(said)
    ages = house.age_reader.read(text)
    return (ages.other or ages.own) if pending.key == OTHER_AGE else ages.own


def _plain_yes(house: House, pending: Pending, text: str, language: str) -> bool:
    """Whether nothing else is said: "oui mais…" agrees to nothing (as for the preview, handoff.md §4.3)."""
    return house.answer_words.agreement(text, language) == "yes" or pending.code_of(bare(text)) == "yes"


def answer_pending(talk: Talk, pending: Pending, text: str, at: datetime) -> bool:
    """Answer the waiting question with the message. Returns False when the message is no answer to it."""
    code = parse_pending(talk.house, pending, text, talk.language, at)
    if code is None:
        return False
    special = _SPECIAL.get(pending.key)
    if special is not None:
        special(talk, pending, code)
    elif pending.key == "preview":
        answer_preview(talk, pending, text, code)
    elif pending.key == "PHONE":
        return _answer_phone(talk, pending, text, code)
    else:
        _answer_question(talk, pending, text, code)
    return True


def _answer_question(talk: Talk, pending: Pending, text: str, code: str) -> None:
    talk.pending = None
    if not _still_asked(talk, pending, code):
        return
    if pending.question_id == "P1":
        communes = communes_named(talk.house, text, answering=True) if code == "commune" else ()
        if communes:
            if settle_commune(talk, communes):
                return
        else:
            keep_answer(talk, "P1", code)
    elif pending.kind == "words" and code not in {UNKNOWN, REFUSE}:
        keep_words(talk, pending.key, text, masked=pending.key != FIRST_NAME)
    else:
        before = danger_told(talk)
        keep_answer(talk, pending.key, code)
        if raise_new_alert(talk, before):
            return
    go_on_after(talk, pending)


def _still_asked(talk: Talk, pending: Pending, code: str) -> bool:
    """A question put from an older version may be gone, or may have other answers: then it is put afresh."""
    question = talk.house.questionnaire.questions.get(pending.question_id)
    if question is None:
        go_on(talk)
        return False
    if question.options and code not in {UNKNOWN, REFUSE} and question.option(code) is None:
        put_by_id(talk, pending.key)
        return False
    return True


def _answer_phone(talk: Talk, pending: Pending, text: str, code: str) -> bool:
    if code in {UNKNOWN, REFUSE}:
        keep_answer(talk, "PHONE", code)
    else:
        try:
            number = e164(text)
        except NotAPhoneNumber:
            talk.say("handoff.not_a_phone")
            talk.ask_again()
            return True
        keep_words(talk, "PHONE", spoken(number), masked=False)
    begin_handoff(talk, recipient=pending.notes["recipient"], level=pending.notes["level"])
    return True


def _own_words(house: House, text: str, language: str, at: datetime) -> str | None:
    parsed = _parsed(house, "yes_no", (), text, language, at)
    if parsed in {UNKNOWN, REFUSE}:
        return parsed
    if len(text.split()) > _MOST_WORDS or house.answer_words.is_small_talk(text, language):
        return None
    return "words"


def _parsed(
    house: House, kind: AnswerKind, labels: tuple[str, ...], text: str, language: str, at: datetime
) -> str | None:
    return parse_answer(text, kind=kind, options=labels, language=language, words=house.answer_words, at=at)


_SPECIAL: dict[str, Callable[[Talk, Pending, str], None]] = {
    "alert_person": lambda talk, _pending, code: answer_alert(talk, code),
    "offer": answer_offer,
    "more": lambda talk, _pending, code: answer_more(talk, code),
    "check_back": lambda talk, _pending, code: answer_check_back(talk, code),
    epices.ASKED: lambda talk, _pending, code: epices.answer_epices(talk, code),
    epices.ITEM: epices.answer_item,
    epices.APPOINTMENT: lambda talk, _pending, code: epices.answer_appointment(talk, code),
    "helped": lambda talk, pending, code: answer_helped(talk, pending.notes["request"], code),
    "solved": lambda talk, _pending, code: answer_solved(talk, code),
    WHAT_FAILED: lambda talk, _pending, code: answer_what_failed(talk, code),
    WHICH_FAILED: answer_which_failed,
    "back_home": lambda talk, _pending, code: answer_back_home(talk, code),
    "observed": answer_agreement,
    "observed_fact": answer_fact,
    "restart": lambda talk, _pending, code: answer_restart(talk, code),
    "erase": lambda talk, _pending, code: answer_erase(talk, code),
    "withdraw": lambda talk, _pending, code: answer_withdraw(talk, code),
    "stop": lambda talk, _pending, code: answer_stop(talk, code),
    "pause": lambda talk, _pending, code: answer_pause(talk, code),
    "resume": lambda talk, _pending, code: answer_resume(talk, code),
    "language": lambda talk, _pending, code: choose_language(talk, code),
    MENU_KEY: lambda talk, _pending, code: answer_menu(talk, code),
}
