"""May this person use this service? Yes, to check (and what to ask), or no (and why). Unknown never means no."""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from orientation_catalogue.hours import PARIS
from orientation_catalogue.model import Capacity, Closure, Complement, ForWhom, Offer, Welcome
from orientation_catalogue.profile import Profile
from orientation_catalogue.territory.places import CITIES, Commune, Places, distance_km
from orientation_catalogue.weights import Weights

#: The register writes the legal form first: "CC Faucigny - Glières", "METRO Rennes Métropole".
EPCI_KIND = re.compile(r"^(?:CC|CA|CU|METRO|MET69|EPT)\s+(?=\S)")

#: Publics that the age alone decides.
_PUBLICS_OF_AN_AGE = frozenset({"jeunes", "seniors"})

Eligibility = Literal["compatible", "to_check", "incompatible"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One reason, as a code and the values of its sentence (`reason.<code>` in the orientation texts)."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What is known of one offer for one person."""

    eligibility: Eligibility
    #: Facts to ask for, by name (`missing.<fact>`).
    missing: tuple[str, ...] = ()
    #: Why it does not fit. Why it does is worked out by `reasons_for`, for the few that are proposed.
    against: Reason | None = None
    #: Meant first for other people.
    preferential: bool = False
    distance_km: float | None = None
    #: The only thing against it is the road: a longer one than is asked of people here.
    too_far: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A profile with what follows from it: where the commune lies, which publics are known true or untrue."""

    profile: Profile
    commune: Commune | None
    zones: frozenset[str]
    #: Codes that may be the person's: the arrondissements, when only the city is known.
    possible_zones: frozenset[str]
    #: Both of them.
    all_zones: frozenset[str]
    #: The commune, with its arrondissements when only the city is known.
    home: frozenset[str]
    #: How people call these zones.
    zone_names: Mapping[str, str]
    #: The same codes by size: the commune, its groupings, the département, France.
    zones_outwards: tuple[frozenset[str], ...]
    publics: frozenset[str]
    not_publics: frozenset[str]
    radius_km: int
    today: datetime.date

    @classmethod
    def of(cls, profile: Profile, places: Places, weights: Weights) -> "Person":
        """Work out once what every judgement needs; an unknown commune code raises UnknownCommune."""
        commune = places.commune(profile.commune) if profile.commune else None
        publics, not_publics = _publics(profile, weights)
        zones = commune.zone_codes if commune else frozenset({"france", "99100"})
        possible_zones = _arrondissements(commune, places)
        return cls(
            profile=profile,
            commune=commune,
            zones=zones,
            possible_zones=possible_zones,
            all_zones=zones | possible_zones,
            home=possible_zones | ({commune.code} if commune else frozenset()),
            zones_outwards=_outwards(commune),
            zone_names=_zone_names(commune, places),
            publics=publics,
            not_publics=not_publics,
            radius_km=weights.radius(places.inhabitants_around(commune.code) if commune else 0),
            today=profile.at.astimezone(PARIS).date(),
        )


def judge(offer: Offer, person: Person, weights: Weights) -> Judgement:
    """Judge one offer."""
    kinds = _kinds(offer, person) if offer.complement.for_whom and not offer.open_to_all else None
    against = _against(offer, person, weights, kinds)
    if against:
        return Judgement(eligibility="incompatible", against=against)
    missing = _missing(offer, person, kinds)
    distance = _distance(offer, person)
    preferential = offer.complement.welcome is Welcome.PREFERENTIAL and not _belongs(offer, person, kinds)
    return Judgement(
        eligibility="to_check" if missing else "compatible",
        missing=missing,
        preferential=preferential,
        distance_km=distance,
        too_far=distance is not None and distance > person.radius_km and _is_too_far(offer, person),
    )


def missing_facts(offer: Offer, person: Person, missing: Iterable[str]) -> tuple[Reason, ...]:
    """The same facts, with the publics to ask about when they are known."""
    return tuple(
        Reason(code=fact, values=_asked_publics(offer, person) if fact == "public" else {}) for fact in missing
    )


def _missing(offer: Offer, person: Person, kinds: "_Kinds | None") -> tuple[str, ...]:
    """The facts to ask for before being sure."""
    zone, public = _missing_zone(offer, person), None
    if kinds is not None:
        told = () if offer.complement.welcome is Welcome.PREFERENTIAL else kinds.missing
        return tuple(dict.fromkeys(fact for fact in (zone, *told, _missing_age(offer, person)) if fact))
    if not offer.open_to_all:
        public = _missing_public(offer, person)
    age = _missing_age(offer, person)
    if zone is public is age is None:
        return ()
    return tuple(dict.fromkeys(fact for fact in (zone, public, age) if fact))


def _missing_age(offer: Offer, person: Person) -> str | None:
    return "age" if offer.for_an_age and person.profile.age is None else None


def reasons_for(offer: Offer, person: Person) -> tuple[Reason, ...]:
    """Why an offer that fits does."""
    reasons = (_zone_reason(offer, person), _public_reason(offer, person), _age_reason(offer, person))
    return tuple(reason for reason in reasons if reason)


def closure_in_force(offer: Offer, day: datetime.date) -> Closure | None:
    """The dated closure of that day."""
    closures = offer.complement.closures
    return next((closure for closure in closures if closure.covers(day)), None) if closures else None


def capacity_now(offer: Offer, day: datetime.date, weights: Weights) -> Capacity:
    """The capacity that somebody told, unless that was too long ago to be believed."""
    complement = offer.complement
    if complement.checked_on and (day - complement.checked_on).days > weights.capacity_days:
        return Capacity.UNKNOWN
    return complement.capacity


def _against(offer: Offer, person: Person, weights: Weights, kinds: "_Kinds | None") -> Reason | None:
    """The one fact that rules the offer out, if there is one."""
    if offer.zone is not None and offer.zone.isdisjoint(person.all_zones):
        return Reason(code="out_of_zone")
    if kinds is not None:
        if kinds.verdict == "no" and offer.complement.welcome is not Welcome.PREFERENTIAL:
            return Reason(code="public", values={"publics": kinds.publics})
    elif not offer.open_to_all and _excludes_public(offer, person):
        return Reason(code="public", values={"publics": sorted(offer.publics or ())})
    if offer.for_an_age and _excludes_age(offer, person):
        return Reason(code="age", values=_ages(offer))
    closure = closure_in_force(offer, person.today) if offer.complement.closures else None
    if closure and (closure.end is None or (closure.end - person.today).days > weights.closure_days):
        return Reason(code="closed", values={"until": closure.end.isoformat()} if closure.end else {})
    if offer.professional_only and person.profile.role == "resident":
        return Reason(code="professional_only")
    return None


# --- where -------------------------------------------------------------------------------------------------------


def _missing_zone(offer: Offer, person: Person) -> str | None:
    if offer.zone is None:
        return "zone"
    return "arrondissement" if offer.zone.isdisjoint(person.zones) else None


def _zone_reason(offer: Offer, person: Person) -> Reason | None:
    if offer.national or offer.zone is None or offer.zone.isdisjoint(person.zones):
        return None
    zone = _narrowest(offer.zone, person)
    return Reason(code="in_zone", values={"zone": zone, "place": person.zone_names.get(zone, "France")})


def _narrowest(zone: frozenset[str], person: Person) -> str:
    """The smallest zone that holds the person, the one that tells most."""
    commune = person.commune
    order = (commune.code, commune.city, commune.ept, commune.epci, commune.departement) if commune else ()
    return next((code for code in order if code in zone), "france")


def _arrondissements(commune: Commune | None, places: Places) -> frozenset[str]:
    if commune is None or commune.code not in CITIES:
        return frozenset()
    numbered = (places.arrondissement(commune.code, number) for number in range(1, 21))
    return frozenset(code for code in numbered if code)


def _outwards(commune: Commune | None) -> tuple[frozenset[str], ...]:
    rings: list[tuple[str | None, ...]] = [("france", "99100")]
    if commune:
        rings = [(commune.code, commune.city), (commune.epci, commune.ept), (commune.departement,), *rings]
    return tuple(frozenset(code for code in ring if code) for ring in rings)


def _zone_names(commune: Commune | None, places: Places) -> dict[str, str]:
    if commune is None:
        return {}
    names = {commune.code: commune.name, commune.departement: places.departements[commune.departement][0]}
    if commune.city:
        names[commune.city] = places.name(commune.city)
    for code, known in ((commune.epci, places.epci), (commune.ept, places.ept)):
        if code:
            names[code] = EPCI_KIND.sub("", known[code])
    return names


def _distance(offer: Offer, person: Person) -> float | None:
    here = person.commune
    if here is None or here.latitude is None or here.longitude is None or not offer.on_site:
        return None
    if offer.latitude is None or offer.longitude is None:
        return None
    km = round(distance_km(here.latitude, here.longitude, offer.latitude, offer.longitude), 1)
    # Nobody travels far to what can be done by phone: the distance would only discourage.
    return None if offer.remote and km > person.radius_km else km


def _is_too_far(offer: Offer, person: Person) -> bool:
    """Being out of reach, whether that matters: not when the service is meant for this very commune or EPCI."""
    if offer.remote or person.commune is None:
        return False
    here = person.commune
    local = {here.code, here.city, here.epci, here.ept} - {None}
    return not (offer.zone and offer.zone & local)


# --- who ---------------------------------------------------------------------------------------------------------


def _publics(profile: Profile, weights: Weights) -> tuple[frozenset[str], frozenset[str]]:
    """The publics known true and known untrue, the age understood."""
    known, untrue = set(profile.publics) - {"tous-publics"}, set()
    for public, bounds in weights.publics_by_age.items() if profile.age is not None else ():
        age = profile.age or 0
        if age > bounds.get("no_above", 200) or age < bounds.get("no_below", 0):
            untrue.add(public)
        elif bounds["yes_from"] <= age <= bounds.get("yes_to", 200):
            known.add(public)
    for public in known:
        untrue |= weights.publics_excluded_by.get(public, frozenset())
    # What the person says of themselves wins over what was worked out.
    return frozenset(known), frozenset(untrue - profile.publics)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kinds:
    """What is known of a person against the kinds of person a service says it is for."""

    verdict: Literal["yes", "unknown", "no"]
    #: Facts to ask: "public", "age".
    missing: tuple[str, ...] = ()
    #: The publics to ask about; for a no, every public it names.
    publics: tuple[str, ...] = ()


def _kinds(offer: Offer, person: Person) -> _Kinds:
    """One kind that fits is enough; of those that may fit, the one with the fewest questions."""
    judged = [_kind(kind, person) for kind in offer.complement.for_whom]
    possible = [one for one in judged if one.verdict != "no"]
    if possible:
        return min(possible, key=lambda one: (one.verdict != "yes", len(one.missing) + len(one.publics), one.publics))
    named = {public for kind in offer.complement.for_whom for public in kind.publics | kind.not_publics}
    return _Kinds(verdict="no", publics=tuple(sorted(named)))


def _kind(kind: ForWhom, person: Person) -> _Kinds:
    age = person.profile.age
    publics, untrue = person.publics, person.not_publics
    limited = kind.min_age is not None or kind.max_age is not None
    if kind.publics & untrue or kind.not_publics & publics or (age is not None and _out_of(kind, age)):
        return _Kinds(verdict="no")
    asked = tuple(sorted((kind.publics - publics) | (kind.not_publics - untrue)))
    missing = (*(("public",) if asked else ()), *(("age",) if limited and age is None else ()))
    return _Kinds(verdict="unknown" if missing else "yes", missing=missing, publics=asked)


def _out_of(limits: ForWhom | Complement, age: int) -> bool:
    return (limits.min_age is not None and age < limits.min_age) or (
        limits.max_age is not None and age > limits.max_age
    )


def _asked_publics(offer: Offer, person: Person) -> dict[str, list[str]]:
    """The publics one of which would settle it; nothing when the source does not say them."""
    if offer.complement.for_whom:
        return {"publics": list(_kinds(offer, person).publics)}
    if offer.publics is None:
        return {}
    return {"publics": sorted(offer.publics - person.not_publics)}


def _belongs(offer: Offer, person: Person, kinds: _Kinds | None) -> bool:
    if person.profile.no_address and offer.gives_address:
        # Whoever has no address is whom it is for, whatever else the row says.
        return True
    if kinds is not None:
        return kinds.verdict == "yes"
    return offer.open_to_all or (offer.publics is not None and not offer.publics.isdisjoint(person.publics))


def _excludes_public(offer: Offer, person: Person) -> bool:
    if offer.publics is None or _belongs(offer, person, None) or offer.complement.welcome is Welcome.PREFERENTIAL:
        return False
    return offer.publics <= person.not_publics


def _missing_public(offer: Offer, person: Person) -> str | None:
    if offer.publics is None:
        return "public"
    if offer.complement.welcome is Welcome.PREFERENTIAL or not offer.publics.isdisjoint(person.publics):
        return None
    return "age" if offer.publics - person.not_publics <= _PUBLICS_OF_AN_AGE else "public"


def _public_reason(offer: Offer, person: Person) -> Reason | None:
    if offer.open_to_all:
        return Reason(code="everyone")
    if offer.complement.for_whom:
        return _kinds_reason(offer, person)
    if offer.publics is None:
        return None
    mine = sorted(offer.publics & person.publics)
    if mine:
        return Reason(code="public_fits", values={"publics": mine})
    if offer.complement.welcome is Welcome.PREFERENTIAL and not _belongs(offer, person, None):
        return Reason(code="preferential", values={"publics": sorted(offer.publics)})
    return None


def _kinds_reason(offer: Offer, person: Person) -> Reason | None:
    kinds = _kinds(offer, person)
    if kinds.verdict == "yes":
        mine = {public for kind in offer.complement.for_whom for public in kind.publics & person.publics}
        return Reason(code="public_fits", values={"publics": sorted(mine)})
    if kinds.verdict == "no":
        return Reason(code="preferential", values={"publics": list(kinds.publics)})
    return None


def _ages(offer: Offer) -> dict[str, int | None]:
    return {"min_age": offer.complement.min_age, "max_age": offer.complement.max_age}


def _excludes_age(offer: Offer, person: Person) -> bool:
    age = person.profile.age
    return age is not None and _out_of(offer.complement, age)


def _age_reason(offer: Offer, person: Person) -> Reason | None:
    if person.profile.age is None or not offer.for_an_age:
        return None
    return Reason(code="age_fits", values=_ages(offer))
