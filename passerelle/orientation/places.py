"""Names of places, for those who read what people write."""

from orientation_catalogue.eligibility import EPCI_KIND
from orientation_catalogue.territory.names import spaced
from orientation_catalogue.territory.places import Places


def is_place_name(places: Places, name: str) -> bool:
    """Whether this is the name of a commune, a département or a région, and nothing else."""
    wanted = spaced(name)
    wider = (*places.regions.values(), *(departement for departement, _ in places.departements.values()))
    return wanted in places.names or any(spaced(known) == wanted for known in wider)


def intercommunality(places: Places, code: str) -> str:
    """The intercommunalité of a commune and its département; the département alone where there is none."""
    commune = places.commune(code)
    departement = places.departements[commune.departement][0]
    if not commune.epci:
        return departement
    return f"{EPCI_KIND.sub('', places.epci[commune.epci])} ({departement})"
