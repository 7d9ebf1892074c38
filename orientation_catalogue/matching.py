"""From a profile to at most five proposals, each with its reasons, and to what was set aside and why.

Deterministic: the same catalogue and the same profile give the same answer, whatever the order of the sources.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from orientation_catalogue.catalogue import FIRST_LINE, FIRST_LINE_NETWORKS, Catalogue
from orientation_catalogue.eligibility import (
    Eligibility,
    Judgement,
    Person,
    Reason,
    capacity_now,
    closure_in_force,
    judge,
    missing_facts,
)
from orientation_catalogue.explaining import Explaining
from orientation_catalogue.hours import opening_at
from orientation_catalogue.later import Later
from orientation_catalogue.model import Capacity, Offer
from orientation_catalogue.needs import ordered_needs
from orientation_catalogue.profile import Profile
from orientation_catalogue.promising import RESERVED_NAMED, Promising
from orientation_catalogue.scoring import Scoring
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
    #: Facts to ask for before being sure (`missing.<code>`).
    missing: tuple[Reason, ...]
    #: None when the hours are not known.
    open: bool | None
    #: None for a remote or confidential place, or when a point is missing.
    distance_km: float | None
    #: The sum of its parts.
    score: int
    #: (name of the part in matching.yaml, points).
    score_parts: tuple[tuple[str, int], ...]
    national: bool
    #: Ids of the same service in other sources.
    merges: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAside:
    """A known offer that is not proposed, and why."""

    service_id: str
    reasons: tuple[Reason, ...]


#: Why a need has no near local answer: nobody serves this commune, those who do are for others or closed, or all of
#: them are further than people here are asked to go.
GapKind = Literal["none", "incompatible", "far"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A need without a local answer, and the next door: a sentence (`door.<code>`), and the service it names."""

    need: str
    kind: GapKind
    door: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Matching:
    """The answer, with the versions of the catalogue and of the weights that gave it."""

    catalogue: str
    weights: str
    #: In the order in which they are answered.
    needs: tuple[str, ...]
    gaps: tuple[Gap, ...]
    proposals: tuple[Proposal, ...]
    #: What was known and not proposed, each with its reason: worked out when it is read, for it may be long.
    set_aside: Sequence[SetAside]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Candidate:
    """An offer that may be proposed for one need."""

    offer: Offer
    judgement: Judgement
    parts: Mapping[str, int]
    score: int
    #: Reasons that depend on the need: first line, prescriber.
    extra: tuple[Reason, ...] = ()

    @property
    def order(self) -> tuple[int, float, str]:
        """Best first; the nearer of two equals, then the id so that the order never depends on the file."""
        distance = self.judgement.distance_km
        return (-self.score, distance if distance is not None else float("inf"), self.offer.id)

    @property
    def stuck(self) -> bool:
        """Whether it can take nobody now."""
        return "capacity_no" in self.parts


_OUT_OF_ZONE = Reason(code="out_of_zone")


def match(
    catalogue: Catalogue, profile: Profile, *, places: Places, weights: Weights | None = None, whole: bool = False
) -> Matching:
    """Match a profile with the catalogue: at most three proposals per need and five in all by default.

    `whole` reads every candidate at once, where otherwise that waits until somebody reads what is set aside; the
    answer is the same.
    """
    return _Match(catalogue, profile, places, weights or default_weights(), whole=whole).run()


