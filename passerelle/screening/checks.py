"""Before a questionnaire or a rule set goes live: structure, texts, SMS budget, totality, monotonicity."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, product
from operator import attrgetter
from pathlib import Path
from typing import Any

from data_inclusion.schema.v1 import Thematique as KnownThematique

from passerelle.foundation.errors import BadInput
from passerelle.foundation.sms import fit
from passerelle.foundation.texts import Texts
from passerelle.screening.conditions import Comparison, Condition, comparisons
from passerelle.screening.facts import MOST, Facts
from passerelle.screening.located import Block, DataFile, line_of, read_data
from passerelle.screening.next_question import BEFORE_PROPOSALS, HANDOFF
from passerelle.screening.questions import Question, Questionnaire
from passerelle.screening.rules import SCORED_LEVELS, NoRuleApplies, NoSentenceFits, Rule, RuleSet
from passerelle.screening.situation import DANGERS
from passerelle.screening.wording import need_label, question_body

#: Languages whose letters no GSM alphabet holds: a question may cost them two SMS parts, the others one (DESIGN §7).
_UCS2_LANGUAGES = frozenset({"ar", "uk"})

#: Ways of asking that name their questions in the code: any other question with that way is never asked.
_ASKED_BY_NAME: dict[str, frozenset[str]] = {
    "first": frozenset({"P1"}),
    "each_need": frozenset({"T1", "T2"}),
    "end": frozenset({"T3"}),
    "before_proposals": frozenset(BEFORE_PROPOSALS),
    "handoff": frozenset(HANDOFF),
    "conversation": frozenset({"Q18"}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing to correct, and where."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


def check_questions(path: Path, texts: Texts) -> list[Problem]:
    """What must be corrected before this questionnaire may be activated; empty when nothing."""
    try:
        file = read_data(path)
        questionnaire = Questionnaire.load(path)
    except BadInput as error:
        return [_unreadable(path, error)]
    lines = _Lines(file)
    found = [
        *_unknown_thematiques(questionnaire, lines),
        *_unreachable(questionnaire),
        *_cycles(questionnaire),
        *_bad_options(questionnaire, lines),
        *_texts(questionnaire, lines, texts),
    ]
    return [Problem(file=str(path), line=line, reason=reason) for line, reason in sorted(set(found))]


def check_rules(path: Path, texts: Texts | None = None) -> list[Problem]:
    """What must be corrected before these rules may be activated; empty when nothing."""
    try:
        ruleset = RuleSet.load(path)
    except BadInput as error:
        return [_unreadable(path, error)]
    found = [*_proof(ruleset), *_rule_texts(ruleset, texts)]
    return [Problem(file=str(path), line=line, reason=reason) for line, reason in found]


def check_rule_texts(path: Path, texts: Texts) -> list[Problem]:
    """The texts these rules name that are missing in a language."""
    found = _rule_texts(RuleSet.load(path), texts)
    return [Problem(file=str(path), line=line, reason=reason) for line, reason in found]


#: The values of the reference grid, from the least worrying to the most, but `ref`: a référent is less worrying.
_GRID: dict[str, tuple[Any, ...]] = {
    "m": (0, 1, 2, 3, 4, 5),
    "n": (0, 1, 2, 3, 4),
    "g3": (0, 1, 2),
    "a": (0, 1, 2),
    "d": (None, 30, 7),
    "r": (False, True),
    "iso": (False, True),
    "pros": (0, 2),
    "ref": (False, True),
    "fail": (0, 1, 2),
}

#: Facts that can take any whole number: a rule may look at a value the reference grid does not hold.
_NUMBERS = ("m", "n", "g3", "d", "pros", "fail")


def coherent_facts(ruleset: RuleSet | None = None) -> Iterator[Facts]:
    """The 18 576 coherent combinations of the reference grid, widened by each value only these rules tell apart."""
    grid = _GRID if ruleset is None else _grid_of(ruleset)
    for values in product(*grid.values()):
        facts = dict(zip(grid, values, strict=True))
        if facts["g3"] <= facts["n"] <= facts["m"]:
            yield Facts(**facts)


def _grid_of(ruleset: RuleSet) -> dict[str, tuple[Any, ...]]:
    """The grid on which these rules behave as on all whole numbers: one value at least on each side of every limit."""
    found = [comparison for condition in _conditions(ruleset) for comparison in comparisons(condition)]
    grid = dict(_GRID)
    for fact in _NUMBERS:
        looked_at = [comparison for comparison in found if comparison.fact == fact]
        near = {comparison.value + step for comparison in looked_at for step in (-1, 0, 1)}
        values = {*_GRID[fact], *(value for value in near if 0 <= value <= MOST)}
        grid[fact] = tuple(_told_apart(sorted(values, key=_worry_of_days if fact == "d" else None), fact, looked_at))
    # More serious needs than wanted needs is not coherent: what n can reach, m must reach too.
    grid["n"] = tuple(sorted({*grid["n"], *grid["g3"]}))
    grid["m"] = tuple(sorted({*grid["m"], *grid["n"]}))
    return grid


def _conditions(ruleset: RuleSet) -> Iterator[Condition]:
    for rule in ruleset.rules:
        if rule.until is None:
            yield rule.when
            yield from (sentence.when for sentence in rule.sentences if sentence.when)


def _told_apart(values: list[int | None], fact: str, looked_at: list[Comparison]) -> Iterator[int | None]:
    """One value at least of each run that the rules see alike; those of the reference grid stay."""

    def seen(value: int | None) -> tuple[bool, ...]:
        return tuple(comparison.accepts(value) for comparison in looked_at)

    for _, alike in groupby(values, key=seen):
        run = list(alike)
        yield from [value for value in run if value in _GRID[fact]] or run[:1]


def _worry_of_days(days: int | None) -> float:
    return float("-inf") if days is None else -days


_VALUES = attrgetter(*Facts.__slots__)


def _proof(ruleset: RuleSet) -> Iterator[tuple[int, str]]:
    """The first combination without a level, without one sure reason, or whose worsening lowers the level."""
    yield from _dangers(ruleset)
    yield from _twins(ruleset)
    ranks: dict[tuple[Any, ...], int] = {}
    for facts in coherent_facts(ruleset):
        try:
            decision = ruleset.grade(facts)
        except NoRuleApplies:
            yield ruleset.rules[0].line, f"no rule gives a level for {_shown(facts)}"
            return
        except NoSentenceFits as error:
            rule, line = error.fields["rule"], int(str(error.fields["line"]))
            yield line, f"{rule} has no sentence for {_shown(facts)}: the last one needs no condition"
            return
        ranks[_VALUES(facts)] = SCORED_LEVELS.index(decision.level)
    grid = _grid_of(ruleset)
    for values, rank in ranks.items():
        for worse in _worse(values, grid):
            if ranks.get(worse, rank) < rank:
                yield _lowered(ruleset, _facts(values), _facts(worse))
                return


def _dangers(ruleset: RuleSet) -> Iterator[tuple[int, str]]:
    """Every danger bypasses the grading, in one way only."""
    for danger in DANGERS:
        answering = [emergency for emergency in ruleset.emergencies if danger in emergency.dangers]
        if not answering:
            yield 1, f"no emergency rule answers the danger {danger}"
        for other in answering[1:]:
            yield other.line, f"{answering[0].id} and {other.id} both answer the danger {danger}"


def _twins(ruleset: RuleSet) -> Iterator[tuple[int, str]]:
    """Two rules with the same condition: which level or sentence is meant would depend on their order in the file."""
    seen: dict[Condition, Rule] = {}
    for rule in ruleset.rules:
        if rule.until is None and (first := seen.setdefault(rule.when, rule)) is not rule:
            yield rule.line, f"{first.id} and {rule.id} hold for the same facts: only one of them can say why"


def _lowered(ruleset: RuleSet, facts: Facts, worse: Facts) -> tuple[int, str]:
    before, after = ruleset.grade(facts), ruleset.grade(worse)
    lost = next(rule for rule in ruleset.rules if rule.level == before.level and rule.id in before.fired)
    return (
        lost.line,
        f"a worse signal lowers the level: {before.level} for {_shown(facts)}, {after.level} for {_shown(worse)}",
    )


def _worse(values: tuple[Any, ...], grid: dict[str, tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The same facts with one signal worse; those that are not coherent are simply not in the grid."""
    for position, field in enumerate(Facts.__slots__):
        steps = grid[field][::-1] if field == "ref" else grid[field]
        step = steps.index(values[position]) + 1
        if step < len(steps):
            yield (*values[:position], steps[step], *values[position + 1 :])


