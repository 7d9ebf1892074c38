"""What an action may propose. The turn decides, and commits all of it or nothing (DESIGN §1.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """One typed operation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AddNeeds(Proposal):
    """Needs and circumstances told in free text, and the communes it may name."""

    thematiques: tuple[str, ...] = ()
    wanted: bool = False
    signals: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    #: The person's age in years, and that of somebody they speak of.
    age: int | None = None
    other_age: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerPending(Proposal):
    """The message answers the question that is waiting."""

    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Correct(Proposal):
    """The person corrects what they said before."""

    thematiques: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Explain(Proposal):
    """Say one text, then come back to where we were."""

    text: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainQuestion(Proposal):
    """Say why the waiting question is asked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AskHuman(Proposal):
    """The person wants to talk to a person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotUnderstood(Proposal):
    """Nothing in the message could be used."""


_KINDS: dict[str, type[Proposal]] = {
    kind.__name__: kind
    for kind in (AddNeeds, AnswerPending, Correct, Explain, ExplainQuestion, AskHuman, NotUnderstood)
}


def to_message(proposal: Proposal) -> dict[str, Any]:
    """The proposal as an action hands it to its dispatcher."""
    return {"proposal": type(proposal).__name__, **asdict(proposal)}


def from_messages(messages: Iterable[Mapping[str, Any]]) -> tuple[Proposal, ...]:
    """The proposals in an action's answer. Raises KeyError or TypeError on anything else."""
    found = []
    for message in messages:
        custom = message.get("custom") or {}
        if "proposal" not in custom:
            continue
        kind = _KINDS[custom["proposal"]]
        found.append(kind(**{part.name: _frozen(custom[part.name]) for part in fields(kind)}))
    return tuple(found)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
