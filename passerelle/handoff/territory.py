"""The territory's register: who is the person to talk to, who receives a request, by zone, need and level."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from opening_hours import OpeningHours, validate

from passerelle.foundation.clock import PARIS
from passerelle.foundation.errors import BadInput
from passerelle.foundation.log import log


class BadTerritory(BadInput):
    """{file}: {reason}"""


Echelon = Literal["commune", "epci", "departement", "region"]
ECHELONS: tuple[Echelon, ...] = ("commune", "epci", "departement", "region")

#: Where an answer is organised, level by level, unless the territory says otherwise (reference/screening.md §6.2).
USUAL_ECHELONS: Mapping[str, Echelon] = {
    "U": "departement",
    "C": "epci",
    "N0": "commune",
    "N1": "commune",
    "N2": "epci",
    "N3": "epci",
    "N4": "departement",
}


#: From the nearest to the widest.
INSTANCE_LEVELS = ("local", "departement", "region")


@dataclass(frozen=True, kw_only=True, slots=True)
class Area:
    """Where a person lives, from the smallest zone to the largest. Codes as data·inclusion writes them."""

    commune: str
    epci: str | None
    departement: str

    @property
    def zones(self) -> tuple[str, ...]:
        """Zone codes, nearest first."""
        return tuple(zone for zone in (self.commune, self.epci, self.departement) if zone)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The human welcome of a zone: always something real."""

    id: str
    zones: frozenset[str]
    name: str
    phone: str
    #: OSM opening hours.
    hours: str
    #: The hours in words, by language.
    hours_text: Mapping[str, str]
    email: str
    default: bool

    @cached_property
    def _opening(self) -> OpeningHours:
        return OpeningHours(self.hours, country="FR")

    def is_open(self, at: datetime) -> bool:
        """Whether somebody answers there now."""
        return bool(self._opening.is_open(at.astimezone(PARIS).replace(tzinfo=None)))

    def hours_in(self, language: str) -> str:
        """The hours in the language, else in French."""
        return self.hours_text.get(language) or self.hours_text["fr"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """A professional who may receive a request."""

    id: str
    #: first_line, referent or complex_situations.
    kind: str
    function: str
    #: The function in other languages than French.
    functions: Mapping[str, str]
    name: str
    structure: str
    email: str
    phone: str
    zones: frozenset[str]
    #: Thematiques or categories received; empty = all.
    needs: frozenset[str]
    levels: frozenset[str]
    backup: str

    def function_in(self, language: str) -> str:
        """The function in the language, else in French."""
        return self.functions.get(language, self.function)

    def takes(self, thematique: str) -> bool:
        """Whether this need is named among those received."""
        return thematique in self.needs or thematique.split("--")[0] in self.needs


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """A place where institutions coordinate. It receives no name of a person without that person's agreement."""

    id: str
    #: local, departement or region.
    level: str
    zones: frozenset[str]
    name: str
    purpose: str
    #: By role, never by name.
    members: tuple[str, ...]
    calendar: str


#: Kind of line of the register → (list of the file, fields that a coordinator may correct).
CORRECTABLE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "desk": ("desks", ("name", "phone", "hours", "hours_text", "email")),
    "referent": ("referents", ("name", "function", "structure", "email", "phone")),
    "instance": ("instances", ("name", "purpose", "members", "calendar")),
}

#: Said in other languages too: a correction in French leaves the others out of date, so they fall back to French.
_TRANSLATED = {"function": "function_in"}

Corrections = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Content:
    """One reading of the file, corrections included."""

    id: str
    name: str
    departement: str
    desks: tuple[Desk, ...]
    recipients: Mapping[str, Recipient]
    instances: tuple[Instance, ...]
    default: str
    echelons: Mapping[str, Echelon]