class _Match:
    """One run of matching; holds what every step reads."""

    def __init__(
        self, catalogue: Catalogue, profile: Profile, places: Places, weights: Weights, *, whole: bool
    ) -> None:
        self._catalogue = catalogue
        self._places = places
        self._profile = profile
        self._weights = weights
        self._person = Person.of(profile, places, weights)
        self._asked_by_another = replace(self._person, profile=replace(profile, role="partner"))
        self._scoring = Scoring(self._person, weights)
        self._explaining = Explaining(self._person, weights)
        self._judged: dict[str, Judgement] = {}
        self._scored: dict[tuple[str, str], _Candidate] = {}
        self._aside: dict[str, Reason] = {}
        self._desks: list[_Candidate] | None = None
        self._gaps: list[Gap] = []
        # Reading every candidate only serves to say what is set aside.
        self._whole = whole
        self._reader = self._make_reader()

    def run(self) -> Matching:
        needs = ordered_needs(self._profile, self._weights)
        lines = {need: self._line(need) for need in needs or (FIRST_LINE,)}
        # The desk that listens to everybody is known to all: proposed, or set aside for what fits better.
        for desk in self._first_line(Reason(code="first_line")):
            self._leave(desk.offer.id, "others_first")
        chosen = self._choose(lines)
        proposals = tuple(self._proposal(candidate, answered) for candidate, answered in chosen)
        return Matching(
            catalogue=self._catalogue.sha256,
            weights=self._weights.sha256,
            needs=needs,
            gaps=tuple(self._gaps),
            proposals=proposals,
            set_aside=self._set_aside({p.service_id for p in proposals}) if self._whole else self._later(),
        )

    def _make_reader(self) -> Promising:
        return Promising(
            self._catalogue,
            self._person,
            self._weights,
            fits=self._fits,
            scored=self._candidate,
            fits_if_asked=self._fits_if_asked,
        )

    def _later(self) -> Sequence[SetAside]:
        def read_all() -> Sequence[SetAside]:
            return match(
                self._catalogue, self._profile, places=self._places, weights=self._weights, whole=True
            ).set_aside

        return Later(read_all)

    # --- one need ------------------------------------------------------------------------------------------------

    def _line(self, need: str) -> list[_Candidate]:
        """The candidates of one need, best first, cut to the limit."""
        offers = self._offers(need)
        local = self._local(need, offers)
        line = local[: self._weights.per_need]
        line = self._with_prescriber(line, offers)
        through_a_desk = bool(line) and not local
        if not self._whole and need in self._reader.partly_read and len(line) < self._weights.per_need:
            # No desk to go through: the cards fill the line, and depend on every local service.
            self._whole = True
            return self._line(need)
        line += self._cards(need, local, room=self._weights.per_need - len(line))
        if not local:
            line = self._with_a_desk(line, need)
        for candidate in local[self._weights.per_need :]:
            self._leave(candidate.offer.id, "others_first")
        line = line[: self._weights.per_need]
        if not through_a_desk and need:
            self._note_gap(need, offers, local, line)
        return line

    def _offers(self, need: str) -> list[Offer]:
        return self._reader.known(need) if self._whole else self._reader.promising(need)

    def _with_a_desk(self, line: list[_Candidate], need: str) -> list[_Candidate]:
        """Nothing here for this need: the desk that listens to everybody, after the national cards."""
        line = line or self._with_prescriber([], self._catalogue.cards_for(need))
        desks = self._first_line(Reason(code="first_line"))
        known = {candidate.offer.id for candidate in line}
        return [*line, *(desk for desk in desks if desk.offer.id not in known and not (line and desk.offer.national))]

    def _note_gap(
        self, need: str, offers: Sequence[Offer], local: Sequence[_Candidate], line: Sequence[_Candidate]
    ) -> None:
        if local and not all(candidate.judgement.too_far for candidate in local):
            return
        kind: GapKind = "far" if local else "incompatible" if offers else "none"
        self._gaps.append(Gap(need=need, kind=kind, door=_door(line)))

    def _local(self, need: str, offers: Sequence[Offer]) -> list[_Candidate]:
        self._count_out_of_zone(need, offers)
        fitting = [offer for offer in offers if self._fits(offer)]
        judged = self._judged
        near, far = self._near(fitting)
        if len(near) < len(fitting):
            kept = {offer.id for offer in near}
            for offer in fitting:
                if offer.id not in kept:
                    self._leave(offer.id, "too_far", km=judged[offer.id].distance_km)
        extra = (Reason(code="nothing_nearer"),) if far else ()
        return _one_network_each([self._candidate(offer, need, extra) for offer in near])

    def _near(self, fitting: Sequence[Offer]) -> tuple[Sequence[Offer], bool]:
        """Those near enough; else those of a wider circle, else the nearest: far is better than nothing."""
        judged = self._judged
        near = [offer for offer in fitting if not judged[offer.id].too_far]
        if near or not fitting:
            return near, False
        distances = {offer.id: judged[offer.id].distance_km or 0.0 for offer in fitting}
        nearest = min(distances.values())
        wider = (factor * self._person.radius_km for factor in self._weights.widen)
        limit = next((km for km in wider if nearest <= km), None)
        if limit is None:
            return [min(fitting, key=lambda offer: (distances[offer.id], offer.id))], True
        return [offer for offer in fitting if distances[offer.id] <= limit], True

    def _count_out_of_zone(self, need: str, inside: Sequence[Offer]) -> None:
        """Services of the same département that do not serve the commune; further ones would make a long list."""
        if self._person.commune is None or not self._whole:
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
        reason = Reason(code="prescriber", values={"services": [offer.id for offer in reserved[:RESERVED_NAMED]]})
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
        """Professional-only offers, near enough, that would fit if a professional asked."""
        if self._profile.role != "resident":
            return []
        return [offer for offer in offers if offer.professional_only and self._fits_if_asked(offer)]

    def _fits_if_asked(self, offer: Offer) -> bool:
        judgement = judge(offer, self._asked_by_another, self._weights)
        return judgement.eligibility != "incompatible" and not judgement.too_far

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
            if not self._whole:
                if best := self._reader.desks(zones):
                    return best
                continue
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

    def _candidate(self, offer: Offer, need: str, extra: tuple[Reason, ...] = ()) -> _Candidate:
        known = self._scored.get((offer.id, need))
        if known is None:
            judgement = self._judge(offer)
            parts = self._scoring.parts(offer, judgement, need)
            known = _Candidate(offer=offer, judgement=judgement, parts=parts, score=sum(parts.values()))
            self._scored[offer.id, need] = known
        return replace(known, extra=extra) if extra else known

    # --- the shortlist -------------------------------------------------------------------------------------------

    def _choose(self, lines: Mapping[str, Sequence[_Candidate]]) -> list[tuple[_Candidate, tuple[str, ...]]]:
        """The first of each need in order, then the second of each, until the limit; not all of one network."""
        chosen: dict[str, _Candidate] = {}
        crowded: list[_Candidate] = []
        for turn in range(self._weights.per_need):
            for line in lines.values():
                if turn >= len(line):
                    continue
                if turn and line[turn].offer.id not in chosen and self._is_crowded(line[turn], chosen):
                    crowded.append(line[turn])
                else:
                    self._take(line[turn], chosen, "others_first")
        for candidate in crowded:
            self._take(candidate, chosen, "same_network")
        return [(candidate, self._needs_of(candidate, lines)) for candidate in chosen.values()]

    def _take(self, candidate: _Candidate, chosen: dict[str, _Candidate], otherwise: str) -> None:
        offer_id = candidate.offer.id
        if offer_id in chosen:
            chosen[offer_id] = _joined(chosen[offer_id], candidate)
        elif len(chosen) < self._weights.in_all:
            chosen[offer_id] = candidate
        else:
            self._leave(offer_id, otherwise)

    def _is_crowded(self, candidate: _Candidate, chosen: Mapping[str, _Candidate]) -> bool:
        """Whether the shortlist already holds enough of this network; the first of a need is never left for it."""
        network = candidate.offer.network
        return sum(other.offer.network == network for other in chosen.values()) >= self._weights.per_network

    def _needs_of(self, candidate: _Candidate, lines: Mapping[str, Sequence[_Candidate]]) -> tuple[str, ...]:
        """The needs it answers, and those for which it is the door."""
        offer = candidate.offer
        doors = {need for need, line in lines.items() if any(c.offer.id == offer.id for c in line)}
        return tuple(need for need in self._profile.needs if need in offer.thematiques or need in doors)

    def _proposal(self, candidate: _Candidate, needs: tuple[str, ...]) -> Proposal:
        offer, judgement = candidate.offer, candidate.judgement
        opening = opening_at(
            offer.hours, self._profile.at, closures=offer.complement.closures, departement=offer.departement
        )
        return Proposal(
            service_id=offer.id,
            name=offer.name,
            needs=needs,
            eligibility=judgement.eligibility,
            reasons=self._explaining.reasons(offer, judgement, needs, candidate.extra, opening),
            missing=missing_facts(offer, self._person, judgement.missing),
            open=None if opening.state == "unknown" else opening.state == "open",
            distance_km=judgement.distance_km,
            score=candidate.score,
            score_parts=tuple(candidate.parts.items()),
            national=offer.national,
            merges=offer.merges,
        )

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
        if capacity_now(offer, self._person.today, self._weights) is Capacity.NO:
            return (Reason(code="no_capacity"), reason)
        return (reason,)


