"""The points and limits of matching, read from data/matching.yaml and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import yaml

from orientation_catalogue.errors import BadSource

DATA = Path(__file__).parent / "data" / "matching.yaml"

#: Points that may cross a rank on purpose.
_CROSSING = {"rank", "capacity_no", "closed"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """How offers are ordered and how many are proposed."""

    points: Mapping[str, int]
    rank: Mapping[int, int]
    #: (inhabitants from, kilometres), largest first.
    radius_km: tuple[tuple[int, int], ...]
    per_need: int
    in_all: int
    national_per_need: int
    national_alone_per_need: int
    closure_days: int
    publics_by_age: Mapping[str, Mapping[str, int]]
    publics_excluded_by: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls, path: Path = DATA) -> Self:
        """Read the weights; raise BadSource when distance or hours could put droit commun second."""
        value: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        points = {name: given for name, given in value["points"].items() if name != "rank"}
        radius = sorted(((step["from_population"], step["km"]) for step in value["radius_km"]), reverse=True)
        weights = cls(
            points=points,
            rank=value["points"]["rank"],
            radius_km=tuple(radius),
            closure_days=value["closure_days"],
            publics_by_age=value["publics_by_age"],
            publics_excluded_by={one: frozenset(others) for one, others in value["publics_excluded_by"].items()},
            **value["limits"],
        )
        weights._check(path)
        return weights

    def radius(self, population: int) -> int:
        """Kilometres one may be asked to go from a commune of this size."""
        return next(km for start, km in self.radius_km if population >= start)

    def _check(self, path: Path) -> None:
        small = [given for name, given in self.points.items() if name not in _CROSSING]
        span = sum(given for given in small if given > 0) - sum(given for given in small if given < 0)
        steps = [self.rank[rank] - self.rank[rank + 1] for rank in range(1, 5)]
        if min(steps) <= span:
            problem = f"a step between ranks ({min(steps)}) must be larger than all small points together ({span})"
            raise BadSource(path=path, problem=problem)


@lru_cache(maxsize=1)
def default_weights() -> Weights:
    """The weights that ship with the library, read once."""
    return Weights.load()