class Territory:
    """Desks, recipients and instances of one deployment, with the coordinator's corrections once they are made."""

    def __init__(self, path: Path, corrections: Path | None = None) -> None:
        self._path = path
        self._corrections = corrections
        self._seen: tuple[int, int] | None = None
        self._content = _read(path, {})

    @classmethod
    def load(cls, path: Path, corrections: Path | None = None) -> Self:
        """Read the territory file. Raises BadTerritory naming what is wrong."""
        return cls(path, corrections)

    @property
    def id(self) -> str:
        """The territory's own id."""
        return self._now().id

    @property
    def name(self) -> str:
        """Its name."""
        return self._now().name

    @property
    def departement(self) -> str:
        """The département it stands in; empty when the file does not say."""
        return self._now().departement

    def desks(self) -> tuple[Desk, ...]:
        """All desks."""
        return self._now().desks

    def instances(self) -> tuple[Instance, ...]:
        """The instances of coordination, from the nearest to the widest."""
        return self._now().instances

    def check(self, corrections: Corrections) -> None:
        """Raise BadTerritory when the register could not be read with these corrections."""
        _read(self._path, corrections)

    def _now(self) -> _Content:
        """The register as it stands: read again when its corrections changed."""
        if self._corrections is None:
            return self._content
        try:
            found = self._corrections.stat()
            # Two changes in one tick of the clock are two files.
            seen: tuple[int, int] | None = (found.st_mtime_ns, found.st_ino)
        except FileNotFoundError:
            seen = None
        if seen != self._seen:
            self._content = self._corrected() if seen else _read(self._path, {})
            self._seen = seen
        return self._content

    def _corrected(self) -> _Content:
        """With the corrections; without them when they no longer fit the file, which may have changed since."""
        try:
            said = json.loads((self._corrections or self._path).read_text(encoding="utf-8"))
            return _read(self._path, said)
        except (BadTerritory, ValueError, AttributeError) as error:
            log().error("territory_corrections_left_out", error=type(error).__name__)
            return _read(self._path, {})

    def echelon(self, level: str, *, has_epci: bool = True) -> Echelon:
        """Where the answer to a level is organised; a commune of no intercommunalité turns to the département."""
        echelon = self._now().echelons[level]
        return "departement" if echelon == "epci" and not has_epci else echelon

    def recipient(self, id: str) -> Recipient:
        """The recipient of that id; who receives all the rest, when that one left the register."""
        content = self._now()
        return content.recipients.get(id) or content.recipients[content.default]

    def recipients(self) -> tuple[Recipient, ...]:
        """All recipients."""
        return tuple(self._now().recipients.values())

    def desk_for(self, area: Area | None) -> Desk:
        """The human welcome nearest to where the person lives; the deployment's own when that is not known."""
        desks = self._now().desks
        for zone in area.zones if area else ():
            for desk in desks:
                if zone in desk.zones:
                    return desk
        return next(desk for desk in desks if desk.default)

    def designate(
        self, *, area: Area, needs: Sequence[str], level: str, declined: Iterable[str] = ()
    ) -> Recipient | None:
        """Who receives the request: nearest zone first, then who names the need, then the order of the file.

        `declined` are recipients who already said no. None when everybody did.
        """
        out = set(declined)
        content = self._now()
        for zone in area.zones:
            here = [
                recipient
                for recipient in content.recipients.values()
                if recipient.id not in out and zone in recipient.zones and level in recipient.levels
            ]
            ranked = sorted(here, key=lambda recipient: -_fit(recipient, needs))
            if ranked and _fit(ranked[0], needs) > 0:
                return ranked[0]
        return None if content.default in out else content.recipients[content.default]


def _fit(recipient: Recipient, needs: Sequence[str]) -> float:
    """How many of the needs are received: named ones weigh, "all" is enough to be chosen."""
    named = sum(recipient.takes(need) for need in needs)
    if recipient.needs:
        return float(named == len(needs)) * 2 if needs else 0.0
    return 1.0