def _one_network_each(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Best first, but not two of one network before each other network had its turn.

    An offer that cannot act now (full or closed) never passes one that can just because its network is new.
    """
    seen: Counter[tuple[bool, str]] = Counter()
    turns = []
    for candidate in sorted(candidates, key=lambda candidate: candidate.order):
        key = (candidate.stuck, candidate.offer.network)
        turns.append((candidate.stuck, seen[key], candidate.order, candidate))
        seen[key] += 1
    return [candidate for *_, candidate in sorted(turns, key=lambda turn: turn[:3])]


def _desk_order(offer: Offer) -> int:
    """A CCAS or a maison des solidarités can prescribe; France services mostly cannot."""
    return min(FIRST_LINE_NETWORKS.index(network) for network in offer.networks & set(FIRST_LINE_NETWORKS))


def _joined(first: _Candidate, second: _Candidate) -> _Candidate:
    """One offer chosen for two needs keeps the reasons of both."""
    extra = [*first.extra, *(reason for reason in second.extra if reason not in first.extra)]
    better = max(first, second, key=lambda candidate: candidate.score)
    return replace(first, extra=tuple(extra), parts=better.parts, score=better.score)


def _door(line: Sequence[_Candidate]) -> Reason:
    """Where to go for a need that nobody here answers: a desk, a national line, or the town hall."""
    desk = next((c.offer for c in line if not c.offer.national and c.offer.networks & set(FIRST_LINE_NETWORKS)), None)
    if desk:
        return Reason(code="desk", values={"service": desk.id})
    local = next((c.offer for c in line if not c.offer.national), None)
    if local:
        return Reason(code="far", values={"service": local.id})
    national = next((c.offer for c in line), None)
    if national is None:
        return Reason(code="town_hall")
    return Reason(code="national_line" if national.remote else "national", values={"service": national.id})
