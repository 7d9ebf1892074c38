"""What a new version of the catalogue changes for people: who would lose every local answer, or the first one.

The people are made up: a seeded draw over the communes of a département (by population), its needs, a few publics.
"""

import datetime
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.matching import match
from orientation_catalogue.profile import Profile
from orientation_catalogue.territory.places import Places

#: Enough for every need of a département to be asked in several places.
PROFILES = 300

#: What people are drawn among, with their age; nobody is what the person did not say.
_PEOPLE: tuple[tuple[frozenset[str], int | None], ...] = (
    (frozenset(), None),
    (frozenset(), 35),
    (frozenset({"jeunes"}), 20),
    (frozenset({"seniors"}), 72),
    (frozenset({"familles"}), 35),
    (frozenset({"personnes-en-situation-de-handicap"}), 45),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """One made-up person for whom the new version is worse."""

    commune: str
    needs: tuple[str, ...]
    publics: tuple[str, ...]
    age: int | None
    #: Id of the service named first before.
    before: str
    #: Id of the service named first after; None when no local service is left.
    after: str | None

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "commune": self.commune,
            "needs": list(self.needs),
            "publics": list(self.publics),
            "age": self.age,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulation:
    """The two versions compared on the same people."""

    before: str
    after: str
    profiles: int
    #: Had a local service, would have none.
    no_longer_oriented: tuple[Loss, ...]
    #: The service named first would not be named at all; another one is.
    first_door_lost: tuple[Loss, ...]
    #: Had no local service, would have one.
    newly_oriented: int

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "before": self.before,
            "after": self.after,
            "profiles": self.profiles,
            "no_longer_oriented": [loss.as_json() for loss in self.no_longer_oriented],
            "first_door_lost": [loss.as_json() for loss in self.first_door_lost],
            "newly_oriented": self.newly_oriented,
        }


def made_up_profiles(
    places: Places,
    departement: str,
    needs: Sequence[str],
    *,
    at: datetime.datetime,
    count: int = PROFILES,
    seed: int = 1,
) -> tuple[Profile, ...]:
    """People of a département, always the same for the same seed. Every need is asked before any is asked again."""
    draw = random.Random(seed)  # noqa: S311 — a replayable draw, not a secret
    communes = sorted(places.codes_of_departement(departement))
    weights = [max(1, places.population(code)) for code in communes]
    asked = sorted(needs)
    draw.shuffle(asked)
    profiles = []
    for number in range(count):
        publics, age = draw.choice(_PEOPLE)
        wanted = [asked[number % len(asked)], *draw.sample(asked, k=min(len(asked), draw.choice((0, 0, 1))))]
        profiles.append(
            Profile(
                commune=draw.choices(communes, weights)[0],
                needs=tuple(dict.fromkeys(wanted)),
                publics=publics,
                age=age,
                at=at,
            )
        )
    return tuple(profiles)


def simulate(before: Catalogue, after: Catalogue, profiles: Iterable[Profile], *, places: Places) -> Simulation:
    """Orient the same people with both versions, and keep those who lose."""
    people = tuple(profiles)
    gone: list[Loss] = []
    moved: list[Loss] = []
    gained = 0
    for person in people:
        had, has = _local(before, person, places), _local(after, person, places)
        if not had:
            gained += bool(has)
        elif had[0] not in has:
            (moved if has else gone).append(_loss(person, had[0], has[0] if has else None))
    return Simulation(
        before=before.sha256,
        after=after.sha256,
        profiles=len(people),
        no_longer_oriented=tuple(gone),
        first_door_lost=tuple(moved),
        newly_oriented=gained,
    )


def _local(catalogue: Catalogue, person: Profile, places: Places) -> list[str]:
    """Ids of the local services proposed, best first: a national card is everybody's, it answers for no territory."""
    proposals = match(catalogue, person, places=places).proposals
    return [one.service_id for one in proposals if not catalogue.offers[one.service_id].national]


def _loss(person: Profile, before: str, after: str | None) -> Loss:
    return Loss(
        commune=person.commune or "",
        needs=person.needs,
        publics=tuple(sorted(person.publics)),
        age=person.age,
        before=before,
        after=after,
    )
