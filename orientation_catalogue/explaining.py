"""Why an offer is proposed, and what to know before going: reasons as codes and values, the most telling first."""

import datetime
from collections.abc import Iterable, Sequence

from orientation_catalogue.eligibility import Judgement, Person, Reason, capacity_now, reasons_for
from orientation_catalogue.freshness import last_seen
from orientation_catalogue.hours import Opening
from orientation_catalogue.model import Capacity, Offer
from orientation_catalogue.needs import opened_by
from orientation_catalogue.scoring import Scoring
from orientation_catalogue.weights import Weights


class Explaining:
    """Gives the reasons of offers for one person."""

    def __init__(self, person: Person, weights: Weights) -> None:
        self._person = person
        self._weights = weights
        self._scoring = Scoring(person, weights)

    def reasons(
        self, offer: Offer, judgement: Judgement, needs: Sequence[str], extra: Iterable[Reason], opening: Opening
    ) -> tuple[Reason, ...]:
        """Every reason of a proposal that answers these needs."""
        return (
            *self._why(offer, needs),
            *extra,
            *self._order(offer, needs),
            *self._kind(offer),
            *reasons_for(offer, self._person),
            *self._place(offer, judgement),
            *self._conditions(offer),
            *_hours(opening, self._person.profile.at),
        )

    def _why(self, offer: Offer, needs: Sequence[str]) -> Iterable[Reason]:
        answered = [need for need in needs if need in offer.thematiques]
        if answered:
            yield Reason(code="need", values={"needs": answered})

    def _order(self, offer: Offer, needs: Sequence[str]) -> Iterable[Reason]:
        """Why it comes before the rest: it cannot wait, or it opens other needs."""
        profile = self._person.profile
        if profile.no_address and offer.gives_address:
            yield Reason(code="address_first")
        if len(profile.needs) < 2:
            return
        if urgent := [need for need in needs if need in profile.urgent or need in self._weights.urgent_needs]:
            yield Reason(code="urgent_first", values={"needs": urgent})
        for need in needs:
            for why, opened in opened_by(need, profile, self._weights).items():
                yield Reason(code=f"means_{why}", values={"opens": list(opened)})

    def _kind(self, offer: Offer) -> Iterable[Reason]:
        if offer.national:
            yield Reason(code="national")
        if offer.rank <= 2:
            yield Reason(code="droit_commun", values={"rank": offer.rank})

    def _place(self, offer: Offer, judgement: Judgement) -> Iterable[Reason]:
        distance, commune = judgement.distance_km, self._person.commune
        if offer.complement.confidential_address:
            yield Reason(code="confidential_address")
        elif distance is not None and commune is not None:
            approximate = commune.approximate or offer.point_of_commune
            here = offer.commune in self._person.home
            yield Reason(code="distance", values={"km": distance, "approximate": approximate, "here": here})
        if offer.remote:
            yield Reason(code="remote")

    def _conditions(self, offer: Offer) -> Iterable[Reason]:
        """Price, language, room, and how old all this is."""
        if offer.free is not None:
            yield Reason(code="free" if offer.free else "paid")
        if self._scoring.speaks(offer):
            yield Reason(code="languages", values={"spoken": self._person.profile.language})
        capacity = capacity_now(offer, self._person.today, self._weights)
        if capacity in {Capacity.WAITING, Capacity.NO}:
            yield Reason(code=f"capacity_{capacity}", values={"days": offer.complement.delay_days})
        seen = last_seen(offer)
        if seen:
            old = (self._person.today - seen).days > self._weights.freshness.none_after
            yield Reason(code="old_information" if old else "checked_on", values={"date": seen.isoformat()})


def _hours(opening: Opening, at: datetime.datetime) -> Iterable[Reason]:
    if opening.closure:
        end = opening.closure.end
        yield (Reason(code="closed_until", values={"date": end.isoformat()}) if end else Reason(code="closed_for_now"))
    if opening.state == "open":
        yield Reason(code="open_now", values={"until": _closing(opening.closes_at, at)})
    elif opening.opens_at:
        days = (opening.opens_at.date() - at.astimezone(opening.opens_at.tzinfo).date()).days
        yield Reason(code="opens_next", values={"at": opening.opens_at.isoformat(), "in_days": days})


def _closing(closes_at: datetime.datetime | None, at: datetime.datetime) -> str | None:
    """The hour at which it closes, when that is today."""
    if closes_at is None or closes_at.date() != at.astimezone(closes_at.tzinfo).date():
        return None
    return closes_at.isoformat()
