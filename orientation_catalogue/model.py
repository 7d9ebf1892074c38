"""What the catalogue holds: data·inclusion services and structures, and in one place what that schema lacks.

Structures and services are validated by `data_inclusion.schema.v1` when a catalogue is built. `Offer` is what
matching reads of them, small enough to keep a million in memory; the whole rows stay in the file.
"""

import datetime
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self

from data_inclusion.schema import v1

#: Longest card, so that it fits two SMS with its first line.
CARD_LENGTH = 280


class Welcome(enum.StrEnum):
    """How strictly the publics of a service are meant."""

    UNCONDITIONAL = "unconditional"
    PREFERENTIAL = "preferential"
    EXCLUSIVE = "exclusive"


class Capacity(enum.StrEnum):
    """Whether a service can take somebody now."""

    YES = "yes"
    WAITING = "waiting"
    NO = "no"
    UNKNOWN = "unknown"


#: YAML reads a bare yes or no as a boolean.
_CAPACITIES = {True: Capacity.YES, False: Capacity.NO, None: Capacity.UNKNOWN}


@dataclass(frozen=True, kw_only=True, slots=True)
class Closure:
    """Days on which a service is closed, both included; no end means until further notice."""

    start: datetime.date
    end: datetime.date | None
    reason: str | None = None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """Read `{from, to, reason}`."""
        start, end = _day(value["from"]), value.get("to")
        return cls(start=start, end=_day(end) if end else None, reason=value.get("reason"))

    def covers(self, day: datetime.date) -> bool:
        """Whether the service is closed that day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, kw_only=True, slots=True)
class ForWhom:
    """One kind of person a service is for: every condition holds ("femmes", from 18, not "familles").

    The publics are those of data·inclusion: nothing here asks for a health, origin or court fact.
    """

    publics: frozenset[str] = frozenset()
    not_publics: frozenset[str] = frozenset()
    min_age: int | None = None
    max_age: int | None = None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """Read `{publics, not_publics, min_age, max_age}`; raises ValueError on the first bad field."""
        unknown = sorted(set(value) - {item.name for item in fields(cls)})
        if unknown or not value:
            raise ValueError(f"{unknown[0]} is unknown" if unknown else "says nothing")
        read = cls(
            publics=_publics(value.get("publics") or ()),
            not_publics=_publics(value.get("not_publics") or ()),
            min_age=None if value.get("min_age") is None else _age(value["min_age"]),
            max_age=None if value.get("max_age") is None else _age(value["max_age"]),
        )
        if read.min_age is not None and read.max_age is not None and read.min_age > read.max_age:
            raise ValueError("max_age is smaller than min_age")
        return read


@dataclass(frozen=True, kw_only=True, slots=True)
class Complement:
    """What data·inclusion v1 does not say of a service, and a social worker needs."""

    min_age: int | None = None
    max_age: int | None = None
    welcome: Welcome | None = None
    #: The kinds of person it is for, at least one of which must hold; says more than the publics of the row, which
    #: it then replaces: "women from 18" cannot be said there.
    for_whom: tuple[ForWhom, ...] = ()
    #: Spoken languages, ISO 639-1.
    languages: tuple[str, ...] = ()
    closures: tuple[Closure, ...] = ()
    capacity: Capacity = Capacity.UNKNOWN
    delay_days: int | None = None
    #: Day on which a person last checked all this.
    checked_on: datetime.date | None = None
    confidential_address: bool = False
    #: Papers to bring, by language.
    documents: Mapping[str, str] = field(default_factory=dict)
    #: Takes a summary agreed by the person.
    accepts_summary: bool = False
    referral_contact: Mapping[str, str] | None = None
    backup_contact: Mapping[str, str] | None = None
    levels: tuple[str, ...] = ()
    #: Order of droit commun (R-61): 1 universal public desk, 2 sector service, 3 association, 4 specialised, 5 trial.
    rank: int | None = None
    #: The service in at most 280 characters, by language.
    card: Mapping[str, str] = field(default_factory=dict)
    #: Régions served, added to the zone: data·inclusion has no code for them.
    regions: tuple[str, ...] = ()

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """Read one entry of complements.yaml; raises ValueError("field: problem") on the first bad field."""
        known = {item.name for item in fields(cls)}
        unknown = sorted(set(value) - known)
        if unknown:
            raise ValueError(f"{unknown[0]}: unknown field")
        complement = cls(**{name: _read(name, given) for name, given in value.items() if given is not None})
        complement._check()
        return complement

    def _check(self) -> None:
        if self.min_age is not None and self.max_age is not None and self.min_age > self.max_age:
            raise ValueError("max_age: smaller than min_age")
        if self.rank is not None and self.rank not in range(1, 6):
            raise ValueError("rank: not between 1 and 5")
        for language, text in self.card.items():
            if len(text) > CARD_LENGTH:
                raise ValueError(f"card: {len(text)} characters in {language}, {CARD_LENGTH} at most")


def _read(name: str, value: Any) -> Any:
    try:
        return _READERS[name](value)
    except (KeyError, TypeError, ValueError) as problem:
        raise ValueError(f"{name}: {problem}") from problem


def _day(value: Any) -> datetime.date:
    if isinstance(value, datetime.datetime):
        return value.date()
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))


def _age(value: Any) -> int:
    if isinstance(value, bool) or not 0 <= int(value) <= 120:
        raise ValueError("not an age")
    return int(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) < 0:
        raise ValueError("not a whole number")
    return int(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("not true or false")
    return value


def _publics(value: Any) -> frozenset[str]:
    return frozenset(v1.Public(item).value for item in _words(value))


def _words(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise ValueError("not a list")
    return tuple(str(item) for item in value)


def _mapping(value: Any) -> Mapping[str, str]:
    return {str(key): str(text).strip() for key, text in dict(value).items() if text is not None}


_READERS: Mapping[str, Any] = {
    "min_age": _age,
    "max_age": _age,
    "welcome": Welcome,
    "for_whom": lambda value: tuple(ForWhom.of(item) for item in value),
    "languages": _words,
    "closures": lambda value: tuple(Closure.of(item) for item in value),
    "capacity": lambda value: _CAPACITIES.get(value) or Capacity(value),
    "delay_days": _whole,
    "checked_on": _day,
    "confidential_address": _boolean,
    "documents": _mapping,
    "accepts_summary": _boolean,
    "referral_contact": _mapping,
    "backup_contact": _mapping,
    "levels": _words,
    "rank": _whole,
    "card": _mapping,
    "regions": _words,
}


Mobilised = Literal["usagers", "professionnels"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One service, or one national card, as matching reads it."""

    id: str
    #: By language; a local service has its one name under "fr".
    name: Mapping[str, str]
    #: A kind of dispositif that exists everywhere, rather than a local service.
    national: bool
    #: The main need first when the source says which.
    thematiques: tuple[str, ...]
    #: None when the source does not say.
    publics: frozenset[str] | None
    #: None when the source does not say.
    zone: frozenset[str] | None
    mobilised_by: frozenset[str] | None
    remote: bool
    #: False for a service that is only remote.
    on_site: bool
    #: Commune of the service, for distance and for explaining what was set aside.
    commune: str | None
    departement: str | None
    #: None when unknown or confidential.
    latitude: float | None
    longitude: float | None
    free: bool | None
    hours: str | None
    #: Two services of one network are not proposed side by side for one need.
    network: str
    networks: frozenset[str]
    updated_on: datetime.date | None
    complement: Complement
    #: Source of the row, so that its freshness can be followed; empty for a national card.
    source: str = ""
    #: How complete the row is, 0 to 1 (data·inclusion score_qualite); None when nobody worked it out.
    quality: float | None = None
    #: Ids of the same service in other sources, left out for this better row.
    merges: tuple[str, ...] = ()
    #: The point is the centre of the commune: the row has none.
    point_of_commune: bool = False
    # What follows from the above, worked out once: matching asks it of thousands of offers.
    #: Only a professional may ask for it (R-62).
    professional_only: bool = field(init=False, repr=False, compare=False)
    #: Nobody is excluded by the publics.
    open_to_all: bool = field(init=False, repr=False, compare=False)
    #: It has an age limit.
    for_an_age: bool = field(init=False, repr=False, compare=False)
    #: It gives an address for letters, without which no other right opens.
    gives_address: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out what follows."""
        limits = self.complement
        object.__setattr__(self, "professional_only", self.mobilised_by == frozenset({"professionnels"}))
        object.__setattr__(self, "open_to_all", self._is_open_to_all())
        object.__setattr__(self, "for_an_age", limits.min_age is not None or limits.max_age is not None)
        # The national format has no code for it; whoever does it says so in the name.
        object.__setattr__(self, "gives_address", "domiciliation" in self.name["fr"].casefold())

    def _is_open_to_all(self) -> bool:
        if self.complement.welcome is Welcome.UNCONDITIONAL:
            return True
        if self.complement.for_whom:
            return False
        # A national card without publics is a universal right; a local row without publics was not filled in.
        return self.national if self.publics is None else "tous-publics" in self.publics

    @property
    def rank(self) -> int:
        """Order of droit commun; a service that nobody ranked stands with the associations."""
        return self.complement.rank or 3

    def as_json(self) -> dict[str, Any]:
        """The offer as plain values, in a stable order."""
        complement = self.complement
        return {
            "id": self.id,
            "name": dict(self.name),
            "national": self.national,
            "thematiques": list(self.thematiques),
            "publics": _sorted(self.publics),
            "zone": _sorted(self.zone),
            "mobilised_by": _sorted(self.mobilised_by),
            "remote": self.remote,
            "on_site": self.on_site,
            "commune": self.commune,
            "departement": self.departement,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "free": self.free,
            "hours": self.hours,
            "network": self.network,
            "networks": sorted(self.networks),
            "updated_on": self.updated_on.isoformat() if self.updated_on else None,
            "source": self.source,
            "quality": self.quality,
            "merges": list(self.merges),
            "point_of_commune": self.point_of_commune,
            "complement": complement_json(complement),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read back what `as_json` wrote."""
        read: dict[str, Any] = {key: value[key] for key in _PLAIN}
        read |= {key: _frozen(value[key]) for key in ("publics", "zone", "mobilised_by")}
        updated = value["updated_on"]
        return cls(
            **read,
            thematiques=tuple(value["thematiques"]),
            networks=frozenset(value["networks"]),
            updated_on=datetime.date.fromisoformat(updated) if updated else None,
            source=value["source"],
            quality=value["quality"],
            merges=tuple(value["merges"]),
            point_of_commune=value["point_of_commune"],
            complement=Complement.of(value["complement"]) if value["complement"] else _NOTHING_MORE,
        )


_PLAIN = [
    "id",
    "name",
    "national",
    "remote",
    "on_site",
    "commune",
    "departement",
    "latitude",
    "longitude",
    "free",
    "hours",
    "network",
]
_NOTHING_MORE = Complement()


def complement_json(complement: Complement) -> dict[str, Any]:
    """The fields that say something, readable again by `Complement.of`."""
    written: dict[str, Any] = {}
    for item in fields(complement):
        value = getattr(complement, item.name)
        if value != getattr(_NOTHING_MORE, item.name):
            written[item.name] = _plain(value)
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, ForWhom):
        written = {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
        return {name: given for name, given in written.items() if given not in (None, [])}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Closure):
        end = value.end.isoformat() if value.end else None
        return {"from": value.start.isoformat(), "to": end, "reason": value.reason}
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value) if isinstance(value, enum.Enum) else value


def _sorted(values: frozenset[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)


def _frozen(values: list[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)
