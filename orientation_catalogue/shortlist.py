"""The candidates of a need, the most promising first, so that thousands of them need not be read.

A score is worked out from a whole offer (`scoring`). The columns of the index give, without reading it, a ceiling that
its score cannot pass. Candidates come in the order of their ceilings: whoever reads them stops as soon as what they
hold is better than what may still come. A point of `matching.yaml` that is not known here only makes ceilings higher,
never wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orientation_catalogue.eligibility import Person
from orientation_catalogue.index import Columns, Index, Positions, Trait
from orientation_catalogue.territory.places import EARTH_RADIUS_KM
from orientation_catalogue.weights import Weights

# Plain numbers: an enumeration looks its names up at every use.
_REMOTE, _ON_SITE, _FREE, _HOURS = (int(t) for t in (Trait.REMOTE, Trait.ON_SITE, Trait.FREE, Trait.HOURS))
_ZONE_SAID, _SPEAKS = int(Trait.ZONE_SAID), int(Trait.SPEAKS)
_FOR_AN_AGE, _GIVES_ADDRESS = int(Trait.FOR_AN_AGE), int(Trait.GIVES_ADDRESS)
_NO_STRANGERS = int(Trait.OPEN_TO_ALL | Trait.FOR_WHOM)
_FIRST_FOR_SOME = int(Trait.PREFERENTIAL | Trait.PUBLICS_SAID)
_CAPACITIES = (
    (int(Trait.CAPACITY_YES), "capacity_yes"),
    (int(Trait.CAPACITY_WAITING), "capacity_waiting"),
    (int(Trait.CAPACITY_NO), "capacity_no"),
)

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]

#: The best order that an offer may turn out to have: minus its score, its distance, its id.
Promise = tuple[float, float, str]

#: Distances are said to a tenth of a kilometre, and columns hold them to some metres.
_ROUNDED_KM = 0.06
_KM_PER_DEGREE = 111.0

#: So many are put in order first; it is rare to need the next.
_FIRST = 256

#: Points whose part is worked out below.
_KNOWN = frozenset(
    {
        "distance", "remote", "unknown_place", "open_now", "free", "language", "main_need", "several_needs", "to_check",
        "quality", "fresh", "address_first", "capacity_yes", "capacity_waiting", "capacity_no",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidates:
    """Offers of one need, by column."""

    positions: Positions
    #: Kilometres; NaN where no distance counts.
    km: Numbers
    #: Highest score possible.
    ceiling: Numbers
    #: Place among the universal public desks.
    desk: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.positions)

    def where(self, chosen: Mask | NDArray[np.intp]) -> "Candidates":
        """Some of them."""
        return Candidates(
            positions=self.positions[chosen], km=self.km[chosen], ceiling=self.ceiling[chosen], desk=self.desk[chosen]
        )


class Shortlist:
    """Puts candidates in order for one person."""

    def __init__(self, index: Index, person: Person, weights: Weights) -> None:
        self._index = index
        self._person = person
        self._weights = weights
        self._points = weights.points
        here = person.commune
        self._here = (here.latitude, here.longitude) if here else (None, None)
        self._never_far = [z for z in (here.code, here.city, here.epci, here.ept) if z] if here else []

    def near(self, need: str, positions: Positions) -> Candidates:
        """Those that may be near enough, whatever the tenth of a kilometre to which it was rounded."""
        candidates = self._candidates(need, self._not_elsewhere(need, positions))
        far = candidates.km > self._person.radius_km + _ROUNDED_KM
        return candidates.where(~self._too_far(need, candidates.positions, far)) if far.any() else candidates

    def far(self, need: str, positions: Positions) -> Candidates:
        """Those that may be too far, the nearest first."""
        columns = self._index.columns
        placed = (columns.traits[positions] & (_ON_SITE | _REMOTE)) == _ON_SITE
        candidates = self._candidates(need, positions[self._too_far(need, positions, placed)])
        candidates = candidates.where(candidates.km > self._person.radius_km - _ROUNDED_KM)
        return candidates.where(np.lexsort((candidates.positions, candidates.km)))

    def best_first(self, candidates: Candidates) -> Iterator[tuple[Promise, int]]:
        """Positions with what they promise; nothing after one of them can be better than its promise."""
        for some in _in_turn(candidates):
            least = np.where(np.isnan(some.km), np.inf, np.maximum(0.0, some.km - _ROUNDED_KM))
            order = np.lexsort((some.positions, least, -some.ceiling))
            sorted_parts = (part[order].tolist() for part in (some.ceiling, least, some.positions))
            for ceiling, km, position in zip(*sorted_parts, strict=True):
                yield (-ceiling, km, self._index.id_at(position)), position

    # --- where -----------------------------------------------------------------------------------------------------

    def _too_far(self, need: str, positions: Positions, far: Mask) -> Mask:
        """Of those that stand far, those to which it matters: not what is meant for this very commune or grouping."""
        meant_for_here = np.isin(positions[far], self._index.found(need, self._never_far), assume_unique=True)
        too_far = far.copy()
        too_far[far] = ~meant_for_here
        return too_far

    def _not_elsewhere(self, need: str, positions: Positions) -> Positions:
        """A first look at the latitude alone leaves out nine in ten of those that stand elsewhere in France."""
        latitude, _ = self._here
        if latitude is None or len(positions) < _FIRST:
            return positions
        columns = self._index.columns
        reach = (self._person.radius_km + 1) / _KM_PER_DEGREE
        elsewhere = np.abs(columns.latitude[positions] - np.float32(latitude)) > reach
        elsewhere &= (columns.traits[positions] & (_ON_SITE | _REMOTE)) == _ON_SITE
        kept: Positions = positions[~self._too_far(need, positions, elsewhere)]
        return kept

    def _km(self, positions: Positions, traits: NDArray[np.uint32]) -> Numbers:
        """Distances; NaN for what has no place, and for what is done by phone rather than from so far."""
        latitude, longitude = self._here
        if latitude is None or longitude is None:
            return np.full(len(positions), np.nan)
        columns = self._index.columns
        km = _distances(latitude, longitude, columns.latitude[positions], columns.longitude[positions])
        km[(traits & _ON_SITE) == 0] = np.nan
        km[((traits & _REMOTE) != 0) & (km > self._person.radius_km + _ROUNDED_KM)] = np.nan
        return km

    # --- how high --------------------------------------------------------------------------------------------------

    def _candidates(self, need: str, positions: Positions) -> Candidates:
        columns = self._index.columns
        traits = columns.traits[positions]
        km = self._km(positions, traits)
        ceiling = self._of_the_day()[positions] + self._place(traits, km) + self._certain(positions, traits, need)
        return Candidates(positions=positions, km=km, ceiling=ceiling, desk=columns.desk[positions])

    def _of_the_day(self) -> NDArray[np.float32]:
        """The part of the ceilings that is the same for everybody on one day, worked out for the first who asks."""
        return self._index.for_the_day((self._weights.sha256, self._person.today), self._everybody)

    def _everybody(self) -> NDArray[np.float32]:
        columns, points = self._index.columns, self._points
        by_rank = np.zeros(256)
        for rank, given in self._weights.rank.items():
            by_rank[rank] = given
        total = by_rank[columns.rank] + np.where(columns.traits & _FREE, points["free"], 0)
        total += self._row(columns)
        # What may come once the offer is read: its timetable, its room, and points not known here.
        total += sum(given for name, given in points.items() if name not in _KNOWN and given > 0)
        for trait, name in ((_HOURS, "open_now"), *_CAPACITIES):
            total += np.where(columns.traits & trait, max(0, points[name]), 0)
        return total.astype(np.float32)

    def _row(self, columns: Columns) -> Numbers:
        """Points of a complete and recent row."""
        limits = self._weights.freshness
        days = self._person.today.toordinal() - columns.seen.astype(np.float64)
        fresh = np.clip((limits.none_after - days) / (limits.none_after - limits.full_until), 0, 1)
        fresh[np.isin(columns.source, self._index.numbers("sources", limits.always))] = 1
        rounded = np.floor(self._points["fresh"] * fresh + 0.5)
        rounded += np.floor(self._points["quality"] * columns.quality.astype(np.float64) / 100 + 0.5)
        return np.asarray(rounded, dtype=np.float64)

    def _place(self, traits: NDArray[np.uint32], km: Numbers) -> Numbers:
        points = self._points
        nearness = np.maximum(0.0, 1 - np.maximum(0.0, km - _ROUNDED_KM) / self._person.radius_km)
        near = np.floor(points["distance"] * nearness + 0.5)
        remote = (traits & _REMOTE) != 0
        near[remote] = np.maximum(near[remote], points["remote"])
        return np.where(np.isnan(km), np.where(remote, points["remote"], points["unknown_place"]), near)

    def _certain(self, positions: Positions, traits: NDArray[np.uint32], need: str) -> Numbers:
        """Points that the columns decide for this person and this need."""
        points, profile, columns = self._points, self._person.profile, self._index.columns
        total = np.where(self._is_to_check(positions, traits), points["to_check"], 0).astype(np.float64)
        for number in self._index.numbers("needs", [need]):
            total[columns.main_need[positions] == number] += points["main_need"]
        if len(profile.needs) > 1:
            total[self._answers_several(positions)] += points["several_needs"]
        if profile.language != "fr":
            total[(traits & _SPEAKS) != 0] += max(0, points["language"])
        if profile.no_address:
            total[(traits & _GIVES_ADDRESS) != 0] += points["address_first"]
        return total

    def _answers_several(self, positions: Positions) -> Mask:
        wanted = sum(1 << number for number in self._index.numbers("needs", set(self._person.profile.needs)))
        low = self._index.columns.needs_low[positions] & np.uint64(wanted & (2**64 - 1))
        high = self._index.columns.needs_high[positions] & np.uint64(wanted >> 64)
        # A number without its lowest bit is not zero: two bits at least.
        several: Mask = (low & (low - np.uint64(1))) | (high & (high - np.uint64(1))) != 0
        several |= (low != 0) & (high != 0)
        return several

    def _is_to_check(self, positions: Positions, traits: NDArray[np.uint32]) -> Mask:
        """A fact is missing for sure: the row, or the person, does not say it (or the offer is for others)."""
        known = sum(1 << number for number in self._index.numbers("publics", self._person.publics))
        strangers: Mask = (traits & _NO_STRANGERS) == 0
        if known:
            strangers &= (self._index.columns.publics[positions] & np.uint32(known)) == 0
        # Meant first for some: nothing to ask, when the row says for whom.
        strangers &= (traits & _FIRST_FOR_SOME) != _FIRST_FOR_SOME
        if self._person.profile.no_address:
            # A domiciliation is for whoever has no address, whatever else the row says.
            strangers &= (traits & _GIVES_ADDRESS) == 0
        strangers |= (traits & _ZONE_SAID) == 0
        if self._person.profile.age is None:
            strangers |= (traits & _FOR_AN_AGE) != 0
        return strangers


def _in_turn(candidates: Candidates) -> Iterator[Candidates]:
    """The highest ceilings first; the others only if somebody comes to them."""
    if len(candidates) <= 2 * _FIRST:
        yield candidates
        return
    least = np.partition(candidates.ceiling, len(candidates) - _FIRST)[len(candidates) - _FIRST]
    first = candidates.ceiling >= least
    yield candidates.where(first)
    yield candidates.where(~first)


def _distances(latitude: float, longitude: float, latitudes: NDArray[Any], longitudes: NDArray[Any]) -> Numbers:
    """`distance_km` of the territory, for many at once."""
    a, b = np.radians(latitude), np.radians(latitudes.astype(np.float64))
    half_latitude = np.sin((b - a) / 2) ** 2
    half_longitude = np.sin(np.radians(longitudes.astype(np.float64) - longitude) / 2) ** 2
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half_latitude + np.cos(a) * np.cos(b) * half_longitude))
    return np.asarray(km, dtype=np.float64)
