"""What goes well and who helps, read from the answers: kept beside the needs, never part of the level."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

STRENGTHS = Path(__file__).parent / "data" / "strengths.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Strength:
    """One thing that goes well; its words are `strength.<id>`."""

    id: str
    #: Somebody who is there, or something the person does or has.
    kind: Literal["support", "strength"]
    question: str
    code: str


@cache
def known_strengths(path: Path = STRENGTHS) -> tuple[Strength, ...]:
    """Every strength an answer may tell, those to say first being first."""
    return tuple(Strength(**row) for row in yaml.safe_load(path.read_text(encoding="utf-8"))["strengths"])


def strengths_of(answers: Mapping[str, str]) -> tuple[Strength, ...]:
    """The strengths these answers tell."""
    return tuple(strength for strength in known_strengths() if answers.get(strength.question) == strength.code)
