"""The candidates of a need, the most promising first, so that thousands of them need not be read.

A score is worked out from a whole offer (`scoring`). The columns of the index give, without reading it, a ceiling that
its score cannot pass. Candidates come in the order of their ceilings: whoever reads them stops as soon as what they
hold is better than what may still come. A point of `matching.yaml` that is not known here only makes ceilings higher,
never wrong.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orientation_catalogue.eligibility import Person
from orientation_catalogue.index import Columns, Index, Positions, Trait
from orientation_catalogue.territory.places import EARTH_RADIUS_KM
from orientation_catalogue.weights import Weights

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

    def where(self, mask: Mask) -> "Candidates":
        """Some of them."""
        return Candidates(**{part.name: getattr(self, part.name)[mask] for part in fields(self)})


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
        positions = positions[self._may_be_near(need, positions)]
        candidates = self._candidates(need, positions)
        exempt = self._exempt(need, positions)
        return candidates.where(exempt | ~(candidates.km > self._person.radius_km + _ROUNDED_KM))

    def far(self, need: str, positions: Positions) -> Candidates:
        """Those that may be too far, the nearest first."""
        away = positions[~self._exempt(need, positions)]
        candidates = self._candidates(need, away)
        candidates = candidates.where(candidates.km > self._person.radius_km - _ROUNDED_KM)
        order = np.lexsort((candidates.positions, candidates.km))
        return Candidates(**{part.name: getattr(candidates, part.name)[order] for part in fields(candidates)})

    def best_first(self, candidates: Candidates) -> Iterator[tuple[Promise, int]]:
        """Positions with what they promise; nothing after one of them can be better than its promise."""
        for some in _in_turn(candidates):
            least = np.where(np.isnan(some.km), np.inf, np.maximum(0.0, some.km - _ROUNDED_KM))
            order = np.lexsort((some.positions, least, -some.ceiling))
            sorted_parts = (part[order].tolist() for part in (some.ceiling, least, some.positions))
            for ceiling, km, position in zip(*sorted_parts, strict=True):
                yield (-ceiling, km, self._index.id_at(position)), position

    # --- where -----------------------------------------------------------------------------------------------------

    def _exempt(self, need: str, positions: Positions) -> Mask:
        """Never too far: reached by phone or online, or meant for this very commune or its groupings."""
        remote = (self._index.columns.traits[positions] & Trait.REMOTE) != 0
        exempt: Mask = remote | np.isin(positions, self._index.found(need, self._never_far), assume_unique=True)
        return exempt

    def _may_be_near(self, need: str, positions: Positions) -> Mask:
        """A first look at the latitude alone leaves out nine in ten of those that stand elsewhere in France."""
        latitude, _ = self._here
        if latitude is None:
            return np.ones(len(positions), dtype=np.bool_)
        reach = (self._person.radius_km + 1) / _KM_PER_DEGREE
        traits = self._index.columns.traits[positions]
        elsewhere = np.abs(self._index.columns.latitude[positions] - np.float32(latitude)) > reach
        elsewhere &= (traits & Trait.ON_SITE) != 0
        near: Mask = self._exempt(need, positions) | ~elsewhere if elsewhere.any() else ~elsewhere
        return near

    def _km(self, columns: Mapping[str, NDArray[Any]]) -> Numbers:
        """Distances; NaN for what has no place, and for what is done by phone rather than from so far."""
        latitude, longitude = self._here
        if latitude is None or longitude is None:
            return np.full(len(columns["traits"]), np.nan)
        km = _distances(latitude, longitude, columns["latitude"], columns["longitude"])
        km[(columns["traits"] & Trait.ON_SITE) == 0] = np.nan
        remote = (columns["traits"] & Trait.REMOTE) != 0
        km[remote & (km > self._person.radius_km + _ROUNDED_KM)] = np.nan
        return km

    # --- how high --------------------------------------------------------------------------------------------------

    def _candidates(self, need: str, positions: Positions) -> Candidates:
        columns = {c.name: getattr(self._index.columns, c.name)[positions] for c in fields(Columns)}
        km = self._km(columns)
        ceiling = self._rank(columns) + self._place(columns, km) + self._certain(columns, need)
        ceiling += self._row(columns) + self._possible(columns)
        return Candidates(positions=positions, km=km, ceiling=ceiling, desk=columns["desk"])

    def _rank(self, columns: Mapping[str, NDArray[Any]]) -> Numbers:
        table = np.zeros(256)
        for rank, points in self._weights.rank.items():
            table[rank] = points
        by_rank: Numbers = table[columns["rank"]]
        return by_rank

    def _place(self, columns: Mapping[str, NDArray[Any]], km: Numbers) -> Numbers:
        points = self._points
        nearness = np.maximum(0.0, 1 - np.maximum(0.0, km - _ROUNDED_KM) / self._person.radius_km)
        near = np.floor(points["distance"] * nearness + 0.5)
        remote = (columns["traits"] & Trait.REMOTE) != 0
        placed = np.where(remote, np.maximum(near, points["remote"]), near)
        return np.where(np.isnan(km), np.where(remote, points["remote"], points["unknown_place"]), placed)

    def _certain(self, columns: Mapping[str, NDArray[Any]], need: str) -> Numbers:
        """Points that the columns decide alone."""
        points, traits = self._points, columns["traits"]
        total = np.where(traits & Trait.FREE, points["free"], 0.0)
        for number in self._index.numbers("needs", [need]):
            total += np.where(columns["main_need"] == number, points["main_need"], 0)
        total += np.where(self._answers_several(columns), points["several_needs"], 0)
        total += np.where(self._is_to_check(columns), points["to_check"], 0)
        if self._person.profile.no_address:
            total += np.where(traits & Trait.GIVES_ADDRESS, points["address_first"], 0)
        return total

    def _answers_several(self, columns: Mapping[str, NDArray[Any]]) -> Mask:
        wanted = sum(1 << number for number in self._index.numbers("needs", set(self._person.profile.needs)))
        low = columns["needs_low"] & np.uint64(wanted & (2**64 - 1))
        high = columns["needs_high"] & np.uint64(wanted >> 64)
        more_than_one = ((low & (low - np.uint64(1))) != 0) & (low != 0)
        more_than_one |= ((high & (high - np.uint64(1))) != 0) & (high != 0)
        several: Mask = more_than_one | ((low != 0) & (high != 0))
        return several

    def _is_to_check(self, columns: Mapping[str, NDArray[Any]]) -> Mask:
        """A fact is missing for sure: the row, or the person, does not say it (or the offer is for others)."""
        traits = columns["traits"]
        known = sum(1 << number for number in self._index.numbers("publics", self._person.publics))
        to_check: Mask = (traits & Trait.ZONE_SAID) == 0
        strangers = (columns["publics"] & np.uint32(known)) == 0
        strangers &= (traits & (Trait.OPEN_TO_ALL | Trait.FOR_WHOM)) == 0
        # Meant first for some: nothing to ask, when the row says for whom.
        strangers &= (traits & (Trait.PREFERENTIAL | Trait.PUBLICS_SAID)) != (Trait.PREFERENTIAL | Trait.PUBLICS_SAID)
        to_check |= strangers
        if self._person.profile.age is None:
            to_check |= (traits & Trait.FOR_AN_AGE) != 0
        return to_check

    def _row(self, columns: Mapping[str, NDArray[Any]]) -> Numbers:
        """Points of a complete and recent row."""
        limits = self._weights.freshness
        days = self._person.today.toordinal() - columns["seen"].astype(np.float64)
        fresh = np.clip((limits.none_after - days) / (limits.none_after - limits.full_until), 0, 1)
        fresh[np.isin(columns["source"], self._index.numbers("sources", limits.always))] = 1
        quality = columns["quality"] / 100
        rounded = np.floor(self._points["fresh"] * fresh + 0.5) + np.floor(self._points["quality"] * quality + 0.5)
        return np.asarray(rounded, dtype=np.float64)

    def _possible(self, columns: Mapping[str, NDArray[Any]]) -> Numbers:
        """Points that may come once the offer is read: its timetable, its languages, its room; and those not known."""
        points, traits = self._points, columns["traits"]
        unknown = sum(given for name, given in points.items() if name not in _KNOWN and given > 0)
        total = np.where(traits & Trait.HOURS, max(0, points["open_now"]), 0.0) + unknown
        if self._person.profile.language != "fr":
            total += np.where(traits & Trait.SPEAKS, max(0, points["language"]), 0)
        for trait, name in _CAPACITIES:
            total += np.where(traits & trait, max(0, points[name]), 0)
        return total


_CAPACITIES = (
    (Trait.CAPACITY_YES, "capacity_yes"),
    (Trait.CAPACITY_WAITING, "capacity_waiting"),
    (Trait.CAPACITY_NO, "capacity_no"),
)


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
