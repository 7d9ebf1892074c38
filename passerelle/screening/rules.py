"""The grading rules: read from data/rules.yaml, applied to facts, never evaluated as code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from passerelle.foundation.errors import BadInput
from passerelle.foundation.texts import Texts
from passerelle.screening.conditions import BadCondition, Condition, read_condition
from passerelle.screening.facts import BadFacts, Facts, facts_of
from passerelle.screening.located import Block, DataFile, line_of, read_data
from passerelle.screening.situation import DANGERS, Situation

RULES = Path(__file__).parent / "data" / "rules.yaml"

Level = Literal["U", "C", "N0", "N1", "N2", "N3", "N4"]
SCORED_LEVELS: tuple[Level, ...] = ("N0", "N1", "N2", "N3", "N4")

#: Decisions remembered before all are forgotten.
_MOST_GRADED = 10_000


class NoRuleApplies(BadInput):
    """{place}: no rule gives a level for {facts}."""


class NoSentenceFits(BadInput):
    """{place}: {rule} has no sentence for these facts; the last one needs no condition."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """Which text says why, and when it is the right one."""

    key: str
    when: Condition | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One dated, sourced rule."""

    id: str
    level: Level
    when: Condition
    sentences: tuple[Sentence, ...]
    source: str
    since: date
    #: Last day it was in force: from then on it only stays readable, and never fires.
    until: date | None
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Emergency:
    """A danger that bypasses the grading."""

    id: str
    dangers: frozenset[str]
    sentence: str
    source: str
    since: date
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Modifier:
    """What another room does once the level is known; it never changes the level by itself."""

    id: str
    room: str
    effect: str
    source: str
    since: date
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A level and why: rule ids, facts and versions, no word of the person."""

    level: Level
    fired: tuple[str, ...]
    sentence_key: str
    ruleset: str
    sha256: str
    facts: Facts

    def trace(self, *, sentence: str | None = None) -> dict[str, Any]:
        """What is stored with the decision (screening.md §6.2); `ecartes` and `humain` are filled by their rooms."""
        return {
            "regles": self.ruleset,
            "sha256": self.sha256,
            "faits": self.facts.as_json(),
            "tirees": list(self.fired),
            "niveau": self.level,
            "phrase": self.sentence_key if sentence is None else sentence,
            "ecartes": [],
            "humain": None,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleSet:
    """All rules of one version."""

    version: str
    sha256: str
    path: Path
    rules: tuple[Rule, ...]
    emergencies: tuple[Emergency, ...]
    modifiers: tuple[Modifier, ...]
    #: What may follow from a need, shown to the référent as what to prevent: (from, to).
    may_lead_to: tuple[tuple[str, str], ...]
    #: Decisions made already: choosing a question grades the same few facts again and again.
    _graded: dict[Facts, Decision] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def load(cls, path: Path = RULES) -> Self:
        """Read a rule set; the first mistake of structure is refused with its line."""
        file = read_data(path)
        read = _Reader(file)
        return cls(
            version=read.get(file.content, "version", str),
            sha256=file.sha256,
            path=path,
            rules=read.rules(),
            emergencies=read.emergencies(),
            modifiers=read.modifiers(),
            may_lead_to=read.may_lead_to(),
        )

    def grade(self, facts: Facts) -> Decision:
        """The highest level fired, with every rule that fired, in the order of the file."""
        decision = self._graded.get(facts)
        if decision is None:
            if len(self._graded) >= _MOST_GRADED:
                self._graded.clear()
            decision = self._graded[facts] = self._grade(facts)
        return decision

    def _grade(self, facts: Facts) -> Decision:
        fired = self.fired(facts)
        if not fired:
            raise NoRuleApplies(place=self.path, facts=facts.as_json())
        level = max((rule.level for rule in fired), key=SCORED_LEVELS.index)
        leading = next(rule for rule in fired if rule.level == level)
        return self._decision(level, tuple(rule.id for rule in fired), self._why(leading, facts), facts)

    def decide(self, situation: Situation) -> Decision:
        """Emergencies first, then the level."""
        facts = facts_of(situation)
        for emergency in self.emergencies:
            if situation.danger in emergency.dangers:
                return self._decision("U", (emergency.id,), emergency.sentence, facts)
        return self.grade(facts)

    def fired(self, facts: Facts) -> list[Rule]:
        """The rules that hold for these facts."""
        fired: dict[str, Rule] = {}
        for rule in self.rules:
            if rule.until is None and rule.when.holds(facts, fired.__contains__):
                fired[rule.id] = rule
        return list(fired.values())

    def _why(self, rule: Rule, facts: Facts) -> str:
        for sentence in rule.sentences:
            if sentence.when is None or sentence.when.holds(facts, frozenset().__contains__):
                return sentence.key
        raise NoSentenceFits(place=f"{self.path}, line {rule.line}", rule=rule.id, line=rule.line)

    def _decision(self, level: Level, fired: tuple[str, ...], sentence_key: str, facts: Facts) -> Decision:
        return Decision(
            level=level,
            fired=fired,
            sentence_key=sentence_key,
            ruleset=self.version,
            sha256=self.sha256,
            facts=facts,
        )


def grade_json(line: Mapping[str, Any], *, ruleset: RuleSet, texts: Texts, language: str = "fr") -> dict[str, Any]:
    """One line of `passerelle grade` (DESIGN §8)."""
    if not isinstance(line, Mapping):
        raise BadFacts(field="", value=line, reason="each line must be an object with id and facts")
    unknown = set(line) - {"id", "facts"}
    if unknown:
        raise BadFacts(field="", value=", ".join(sorted(map(str, unknown))), reason="unknown beside id and facts")
    decision = ruleset.grade(Facts.from_json({} if line.get("facts") is None else line["facts"]))
    return {
        "id": line.get("id"),
        "level": decision.level,
        "rules": list(decision.fired),
        "sentence": texts.say(decision.sentence_key, language=language),
        "ruleset": decision.ruleset,
    }


class _Reader:
    """Turns blocks into rules; says the file, the line and the mistake."""

    def __init__(self, file: DataFile) -> None:
        self._file = file

    def get(self, block: Block, key: str, expected: type, default: Any = None) -> Any:
        value = block.get(key, default)
        if not isinstance(value, expected):
            raise self._mistake(block.line, f'"{key}" is missing or of the wrong kind: {value!r}')
        return value

    def rules(self) -> tuple[Rule, ...]:
        blocks = self._blocks("rules")
        ids = frozenset(str(block.get("id")) for block in blocks)
        if len(ids) < len(blocks):
            raise self._mistake(blocks[0].line, "two rules have the same id")
        earlier: set[str] = set()
        rules = []
        for block in blocks:
            rules.append(self._rule(block, frozenset(earlier)))
            earlier.add(rules[-1].id)
        return tuple(rules)

    def emergencies(self) -> tuple[Emergency, ...]:
        return tuple(self._emergency(block) for block in self._blocks("emergencies"))

    def modifiers(self) -> tuple[Modifier, ...]:
        return tuple(
            Modifier(
                id=self.get(block, "id", str),
                room=self.get(block, "room", str),
                effect=self.get(block, "effect", str),
                source=self.get(block, "source", str),
                since=self.get(block, "since", date),
                line=block.line,
            )
            for block in self._blocks("modifiers")
        )

    def may_lead_to(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (self.get(block, "from", str), self.get(block, "to", str)) for block in self._blocks("may_lead_to")
        )

    def _rule(self, block: Block, earlier: frozenset[str]) -> Rule:
        level = block.get("level")
        if level not in SCORED_LEVELS:
            raise self._mistake(block.line, f'"level" is one of {", ".join(SCORED_LEVELS)}, not {level!r}')
        return Rule(
            id=self.get(block, "id", str),
            level=level,
            when=self._condition(block.get("when"), block.line, earlier),
            sentences=tuple(
                Sentence(
                    key=self.get(sentence, "say", str),
                    when=self._condition(sentence["when"], sentence.line, frozenset()) if "when" in sentence else None,
                )
                for sentence in self.get(block, "sentences", list)
            ),
            source=self.get(block, "source", str),
            since=self.get(block, "since", date),
            until=self._end(block),
            line=block.line,
        )

    def _end(self, block: Block) -> date | None:
        if "until" not in block:
            return None
        until: date = self.get(block, "until", date)
        if until < block["since"]:
            raise self._mistake(block.line, f'"until" ({until}) comes before "since" ({block["since"]})')
        return until

    def _emergency(self, block: Block) -> Emergency:
        dangers = self.get(block, "dangers", list)
        for danger in dangers:
            if danger not in DANGERS:
                raise self._mistake(block.line, f"a danger is one of {', '.join(DANGERS)}, not {danger!r}")
        return Emergency(
            id=self.get(block, "id", str),
            dangers=frozenset(dangers),
            sentence=self.get(block, "sentence", str),
            source=self.get(block, "source", str),
            since=self.get(block, "since", date),
            line=block.line,
        )

    def _condition(self, given: object, line: int, earlier: frozenset[str]) -> Condition:
        try:
            return read_condition(given, line, earlier)
        except BadCondition as error:
            raise BadInput(place=f"{self._file.path}, line {error.fields['line']}", reason=str(error)) from None

    def _blocks(self, key: str) -> list[Block]:
        items = self.get(self._file.content, key, list)
        for item in items:
            if not isinstance(item, Block):
                raise self._mistake(
                    line_of(item, self._file.content.line), f'"{key}" holds something that is not a block'
                )
        return items  # type: ignore[no-any-return]

    def _mistake(self, line: int, reason: str) -> BadInput:
        return BadInput(place=f"{self._file.path}, line {line}", reason=reason)
