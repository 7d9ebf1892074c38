"""The fields a coordinator may correct: how each is typed, how it is shown, and which sentence says what is wrong."""

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from data_inclusion.schema import v1
from pydantic import ValidationError

from orientation_catalogue.checks import check_service, check_structure
from orientation_catalogue.model import Capacity, Complement, Welcome
from orientation_catalogue.territory.places import Places
from passerelle.foundation.phone import spoken
from passerelle.portal.forms import Form

Row = dict[str, Any]
Input = Literal["line", "text", "one", "several", "codes", "number", "rank", "yes_no", "phone", "email", "hours"]

#: A description of data·inclusion is long; nothing else is.
LONGEST = 2000

_SEPARATORS = re.compile(r"[\s,;]+")


class WrongValue(ValueError):
    """What was typed cannot be kept; its argument is the text that says why (`coordinator.wrong.<why>`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a service, or of what the national format lacks (`complement`)."""

    #: As data·inclusion or the complement names it; `card.fr` is the French line of the card.
    name: str
    of: Literal["service", "complement"]
    input: Input
    #: (value, French label) of a field that is chosen.
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False

    @property
    def key(self) -> str:
        """The name of the field in a text's key."""
        return self.name.replace(".", "_")

    def read(self, form: Form, prefix: str = "value") -> Any:
        """What the form says, as the row keeps it; None when it is empty. Raises WrongValue."""
        if self.input == "several":
            return [code for code, _ in self.choices if form.get(f"{prefix}_{code}")] or None
        typed = form.get(prefix, "").strip()
        if not typed:
            return None
        return _READERS.get(self.input, _text)(typed, self)

    def show(self, value: Any) -> str:
        """The value in French words; empty when there is none."""
        if value is None or value == "" or value == [] or value == ():
            return ""
        labels = dict(self.choices)
        if isinstance(value, bool):
            return labels["yes" if value else "no"]
        if isinstance(value, list | tuple | set | frozenset):
            return ", ".join(labels.get(str(one), str(one)) for one in value)
        shown = labels.get(str(value), str(value))
        return spoken(shown) if self.input == "phone" else shown

    def typed(self, value: Any) -> str:
        """The value as it is put back in the form."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list | tuple):
            return " ".join(map(str, value))
        return "" if value is None else str(value)


def _text(typed: str, field: Field) -> str:
    if len(typed) > LONGEST:
        raise WrongValue("long")
    return typed if field.input == "text" else " ".join(typed.split())


def _one(typed: str, field: Field) -> str:
    if typed not in dict(field.choices):
        raise WrongValue("choice")
    return typed


def _rank(typed: str, field: Field) -> int:
    return int(_one(typed, field))


def _yes_no(typed: str, field: Field) -> bool:
    return _one(typed, field) == "yes"


def _number(typed: str, _field: Field) -> int:
    # Digits of ours only: int() also reads "1_000" and digits of other scripts.
    if not re.fullmatch(r"[0-9]{1,4}", typed):
        raise WrongValue("number")
    return int(typed)


def _codes(typed: str, _field: Field) -> list[str]:
    return [code for code in _SEPARATORS.split(typed) if code]


_READERS: Mapping[Input, Any] = {"one": _one, "yes_no": _yes_no, "number": _number, "rank": _rank, "codes": _codes}


def _labels(values: Any) -> tuple[tuple[str, str], ...]:
    """The words of the national format itself, which are French."""
    return tuple((item.value, str(item.label)) for item in values)


YES_NO = (("yes", "oui"), ("no", "non"))
WELCOMES = tuple(
    zip((one.value for one in Welcome), ("inconditionnel", "prioritaire", "réservé à ce public"), strict=True)
)
CAPACITIES = tuple(zip((one.value for one in Capacity), ("oui", "liste d’attente", "non", "non connu"), strict=True))
RANKS = (
    ("1", "1. accueil public pour tous"),
    ("2", "2. service de secteur du département"),
    ("3", "3. association"),
    ("4", "4. service spécialisé"),
    ("5", "5. expérimentation"),
)
LEVELS = tuple((level, level) for level in ("U", "N1", "N2", "N3", "N4"))


def _service(name: str, input: Input = "line", choices: Any = (), *, required: bool = False) -> Field:
    return Field(name=name, of="service", input=input, choices=tuple(choices), required=required)


def _complement(name: str, input: Input = "line", choices: Any = ()) -> Field:
    return Field(name=name, of="complement", input=input, choices=tuple(choices))


#: In the order of the page.
FIELDS: tuple[Field, ...] = (
    _service("nom", required=True),
    _service("description", "text", required=True),
    _service("thematiques", "several", _labels(v1.Thematique), required=True),
    _service("type", "one", _labels(v1.TypeService)),
    _service("telephone", "phone"),
    _service("courriel", "email"),
    _service("adresse"),
    _service("complement_adresse"),
    _service("code_postal"),
    _service("code_insee"),
    _service("horaires_accueil", "hours"),
    _service("zone_eligibilite", "codes"),
    _service("publics", "several", _labels(v1.Public)),
    _service("publics_precisions", "text"),
    _service("conditions_acces", "text"),
    _service("frais", "one", _labels(v1.Frais)),
    _service("frais_precisions", "text"),
    _service("modes_accueil", "several", _labels(v1.ModeAccueil)),
    _service("mobilisable_par", "several", _labels(v1.PersonneMobilisatrice)),
    _service("modes_mobilisation", "several", _labels(v1.ModeMobilisation)),
    _service("mobilisation_precisions", "text"),
    _service("lien_mobilisation"),
    _complement("min_age", "number"),
    _complement("max_age", "number"),
    _complement("welcome", "one", WELCOMES),
    _complement("languages", "codes"),
    _complement("capacity", "one", CAPACITIES),
    _complement("delay_days", "number"),
    _complement("documents.fr", "text"),
    _complement("confidential_address", "yes_no", YES_NO),
    _complement("accepts_summary", "yes_no", YES_NO),
    _complement("referral_contact.name"),
    _complement("referral_contact.role"),
    _complement("referral_contact.phone", "phone"),
    _complement("referral_contact.email", "email"),
    _complement("backup_contact.name"),
    _complement("backup_contact.role"),
    _complement("backup_contact.phone", "phone"),
    _complement("backup_contact.email", "email"),
    _complement("levels", "several", LEVELS),
    _complement("rank", "rank", RANKS),
    _complement("card.fr", "text"),
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}

#: Which sentence says what is wrong with a field the checks refuse.
_WHY: Mapping[str, str] = {
    "telephone": "phone",
    "courriel": "email",
    "horaires_accueil": "hours",
    "zone_eligibilite": "zone",
    "code_insee": "commune",
    "code_postal": "postal",
    "lien_mobilisation": "link",
    "thematiques": "needs",
    "max_age": "ages",
    "min_age": "number",
    "card": "card",
    "languages": "languages",
}


def why_of(name: str) -> str:
    """Which sentence says what is wrong with a field that an import refused."""
    head = name.partition(".")[0]
    return _WHY.get(head, "twice" if head == "id" else "structure" if head == "structure_id" else "value")


def value_of(field: Field, service: Row, complement: Mapping[str, Any]) -> Any:
    """What a service says in this field."""
    name, _, part = field.name.partition(".")
    value = (service if field.of == "service" else complement).get(name)
    return (value or {}).get(part) if part else value


def wrongs_of_service(service: Row, places: Places, today: datetime.date) -> dict[str, str]:
    """Field → why the import would refuse it; the same checks as an import."""
    return dict(_wrongs(service, v1.Service, check_service, places, today))


def wrongs_of_structure(structure: Row, places: Places, today: datetime.date) -> dict[str, str]:
    """The same for a structure."""
    return dict(_wrongs(structure, v1.Structure, check_structure, places, today))


def wrongs_of_complement(complement: Mapping[str, Any]) -> dict[str, str]:
    """The same for what the national format lacks."""
    wrongs = {}
    try:
        Complement.of(complement)
    except ValueError as problem:
        name = str(problem).partition(":")[0]
        wrongs[name] = _WHY.get(name, "value")
    for contact in ("referral_contact", "backup_contact"):
        wrongs |= _wrongs_of_contact(contact, complement.get(contact) or {})
    unknown = [code for code in complement.get("languages") or () if not re.fullmatch(r"[a-z]{2,3}", str(code))]
    return wrongs | ({"languages": "languages"} if unknown else {})


def _wrongs_of_contact(name: str, contact: Mapping[str, Any]) -> dict[str, str]:
    wrongs = {}
    phone, email = contact.get("phone"), contact.get("email")
    if phone and not re.fullmatch(r"\+?[0-9 .]{10,20}", str(phone)):
        wrongs[f"{name}.phone"] = "phone"
    if email and not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+", str(email)):
        wrongs[f"{name}.email"] = "email"
    return wrongs


def _wrongs(row: Row, schema: Any, check: Any, places: Places, today: datetime.date) -> Iterator[tuple[str, str]]:
    try:
        schema.model_validate(row)
    except ValidationError as problem:
        for error in problem.errors():
            name = str(error["loc"][0]) if error["loc"] else "nom"
            missing = row.get(name) in (None, "")
            yield name, "missing" if missing else _WHY.get(name, "value")
        return
    for found in check(row, places, today):
        yield found.field, _WHY.get(found.field, "value")
