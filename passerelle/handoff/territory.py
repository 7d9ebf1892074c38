"""The territory's register: who is the person to talk to, who receives a request, by zone, need and level."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from opening_hours import OpeningHours

from passerelle.foundation.clock import PARIS
from passerelle.foundation.errors import BadInput


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


class Territory:
    """Desks and recipients of one deployment."""

    def __init__(
        self,
        *,
        id: str,
        desks: Sequence[Desk],
        recipients: Mapping[str, Recipient],
        default_recipient: str,
        echelons: Mapping[str, Echelon] = USUAL_ECHELONS,
    ) -> None:
        self.id = id
        self._echelons = echelons
        self._desks = desks
        self._recipients = recipients
        self._default = default_recipient

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the territory file. Raises BadTerritory naming what is wrong."""
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
            desks = [_desk(row) for row in data["desks"]]
            recipients = {row["id"]: _recipient(row) for row in data["referents"]}
            default = data["default_recipient"]
            identity = data["territory"]["id"]
            echelons = _echelons(path, data.get("territorial_levels") or {})
        except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
            raise BadTerritory(file=path.name, reason=f"{type(error).__name__} {error}") from error
        if sum(desk.default for desk in desks) != 1:
            raise BadTerritory(file=path.name, reason="exactly one desk must have default: true")
        for needed in (default, *(recipient.backup for recipient in recipients.values())):
            if needed not in recipients:
                raise BadTerritory(file=path.name, reason=f"no recipient is called {needed!r}")
        return cls(id=identity, desks=desks, recipients=recipients, default_recipient=default, echelons=echelons)

    def echelon(self, level: str, *, has_epci: bool = True) -> Echelon:
        """Where the answer to a level is organised; a commune of no intercommunalité turns to the département."""
        echelon = self._echelons[level]
        return "departement" if echelon == "epci" and not has_epci else echelon

    def recipient(self, id: str) -> Recipient:
        """The recipient of that id; who receives all the rest, when that one left the register."""
        return self._recipients.get(id) or self._recipients[self._default]

    def recipients(self) -> tuple[Recipient, ...]:
        """All recipients."""
        return tuple(self._recipients.values())

    def desk_for(self, area: Area | None) -> Desk:
        """The human welcome nearest to where the person lives; the deployment's own when that is not known."""
        for zone in area.zones if area else ():
            for desk in self._desks:
                if zone in desk.zones:
                    return desk
        return next(desk for desk in self._desks if desk.default)

    def designate(
        self, *, area: Area, needs: Sequence[str], level: str, declined: Iterable[str] = ()
    ) -> Recipient | None:
        """Who receives the request: nearest zone first, then who names the need, then the order of the file.

        `declined` are recipients who already said no. None when everybody did.
        """
        out = set(declined)
        for zone in area.zones:
            here = [
                recipient
                for recipient in self._recipients.values()
                if recipient.id not in out and zone in recipient.zones and level in recipient.levels
            ]
            ranked = sorted(here, key=lambda recipient: -_fit(recipient, needs))
            if ranked and _fit(ranked[0], needs) > 0:
                return ranked[0]
        return None if self._default in out else self._recipients[self._default]


def _fit(recipient: Recipient, needs: Sequence[str]) -> float:
    """How many of the needs are received: named ones weigh, "all" is enough to be chosen."""
    named = sum(recipient.takes(need) for need in needs)
    if recipient.needs:
        return float(named == len(needs)) * 2 if needs else 0.0
    return 1.0


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
