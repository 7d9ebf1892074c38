"""The points and limits of matching, read from data/matching.yaml and checked."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import yaml
from data_inclusion.schema import v1

from orientation_catalogue.errors import BadSource

DATA = Path(__file__).parent / "data" / "matching.yaml"

#: Points that may cross a rank on purpose.
_CROSSING = {"rank", "capacity_no", "closed", "address_first"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Means:
    """A need whose answer opens others: it comes before them."""

    need: str
    opens: frozenset[str]
    #: Name of the sentence that says why (`reason.means_<why>`).
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Freshness:
    """How points fade with the age of a row, in days."""

    full_until: int
    none_after: int
    #: Sources kept up to date as a whole, whatever the date of a row (data·inclusion exempts them too).
    always: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """How offers are ordered and how many are proposed."""

    points: Mapping[str, int]
    rank: Mapping[int, int]
    #: (inhabitants around from, kilometres), largest first.
    radius_km: tuple[tuple[int, int], ...]
    #: How many times further one looks when nothing is near, in turn.
    widen: tuple[int, ...]
    per_need: int
    in_all: int
    #: Services of one network in the whole shortlist, while others are known.
    per_network: int
    national_per_need: int
    national_alone_per_need: int
    closure_days: int
    #: After so many days a capacity that somebody checked is not believed any more.
    capacity_days: int
    freshness: Freshness
    urgent_needs: tuple[str, ...]
    means: tuple[Means, ...]
    publics_by_age: Mapping[str, Mapping[str, int]]
    publics_excluded_by: Mapping[str, frozenset[str]]
    #: Hash of the file, kept in the trace of what was decided with it.
    sha256: str

    @classmethod
    def load(cls, path: Path = DATA) -> Self:
        """Read the weights; raise BadSource when distance or hours could put droit commun second."""
        text = path.read_bytes()
        value: dict[str, Any] = yaml.safe_load(text)
        points = {name: given for name, given in value["points"].items() if name != "rank"}
        radius = sorted(((step["from_inhabitants_around"], step["km"]) for step in value["radius_km"]), reverse=True)
        weights = cls(
            points=points,
            rank=value["points"]["rank"],
            radius_km=tuple(radius),
            widen=tuple(value["widen"]),
            closure_days=value["closure_days"],
            capacity_days=value["capacity_days"],
            freshness=_freshness(value["freshness"]),
            urgent_needs=tuple(value["urgent_needs"]),
            means=tuple(_means(entry) for entry in value["means"]),
            publics_by_age=value["publics_by_age"],
            publics_excluded_by={one: frozenset(others) for one, others in value["publics_excluded_by"].items()},
            sha256=hashlib.sha256(text).hexdigest(),
            **value["limits"],
        )
        weights._check(path)
        return weights

    def radius(self, inhabitants: int) -> int:
        """Kilometres one may be asked to go, by inhabitants around."""
        return next(km for start, km in self.radius_km if inhabitants >= start)

    def _check(self, path: Path) -> None:
        small = [given for name, given in self.points.items() if name not in _CROSSING]
        span = sum(given for given in small if given > 0) - sum(given for given in small if given < 0)
        steps = [self.rank[rank] - self.rank[rank + 1] for rank in range(1, 5)]
        if min(steps) <= span:
            problem = f"a step between ranks ({min(steps)}) must be larger than all small points together ({span})"
            raise BadSource(path=path, problem=problem)
        self._check_needs(path)

    def _check_needs(self, path: Path) -> None:
        known = {thematique.value for thematique in v1.Thematique}
        named = {*self.urgent_needs, *(means.need for means in self.means)}.union(*(m.opens for m in self.means))
        if unknown := sorted(named - known):
            raise BadSource(path=path, problem=f"{unknown[0]} is not a need of data·inclusion v1")
        opens: dict[str, frozenset[str]] = defaultdict(frozenset)
        for means in self.means:
            opens[means.need] |= means.opens
        for need in list(opens):
            if need in _reached(need, opens):
                raise BadSource(path=path, problem=f"means: {need} comes before itself")


def _reached(need: str, opens: Mapping[str, frozenset[str]]) -> set[str]:
    """Every need that one opens, directly or not."""
    reached: set[str] = set()
    waiting = [need]
    while waiting:
        for opened in opens.get(waiting.pop(), frozenset()) - reached:
            reached.add(opened)
            waiting.append(opened)
    return reached


def _means(value: Mapping[str, Any]) -> Means:
    return Means(need=value["need"], opens=frozenset(value["opens"]), why=value["why"])


def _freshness(value: Mapping[str, Any]) -> Freshness:
    return Freshness(
        full_until=value["full_until_days"],
        none_after=value["none_after_days"],
        always=frozenset(value["always"]),
    )


@lru_cache(maxsize=1)
def default_weights() -> Weights:
    """The weights that ship with the library, read once."""
    return Weights.load()
