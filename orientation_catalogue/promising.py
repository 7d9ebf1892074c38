"""Reads, of the candidates of a need, only those that may be proposed: the answer is the one reading all would give."""

from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.eligibility import Judgement, Person
from orientation_catalogue.index import FIRST_LINE, Positions, Trait
from orientation_catalogue.model import Offer
from orientation_catalogue.shortlist import Candidates, Promise, Shortlist
from orientation_catalogue.weights import Weights

#: With no more candidates than this, reading all of them is as quick.
_FEW = 24

#: More than this would make a long list of services that nobody here thinks of.
_MANY = 1000

#: As many professional-only services as one reason names.
RESERVED_NAMED = 3

#: Two distances that may be said as the same tenth of a kilometre.
_SAME_KM = 0.11


class Scored(Protocol):
    """An offer with its score for one need."""

    @property
    def offer(self) -> Offer:
        """The offer."""

    @property
    def judgement(self) -> Judgement:
        """What is known of it for this person."""

    @property
    def order(self) -> Promise:
        """Best first."""

    @property
    def stuck(self) -> bool:
        """Whether it can take nobody now: it comes after all those that can."""


class Promising:
    """Reads offers for one person until nothing better may come."""

    def __init__(
        self,
        catalogue: Catalogue,
        person: Person,
        weights: Weights,
        *,
        fits: Callable[[Offer], bool],
        scored: Callable[[Offer, str], Scored],
        fits_if_asked: Callable[[Offer], bool],
    ) -> None:
        self._catalogue = catalogue
        self._person = person
        self._weights = weights
        self._fits, self._scored, self._fits_if_asked = fits, scored, fits_if_asked
        self._shortlist = Shortlist(catalogue.index, person, weights)
        #: Needs of which some candidates were left unread.
        self.partly_read: set[str] = set()

    def promising(self, need: str) -> list[Offer]:
        """Offers of the zone that hold the best of this need, in the order of their ids."""
        positions = self._catalogue.positions_in(need, self._person.all_zones)
        chosen = self._worth_reading(need, positions) if len(positions) > _FEW else positions.tolist()
        return [self._catalogue.offer_at(position) for position in chosen]

    def known(self, need: str) -> list[Offer]:
        """Every offer of the zone; when they are thousands, those of the département or near, and the best of all."""
        positions = self._catalogue.positions_in(need, self._person.all_zones)
        if len(positions) > _MANY:
            positions = self._known_here(need, positions)
        return [self._catalogue.offer_at(position) for position in positions.tolist()]

    def desks(self, zones: Iterable[str]) -> list[Offer]:
        """The best desk of some zones, a near one if there is one."""
        positions = self._catalogue.index.found(FIRST_LINE, zones)
        if not len(positions):
            return []
        near = self._best_desk(self._shortlist.near(FIRST_LINE, positions), far=False)
        found = near or self._best_desk(self._shortlist.far(FIRST_LINE, positions), far=True)
        return [found] if found else []

    def _known_here(self, need: str, positions: Positions) -> Positions:
        near = self._shortlist.near(need, positions)
        here = [np.array(self._worth_reading(need, positions), np.uint32), near.positions[~np.isnan(near.km)]]
        if self._person.commune is not None:
            of_departement = self._catalogue.index.found_in_departement(need, self._person.commune.departement)
            here.append(np.intersect1d(positions, of_departement, assume_unique=True))
        return np.unique(np.concatenate(here))

    # --- one need --------------------------------------------------------------------------------------------------

    def _worth_reading(self, need: str, positions: Positions) -> list[int]:
        read: list[int] = []
        asked = positions
        if self._person.profile.role == "resident":
            only = (self._catalogue.index.columns.traits[positions] & Trait.PROFESSIONAL_ONLY) != 0
            self._read_reserved(self._shortlist.near(need, positions[only]).positions, read)
            asked = positions[~only]
        if not self._read_best(need, self._shortlist.near(need, asked), read):
            self._read_further(need, self._shortlist.far(need, asked), read)
        # Never nothing at all: that would say that nobody serves this commune.
        return sorted(set(read)) or positions[:1].tolist()

    def _read_best(self, need: str, candidates: Candidates, read: list[int], *, limit: float | None = None) -> bool:
        """Read until the best of enough networks are known; say whether any would do.

        `limit`: kilometres to go at most, when nothing is as near as it should be.
        """
        best: dict[str, Promise] = {}
        found = False
        for promise, position in self._shortlist.best_first(candidates):
            if sum(order < promise for order in best.values()) >= self._weights.per_need:
                self.partly_read.add(need)
                break
            read.append(position)
            offer = self._catalogue.offer_at(position)
            if not self._fits(offer):
                continue
            scored = self._scored(offer, need)
            if not _within(scored.judgement, limit):
                continue
            found = True
            if not scored.stuck:
                best[offer.network] = min(scored.order, best.get(offer.network, scored.order))
        return found

    def _read_further(self, need: str, far: Candidates, read: list[int]) -> None:
        """Nothing is near: read the nearest that fits, then the best of the wider circle in which it stands."""
        nearest = float("inf")
        for position, km in zip(far.positions.tolist(), far.km.tolist(), strict=True):
            if km > nearest + _SAME_KM:
                break
            read.append(position)
            offer = self._catalogue.offer_at(position)
            if self._fits(offer):
                nearest = min(nearest, self._scored(offer, need).judgement.distance_km or 0.0)
        wider = (factor * self._person.radius_km for factor in self._weights.widen)
        limit = next((km for km in wider if nearest <= km), None)
        if limit is not None:
            self._read_best(need, far.where(far.km <= limit + _SAME_KM), read, limit=limit)

    def _read_reserved(self, positions: Positions, read: list[int]) -> None:
        """The first that a professional could ask for."""
        found = 0
        for position in positions.tolist():
            read.append(position)
            found += self._fits_if_asked(self._catalogue.offer_at(position))
            if found == RESERVED_NAMED:
                return

    def _best_desk(self, candidates: Candidates, *, far: bool) -> Offer | None:
        for desk in np.unique(candidates.desk).tolist():
            best: Scored | None = None
            for promise, position in self._shortlist.best_first(candidates.where(candidates.desk == desk)):
                if best is not None and best.order < promise:
                    break
                offer = self._catalogue.offer_at(position)
                if not self._fits(offer):
                    continue
                scored = self._scored(offer, FIRST_LINE)
                if (far or not scored.judgement.too_far) and (best is None or scored.order < best.order):
                    best = scored
            if best is not None:
                return best.offer
        return None


def _within(judgement: Judgement, limit: float | None) -> bool:
    return not judgement.too_far if limit is None else (judgement.distance_km or 0.0) <= limit