def _facts(values: tuple[Any, ...]) -> Facts:
    return Facts(**dict(zip(Facts.__slots__, values, strict=True)))


def _rule_texts(ruleset: RuleSet, texts: Texts | None) -> Iterator[tuple[int, str]]:
    if texts is None:
        return
    keys = [(rule.line, sentence.key) for rule in ruleset.rules for sentence in rule.sentences]
    keys += [(rule.line, f"rule.{rule.id}") for rule in ruleset.rules]
    keys += [(emergency.line, emergency.sentence) for emergency in ruleset.emergencies]
    for line, key in keys:
        for language in texts.languages:
            if not texts.has(key, language):
                yield line, f'the text "{key}" is missing in {language}'


class _Lines:
    """Where things stand in the file."""

    def __init__(self, file: DataFile) -> None:
        content = file.content
        self.top = content.line
        self.thematiques: dict[str, int] = _lines_of(content["thematiques"])
        self.signals: dict[str, int] = _lines_of(content["signals"])
        self.options: dict[tuple[str, int], int] = {
            (block["id"], option["number"]): option.line
            for block in content["questions"]
            for option in block["options"]
        }


def _lines_of(block: Block) -> dict[str, int]:
    return {key: line_of(value, block.line) for key, value in block.items()}


def _unknown_thematiques(questionnaire: Questionnaire, lines: _Lines) -> Iterator[tuple[int, str]]:
    known = {member.value for member in KnownThematique}
    categories = {value.partition("--")[0] for value in known}
    for value, line in lines.thematiques.items():
        if value not in known:
            yield line, f"unknown thematique: {value}"
    for missing in sorted(known - set(lines.thematiques)):
        yield lines.top, f"the thematique {missing} has no domain"
    for question in questionnaire.questions.values():
        for value in question.thematiques:
            if value not in known:
                yield question.line, f"{question.id}: unknown thematique: {value}"
        for value in question.asks - known - categories - set(questionnaire.signals):
            yield question.line, f"{question.id} asks: neither a thematique, nor a category, nor a signal: {value}"
    for signal in questionnaire.signals.values():
        for question_id in signal.answers - set(questionnaire.questions):
            yield lines.signals[signal.name], f"{signal.name} answers an unknown question: {question_id}"


