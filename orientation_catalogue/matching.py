"""From a profile to at most five proposals, each with its reasons, and to what was set aside and why.

Deterministic: the same catalogue and the same profile give the same answer, whatever the order of the sources.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from orientation_catalogue.catalogue import FIRST_LINE, FIRST_LINE_NETWORKS, Catalogue
from orientation_catalogue.eligibility import (
    Eligibility,
    Judgement,
    Person,
    Reason,
    closure_in_force,
    judge,
    reasons_for,
)
from orientation_catalogue.hours import Opening, hours_say_open, opening_at, zone_of
from orientation_catalogue.model import Capacity, Offer
from orientation_catalogue.profile import Profile
from orientation_catalogue.territory.places import Places
from orientation_catalogue.weights import Weights, default_weights


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """One offer to name to the person."""

    service_id: str
    name: Mapping[str, str]
    #: The needs of the person that it answers, in their order.
    needs: tuple[str, ...]
    eligibility: Eligibility
    reasons: tuple[Reason, ...]
    #: Facts to ask for before being sure.
    missing: tuple[str, ...]
    #: None when the hours are not known.
    open: bool | None
    #: None for a remote or confidential place, or when a point is missing.
    distance_km: float | None
    score: int
    national: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAside:
    """A known offer that is not proposed, and why."""

    service_id: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Matching:
    """The answer, with the version of the catalogue that gave it."""

    catalogue: str
    proposals: tuple[Proposal, ...]
    set_aside: tuple[SetAside, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Candidate:
    """An offer that may be proposed for one need."""

    offer: Offer
    judgement: Judgement
    score: int
    #: Reasons that depend on the need: first line, prescriber.
    extra: tuple[Reason, ...] = ()

    @property
    def order(self) -> tuple[int, float, str]:
        """Best first; the nearer of two equals, then the id so that the order never depends on the file."""
        distance = self.judgement.distance_km
        return (-self.score, distance if distance is not None else float("inf"), self.offer.id)


_OUT_OF_ZONE = Reason(code="out_of_zone")


def match(catalogue: Catalogue, profile: Profile, *, places: Places, weights: Weights | None = None) -> Matching:
    """Match a profile with the catalogue: at most three proposals per need and five in all by default."""
    return _Match(catalogue, profile, places, weights or default_weights()).run()


class _Match:
    """One run of matching; holds what every step reads."""

    def __init__(self, catalogue: Catalogue, profile: Profile, places: Places, weights: Weights) -> None:
        self._catalogue = catalogue
        self._profile = profile
        self._weights = weights
        self._person = Person.of(profile, places, weights)
        self._judged: dict[str, Judgement] = {}
        self._aside: dict[str, Reason] = {}
        self._wanted = frozenset(profile.needs)
        self._desks: list[_Candidate] | None = None
        self._open: dict[tuple[str, datetime.tzinfo | None], bool] = {}
        self._times: dict[str | None, datetime.datetime] = {}

    def run(self) -> Matching:
        lines = {need: self._line(need) for need in self._profile.needs or (FIRST_LINE,)}
        chosen = self._choose(lines)
        proposals = tuple(self._proposal(candidate, needs) for candidate, needs in chosen)
        return Matching(
            catalogue=self._catalogue.sha256,
            proposals=proposals,
            set_aside=self._set_aside({p.service_id for p in proposals}),
        )

    # --- one need ------------------------------------------------------------------------------------------------

    def _line(self, need: str) -> list[_Candidate]:
        """The candidates of one need, best first, cut to the limit."""
        local = self._local(need)
        line = local[: self._weights.per_need]
        line = self._with_prescriber(line, self._catalogue.offers_in(need, self._person.zones))
        line += self._cards(need, local, room=self._weights.per_need - len(line))
        line = line or self._with_prescriber([], self._catalogue.cards_for(need))
        line = line or self._first_line(Reason(code="first_line"))
        for candidate in local[self._weights.per_need :]:
            self._leave(candidate.offer.id, "others_first")
        return line[: self._weights.per_need]

    def _local(self, need: str) -> list[_Candidate]:
        person = self._person
        offers = self._catalogue.offers_in(need, person.all_zones)
        self._count_out_of_zone(need, offers)
        fitting = [offer for offer in offers if self._fits(offer)]
        judged = self._judged
        near = [offer for offer in fitting if not judged[offer.id].too_far]
        if not near and fitting:
            # Far is better than nothing: the nearest one stays, with its distance said.
            near = [min(fitting, key=lambda offer: (judged[offer.id].distance_km or 0.0, offer.id))]
        if len(near) < len(fitting):
            kept = {offer.id for offer in near}
            for offer in fitting:
                if offer.id not in kept:
                    self._leave(offer.id, "too_far", km=judged[offer.id].distance_km)
        return _one_network_each([self._candidate(offer, need) for offer in near])

    def _count_out_of_zone(self, need: str, inside: Sequence[Offer]) -> None:
        """Services of the same département that do not serve the commune; further ones would make a long list."""
        if self._person.commune is None:
            return
        elsewhere = set(self._catalogue.ids_of_departement(need, self._person.commune.departement))
        elsewhere.difference_update(offer.id for offer in inside)
        # They are the most by far: one reason serves all, and a reason given before stays.
        self._aside = dict.fromkeys(elsewhere, _OUT_OF_ZONE) | self._aside

    def _with_prescriber(self, line: list[_Candidate], offers: Iterable[Offer]) -> list[_Candidate]:
        """A service that only a professional may ask for is reached through the first line (R-62)."""
        reserved = self._reserved(offers)
        if not reserved:
            return line
        reason = Reason(code="prescriber", values={"services": [offer.id for offer in reserved[:3]]})
        desks = self._first_line(reason)
        for offer in reserved:
            through = desks[0].offer.id if desks else None
            self._aside[offer.id] = Reason(code="professional_only", values={"through": through})
        ids = [candidate.offer.id for candidate in line]
        if desks and desks[0].offer.id in ids:
            index = ids.index(desks[0].offer.id)
            return [*line[:index], replace(line[index], extra=(reason,)), *line[index + 1 :]]
        for candidate in line[self._weights.per_need - 1 :]:
            self._leave(candidate.offer.id, "others_first")
        return [*line[: self._weights.per_need - 1], *desks]

    def _reserved(self, offers: Iterable[Offer]) -> list[Offer]:
        """Professional-only offers that would fit if a professional asked."""
        if self._profile.role != "resident":
            return []
        person = replace(self._person, profile=replace(self._profile, role="partner"))
        closed_doors = [offer for offer in offers if offer.professional_only]
        return [o for o in closed_doors if judge(o, person, self._weights).eligibility != "incompatible"]

    def _cards(self, need: str, local: Sequence[_Candidate], *, room: int) -> list[_Candidate]:
        """National cards that no local service stands behind, after the local ones."""
        behind = {network for candidate in local for network in candidate.offer.networks}
        limit = self._weights.national_per_need if local else self._weights.national_alone_per_need
        fitting = []
        for offer in self._catalogue.cards_for(need):
            if not self._fits(offer):
                continue
            if offer.networks & behind:
                self._leave(offer.id, "local_first")
            else:
                fitting.append(self._candidate(offer, need))
        fitting = _one_network_each(fitting)
        taken = fitting[: max(0, min(limit, room))]
        for candidate in fitting[len(taken) :]:
            self._leave(candidate.offer.id, "others_first")
        return taken

    def _first_line(self, reason: Reason) -> list[_Candidate]:
        """The universal public desk nearest to the person; the national card of one when none is known here."""
        if self._desks is None:
            found = [self._candidate(offer, FIRST_LINE) for offer in self._desks_of_the_smallest_zone()]
            self._desks = sorted(found, key=lambda candidate: (_desk_order(candidate.offer), candidate.order))
            for candidate in self._desks[1:]:
                self._leave(candidate.offer.id, "others_first")
        return [replace(candidate, extra=(reason,)) for candidate in self._desks[:1]]

    def _desks_of_the_smallest_zone(self) -> list[Offer]:
        """Desks of the commune, else of its groupings, else of the département, else national cards."""
        for zones in self._person.zones_outwards:
            offers = [o for o in self._catalogue.offers_in(FIRST_LINE, zones) if o.zone is not None and self._fits(o)]
            near = [offer for offer in offers if not self._judge(offer).too_far] or offers
            if near:
                return near
        return [offer for offer in self._catalogue.cards_for(FIRST_LINE) if self._fits(offer)]

    # --- one offer -----------------------------------------------------------------------------------------------

    def _judge(self, offer: Offer) -> Judgement:
        judgement = self._judged.get(offer.id)
        if judgement is None:
            judgement = self._judged[offer.id] = judge(offer, self._person, self._weights)
        return judgement

    def _fits(self, offer: Offer) -> bool:
        judgement = self._judge(offer)
        if judgement.eligibility == "incompatible":
            if judgement.against:
                self._aside.setdefault(offer.id, judgement.against)
            return False
        return True

    def _leave(self, offer_id: str, code: str, **values: Any) -> None:
        if offer_id not in self._aside:
            self._aside[offer_id] = Reason(code=code, values=values)

    def _candidate(self, offer: Offer, need: str) -> _Candidate:
        judgement = self._judge(offer)
        points = self._weights.points
        score = self._weights.rank[offer.rank] + self._place_points(offer, judgement)
        score += points["to_check"] if judgement.eligibility == "to_check" else 0
        score += points["preferential"] if judgement.preferential else 0
        score += points["free"] if offer.free else 0
        score += points["language"] if self._speaks(offer) else 0
        score += points["main_need"] if offer.thematiques and offer.thematiques[0] == need else 0
        score += points["several_needs"] if len(self._wanted.intersection(offer.thematiques)) > 1 else 0
        score += points["level"] if self._is_other_level(offer) else 0
        score += points.get(f"capacity_{offer.complement.capacity}", 0)
        if closure_in_force(offer, self._person.today):
            score += points["closed"]
        elif self._is_open(offer):
            score += points["open_now"]
        return _Candidate(offer=offer, judgement=judgement, score=score)

    def _place_points(self, offer: Offer, judgement: Judgement) -> int:
        points = self._weights.points
        if judgement.distance_km is None:
            return points["remote"] if offer.remote else points["unknown_place"]
        nearness = max(0.0, 1 - judgement.distance_km / self._person.radius_km)
        near = round(points["distance"] * nearness)
        return max(near, points["remote"]) if offer.remote else near

    def _speaks(self, offer: Offer) -> bool:
        return self._profile.language != "fr" and self._profile.language in offer.complement.languages

    def _is_other_level(self, offer: Offer) -> bool:
        levels = offer.complement.levels
        return self._profile.level is not None and bool(levels) and self._profile.level not in levels

    def _opening(self, offer: Offer) -> Opening:
        return opening_at(
            offer.hours, self._profile.at, closures=offer.complement.closures, departement=offer.departement
        )

    def _is_open(self, offer: Offer) -> bool:
        """Whether it is open now; thousands of services share a few timetables."""
        if offer.hours is None:
            return False
        local = self._local_time(offer.departement)
        if offer.complement.closures and closure_in_force(offer, local.date()):
            return False
        key = (offer.hours, local.tzinfo)
        if key not in self._open:
            self._open[key] = hours_say_open(offer.hours, local)
        return self._open[key]

    def _local_time(self, departement: str | None) -> datetime.datetime:
        """The moment of the question on the clock of the service."""
        local = self._times.get(departement)
        if local is None:
            local = self._times[departement] = self._profile.at.astimezone(zone_of(departement))
        return local

    # --- the shortlist -------------------------------------------------------------------------------------------

    def _choose(self, lines: Mapping[str, Sequence[_Candidate]]) -> list[tuple[_Candidate, tuple[str, ...]]]:
        """The first of each need in order, then the second of each, until the limit."""
        chosen: dict[str, _Candidate] = {}
        for turn in range(self._weights.per_need):
            for line in lines.values():
                if turn < len(line):
                    candidate = line[turn]
                    if candidate.offer.id in chosen:
                        chosen[candidate.offer.id] = _joined(chosen[candidate.offer.id], candidate)
                    elif len(chosen) < self._weights.in_all:
                        chosen[candidate.offer.id] = candidate
                    else:
                        self._leave(candidate.offer.id, "others_first")
        return [(candidate, self._needs_of(candidate, lines)) for candidate in chosen.values()]

    def _needs_of(self, candidate: _Candidate, lines: Mapping[str, Sequence[_Candidate]]) -> tuple[str, ...]:
        """The needs it answers, and those for which it is the door."""
        offer = candidate.offer
        doors = {need for need, line in lines.items() if any(c.offer.id == offer.id for c in line)}
        return tuple(need for need in self._profile.needs if need in offer.thematiques or need in doors)

    def _proposal(self, candidate: _Candidate, needs: tuple[str, ...]) -> Proposal:
        offer, judgement, opening = candidate.offer, candidate.judgement, self._opening(candidate.offer)
        return Proposal(
            service_id=offer.id,
            name=offer.name,
            needs=needs,
            eligibility=judgement.eligibility,
            reasons=(*self._reasons(candidate, needs), *_hours_reasons(opening, self._profile.at)),
            missing=judgement.missing,
            open=None if opening.state == "unknown" else opening.state == "open",
            distance_km=judgement.distance_km,
            score=candidate.score,
            national=offer.national,
        )

    def _reasons(self, candidate: _Candidate, needs: tuple[str, ...]) -> Iterable[Reason]:
        """Why this offer, the most telling first."""
        offer, complement = candidate.offer, candidate.offer.complement
        answered = [need for need in needs if need in offer.thematiques]
        if answered:
            yield Reason(code="need", values={"needs": answered})
        yield from candidate.extra
        if offer.national:
            yield Reason(code="national")
        if offer.rank <= 2:
            yield Reason(code="droit_commun", values={"rank": offer.rank})
        yield from reasons_for(offer, self._person)
        yield from self._place_reasons(candidate)
        if offer.free is not None:
            yield Reason(code="free" if offer.free else "paid")
        if self._speaks(offer):
            yield Reason(code="languages", values={"spoken": self._profile.language})
        if complement.capacity in {Capacity.WAITING, Capacity.NO}:
            yield Reason(code=f"capacity_{complement.capacity}", values={"days": complement.delay_days})
        checked = complement.checked_on or offer.updated_on
        if checked:
            yield Reason(code="checked_on", values={"date": checked.isoformat()})

    def _place_reasons(self, candidate: _Candidate) -> Iterable[Reason]:
        offer, distance, commune = candidate.offer, candidate.judgement.distance_km, self._person.commune
        if offer.complement.confidential_address:
            yield Reason(code="confidential_address")
        elif distance is not None and commune is not None:
            yield Reason(code="distance", values={"km": distance, "approximate": commune.approximate})
        if offer.remote:
            yield Reason(code="remote")

    def _set_aside(self, proposed: set[str]) -> tuple[SetAside, ...]:
        """What was known and not proposed; capacity and closure explain better than "others first"."""
        return tuple(
            SetAside(service_id=offer_id, reasons=self._aside_reasons(offer_id, reason))
            for offer_id, reason in sorted(self._aside.items())
            if offer_id not in proposed
        )

    def _aside_reasons(self, offer_id: str, reason: Reason) -> tuple[Reason, ...]:
        offer = self._catalogue.offers[offer_id]
        if reason.code != "others_first":
            return (reason,)
        closure = closure_in_force(offer, self._person.today)
        if closure:
            return (Reason(code="closed"), reason)
        if offer.complement.capacity is Capacity.NO:
            return (Reason(code="no_capacity"), reason)
        return (reason,)


def _one_network_each(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Best first, but not two of one network before each other network had its turn.

    An offer that cannot act now (full or closed) never passes one that can just because its network is new.
    """
    seen: Counter[tuple[bool, str]] = Counter()
    turns = []
    for candidate in sorted(candidates, key=lambda candidate: candidate.order):
        stuck = candidate.offer.complement.capacity is Capacity.NO
        key = (stuck, candidate.offer.network)
        turns.append((stuck, seen[key], candidate.order, candidate))
        seen[key] += 1
    return [candidate for *_, candidate in sorted(turns, key=lambda turn: turn[:3])]


def _desk_order(offer: Offer) -> int:
    """A CCAS or a maison des solidarités can prescribe; France services mostly cannot."""
    return min(FIRST_LINE_NETWORKS.index(network) for network in offer.networks & set(FIRST_LINE_NETWORKS))


def _joined(first: _Candidate, second: _Candidate) -> _Candidate:
    """One offer chosen for two needs keeps the reasons of both."""
    extra = [*first.extra, *(reason for reason in second.extra if reason not in first.extra)]
    return replace(first, extra=tuple(extra), score=max(first.score, second.score))


def _hours_reasons(opening: Opening, at: datetime.datetime) -> Iterable[Reason]:
    if opening.closure:
        end = opening.closure.end
        yield (Reason(code="closed_until", values={"date": end.isoformat()}) if end else Reason(code="closed_for_now"))
    if opening.state == "open":
        yield Reason(code="open_now", values={"until": opening.closes_at.isoformat() if opening.closes_at else None})
    elif opening.opens_at:
        days = (opening.opens_at.date() - at.astimezone(opening.opens_at.tzinfo).date()).days
        yield Reason(code="opens_next", values={"at": opening.opens_at.isoformat(), "in_days": days})
