"""The ten facts a level is graded on (reference/screening.md §6.2, §6.5)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from passerelle.foundation.errors import BadInput
from passerelle.screening.situation import Situation


class BadFacts(BadInput):
    """facts.{field} = {value}: {reason}."""


#: Largest count accepted: more is a mistake, not a situation.
MOST = 1000

_FLAGS = frozenset({"r", "iso", "ref"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Counts and yes/no only: nothing of what the person said."""

    #: Wanted needs, serious ones among them, blocking ones among these.
    m: int = 0
    n: int = 0
    g3: int = 0
    #: Autonomy: 0 alone, 1 with help, 2 cannot.
    a: int = 0
    #: Days to the nearest deadline of a wanted need.
    d: int | None = None
    #: A rupture within three months; nobody to help.
    r: bool = False
    iso: bool = False
    #: Professionals already there; a référent among them; orientations that failed.
    pros: int = 0
    ref: bool = False
    fail: int = 0

    def __post_init__(self) -> None:
        for field in ("m", "n", "g3", "a", "pros", "fail"):
            _count(field, getattr(self, field))
        if self.d is not None:
            _count("d", self.d)
        for field in _FLAGS:
            _flag(field, getattr(self, field))
        if self.a > 2:
            raise BadFacts(field="a", value=self.a, reason="autonomy is 0, 1 or 2")
        if self.n > self.m:
            raise BadFacts(field="n", value=self.n, reason=f"more serious needs than wanted needs (m = {self.m})")
        if self.g3 > self.n:
            raise BadFacts(field="g3", value=self.g3, reason=f"more blocking needs than serious needs (n = {self.n})")

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """Read facts from outside: absent or null is 0, false or none; anything else unknown is refused."""
        if not isinstance(given, Mapping):
            raise BadFacts(field="", value=given, reason="facts must be an object")
        known = cls.__slots__
        for field, value in given.items():
            if field not in known:
                raise BadFacts(field=field, value=value, reason=f"unknown; the facts are {', '.join(known)}")
        return cls(**{field: value for field, value in given.items() if value is not None})

    def as_json(self) -> dict[str, int | bool | None]:
        """The facts as they are stored with a decision."""
        return asdict(self)


def facts_of(situation: Situation) -> Facts:
    """Count what the rules look at; "plus tard" counts in m only."""
    wanted = [need for need in situation.needs if need.wanted in ("yes", "later")]
    now = [need for need in wanted if need.wanted == "yes"]
    serious = [need for need in now if need.weight >= 2 and not need.means]
    days = [need.days_left for need in now if need.days_left is not None]
    return Facts(
        m=len(wanted),
        n=len(serious),
        g3=sum(need.weight >= 3 for need in serious),
        a=situation.autonomy,
        d=min(days, default=None),
        r=situation.rupture,
        iso=situation.isolated,
        pros=situation.professionals,
        ref=situation.has_referent,
        fail=situation.failed,
    )


def _count(field: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadFacts(field=field, value=value, reason="a whole number is expected")
    if not 0 <= value <= MOST:
        raise BadFacts(field=field, value=value, reason=f"a number from 0 to {MOST} is expected")


def _flag(field: str, value: object) -> None:
    if not isinstance(value, bool):
        raise BadFacts(field=field, value=value, reason="true or false is expected")
