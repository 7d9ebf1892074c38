"""EPICES, an optional module: offered after the proposals, asked by agreement, its score said to the person only.

Nothing of it is kept but that it was offered: the answers ride in the waiting question and go with it, the score is
said and forgotten. It changes no level, chooses no dispositif and is in no request (reference/screening.md §1.1).
"""

from decimal import Decimal
from types import MappingProxyType

from babel.numbers import format_decimal

from passerelle.conversation.asking import keep_answer
from passerelle.conversation.desk import say_desk
from passerelle.conversation.pending import Pending
from passerelle.conversation.talk import Talk
from passerelle.screening.epices import ITEMS, score

#: Keys of the questions of this module; the first is also kept, so that it is offered once.
ASKED, ITEM, APPOINTMENT = "EPICES", "EPICES_ITEM", "EPICES_APPOINTMENT"

#: Before 26 the usual threshold is unfit.
_TOO_YOUNG = frozenset({"under_15", "15_17", "18_25"})

_AS_ANSWERED = MappingProxyType({"1": True, "0": False})


def offer_epices(talk: Talk) -> None:
    """Ask whether the person would answer, where the operator switched it on."""
    told = talk.dossier.told.answers
    if not talk.house.epices or talk.with_partner or ASKED in told or told.get("P2") in _TOO_YOUNG:
        return
    talk.ask_yes_no(ASKED, talk.words("epices.ask"))


def answer_epices(talk: Talk, code: str) -> None:
    """Begin, or never speak of it again."""
    keep_answer(talk, ASKED, "offered")
    if code == "yes":
        _put(talk, "")
    else:
        _end(talk)


def answer_item(talk: Talk, pending: Pending, code: str) -> None:
    """The next question; without one answer there is no score, so nothing more is asked."""
    said = pending.notes["said"] + {"yes": "1", "no": "0"}.get(code, "-")
    if said.endswith("-"):
        talk.wait_for_nothing("following")
        talk.say("epices.missing")
    elif len(said) < ITEMS:
        _put(talk, said)
    else:
        _say_score(talk, said)


def answer_appointment(talk: Talk, code: str) -> None:
    """Who can be called to take stock: nothing leaves by itself."""
    talk.wait_for_nothing("following")
    if code == "yes":
        say_desk(talk)
    else:
        talk.say("epices.over")


def one_item_back(talk: Talk) -> bool:
    """Put the item before again. Returns False when none of this module waits."""
    pending = talk.pending
    if pending is None or pending.key != ITEM:
        return False
    _put(talk, pending.notes["said"][:-1])
    return True


def _put(talk: Talk, said: str) -> None:
    text = talk.words(f"epices.question.{len(said) + 1}")
    talk.ask_yes_no(ITEM, text, notes={"said": said})


def _say_score(talk: Talk, said: str) -> None:
    result = score([_AS_ANSWERED[answer] for answer in said])
    shown = _shown(result.score, talk.language)
    if result.precarious:
        # one question more, and nothing else.
        talk.say("epices.above", score=shown)
        talk.ask_yes_no(APPOINTMENT, talk.words("epices.offer"))
    else:
        talk.wait_for_nothing("following")
        talk.say("epices.below", score=shown)


def _end(talk: Talk) -> None:
    talk.wait_for_nothing("following")
    talk.say("epices.over")


def _shown(exact: Decimal | None, language: str) -> str:
    return "" if exact is None else format_decimal(exact, format="0.00", locale=language, numbering_system="latn")
