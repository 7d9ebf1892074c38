"""Open Referral HSDS 3.0 services, read as rows of data·inclusion and what stands beside them.

A file is a JSON array of full services, one page of an answer (`contents`), or one service a line. What HSDS says and
we have no place for is named in the report. Needs and publics are the taxonomy terms whose code is one of
data·inclusion's: a service without any answers no need we know.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from babel.core import get_global
from data_inclusion.schema import v1

from orientation_catalogue.checks import Problem
from orientation_catalogue.errors import BadSource
from orientation_catalogue.sources.json_rows import json_array, json_lines
from orientation_catalogue.sources.reading import Dropped, Read, Row
from orientation_catalogue.territory.places import Places

#: The `source` of rows whose publisher says none of its own.
SOURCE = "hsds"

_NEEDS = frozenset(value.value for value in v1.Thematique)
_PUBLICS = frozenset(value.value for value in v1.Public)
_TYPES = frozenset(value.value for value in v1.TypeService)
_DAYS = {"MO": "Mo", "TU": "Tu", "WE": "We", "TH": "Th", "FR": "Fr", "SA": "Sa", "SU": "Su"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOSED = "temporarily closed"
#: Fields that carry something we have no place for.
_NOT_KEPT = (
    "alternate_name",
    "interpretation_services",
    "wait_time",
    "accreditations",
    "licenses",
    "funding",
    "program",
)


def hsds_rows(path: Path, places: Places) -> Iterator[Read]:
    """A structure, a service and a complement for each HSDS service."""
    reads = json_lines(path) if path.suffix.lower() in (".ndjson", ".jsonl") else json_array(path)
    told: set[str] = set()
    for read in reads:
        if read.problem:
            yield read
            continue
        if "name" not in read.value or "status" not in read.value:
            raise BadSource(path=path, problem=f"row {read.row} is no HSDS service: it has no name or no status")
        if read.value["status"] in ("inactive", "defunct"):
            problem = Problem(field="status", value=read.value["status"], reason="it is not offered any more")
            yield replace(read, value={"id": f"{SOURCE}--{read.value.get('id')}"}, problem=problem)
            continue
        yield from _rows_of(_Service(read.value, places), read, told)


def _rows_of(service: "_Service", read: Read, told: set[str]) -> Iterator[Read]:
    structure = service.structure()
    if structure["id"] not in told:
        told.add(structure["id"])
        yield Read(file=read.file, row=read.row, value=structure, kind="structure")
    row, complement = service.service(), service.complement()
    yield Read(file=read.file, row=read.row, value=row, dropped=tuple(service.dropped))
    if complement:
        yield Read(file=read.file, row=read.row, value={**complement, "id": row["id"]}, kind="complement")


class _Service:
    """One HSDS service, turned field by field."""

    def __init__(self, given: Row, places: Places) -> None:
        self._given = given
        self._places = places
        self.dropped: list[Dropped] = []
        at = [_row(one) for one in _rows(given.get("service_at_locations"))]
        self._locations = [_row(one.get("location")) for one in at]
        self._schedules = [
            *_rows(given.get("schedules")),
            *(schedule for one in at for schedule in _rows(one.get("schedules"))),
            *(schedule for one in self._locations for schedule in _rows(one.get("schedules"))),
        ]
        self._physical = next((one for one in self._locations if one.get("location_type") == "physical"), {})
        self._organization = _row(given.get("organization"))

    def structure(self) -> Row:
        organization = self._organization
        own = next((one for one in _rows(organization.get("locations")) if one.get("addresses")), self._physical)
        return _said({
            "source": SOURCE,
            "id": self._structure_id(),
            "nom": _text(organization.get("name") or self._given.get("name"), 150),
            "description": _text(organization.get("description"), 10_000),
            "date_maj": self._date(),
            "siret": self._siret(),
            "telephone": _phone_of(organization),
            "courriel": organization.get("email"),
            "site_web": organization.get("website"),
            **self._address(own),
        })  # fmt: skip

    def service(self) -> Row:
        given = self._given
        words = list(_terms(given))
        row = _said({
            "source": SOURCE,
            "structure_id": self._structure_id(),
            "id": f"{SOURCE}--{given.get('id') or ''}" if given.get("id") else None,
            "nom": _text(given.get("name"), 150),
            "description": _text(given.get("description") or given.get("name"), 10_000),
            "date_maj": self._date(),
            "lien_source": given.get("url"),
            "type": next((word for word in words if word in _TYPES), None),
            "thematiques": [word for word in words if word in _NEEDS],
            "publics": [word for word in words if word in _PUBLICS],
            "publics_precisions": given.get("eligibility_description"),
            "mobilisation_precisions": given.get("application_process"),
            **self._cost(),
            "telephone": _phone_of(given) or next(filter(None, map(_phone_of, self._locations)), None),
            "courriel": given.get("email"),
            "modes_accueil": self._modes(),
            "zone_eligibilite": self._zone(),
            "horaires_accueil": self._hours(),
            **self._address(self._physical),
        })  # fmt: skip
        for word in words:
            if word not in _NEEDS | _PUBLICS | _TYPES:
                self._drop("attributes", word, "no need nor public of data·inclusion")
        for name in _NOT_KEPT:
            if given.get(name):
                self._drop(name, given[name], "there is no place for it")
        return row

    def complement(self) -> Row:
        given = self._given
        documents = "; ".join(
            str(one["document"]) for one in _rows(given.get("required_documents")) if one.get("document")
        )
        return _said({
            "min_age": _whole(given.get("minimum_age")),
            "max_age": _whole(given.get("maximum_age")),
            "languages": list(dict.fromkeys(self._languages())),
            "documents": {"fr": documents} if documents else None,
            "closures": self._closures(),
            **self._capacity(),
            "checked_on": str(given["assured_date"])[:10] if given.get("assured_date") else None,
            "referral_contact": self._contact(),
        })  # fmt: skip

    def _structure_id(self) -> str:
        owner = self._organization.get("id") or self._given.get("organization_id") or self._given.get("id")
        return f"{SOURCE}--{owner}"

    def _date(self) -> str | None:
        told = self._given.get("last_modified") or self._given.get("assured_date")
        return str(told)[:10] if told else None

    def _siret(self) -> str | None:
        for one in _rows(self._organization.get("organization_identifiers")):
            number = re.sub(r"\s", "", str(one.get("identifier") or ""))
            if "siret" in f"{one.get('identifier_scheme')} {one.get('identifier_type')}".lower():
                return number
        return None

    def _address(self, location: Row) -> Row:
        addresses = _rows(location.get("addresses"))
        address = next((one for one in addresses if one.get("address_type") != "postal"), next(iter(addresses), {}))
        code = str(address.get("postal_code") or "")
        return {
            "adresse": address.get("address_1"),
            "complement_adresse": address.get("address_2"),
            "commune": address.get("city"),
            "code_postal": code or None,
            "code_insee": self._insee(location, code, str(address.get("city") or "")),
            "latitude": location.get("latitude"),
            "longitude": location.get("longitude"),
        }

    def _insee(self, location: Row, postal: str, city: str) -> str | None:
        """The code of the commune: given, or the only one of that postal code and name."""
        code = str(location.get("external_identifier") or "")
        if "insee" in str(location.get("external_identifier_type")).lower() and self._places.knows_zone(code):
            return code
        known = self._places.codes_of_postal(postal) if postal else ()
        named = [one for one in known if self._places.name(one).casefold() == city.casefold()]
        return (named or known)[0] if len(named or known) == 1 else None

    def _cost(self) -> Row:
        costs = _rows(self._given.get("cost_options"))
        amounts = [one["amount"] for one in costs if isinstance(one.get("amount"), int | float)]
        told = [self._given.get("fees_description"), *(one.get("amount_description") for one in costs)]
        precision = ". ".join(str(text) for text in told if text) or None
        if not amounts:
            return {"frais_precisions": precision}
        return {"frais": "payant" if any(amounts) else "gratuit", "frais_precisions": precision}

    def _modes(self) -> list[str]:
        kinds = {one.get("location_type") for one in self._locations}
        return [mode for kind, mode in (("virtual", "a-distance"), ("physical", "en-presentiel")) if kind in kinds]

    def _zone(self) -> list[str]:
        zone = []
        for area in _rows(self._given.get("service_areas")):
            tail = str(area.get("uri") or "").rstrip("/").rpartition("/")[2]
            told = [str(area.get(name) or "").strip() for name in ("extent", "name", "id")]
            code = next((one for one in (tail, *told) if one and self._places.knows_zone(one)), None)
            if code is None and told[1].casefold() == "france":
                code = "france"
            if code:
                zone.append(code)
            else:
                self._drop("service_areas", told[1] or told[0][:80], "no French zone has this code")
        return list(dict.fromkeys(zone))

    def _hours(self) -> str | None:
        rules = [rule for rule in map(self._rule, self._schedules) if rule]
        # A later rule of the same day would take the place of an earlier one: they are added to one another.
        return ", ".join(dict.fromkeys(rules)) or None

    def _rule(self, schedule: Row) -> str | None:
        days = _days_of(schedule)
        opens, closes = _hour(schedule.get("opens_at")), _hour(schedule.get("closes_at"))
        odd = schedule.get("bymonthday") or schedule.get("byweekno") or schedule.get("byyearday")
        if not (days and opens and closes) or odd or schedule.get("interval") not in (None, 1):
            shown = schedule.get("description") or schedule.get("notes") or schedule.get("byday")
            self._drop("schedules", shown, "these hours cannot be written in the OpenStreetMap form")
            return None
        return f"{_season(schedule)}{days} {opens}-{closes}"

    def _languages(self) -> Iterator[str]:
        aliases = get_global("language_aliases")
        for place in (self._given, *self._locations):
            for one in _rows(place.get("languages")):
                code = str(one.get("code") or "").lower().partition("-")[0]
                if re.fullmatch(r"[a-z]{2,3}", code):
                    # ISO 639-3 has three letters where 639-1 has two: "fra" is "fr".
                    yield str(aliases.get(code, code))
                else:
                    self._drop("languages", one.get("name") or code, "it has no code")

    def _closures(self) -> list[Row] | None:
        if self._given.get("status") != _CLOSED:
            return None
        return [{"from": self._date(), "to": None, "reason": self._given.get("alert")}] if self._date() else None

    def _capacity(self) -> Row:
        """HSDS 3.1 says how many places are free; 3.0 says nothing."""
        places = [one.get("available") for one in _rows(self._given.get("capacities"))]
        known = [number for number in places if isinstance(number, int | float)]
        return {"capacity": "yes" if any(number > 0 for number in known) else "no"} if known else {}

    def _contact(self) -> Row | None:
        contact = next(iter(_rows(self._given.get("contacts"))), None)
        if contact is None:
            return None
        told = {"name": contact.get("name"), "role": contact.get("title"), "email": contact.get("email")}
        return _said({**told, "phone": _phone_of(contact)}) or None

    def _drop(self, name: str, value: Any, reason: str) -> None:
        self.dropped.append(Dropped(field=name, value=str(value)[:80], reason=reason))


def _terms(thing: Row) -> Iterator[str]:
    """The codes of the taxonomy terms of a service."""
    for attribute in _rows(thing.get("attributes")):
        term = _row(attribute.get("taxonomy_term"))
        told = [str(term.get(name) or "") for name in ("code", "name", "id")]
        told.append(str(term.get("term_uri") or "").rstrip("/").rpartition("/")[2])
        yield next((one for one in told if one in _NEEDS | _PUBLICS | _TYPES), next(filter(None, told), "?"))


def _days_of(schedule: Row) -> str:
    """MO,TU → Mo,Tu; the second Tuesday of the month, 2TU → Tu[2]."""
    found = []
    for word in re.split(r"[,\s]+", str(schedule.get("byday") or "")):
        match = re.fullmatch(r"(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)", word)
        if not match or (match[1] and schedule.get("freq") == "WEEKLY"):
            return ""
        found.append(_DAYS[match[2]] + (f"[{match[1]}]" if match[1] else ""))
    return ",".join(found)


def _season(schedule: Row) -> str:
    """The days between which the hours hold, when they end."""
    first, last = (
        re.match(r"(\d{4})-(\d\d)-(\d\d)", str(schedule.get(name) or "")) for name in ("valid_from", "valid_to")
    )
    if not last:
        return ""
    year, month, day = first.groups() if first else (last[1], "01", "01")
    return f"{year} {_MONTHS[int(month) - 1]} {day}-{last[1]} {_MONTHS[int(last[2]) - 1]} {last[3]} "


def _hour(value: Any) -> str | None:
    found = re.match(r"(\d{1,2}):(\d\d)", str(value or ""))
    return f"{int(found[1]):02d}:{found[2]}" if found else None


def _phone_of(thing: Row) -> str | None:
    return next((str(one["number"]) for one in _rows(thing.get("phones")) if one.get("number")), None)


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: Any, longest: int) -> Any:
    return f"{value[: longest - 1]}…" if isinstance(value, str) and len(value) > longest else value


def _said(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if value not in (None, "", [], {})}


def _row(value: Any) -> Row:
    return value if isinstance(value, dict) else {}


def _rows(value: Any) -> Iterable[Row]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
