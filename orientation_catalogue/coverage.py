"""Where a need has a dispositif and where it has none: needs × intercommunalités of a département."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_inclusion.schema import v1

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.model import Offer
from orientation_catalogue.territory.places import Commune, Places

#: A zone that says "everywhere" in France.
_EVERYWHERE = frozenset({"france", "99100"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Covered:
    """What answers one need in one intercommunalité."""

    #: Local services that serve at least one of its communes; national cards are not counted.
    services: int
    #: Communes served by at least one of them.
    communes: int
    #: Communes it has in this département.
    of: int

    @property
    def state(self) -> str:
        """`none`, `part` or `whole`."""
        if not self.communes:
            return "none"
        return "whole" if self.communes == self.of else "part"


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """The table of one département."""

    departement: str
    needs: tuple[str, ...]
    #: (code, name), by name; communes of no intercommunalité stand under their département.
    groups: tuple[tuple[str, str], ...]
    cells: Mapping[tuple[str, str], Covered]

    def rows(self) -> Iterable[dict[str, Any]]:
        """One plain row per need and intercommunalité, the empty ones included."""
        for need in self.needs:
            for code, name in self.groups:
                cell = self.cells[need, code]
                yield {
                    "need": need,
                    "epci": code,
                    "name": name,
                    "services": cell.services,
                    "communes_served": cell.communes,
                    "communes": cell.of,
                }


def all_needs() -> tuple[str, ...]:
    """The thematiques of data·inclusion v1, in order."""
    return tuple(sorted(thematique.value for thematique in v1.Thematique))


def coverage(catalogue: Catalogue, places: Places, departement: str, *, needs: Sequence[str] | None = None) -> Coverage:
    """Count, for each need and intercommunalité of the département, the services that serve it."""
    groups = _groups(places, departement)
    wanted = tuple(needs) if needs is not None else all_needs()
    zones = {code for communes in groups.values() for commune in communes for code in commune.zone_codes}
    cells: dict[tuple[str, str], Covered] = {}
    for need in wanted:
        offers = _offers(catalogue, need, zones, departement)
        for code, communes in groups.items():
            cells[need, code] = _covered(offers, communes)
    names = ((code, _name(code, places)) for code in groups)
    return Coverage(
        departement=departement,
        needs=wanted,
        groups=tuple(sorted(names, key=lambda pair: (pair[1], pair[0]))),
        cells=cells,
    )


def _groups(places: Places, departement: str) -> dict[str, list[Commune]]:
    groups: dict[str, list[Commune]] = defaultdict(list)
    for code in places.codes_of_departement(departement):
        commune = places.commune(code)
        groups[commune.epci or departement].append(commune)
    return groups


def _name(code: str, places: Places) -> str:
    return places.epci.get(code) or str(places.departements[code][0])


def _offers(catalogue: Catalogue, need: str, zones: set[str], departement: str) -> list[Offer]:
    """Local services for this need that may serve the département."""
    return [offer for offer in catalogue.offers_in(need, zones) if _may_serve(offer, departement)]


def _may_serve(offer: Offer, departement: str) -> bool:
    if offer.zone is None:
        # Nobody said whom it serves: it counts where it stands.
        return offer.departement == departement
    # A place at the other end of France that receives everybody is nobody's neighbour.
    return bool(offer.zone - _EVERYWHERE) or offer.remote or offer.departement == departement


def _covered(offers: Sequence[Offer], communes: Sequence[Commune]) -> Covered:
    served: set[str] = set()
    services = 0
    for offer in offers:
        reached = {commune.code for commune in communes if offer.zone is None or offer.zone & commune.zone_codes}
        services += bool(reached)
        served |= reached
    return Covered(services=services, communes=len(served), of=len(communes))
