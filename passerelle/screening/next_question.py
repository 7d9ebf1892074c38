"""Which question comes next: only what touches the person's needs, only while it can change the level or the shortlist.

Shown on synthetic people: tests/bench/bench_questions.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from passerelle.screening.facts import facts_of
from passerelle.screening.questions import Option, Question, Questionnaire
from passerelle.screening.rules import Level, RuleSet
from passerelle.screening.situation import Need, Situation, read_situation
from passerelle.screening.told import OTHER_AGE, Told, deadline_key, wish_key

Profile = Literal["sans-sante", "avec-sante-indirecte"]

#: From this level on someone acts with the person, so who follows them already must be known (R-60).
_ACCOMPANIED = ("N2", "N3", "N4")

#: Answers to P3 with which the person who writes is not the one who needs help.
FOR_ANOTHER = frozenset({"relative", "accompanied"})

#: Profile questions before the proposals, when they change which dispositifs fit; then before a summary leaves.
BEFORE_PROPOSALS = ("P2", "P4")
HANDOFF = ("P3", "P2", "P7", "P5", "P6")

#: The dispositifs that would be proposed, were this all there is to know.
Shortlist = Callable[[Told], frozenset[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """One question to ask."""

    #: Where its answer goes in Told.answers: "Q11", or "T1:<thematique>".
    key: str
    question_id: str
    #: The need T1 or T2 is about.
    thematique: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Interview:
    """What choosing needs: who tells, the data in force, and where we are."""

    told: Told
    situation: Situation
    questionnaire: Questionnaire
    ruleset: RuleSet
    profile: Profile
    private_channel: bool
    #: The level as things are told now.
    level: Level
    shortlist: Shortlist | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """One answer that may still come."""

    ask: Ask
    question: Question


def next_question(
    told: Told,
    *,
    questionnaire: Questionnaire,
    ruleset: RuleSet,
    profile: Profile,
    private_channel: bool,
    asked: int,
    shortlist: Shortlist | None = None,
) -> Ask | None:
    """The next useful question; None when the proposals can be made (or nothing was understood yet).

    `asked` counts the questions since the last useful answer. Without a `shortlist` only the level decides.
    """
    if asked >= questionnaire.max_before_first_answer:
        return None
    situation = read_situation(told, questionnaire)
    if situation.danger:
        return None
    interview = _Interview(
        told=told,
        situation=situation,
        questionnaire=questionnaire,
        ruleset=ruleset,
        profile=profile,
        private_channel=private_channel,
        level=ruleset.grade(facts_of(situation)).level,
        shortlist=shortlist,
    )
    return next(_useful(interview), None)


def profile_questions_for_handoff(told: Told) -> tuple[str, ...]:
    """The profile questions still to ask before a summary leaves, in their order."""
    about_other = "for_other" in told.signals
    # Of somebody who only writes the age says nothing; that of whom it is for does.
    for_another = told.answers.get("P3") in FOR_ANOTHER
    keys = (OTHER_AGE if key == "P2" and for_another else key for key in HANDOFF)
    return tuple(key for key in keys if key not in told.answers and (key != "P3" or about_other))


def _useful(interview: _Interview) -> Iterator[Ask]:
    """In order: commune, wishes, what can change the level, then the shortlist, who follows already."""
    candidates = _candidates(interview)
    if not interview.situation.needs and not candidates:
        return
    if "P1" not in interview.told.answers:
        yield _plain("P1")
    yield from _wishes(interview, may_wait=False)
    yield from _what_changes_the_level(interview, candidates)
    yield from _wishes(interview, may_wait=True)
    wanted = [need for need in interview.situation.needs if need.wanted in ("yes", "later")]
    yield from _what_orders_the_shortlist(interview, candidates)
    if wanted and _age_matters(interview, wanted):
        yield from _age(interview)
    if wanted and _household_matters(interview):
        yield from _unless_known(interview, "P4")
    if wanted and interview.level in _ACCOMPANIED:
        yield from _unless_known(interview, "T3")


def _age_matters(interview: _Interview, wanted: list[Need]) -> bool:
    if any(interview.questionnaire.thematique(need.thematique).age_matters for need in wanted):
        return True
    question = interview.questionnaire.question("P2")
    key = OTHER_AGE if interview.told.answers.get("P3") in FOR_ANOTHER else question.id
    ask = Ask(key=key, question_id=question.id, thematique=None)
    return _changes_the_shortlist(interview, _Step(ask=ask, question=question))


def _household_matters(interview: _Interview) -> bool:
    question = interview.questionnaire.question("P4")
    return _changes_the_shortlist(interview, _Step(ask=_plain(question.id), question=question))


def _what_orders_the_shortlist(interview: _Interview, candidates: list[Question]) -> Iterator[Ask]:
    """What makes one wanted need more pressing than another, when their dispositifs do not all fit in the list."""
    wanted = {need.thematique for need in interview.situation.needs if need.wanted in ("yes", "later")}
    if len(wanted) < 2 or interview.level in _ACCOMPANIED:
        # Someone will act with the person then, and looks at the dates with them.
        return
    for step in _steps(interview, candidates):
        of_one = (step.ask.thematique or step.question.primary) in wanted and _may_ask_now(interview, step)
        if of_one and _weighs(interview, step) and _changes_the_shortlist(interview, step):
            yield from _with_its_gate(interview, step)


def _weighs(interview: _Interview, step: _Step) -> bool:
    """Whether its answers make a need heavier, or nearer."""
    told = (_answered(interview, interview.told, step, option) for option in step.question.options)
    return len({read_situation(answered, interview.questionnaire).needs for answered in told}) > 1


def _changes_the_shortlist(interview: _Interview, step: _Step) -> bool:
    if interview.shortlist is None or step.ask.key in interview.told.answers:
        return False
    told = (_answered(interview, interview.told, step, option) for option in step.question.options)
    return len({interview.shortlist(answered) for answered in told}) > 1


def _age(interview: _Interview) -> Iterator[Ask]:
    """The age of whom it is for: when somebody else is spoken of, that is asked first."""
    if "for_other" in interview.situation.signals:
        yield from _unless_known(interview, "P3")
    if interview.told.answers.get("P3") not in FOR_ANOTHER:
        yield from _unless_known(interview, "P2")
    elif OTHER_AGE not in interview.told.answers:
        yield Ask(key=OTHER_AGE, question_id="P2", thematique=None)


def _wishes(interview: _Interview, *, may_wait: bool) -> Iterator[Ask]:
    """Whether help is wanted, need by need; for a light need nobody spoke of it waits until the level is sure."""
    undecided = [need for need in interview.situation.needs if need.wanted is None]
    for need in sorted(undecided, key=_by_weight):
        if _may_wait(need) != may_wait:
            continue
        yield Ask(key=wish_key(need.thematique), question_id="T1", thematique=need.thematique)


def _may_wait(need: Need) -> bool:
    return need.wanted is None and need.told_by == "question" and (need.weight < 2 or need.means)


def _what_changes_the_level(interview: _Interview, candidates: list[Question]) -> Iterator[Ask]:
    """A question that changes the level by itself; else the first of those that change it together."""
    steps = _steps(interview, candidates)
    if _is_settled(interview, steps):
        return
    for step in steps:
        if _may_ask_now(interview, step) and _pivotal(interview, step):
            yield from _with_its_gate(interview, step)
    for extreme in (_heaviest, _lightest):
        together = _first_needed(interview, steps, extreme)
        if together:
            yield from _with_its_gate(interview, together)


def _is_settled(interview: _Interview, steps: list[_Step]) -> bool:
    """Whether all answers at their worst, and all at their best, leave the level where it is."""
    if any(option.danger for step in steps for option in step.question.options):
        return False
    bounds = [_all_answered(interview, steps, extreme) for extreme in (_heaviest, _lightest)]
    return {_level(interview, told) for told in bounds} == {interview.level}


def _steps(interview: _Interview, candidates: list[Question]) -> list[_Step]:
    """What words bring, then deadlines, then autonomy and support: the order in which a person would expect them."""
    from_words = [question for question in candidates if question.asked == "words"]
    about_the_person = [question for question in candidates if question.asked == "level"]
    return [
        *(_Step(ask=_plain(question.id), question=question) for question in from_words),
        *_deadlines(interview, from_words),
        *(_Step(ask=_plain(question.id), question=question) for question in about_the_person),
    ]


def _candidates(interview: _Interview) -> list[Question]:
    """The unanswered questions that may be asked here: about the needs told first, then by need priority."""
    told = {need.thematique for need in interview.situation.needs}
    questions = map(interview.questionnaire.question, interview.questionnaire.order)
    possible = [question for question in questions if _may_ask(interview, question) and _in_play(interview, question)]
    return sorted(possible, key=lambda question: question.primary not in told)


def _may_ask(interview: _Interview, question: Question) -> bool:
    if question.asked not in ("words", "level") or question.id in interview.told.answers:
        return False
    if question.sensitive and interview.profile == "sans-sante":
        return False
    if question.private_only and not interview.private_channel:
        return False
    return not _known(interview, question) and _open(interview, question)


def _known(interview: _Interview, question: Question) -> bool:
    """Whether the person said it already, in words or through a signal."""
    signals = interview.questionnaire.signals
    if any(question.id in signals[name].answers for name in interview.situation.signals if name in signals):
        return True
    if question.when_told != "known":
        return False
    return any(need.thematique in question.thematiques for need in interview.told.needs)


def _open(interview: _Interview, question: Question) -> bool:
    """Whether the question it depends on allows it: answered so, known from words, or still to be asked (a gate)."""
    if question.depends_on is None:
        return True
    parent = interview.questionnaire.question(question.depends_on.question)
    answer = interview.told.answers.get(parent.id)
    if answer is None:
        return parent.asked == "gate" or _known(interview, parent)
    return answer in question.depends_on.codes


def _in_play(interview: _Interview, question: Question) -> bool:
    if question.asked == "level":
        return bool(interview.situation.needs)
    return _brought_by_words(interview, question)


def _brought_by_words(interview: _Interview, question: Question) -> bool:
    """Whether a need told, or a circumstance, brings it; what weighs a need told always comes with it."""
    needs = [need for need in interview.situation.needs if need.wanted != "no" and not _may_wait(need)]
    said = {need.thematique for need in needs}
    if question.primary in said:
        return True
    said |= {thematique.partition("--")[0] for thematique in said}
    return not question.asks.isdisjoint(said | interview.situation.signals)


def _pivotal(interview: _Interview, step: _Step) -> bool:
    """Whether two of its answers lead to two levels, all else being as it is known."""
    options = step.question.options
    return len({_level(interview, _answered(interview, interview.told, step, option)) for option in options}) > 1


def _first_needed(interview: _Interview, steps: list[_Step], extreme: Callable[[Question], Option]) -> _Step | None:
    """When extreme answers to several questions change the level together: the first that cannot be left out."""
    level = interview.level
    taken: list[_Step] = []
    for step in steps:
        taken.append(step)
        if _level(interview, _all_answered(interview, taken, extreme)) != level:
            break
    else:
        return None
    for step in taken:
        others = [other for other in taken if other is not step]
        if _level(interview, _all_answered(interview, others, extreme)) == level:
            if _may_ask_now(interview, step):
                return step
            return _first_needed(interview, [other for other in steps if other is not step], extreme)
    return None


def _deadlines(interview: _Interview, from_words: list[Question]) -> Iterator[_Step]:
    """The date of each serious wanted need, and of those that a question may make serious."""
    could_be_serious = [question.primary for question in from_words if _heaviest(question).weight >= 2]
    known = {need.thematique: need for need in interview.situation.needs}
    serious = [need.thematique for need in sorted(known.values(), key=_by_weight) if need.weight >= 2]
    for value in dict.fromkeys([*serious, *could_be_serious]):
        need = known.get(value) if value else None
        settled = need is not None and (need.wanted != "yes" or _is_dated(interview, need))
        if value is None or settled:
            continue
        key = deadline_key(value)
        if key not in interview.told.answers:
            question = interview.questionnaire.question("T2")
            yield _Step(ask=Ask(key=key, question_id=question.id, thematique=value), question=question)


def _is_dated(interview: _Interview, need: Need) -> bool:
    """Whether a date was said in words, or is as near as any answer to T2 could make it."""
    if need.days_left is None:
        return False
    signals = interview.questionnaire.signals
    said = any(signals[name].days for name in interview.situation.signals if name in signals)
    if said and need.told_by == "free_text":
        return True
    offered = (option.days for option in interview.questionnaire.question("T2").options)
    return need.days_left <= min(days for days in offered if days is not None)


def _may_ask_now(interview: _Interview, step: _Step) -> bool:
    """A date is asked about a need that is serious already."""
    if step.ask.thematique is None:
        return True
    return any(need.thematique == step.ask.thematique and need.weight >= 2 for need in interview.situation.needs)


def _answered(interview: _Interview, told: Told, step: _Step, option: Option) -> Told:
    """The same with this answer, help being wanted for the need it reveals.

    Autonomy, support and a recent change are asked for what they say of the person, not for the need they may reveal:
    counting it would bring them into every conversation (screening.md §6.2).
    """
    answers = {**told.answers, step.ask.key: option.code}
    if option.weight and step.question.primary and _brought_by_words(interview, step.question):
        answers.setdefault(wish_key(step.question.primary), "yes")
    return replace(told, answers=MappingProxyType(answers))


def _all_answered(interview: _Interview, steps: list[_Step], extreme: Callable[[Question], Option]) -> Told:
    told = interview.told
    for step in steps:
        told = _answered(interview, told, step, extreme(step.question))
    return told


def _heaviest(question: Question) -> Option:
    """The worst answer that is no danger: a danger counts by itself."""
    return max((option for option in question.options if not option.danger), key=_heaviness)


def _lightest(question: Question) -> Option:
    return min(question.options, key=_heaviness)


def _heaviness(option: Option) -> tuple[int, int, int, int]:
    return option.weight, len(option.signals), option.autonomy, -(option.days or 1000)


def _level(interview: _Interview, told: Told) -> Level:
    situation = read_situation(told, interview.questionnaire)
    if situation.danger:
        return "U"
    return interview.ruleset.grade(facts_of(situation)).level


def _with_its_gate(interview: _Interview, step: _Step) -> Iterator[Ask]:
    """A private question comes after "are you alone?"."""
    question = step.question
    if question.depends_on and question.depends_on.question not in interview.told.answers:
        parent = interview.questionnaire.question(question.depends_on.question)
        if parent.asked == "gate":
            yield _plain(parent.id)
            return
    yield step.ask


def _unless_known(interview: _Interview, question_id: str) -> Iterator[Ask]:
    question = interview.questionnaire.question(question_id)
    if question_id not in interview.told.answers and not _known(interview, question):
        yield _plain(question_id)


def _by_weight(need: Need) -> tuple[int, str, str]:
    return -need.weight, need.domain, need.thematique


def _plain(question_id: str) -> Ask:
    return Ask(key=question_id, question_id=question_id, thematique=None)