def _unreachable(questionnaire: Questionnaire) -> Iterator[tuple[int, str]]:
    for question in questionnaire.questions.values():
        for why in _never_asked(question, questionnaire):
            yield question.line, f"{question.id} can never be asked: {why}"


def _never_asked(question: Question, questionnaire: Questionnaire) -> Iterator[str]:
    named = _ASKED_BY_NAME.get(question.asked)
    weighs_a_need_told = question.when_told != "known" and question.primary and question.weighs
    if question.asked == "words" and not question.asks and not weighs_a_need_told:
        yield "nothing brings it (asks is empty)"
    if named is not None and question.id not in named:
        yield f'only {_listed(named)} are asked "{question.asked}"'
    if question.asked == "gate" and not _opens_another(question, questionnaire):
        yield "it is a gate, and no question depends on it"
    parent = question.depends_on
    if parent is None:
        return
    if parent.question not in questionnaire.questions:
        yield f"it depends on an unknown question, {parent.question}"
    elif parent.codes.isdisjoint(option.code for option in questionnaire.question(parent.question).options):
        yield f"{parent.question} has no answer {_listed(parent.codes)}"


def _opens_another(gate: Question, questionnaire: Questionnaire) -> bool:
    others = questionnaire.questions.values()
    return any(other.depends_on is not None and other.depends_on.question == gate.id for other in others)


