"""Names of places, for those who read what people write."""

from orientation_catalogue.territory.names import spaced
from orientation_catalogue.territory.places import Places


def is_place_name(places: Places, name: str) -> bool:
    """Whether this is the name of a commune, a département or a région, and nothing else."""
    wanted = spaced(name)
    wider = (*places.regions.values(), *(departement for departement, _ in places.departements.values()))
    return wanted in places.names or any(spaced(known) == wanted for known in wider)
