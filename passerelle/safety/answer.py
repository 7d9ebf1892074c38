"""What is answered to a danger or a medical question: short, numbers, one question, and we stay (§5.3–5.5)."""

from dataclasses import dataclass
from datetime import datetime

from passerelle.foundation.texts import Form, Texts
from passerelle.safety.check import Safety
from passerelle.safety.numbers import HelpNumbers


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberLink:
    """A help number as the widget shows it."""

    number: str
    #: `tel:` or `sms:` link.
    href: str
    #: Text key of what the line is for.
    usage: str
    open: bool


def safety_numbers(safety: Safety, at: datetime, numbers: HelpNumbers) -> tuple[NumberLink, ...]:
    """The links to show beside the answer; none without a danger."""
    return tuple(
        NumberLink(number=row.number, href=row.href, usage=row.usage, open=row.open_at(at))
        for row in numbers.for_kind(safety.kind, at)
    )


def safety_answer(
    safety: Safety, at: datetime, texts: Texts, language: str, form: Form, numbers: HelpNumbers
) -> tuple[str, ...]:
    """The messages for this result, in order; empty when nothing is to be said.

    A danger is one message: the numbers open now, each on its own line, and one question.
    """
    if safety.alert:
        return (_alert(safety.kind, at, texts, language, form, numbers),)
    if safety.medical:
        return (texts.say("safety.medical", language=language, form=form),)
    return ()


def _alert(kind: str, at: datetime, texts: Texts, language: str, form: Form, numbers: HelpNumbers) -> str:
    lines = [
        texts.say(row.usage, language=language, form=form) for row in numbers.for_kind(kind, at) if row.open_at(at)
    ]
    return texts.say(f"safety.alert.{kind}", language=language, form=form, numbers="\n".join(lines))