def _read(path: Path, corrections: Corrections) -> _Content:
    """Read the file with the coordinator's corrections over it. Raises BadTerritory naming what is wrong."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        _correct(data, corrections)
        desks = tuple(_desk(row) for row in data["desks"])
        recipients = {row["id"]: _recipient(row) for row in data["referents"]}
        instances = tuple(_instance(row) for row in data.get("instances") or ())
        default, about = data["default_recipient"], data["territory"]
        identity, echelons = about["id"], _echelons(path, data.get("territorial_levels") or {})
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise BadTerritory(file=path.name, reason=f"{type(error).__name__} {error}") from error
    if sum(desk.default for desk in desks) != 1:
        raise BadTerritory(file=path.name, reason="exactly one desk must have default: true")
    for needed in (default, *(recipient.backup for recipient in recipients.values())):
        if needed not in recipients:
            raise BadTerritory(file=path.name, reason=f"no recipient is called {needed!r}")
    return _Content(
        id=identity,
        name=str(about.get("name") or identity),
        departement=str(about.get("departement") or ""),
        desks=desks,
        recipients=recipients,
        instances=tuple(sorted(instances, key=lambda one: INSTANCE_LEVELS.index(one.level))),
        default=default,
        echelons=echelons,
    )


def _correct(data: dict[str, Any], corrections: Corrections) -> None:
    """Write the corrections over the rows of the file, those of lines that left the file being ignored."""
    for kind, (listed, fields) in CORRECTABLE.items():
        for row in data.get(listed) or ():
            said = (corrections.get(kind) or {}).get(row["id"]) or {}
            for name, value in said.items():
                if name not in fields:
                    continue
                row[name] = {"fr": value} if name == "hours_text" else value
                row.pop(_TRANSLATED.get(name), None)


def _instance(row: Mapping[str, Any]) -> Instance:
    if row["level"] not in INSTANCE_LEVELS:
        raise KeyError(f"level of {row['id']}")
    return Instance(
        id=row["id"],
        level=row["level"],
        zones=frozenset(map(str, row["zones"])),
        name=row["name"],
        purpose=row["purpose"],
        members=tuple(map(str, row["members"])),
        calendar=row["calendar"],
    )


def _echelons(path: Path, said: Mapping[str, Any]) -> Mapping[str, Echelon]:
    for level, echelon in said.items():
        if level not in USUAL_ECHELONS:
            reason = f"territorial_levels: {level!r} is not a level ({', '.join(USUAL_ECHELONS)})"
            raise BadTerritory(file=path.name, reason=reason)
        if echelon not in ECHELONS:
            reason = f"territorial_levels, {level}: {echelon!r} is not one of {', '.join(ECHELONS)}"
            raise BadTerritory(file=path.name, reason=reason)
    return {**USUAL_ECHELONS, **said}


def _desk(row: Mapping[str, Any]) -> Desk:
    # A rule that cannot be read would fail in the middle of a conversation.
    if not validate(row["hours"]):
        raise KeyError(f"hours of {row['id']}: {row['hours']!r} is not an OpenStreetMap rule")
    return Desk(
        id=row["id"],
        zones=frozenset(map(str, row["zones"])),
        name=row["name"],
        phone=row["phone"],
        hours=row["hours"],
        hours_text=row["hours_text"],
        email=row["email"],
        default=bool(row.get("default")),
    )


def _recipient(row: Mapping[str, Any]) -> Recipient:
    return Recipient(
        id=row["id"],
        kind=row["kind"],
        function=row["function"],
        functions=row.get("function_in") or {},
        name=row["name"],
        structure=row["structure"],
        email=row["email"],
        phone=row["phone"],
        zones=frozenset(map(str, row["zones"])),
        needs=frozenset() if row["needs"] == "all" else frozenset(row["needs"]),
        levels=frozenset(row["levels"]),
        backup=row["backup"],
    )