def _cycles(questionnaire: Questionnaire) -> Iterator[tuple[int, str]]:
    for question in questionnaire.questions.values():
        walked: list[str] = []
        step: Question | None = question
        while step is not None and step.id not in walked:
            walked.append(step.id)
            step = questionnaire.questions.get(step.depends_on.question) if step.depends_on else None
        if step is not None and step.id == question.id:
            yield question.line, f"these questions depend on each other: {' > '.join([*walked, step.id])}"


def _bad_options(questionnaire: Questionnaire, lines: _Lines) -> Iterator[tuple[int, str]]:
    for question in questionnaire.questions.values():
        closed = question.kind in ("yes_no", "choice", "date_limit")
        if closed and not question.options:
            yield question.line, f"{question.id} is closed and has no option"
        if question.kind == "yes_no" and [option.code for option in question.options] != ["yes", "no"]:
            yield question.line, f'{question.id}: a yes/no question lists 1 "yes", 2 "no"'
        if [option.number for option in question.options] != list(range(1, len(question.options) + 1)):
            yield question.line, f"{question.id}: the options are numbered 1, 2, 3… in order"
        for option in question.options:
            line = lines.options[question.id, option.number]
            if not 0 <= option.weight <= 3:
                yield line, f"{question.id}, {option.code}: a weight is 0, 1, 2 or 3, not {option.weight}"
            if option.danger and option.danger not in DANGERS:
                yield line, f"{question.id}, {option.code}: unknown danger: {option.danger}"
            for signal in option.signals - set(questionnaire.signals):
                yield line, f"{question.id}, {option.code}: unknown signal: {signal}"


def _texts(questionnaire: Questionnaire, lines: _Lines, texts: Texts) -> Iterator[tuple[int, str]]:
    for language in texts.languages:
        yield from _missing_texts(questionnaire, lines, texts, language)
        yield from _over_budget(questionnaire, texts, language)


def _missing_texts(
    questionnaire: Questionnaire, lines: _Lines, texts: Texts, language: str
) -> Iterator[tuple[int, str]]:
    for question in questionnaire.questions.values():
        for key in (*_shown_keys(question), f"question.{question.id}.why"):
            if not texts.has(key, language):
                yield question.line, f'the text "{key}" is missing in {language}'
    for value, line in lines.thematiques.items():
        if not texts.has(f"need.{value}", language):
            yield line, f'the text "need.{value}" is missing in {language}'


def _over_budget(questionnaire: Questionnaire, texts: Texts, language: str) -> Iterator[tuple[int, str]]:
    """Questions that cost too many SMS, or whose words leave a gap unfilled; one that lacks a text is said already."""
    named = [value for value in questionnaire.thematiques if texts.has(f"need.{value}", language)]
    longest = max((need_label(value, texts, language, "sms") for value in named), key=len, default="")
    allowed = 2 if language in _UCS2_LANGUAGES else 1
    for question in questionnaire.questions.values():
        if not all(texts.has(key, language) for key in _shown_keys(question)):
            continue
        try:
            sms = fit(question_body(question, texts, language, "sms", need=longest))
        except (KeyError, IndexError, ValueError) as error:
            yield question.line, f"{question.id} in {language}: unknown placeholder: {error}"
            continue
        if sms.parts > allowed:
            yield (
                question.line,
                f"{question.id} in {language} costs {sms.parts} SMS of the {allowed} it may "
                f"({len(sms.text)} characters, {sms.encoding})",
            )


def _shown_keys(question: Question) -> list[str]:
    return [f"question.{question.id}", *(f"question.{question.id}.option.{option.code}" for option in question.options)]


def _unreadable(path: Path, error: BadInput) -> Problem:
    place, _, line = str(error.fields.get("place", path)).rpartition(", line ")
    if place and line.isdecimal():
        return Problem(file=place, line=int(line), reason=str(error.fields["reason"]))
    return Problem(file=str(path), line=1, reason=str(error.fields.get("reason", error)))


def _shown(facts: Facts) -> str:
    told = {field: value for field, value in facts.as_json().items() if value not in (0, None, False)}
    return ", ".join(f"{field}={value}" for field, value in told.items()) or "no fact"


def _listed(codes: frozenset[str]) -> str:
    return " or ".join(sorted(codes))
