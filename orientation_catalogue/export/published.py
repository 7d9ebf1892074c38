"""What may leave the house: the local services of a catalogue, their structures and complements, secrets left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from data_inclusion.schema import v1

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.model import Complement, Offer

Row = dict[str, Any]

#: What tells where a place is: a refuge is found by any of them.
WHERE = frozenset(
    {"adresse", "complement_adresse", "commune", "code_postal", "code_insee", "latitude", "longitude", "siret"}
    | {"lien_source"}
)
_SERVICE, _STRUCTURE = frozenset(v1.Service.model_fields), frozenset(v1.Structure.model_fields)


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """One local service as anybody may read it, with its structure and what stands beside it."""

    service: Row
    structure: Row
    complement: Complement


class Publication:
    """The local services of one catalogue, by id. National cards are kinds of dispositif: no structure offers them."""

    def __init__(self, catalogue: Catalogue, hidden: frozenset[str]) -> None:
        self._catalogue = catalogue
        self._hidden = hidden

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Look for the structures whose address is secret: one secret service hides those of its house too."""
        secret = (offer.id for offer in _local(catalogue) if offer.complement.confidential_address)
        return cls(catalogue, frozenset(catalogue.detail(offer)["structure"]["id"] for offer in secret))

    def ids(self) -> list[str]:
        """The services, in order."""
        return [offer.id for offer in _local(self._catalogue)]

    def services(self) -> Iterator[Published]:
        """Every local service."""
        return map(self._published, _local(self._catalogue))

    def service(self, service_id: str) -> Published | None:
        """One local service, if there is one of this id."""
        offer = self._catalogue.offers.get(service_id)
        return None if offer is None or offer.national else self._published(offer)

    def structures(self) -> Iterator[Row]:
        """The structures of these services, each once, in the order of their first service."""
        told: set[str] = set()
        for published in self.services():
            if published.structure["id"] not in told:
                told.add(published.structure["id"])
                yield published.structure

    def _published(self, offer: Offer) -> Published:
        rows = self._catalogue.detail(offer.id)
        hidden = rows["structure"]["id"] in self._hidden
        return Published(
            service=_shown(rows["service"], _SERVICE, hidden=hidden),
            structure=_shown(rows["structure"], _STRUCTURE, hidden=hidden),
            complement=offer.complement,
        )


def _local(catalogue: Catalogue) -> Iterator[Offer]:
    return (offer for offer in catalogue.offers.values() if not offer.national)


def _shown(row: Mapping[str, Any], fields: frozenset[str], *, hidden: bool) -> Row:
    kept = fields - WHERE if hidden else fields
    return {name: value for name, value in row.items() if name in kept and value is not None}
