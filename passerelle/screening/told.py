"""What the person told: the values the dossier hands to screening."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Self

#: Key of the age, as an answer to P2, of somebody spoken of ("ma mère a 82 ans").
OTHER_AGE = "P2:other"

#: Answers every question accepts, besides its own options.
UNKNOWN = "unknown"
REFUSE = "refuse"


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldNeed:
    """A need said in free text, or picked in the menu."""

    thematique: str
    #: Help with it was asked for in the same words, so that T1 need not be asked.
    wanted: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Everything the person told so far, in codes only."""

    #: key ("Q11", "P1", "T1:<thematique>", "T2:<thematique>", "T3") to option code, digits, "unknown" or "refuse".
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    needs: tuple[ToldNeed, ...] = ()
    #: Names of the entities heard in free text (nlu_data/<language>/signals.yml).
    signals: frozenset[str] = frozenset()
    #: Follow-up: orientations that did not lead to help.
    failed: int = 0

    def with_answer(self, key: str, code: str) -> Self:
        """The same, with one answer more."""
        return replace(self, answers=MappingProxyType({**self.answers, key: code}))


def wish_key(thematique: str) -> str:
    """Key of the answer to T1 for a need."""
    return f"T1:{thematique}"


def deadline_key(thematique: str) -> str:
    """Key of the answer to T2 for a need."""
    return f"T2:{thematique}"
