"""From what the person told to the situation: needs, their weight, whether help is wanted (screening.md §6.5)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from passerelle.screening.questions import Option, Question, Questionnaire, Signal
from passerelle.screening.told import UNKNOWN, Told, deadline_key, wish_key

Wish = Literal["yes", "later", "no"]
ToldBy = Literal["free_text", "question"]

#: When several dangers are said, the first of this order is answered (DESIGN §8).
DANGERS = ("vital", "suicide", "child", "violence", "vulnerable_adult", "rough_sleeping")


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """One need: one primary thematique, whatever the number of answers that weigh on it."""

    thematique: str
    domain: str
    #: 1 gêne, 2 difficulté, 3 blocage.
    weight: int
    #: None until T1 is answered.
    wanted: Wish | None
    days_left: int | None
    told_by: ToldBy
    #: Secondary thematiques, for matching only.
    also: tuple[str, ...] = ()
    #: A means, not an end: counts in m, never in n.
    means: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """What screening knows, ready to be counted into facts."""

    needs: tuple[Need, ...]
    autonomy: int
    rupture: bool
    isolated: bool
    professionals: int
    has_referent: bool
    failed: int
    domains: frozenset[str]
    #: Every signal, heard in free text or said by an answer.
    signals: frozenset[str]
    #: Kind of danger an answer revealed: it bypasses the grading.
    danger: str | None


def read_situation(told: Told, questionnaire: Questionnaire) -> Situation:
    """Put together needs and circumstances; the order in which things were told does not matter."""
    chosen = dict(_chosen_options(told, questionnaire))
    names = told.signals.union(*(option.signals for option in chosen.values()))
    signals = [questionnaire.signals[name] for name in sorted(names) if name in questionnaire.signals]
    needs = tuple(_needs(told, questionnaire, names, signals))
    effects: list[Option | Signal] = [*chosen.values(), *signals]
    return Situation(
        needs=needs,
        autonomy=max((effect.autonomy for effect in effects), default=0),
        rupture=any(signal.rupture for signal in signals),
        isolated=any(signal.isolated for signal in signals),
        professionals=max((effect.professionals for effect in effects), default=0),
        has_referent=any(effect.referent for effect in effects),
        failed=told.failed,
        domains=frozenset(need.domain for need in needs),
        signals=names,
        danger=_first_danger(chosen.values()),
    )


def _chosen_options(told: Told, questionnaire: Questionnaire) -> Iterator[tuple[str, Option]]:
    for key, code in told.answers.items():
        question = questionnaire.questions.get(key)
        option = question.option(code) if question else None
        if option:
            yield key, option


def _first_danger(options: Iterable[Option]) -> str | None:
    return min((option.danger for option in options if option.danger), key=DANGERS.index, default=None)


def _needs(told: Told, questionnaire: Questionnaire, names: frozenset[str], signals: list[Signal]) -> Iterator[Need]:
    weighing: dict[str, list[Question]] = {need.thematique: [] for need in told.needs}
    for key in told.answers:
        question = questionnaire.questions.get(key)
        if question and question.primary:
            weighing.setdefault(question.primary, []).append(question)
    said_days = min((signal.days for signal in signals if signal.days is not None), default=None)
    for value in sorted(weighing, key=lambda value: (questionnaire.thematique(value).domain, value)):
        need = _need(value, weighing[value], told, questionnaire, names, said_days)
        if need.weight > 0:
            yield need


def _need(
    value: str,
    questions: list[Question],
    told: Told,
    questionnaire: Questionnaire,
    names: frozenset[str],
    said_days: int | None,
) -> Need:
    thematique = questionnaire.thematique(value)
    in_words = [need for need in told.needs if need.thematique == value]
    answered = [(question, told.answers[question.id]) for question in questions]
    told_weight = _told_weight(thematique.weight(names), answered) if in_words else 0
    raising = [(question, code) for question, code in answered if question.weight(code) > 0]
    options = [option for question, code in raising if (option := question.option(code))]
    days = [option.days for option in options]
    said = _deadline(told, value, questionnaire, said_days if in_words else None)
    return Need(
        thematique=value,
        domain=thematique.domain,
        weight=max([told_weight, *(question.weight(code) for question, code in raising)]),
        wanted=_wish(told.answers.get(wish_key(value)), any(need.wanted for need in in_words)),
        days_left=min((left for left in (*days, said) if left is not None), default=None),
        told_by="free_text" if in_words else "question",
        also=_also(value, [question for question, _ in raising]),
        means=thematique.means,
    )


def _told_weight(default: int, answered: list[tuple[Question, str]]) -> int:
    """The default weight, until a question refines it; a need told of one's own accord never vanishes."""
    refined = [
        question.weight(code)
        for question, code in answered
        if question.when_told == "refine" and (question.option(code) or question.weight(code))
    ]
    return max(1, *refined) if refined else default


def _wish(answer: str | None, asked_for: bool) -> Wish | None:
    if answer is None:
        return "yes" if asked_for else None
    if answer == UNKNOWN:
        return "later"
    return {"yes": "yes", "later": "later"}.get(answer, "no")  # type: ignore[return-value]


def _deadline(told: Told, value: str, questionnaire: Questionnaire, said_days: int | None) -> int | None:
    """Days left for a need: the answer to T2 (a code of its options, or a number of days), or what was said."""
    answer = told.answers.get(deadline_key(value))
    if answer is None:
        return said_days
    if answer.isdecimal():
        return int(answer)
    option = questionnaire.question("T2").option(answer)
    return option.days if option else None


def _also(value: str, questions: list[Question]) -> tuple[str, ...]:
    secondary = {other for question in questions for other in question.thematiques if other != value}
    return tuple(sorted(secondary))
