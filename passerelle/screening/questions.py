"""The questionnaire: questions, options, signals and thematiques, read from data/questions.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, get_args

from passerelle.foundation.errors import BadInput, NotFound
from passerelle.screening.located import Block, DataFile, line_of, read_data
from passerelle.screening.told import UNKNOWN

QUESTIONS = Path(__file__).parent / "data" / "questions.yaml"

Kind = Literal["yes_no", "choice", "date_limit", "number", "commune", "text"]
Asked = Literal["words", "level", "first", "each_need", "end", "before_proposals", "handoff", "gate", "conversation"]
WhenTold = Literal["known", "refine", "add"]


class UnknownQuestion(NotFound):
    """No question is called "{question}"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One answer to a closed question, and what it says."""

    number: int
    code: str
    weight: int
    signals: frozenset[str] = frozenset()
    autonomy: int = 0
    days: int | None = None
    #: Kind of danger, in the words of the safety room: it bypasses the grading.
    danger: str | None = None
    professionals: int = 0
    referent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Dependency:
    """The answers to another question that open this one."""

    question: str
    codes: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One question, its options and when it is asked; its sentence is `question.<id>`."""

    id: str
    domain: str
    kind: Kind
    thematiques: tuple[str, ...]
    options: tuple[Option, ...]
    #: Thematiques, categories and signals that bring it into play.
    asks: frozenset[str]
    asked: Asked
    when_told: WhenTold
    sensitive: bool
    private_only: bool
    depends_on: Dependency | None
    #: Weight of "I do not know".
    unknown_weight: int
    line: int

    @property
    def primary(self) -> str | None:
        """The thematique of the need that its answers weigh."""
        return self.thematiques[0] if self.thematiques else None

    @property
    def weighs(self) -> bool:
        """Whether an answer can make a need."""
        return any(option.weight for option in self.options)

    def option(self, code: str) -> Option | None:
        """The option an answer code names; None for a refusal, a number, a text."""
        for option in self.options:
            if option.code == code:
                return option
        return None

    def numbered(self, number: int) -> Option | None:
        """The option that carries this number."""
        for option in self.options:
            if option.number == number:
                return option
        return None

    def weight(self, code: str) -> int:
        """How heavy an answer makes the need."""
        if code == UNKNOWN:
            return self.unknown_weight
        option = self.option(code)
        return option.weight if option else 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """What an entity heard in free text says about the situation."""

    name: str
    rupture: bool
    isolated: bool
    autonomy: int
    days: int | None
    professionals: int
    referent: bool
    #: Questions that need not be asked any more.
    answers: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Thematique:
    """A data·inclusion thematique: its domain and its weight when told in free text."""

    value: str
    domain: str
    default_weight: int
    weight_if: Mapping[str, int]
    #: A means, not an end: counts in m, never in n (reference/screening.md §6.2).
    means: bool
    age_matters: bool

    def weight(self, signals: frozenset[str]) -> int:
        """Weight of the need told in free text, knowing the signals."""
        return max([self.default_weight, *(w for name, w in self.weight_if.items() if name in signals)])


@dataclass(frozen=True, kw_only=True, slots=True)
class Questionnaire:
    """All questions of one version."""

    version: str
    sha256: str
    max_before_first_answer: int
    questions: Mapping[str, Question]
    signals: Mapping[str, Signal]
    thematiques: Mapping[str, Thematique]
    #: Question ids in the order of need priority, domain by domain.
    order: tuple[str, ...]

    @classmethod
    def load(cls, path: Path = QUESTIONS) -> Self:
        """Read a questionnaire; the first mistake of structure is refused with its line."""
        file = read_data(path)
        read = _Reader(file)
        questions = {question.id: question for question in read.questions()}
        return cls(
            version=str(read.get(file.content, "version", str)),
            sha256=file.sha256,
            max_before_first_answer=read.get(file.content, "max_before_first_answer", int),
            questions=questions,
            signals=read.signals(),
            thematiques=read.thematiques(),
            order=read.order(questions),
        )

    def question(self, question_id: str) -> Question:
        """The question of this id; an answer key ("T1:<thematique>") is accepted too."""
        try:
            return self.questions[question_id.partition(":")[0]]
        except KeyError:
            raise UnknownQuestion(question=question_id) from None

    def thematique(self, value: str) -> Thematique:
        """The thematique, known or not: an unknown one is a light need without a domain."""
        return self.thematiques.get(value) or Thematique(
            value=value, domain="", default_weight=1, weight_if={}, means=False, age_matters=False
        )


