"""The services of a catalogue, ready for the table that a coordinator completes."""

from collections.abc import Mapping
from typing import Any

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.model import complement_json


def services_to_complete(
    catalogue: Catalogue, departement: str | None = None
) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Id, name and complement of the local services, by id; of one département only when it is named."""
    return [
        (offer.id, offer.name["fr"], complement_json(offer.complement))
        for offer in catalogue.offers.values()
        if not offer.national and departement in (None, offer.departement)
    ]
