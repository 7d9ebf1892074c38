"""The parcours a situation belongs to: soins, santé, vie; it may be in several (reference/screening.md §6.5)."""

from collections.abc import Iterable, Mapping
from typing import Literal

from passerelle.screening.situation import Situation

Parcours = Literal["soins", "sante", "vie"]

#: In the order they are shown.
PARCOURS: tuple[Parcours, ...] = ("soins", "sante", "vie")

_CARE = "sante--acces-aux-soins"
_HEALTH_CATEGORY = "sante--"
#: Not of the category santé, and of its parcours all the same.
_HEALTH = frozenset(
    {
        "equipement-et-alimentation--aide-menagere",
        "famille--prise-en-charge-personne-dependante",
        "famille--soutien-aidants",
    }
)
#: A discharge said in any way; the reason is never asked nor kept.
DISCHARGE = "rupture_discharge"


def parcours_of(thematique: str) -> Parcours:
    """The parcours of one need."""
    if thematique == _CARE:
        return "soins"
    if thematique.startswith(_HEALTH_CATEGORY) or thematique in _HEALTH:
        return "sante"
    return "vie"


def place(thematiques: Iterable[str], *, discharge: bool = False) -> Mapping[Parcours, tuple[str, ...]]:
    """The parcours of a situation, each with the needs that place it there; a discharge alone is a parcours santé."""
    placed: dict[Parcours, list[str]] = {}
    for thematique in thematiques:
        placed.setdefault(parcours_of(thematique), []).append(thematique)
    if discharge:
        placed.setdefault("sante", [])
    return {parcours: tuple(placed[parcours]) for parcours in PARCOURS if parcours in placed}


def place_situation(situation: Situation) -> Mapping[Parcours, tuple[str, ...]]:
    """The parcours of the wanted needs: what the person wants no help with places nothing."""
    wanted = [need.thematique for need in situation.needs if need.wanted in ("yes", "later")]
    return place(wanted, discharge=DISCHARGE in situation.signals)
