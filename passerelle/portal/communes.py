"""The commune of a form: typed, or picked among homonyms in one question."""

from dataclasses import dataclass

from orientation_catalogue.errors import CatalogueError
from orientation_catalogue.territory.places import Places
from passerelle.foundation.text import clean
from passerelle.portal.forms import Form

#: A longer list is not read: the département or the postal code says it faster.
_MOST_HOMONYMS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class ChosenCommune:
    """What was understood of the place."""

    code: str | None = None
    #: Its name, with its département.
    name: str = ""
    #: (code, name) to choose from.
    homonyms: tuple[tuple[str, str], ...] = ()


def choose_commune(form: Form, places: Places) -> ChosenCommune:
    """The commune typed in `commune`, else the one picked in `commune_code`."""
    typed = clean(form.get("commune", ""))
    if typed:
        return commune_in(typed, places, answering=True)
    return _of_code(form.get("commune_code", ""), places)


def commune_in(text: str, places: Places, *, answering: bool = False) -> ChosenCommune:
    """The commune a text names; several when it does not decide."""
    codes = tuple(dict.fromkeys(match.code for match in places.find(text, answering=answering)))
    if len(codes) == 1:
        return _of_code(codes[0], places)
    return ChosenCommune(homonyms=tuple((code, named(code, places)) for code in codes[:_MOST_HOMONYMS]))


def named(code: str, places: Places) -> str:
    """A commune among its homonyms: Saint-Denis (Seine-Saint-Denis)."""
    commune = places.commune(code)
    return f"{commune.name} ({places.departements[commune.departement][0]})"


def _of_code(code: str, places: Places) -> ChosenCommune:
    try:
        commune = places.commune(code)
    except CatalogueError:
        return ChosenCommune()
    return ChosenCommune(code=commune.code, name=named(commune.code, places))
