"""A local dispositif, from a form to the two rows of the national format; checked as an import checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from orientation_catalogue.supplement import LOCAL_SOURCE
from orientation_catalogue.territory.places import Places
from passerelle.foundation.ids import new_id
from passerelle.portal.communes import ChosenCommune, choose_commune
from passerelle.portal.coordinator.fields import (
    BY_NAME,
    Field,
    WrongValue,
    wrongs_of_complement,
    wrongs_of_service,
    wrongs_of_structure,
)
from passerelle.portal.forms import Form

#: The fields of the form, in its order; the commune, the zone and the structure's name are asked apart.
ASKED: tuple[Field, ...] = tuple(
    BY_NAME[name]
    for name in (
        "nom",
        "description",
        "thematiques",
        "publics",
        "telephone",
        "courriel",
        "adresse",
        "horaires_accueil",
        "frais",
        "modes_accueil",
        "mobilisable_par",
        "min_age",
        "max_age",
        "languages",
        "rank",
    )
)

#: Whom it serves: the commune, its intercommunalité or the département.
ZONES = ("commune", "epci", "departement")


@dataclass(frozen=True, kw_only=True, slots=True)
class Addition:
    """What the form says."""

    #: What was typed, to show it again.
    typed: Mapping[str, str]
    commune: ChosenCommune
    #: Field → why (`coordinator.wrong.<why>`).
    wrongs: Mapping[str, str]
    #: {service, structure, complement}; only when nothing is wrong.
    value: Mapping[str, Any] | None

    @property
    def id(self) -> str:
        """Id of the new service."""
        return str((self.value or {})["service"]["id"])


def read_addition(form: Form, *, places: Places, today: date) -> Addition:
    """Read the form; nothing is kept here."""
    wrongs: dict[str, str] = {}
    service: dict[str, Any] = {}
    complement: dict[str, Any] = {}
    for field in ASKED:
        try:
            value = field.read(form, field.name)
        except WrongValue as wrong:
            wrongs[field.name] = str(wrong)
            continue
        if value is not None:
            (service if field.of == "service" else complement)[field.name] = value
        elif field.required:
            wrongs[field.name] = "missing"
    commune = choose_commune(form, places)
    if commune.code is None:
        wrongs["commune"] = "homonyms" if commune.homonyms else "place"
    structure_name = " ".join(form.get("structure", "").split())
    if not structure_name:
        wrongs["structure"] = "missing"
    zone = form.get("zone", "")
    if zone not in ZONES:
        wrongs["zone"] = "missing"
    value = None
    if not wrongs and commune.code is not None:
        value = _rows(service, complement, structure_name, commune.code, zone, places, today)
        wrongs = (
            wrongs_of_structure(value["structure"], places, today)
            | wrongs_of_service(value["service"], places, today)
            | wrongs_of_complement(complement)
        )
    return Addition(typed=dict(form), commune=commune, wrongs=wrongs, value=None if wrongs else value)


def _rows(
    service: Mapping[str, Any],
    complement: Mapping[str, Any],
    structure_name: str,
    code: str,
    zone: str,
    places: Places,
    today: date,
) -> dict[str, Any]:
    commune = places.commune(code)
    number = new_id()[:12]
    place = {
        "commune": commune.name,
        "code_insee": commune.code,
        "code_postal": (commune.postal_codes or ("",))[0] or None,
    }
    structure = {
        "source": LOCAL_SOURCE,
        "id": f"{LOCAL_SOURCE}--s-{number}",
        "nom": structure_name,
        "date_maj": today.isoformat(),
        **place,
    }
    zones = {"commune": commune.code, "epci": commune.epci or commune.departement, "departement": commune.departement}
    row = {
        "source": LOCAL_SOURCE,
        "id": f"{LOCAL_SOURCE}--{number}",
        "structure_id": structure["id"],
        "date_maj": today.isoformat(),
        **place,
        **service,
        "zone_eligibilite": [zones[zone]],
    }
    return {
        "service": row,
        "structure": structure,
        "complement": {**complement, "checked_on": today.isoformat()},
    }