class _Reader:
    """Turns blocks into values; says the file, the line and the field of the first mistake."""

    def __init__(self, file: DataFile) -> None:
        self._file = file

    def get(self, block: Block, key: str, expected: type, default: Any = None) -> Any:
        value = block.get(key, default)
        if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
            raise self._mistake(block.line, f'"{key}" is missing or is not {_named(expected)}: {value!r}')
        return value

    def questions(self) -> list[Question]:
        seen: dict[str, int] = {}
        questions = []
        for block in self._blocks(self._file.content, "questions"):
            question = self._question(block)
            if question.id in seen:
                raise self._mistake(block.line, f"{question.id} is written twice (line {seen[question.id]})")
            seen[question.id] = block.line
            questions.append(question)
        return questions

    def signals(self) -> dict[str, Signal]:
        table = self.get(self._file.content, "signals", Block)
        return {name: self._signal(name, block) for name, block in table.items()}

    def thematiques(self) -> dict[str, Thematique]:
        table = self.get(self._file.content, "thematiques", Block)
        return {value: self._thematique(value, block) for value, block in table.items()}

    def order(self, questions: Mapping[str, Question]) -> tuple[str, ...]:
        priorities = self.get(self._file.content, "priorities", Block)
        listed = [question_id for ids in priorities.values() for question_id in ids]
        for question_id in listed:
            if question_id not in questions:
                raise self._mistake(priorities.line, f"the priorities name an unknown question: {question_id}")
        return (*listed, *(question_id for question_id in questions if question_id not in listed))

    def _question(self, block: Block) -> Question:
        asked = block.get("asked", "words")
        when_told = block.get("when_told", "add")
        kind = block.get("kind")
        for key, value, allowed in (("kind", kind, Kind), ("asked", asked, Asked), ("when_told", when_told, WhenTold)):
            if value not in get_args(allowed):
                raise self._mistake(block.line, f'"{key}" is one of {", ".join(get_args(allowed))}, not {value!r}')
        return Question(
            id=self.get(block, "id", str),
            domain=self.get(block, "domain", str),
            kind=kind,  # type: ignore[arg-type]
            thematiques=tuple(self.get(block, "thematiques", list, [])),
            options=tuple(self._option(option) for option in self._blocks(block, "options")),
            asks=frozenset(self.get(block, "asks", list, [])),
            asked=asked,
            when_told=when_told,
            sensitive=self.get(block, "sensitive", bool, False),
            private_only=self.get(block, "private_only", bool, False),
            depends_on=self._dependency(block),
            unknown_weight=self.get(block, "unknown", int, 0),
            line=block.line,
        )

    def _option(self, block: Block) -> Option:
        if isinstance(block.get("code"), bool):
            raise self._mistake(block.line, 'write the codes "yes" and "no" between quotes')
        return Option(
            number=self.get(block, "number", int),
            code=self.get(block, "code", str),
            weight=self.get(block, "weight", int),
            signals=frozenset(self.get(block, "signals", list, [])),
            autonomy=self.get(block, "autonomy", int, 0),
            days=self.get(block, "days", int) if "days" in block else None,
            danger=self.get(block, "danger", str) if "danger" in block else None,
            professionals=self.get(block, "professionals", int, 0),
            referent=self.get(block, "referent", bool, False),
        )

    def _dependency(self, block: Block) -> Dependency | None:
        if "depends_on" not in block:
            return None
        inner = self.get(block, "depends_on", Block)
        return Dependency(question=self.get(inner, "question", str), codes=frozenset(self.get(inner, "codes", list)))

    def _signal(self, name: str, block: Block) -> Signal:
        return Signal(
            name=name,
            rupture=self.get(block, "rupture", bool, False),
            isolated=self.get(block, "isolated", bool, False),
            autonomy=self.get(block, "autonomy", int, 0),
            days=self.get(block, "days", int) if "days" in block else None,
            professionals=self.get(block, "professionals", int, 0),
            referent=self.get(block, "referent", bool, False),
            answers=frozenset(self.get(block, "answers", list, [])),
        )

    def _thematique(self, value: str, block: Block) -> Thematique:
        return Thematique(
            value=value,
            domain=self.get(block, "domain", str),
            default_weight=self.get(block, "weight", int, 1),
            weight_if=dict(self.get(block, "weight_if", Block, Block())),
            means=self.get(block, "means", bool, False),
            age_matters=self.get(block, "age", bool, False),
        )

    def _blocks(self, block: Block, key: str) -> list[Block]:
        items = self.get(block, key, list)
        for item in items:
            if not isinstance(item, Block):
                raise self._mistake(line_of(item, block.line), f'"{key}" holds something that is not a block: {item!r}')
        return items  # type: ignore[no-any-return]

    def _mistake(self, line: int, reason: str) -> BadInput:
        return BadInput(place=f"{self._file.path}, line {line}", reason=reason)


def _named(expected: type) -> str:
    names = {str: "a text", int: "a whole number", bool: "true or false", list: "a list"}
    return names.get(expected, "a block")
