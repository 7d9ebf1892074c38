"""Danger first. The answer is short, the numbers are given, one question is asked, and nothing resumes by itself."""

from typing import cast

from passerelle.conversation.desk import say_desk
from passerelle.conversation.talk import Said, Talk
from passerelle.safety.answer import safety_answer, safety_numbers
from passerelle.safety.check import Kind, Safety
from passerelle.screening.situation import read_situation

#: Stage in which nothing resumes by itself.
AFTER_ALERT = "alert"


def raise_alert(talk: Talk, kind: Kind) -> None:
    """Answer a sign of danger (reference/screening.md §5.3). Nothing of the words is kept."""
    talk.wait_for_nothing(AFTER_ALERT)
    talk.row.misunderstood = 0
    if kind == "violence":
        talk.row.discreet = True
    safety = Safety(kind=kind)
    links = tuple((link.number, link.href) for link in safety_numbers(safety, talk.at, talk.house.numbers))
    question = talk.yes_no("alert_person", talk.words("alert.person_near"))
    talk.pending = question
    # The answer of the safety room ends with this very question: it is not asked twice.
    talk.said += [
        Said(text=text, choices=question.choices, question=question.identity, links=links)
        for text in _answer(talk, safety)
    ]


def danger_told(talk: Talk) -> Kind | None:
    """The danger that answers to closed questions tell."""
    return cast("Kind | None", read_situation(talk.dossier.told, talk.house.questionnaire).danger)


def raise_new_alert(talk: Talk, before: Kind | None) -> bool:
    """Raise the alert of the answers once: one that stays in the dossier must not raise it again at each step."""
    danger = danger_told(talk)
    if danger is None or danger == before:
        return False
    raise_alert(talk, danger)
    return True


def answer_alert(talk: Talk, code: str) -> None:
    """The person wants somebody near, or not; either way we stay."""
    talk.wait_for_nothing(AFTER_ALERT)
    if code == "yes":
        say_desk(talk)
    talk.say("alert.stays")


def refuse_medical(talk: Talk) -> None:
    """We cannot answer about health: say the right doors, and come back to the waiting question."""
    for text in _answer(talk, Safety(medical=True)):
        talk.say_text(text)
    talk.ask_again()


def _answer(talk: Talk, safety: Safety) -> tuple[str, ...]:
    return safety_answer(safety, talk.at, talk.house.texts, talk.language, talk.form, talk.house.numbers)
