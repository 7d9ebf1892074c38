"""Made-up offers around Rennes, and what a matching says of them."""

import datetime
from dataclasses import replace
from typing import Any

from orientation_catalogue.matching import Matching
from orientation_catalogue.model import Complement, Offer
from orientation_catalogue.profile import Profile

FOOD = "equipement-et-alimentation--alimentation"
HOME_HELP = "equipement-et-alimentation--aide-menagere"
RIGHTS = "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"
AT = datetime.datetime(2026, 11, 23, 9, 30, tzinfo=datetime.UTC)
RENNES = (48.1113, -1.68)


def offer(name: str, **changes: Any) -> Offer:
    base = Offer(
        id=name,
        name={"fr": name},
        national=False,
        thematiques=(FOOD,),
        publics=frozenset({"tous-publics"}),
        zone=frozenset({"35"}),
        mobilised_by=frozenset({"usagers", "professionnels"}),
        remote=False,
        on_site=True,
        commune="35238",
        departement="35",
        latitude=RENNES[0],
        longitude=RENNES[1],
        free=True,
        hours=None,
        network=name,
        networks=frozenset(),
        updated_on=datetime.date(2026, 11, 1),
        complement=Complement(rank=3),
    )
    return replace(base, **changes)


def desk(name: str = "ccas", **changes: Any) -> Offer:
    defaults: dict[str, Any] = {
        "thematiques": (RIGHTS,),
        "zone": frozenset({"35238"}),
        "network": "ccas-cias",
        "networks": frozenset({"ccas-cias"}),
        "complement": Complement(rank=1),
    }
    return offer(name, **(defaults | changes))


def card(name: str, *thematiques: str, **changes: Any) -> Offer:
    defaults: dict[str, Any] = {
        "national": True,
        "thematiques": thematiques,
        "publics": None,
        "zone": frozenset({"france"}),
        "commune": None,
        "departement": None,
        "latitude": None,
        "longitude": None,
    }
    return offer(name, **(defaults | changes))


def person(*needs: str, **changes: Any) -> Profile:
    return replace(Profile(commune="35238", needs=needs or (FOOD,), at=AT), **changes)


def ids(matching: Matching) -> list[str]:
    return [proposal.service_id for proposal in matching.proposals]


def aside(matching: Matching) -> dict[str, list[str]]:
    return {one.service_id: [reason.code for reason in one.reasons] for one in matching.set_aside}


def missing(matching: Matching, index: int = 0) -> tuple[str, ...]:
    return tuple(fact.code for fact in matching.proposals[index].missing)


def reason_codes(matching: Matching, index: int = 0) -> list[str]:
    return [reason.code for reason in matching.proposals[index].reasons]
