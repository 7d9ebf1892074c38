"""The score of an offer for one person and one need: named parts that add up, each worth what the weights say."""

from orientation_catalogue.eligibility import Judgement, Person, capacity_now, closure_in_force
from orientation_catalogue.freshness import last_seen
from orientation_catalogue.hours import hours_say_open, place_of
from orientation_catalogue.model import Capacity, Offer
from orientation_catalogue.weights import Weights


class Scoring:
    """Scores offers for one person."""

    def __init__(self, person: Person, weights: Weights) -> None:
        self._person = person
        self._weights = weights
        self._wanted = frozenset(person.profile.needs)
        self._open: dict[tuple[str, str], bool] = {}

    def parts(self, offer: Offer, judgement: Judgement, need: str) -> dict[str, int]:
        """The parts that count for this offer, by name; the score is their sum."""
        points, profile = self._weights.points, self._person.profile
        parts = {"rank": self._weights.rank[offer.rank]}
        parts |= self._place(offer, judgement)
        if judgement.eligibility == "to_check":
            parts["to_check"] = points["to_check"]
        if judgement.preferential:
            parts["preferential"] = points["preferential"]
        if offer.free:
            parts["free"] = points["free"]
        if self.speaks(offer):
            parts["language"] = points["language"]
        if offer.thematiques and offer.thematiques[0] == need:
            parts["main_need"] = points["main_need"]
        if len(self._wanted.intersection(offer.thematiques)) > 1:
            parts["several_needs"] = points["several_needs"]
        if offer.complement.levels and profile.level is not None and profile.level not in offer.complement.levels:
            parts["level"] = points["level"]
        if profile.no_address and offer.gives_address:
            parts["address_first"] = points["address_first"]
        return parts | self._row(offer) | self._now(offer)

    def speaks(self, offer: Offer) -> bool:
        """Whether the language of the person, other than French, is spoken there."""
        language = self._person.profile.language
        return language != "fr" and language in offer.complement.languages

    def _place(self, offer: Offer, judgement: Judgement) -> dict[str, int]:
        points = self._weights.points
        if judgement.distance_km is None:
            name = "remote" if offer.remote else "unknown_place"
            return {name: points[name]}
        nearness = max(0.0, 1 - judgement.distance_km / self._person.radius_km)
        near = round(points["distance"] * nearness)
        return {"remote": points["remote"]} if offer.remote and points["remote"] > near else {"distance": near}

    def _row(self, offer: Offer) -> dict[str, int]:
        """What the row is worth: complete, and told lately."""
        points = self._weights.points
        fresh = round(points["fresh"] * self._freshness(offer))
        if offer.quality is None:
            return {"fresh": fresh} if fresh else {}
        return {"quality": round(points["quality"] * offer.quality), "fresh": fresh}

    def _freshness(self, offer: Offer) -> float:
        limits = self._weights.freshness
        if offer.source in limits.always:
            return 1.0
        seen = last_seen(offer)
        if seen is None:
            return 0.0
        days = (self._person.today - seen).days
        return min(1.0, max(0.0, (limits.none_after - days) / (limits.none_after - limits.full_until)))

    def _now(self, offer: Offer) -> dict[str, int]:
        """Whether it can take somebody now."""
        points = self._weights.points
        parts: dict[str, int] = {}
        capacity = capacity_now(offer, self._person.today, self._weights)
        if capacity != Capacity.UNKNOWN:
            parts[f"capacity_{capacity}"] = points[f"capacity_{capacity}"]
        if offer.complement.closures and closure_in_force(offer, self._person.today):
            parts["closed"] = points["closed"]
        elif offer.hours is not None and self._is_open(offer.hours, offer.departement):
            parts["open_now"] = points["open_now"]
        return parts

    def _is_open(self, hours: str, departement: str | None) -> bool:
        """Whether it is open now; thousands of services share a few timetables."""
        key = (hours, place_of(hours, departement))
        found = self._open.get(key)
        if found is None:
            found = self._open[key] = hours_say_open(hours, self._person.profile.at, departement)
        return found
