"""The catalogue in Open Referral HSDS 3.0: services, organizations, and the taxonomies of data·inclusion.

HSDS wants UUIDs: ours are made from the ids of the sources, so that they stay the same from one import to the next.
"""

import datetime
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from data_inclusion.schema import v1

from orientation_catalogue.export.files import whole_file
from orientation_catalogue.export.published import Publication, Published, Row
from orientation_catalogue.model import Closure, Complement
from orientation_catalogue.territory.places import Places

_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:passerelle:hsds")

#: The vocabularies of data·inclusion that a service is described with, and the field of the service.
_VOCABULARIES: Mapping[str, tuple[Any, str, str]] = {
    "thematiques": (v1.Thematique, "thematiques", "Besoins auxquels un service répond (data·inclusion v1)"),
    "publics": (v1.Public, "publics", "À qui un service s'adresse (data·inclusion v1)"),
    "types-de-services": (v1.TypeService, "type", "Ce qu'est un service (data·inclusion v1)"),
}
_DAYS = {"Mo": "MO", "Tu": "TU", "We": "WE", "Th": "TH", "Fr": "FR", "Sa": "SA", "Su": "SU"}
_RULE = re.compile(
    r"(?P<days>(?:Mo|Tu|We|Th|Fr|Sa|Su)[A-Za-z,-]*) (?P<times>\d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*)"
)


def uuid_of(kind: str, name: str) -> str:
    """The UUID of a thing of ours: always the same for the same kind and id."""
    return str(uuid.uuid5(_OURS, f"{kind}:{name}"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Hsds:
    """Writes the things of a catalogue as they stand on one day."""

    places: Places
    today: datetime.date

    def service(self, published: Published) -> Row:
        """A service with everything it is made of."""
        row, complement = published.service, published.complement
        link = {"service_id": uuid_of("service", row["id"])}
        service = self.listed_service(published) | {
            "phones": _phones(row, **link),
            "schedules": _schedules(row.get("horaires_accueil") or published.structure.get("horaires_accueil"), **link),
            "service_areas": [self._area(code, **link) for code in row.get("zone_eligibilite") or ()],
            "service_at_locations": self._at_locations(published),
            "languages": [
                {"id": uuid_of("language", f"{row['id']}:{code}"), "code": code, **link}
                for code in complement.languages
            ],
            "organization": organization(published.structure),
            "cost_options": _costs(row, **link),
            "required_documents": _documents(row, complement, **link),
            "attributes": _attributes(row),
        }
        return {name: value for name, value in service.items() if value not in (None, [])}

    def listed_service(self, published: Published) -> Row:
        """A service as a list shows it: the fields that it has once."""
        row, complement = published.service, published.complement
        closed = next((closure for closure in complement.closures if closure.covers(self.today)), None)
        said = {
            "id": uuid_of("service", row["id"]),
            "organization_id": uuid_of("organization", published.structure["id"]),
            "name": row["nom"],
            "description": row["description"],
            "url": row.get("lien_source"),
            "email": row.get("courriel"),
            "status": "temporarily closed" if closed else "active",
            "alert": _said(closed) if closed else None,
            "application_process": row.get("mobilisation_precisions"),
            "fees_description": row.get("frais_precisions"),
            "eligibility_description": row.get("publics_precisions") or row.get("conditions_acces"),
            "minimum_age": complement.min_age,
            "maximum_age": complement.max_age,
            "assured_date": complement.checked_on.isoformat() if complement.checked_on else None,
            "last_modified": f"{row['date_maj']}T00:00:00+00:00",
        }
        return {name: value for name, value in said.items() if value is not None}

    def _at_locations(self, published: Published) -> list[Row]:
        row = published.service
        found = [*self._physical(published), *_virtual(row)]
        return [
            {
                "id": uuid_of("service_at_location", f"{row['id']}:{location['location_type']}"),
                "service_id": uuid_of("service", row["id"]),
                "location_id": location["id"],
                "location": location,
            }
            for location in found
        ]

    def _physical(self, published: Published) -> Iterator[Row]:
        row = published.service
        place = row if row.get("code_insee") or row.get("latitude") is not None else published.structure
        modes = row.get("modes_accueil")
        if modes is not None and "en-presentiel" not in modes:
            return
        location = {
            "id": uuid_of("location", row["id"]),
            "location_type": "physical",
            "latitude": place.get("latitude"),
            "longitude": place.get("longitude"),
            "external_identifier": place.get("code_insee"),
            "external_identifier_type": "INSEE" if place.get("code_insee") else None,
            "addresses": list(self._address(place, row["id"])),
        }
        if len({name for name, value in location.items() if value not in (None, [])}) > 2:
            yield {name: value for name, value in location.items() if value not in (None, [])}

    def _address(self, place: Row, service_id: str) -> Iterator[Row]:
        commune = self.places.commune(place["code_insee"]) if place.get("code_insee") else None
        city = place.get("commune") or (commune.name if commune else None)
        if not city or not place.get("code_postal"):
            return
        yield {
            "id": uuid_of("address", service_id),
            "location_id": uuid_of("location", service_id),
            "address_1": place.get("adresse") or "",
            **({"address_2": place["complement_adresse"]} if place.get("complement_adresse") else {}),
            "city": city,
            "state_province": commune.departement if commune else "",
            "postal_code": place["code_postal"],
            "country": "FR",
            "address_type": "physical",
        }

    def _area(self, code: str, *, service_id: str) -> Row:
        is_commune = len(code) == 5 and not code.startswith("99") and self.places.knows_zone(code)
        return {
            "id": uuid_of("service_area", f"{service_id}:{code}"),
            "service_id": service_id,
            "name": self.places.commune(code).name if is_commune else code,
            "extent": code,
            "extent_type": "text",
        }


def export_services(publication: Publication, into: Path, hsds: Hsds) -> Path:
    """Write `hsds-….ndjson`, one whole service a line. Raises CannotWrite when it cannot be written."""
    into.mkdir(parents=True, exist_ok=True)
    path = into / f"hsds-{hsds.today:%Y-%m-%d}.ndjson"
    with whole_file(path) as file:
        lines = (json.dumps(hsds.service(published), ensure_ascii=False) for published in publication.services())
        file.writelines(line + "\n" for line in lines)
    return path


def organization(structure: Row) -> Row:
    """The structure that offers a service. HSDS asks for a description of it: its name when it has none."""
    key = uuid_of("organization", structure["id"])
    said = {
        "id": key,
        "name": structure["nom"],
        "description": structure.get("description") or structure["nom"],
        "email": structure.get("courriel"),
        "website": structure.get("site_web"),
        "phones": _phones(structure, organization_id=key),
        "organization_identifiers": [
            {
                "id": uuid_of("identifier", structure["id"]),
                "organization_id": key,
                "identifier_type": "SIRET",
                "identifier": structure["siret"],
            }
        ]
        if structure.get("siret")
        else [],
    }
    return {name: value for name, value in said.items() if value not in (None, [])}


@cache
def taxonomies() -> tuple[Row, ...]:
    """The vocabularies of data·inclusion that services are described with."""
    return tuple(
        {"id": uuid_of("taxonomy", name), "name": name, "description": description, "version": "v1"}
        for name, (_, _, description) in _VOCABULARIES.items()
    )


@cache
def terms() -> tuple[Row, ...]:
    """Every term of these vocabularies; a leaf of the needs names its family."""
    return tuple(term for name in _VOCABULARIES for term in _terms_of(name))


def terms_of(row: Row) -> frozenset[str]:
    """The ids of the terms that describe a service."""
    return frozenset(uuid_of("term", code) for code in _codes(row))


def _terms_of(vocabulary: str) -> Iterator[Row]:
    values = [(member.value, member.label) for member in _VOCABULARIES[vocabulary][0]]
    if vocabulary == "thematiques":
        values = [(member.value, member.label) for member in v1.Categorie] + values
    for code, label in values:
        family, leaf, _ = code.partition("--")
        yield {
            "id": uuid_of("term", code),
            "code": code,
            "name": label,
            "description": label,
            "language": "fr",
            "taxonomy": vocabulary,
            "taxonomy_id": uuid_of("taxonomy", vocabulary),
            **({"parent_id": uuid_of("term", family)} if leaf else {}),
        }


@cache
def _term(code: str) -> Row:
    return next(term for term in terms() if term["code"] == code)


def _codes(row: Row) -> Iterator[str]:
    yield from row.get("thematiques") or ()
    yield from row.get("publics") or ()
    if row.get("type"):
        yield row["type"]


def _attributes(row: Row) -> list[Row]:
    key = uuid_of("service", row["id"])
    return [
        {
            "id": uuid_of("attribute", f"{row['id']}:{code}"),
            "link_id": key,
            "link_entity": "service",
            "taxonomy_term_id": uuid_of("term", code),
            "taxonomy_term": _term(code),
        }
        for code in _codes(row)
    ]


def _virtual(row: Row) -> Iterator[Row]:
    if "a-distance" in (row.get("modes_accueil") or ()):
        link = row.get("lien_mobilisation")
        yield {
            "id": uuid_of("location", f"{row['id']}:virtual"),
            "location_type": "virtual",
            **({"url": link} if link else {}),
        }


def _phones(row: Row, **link: str) -> list[Row]:
    number = row.get("telephone")
    return [{"id": uuid_of("phone", row["id"]), "number": number, **link}] if number else []


def _costs(row: Row, *, service_id: str) -> list[Row]:
    fees = row.get("frais")
    if not fees:
        return []
    cost = {"id": uuid_of("cost", row["id"]), "service_id": service_id, "option": fees, "currency": "EUR"}
    return [cost | ({"amount": 0} if fees == "gratuit" else {})]


def _documents(row: Row, complement: Complement, *, service_id: str) -> list[Row]:
    text = complement.documents.get("fr")
    return [{"id": uuid_of("document", row["id"]), "service_id": service_id, "document": text}] if text else []


def _said(closure: Closure) -> str:
    until = f" jusqu'au {closure.end:%d/%m/%Y}" if closure.end else ""
    return f"Fermé depuis le {closure.start:%d/%m/%Y}{until}" + (f" : {closure.reason}" if closure.reason else "")


def _schedules(hours: str | None, *, service_id: str) -> list[Row]:
    """One schedule for each opening of the week; hours that HSDS cannot say are kept as a text."""
    if not hours:
        return []
    rules = [_RULE.fullmatch(rule.strip()) for rule in hours.split(";") if rule.strip() != "PH off"]
    if not all(rules):
        told = {"id": uuid_of("schedule", service_id), "service_id": service_id, "description": hours}
        return [told | {"notes": "OpenStreetMap opening_hours"}]
    return [
        {
            "id": uuid_of("schedule", f"{service_id}:{rule['days']}:{opening}"),
            "service_id": service_id,
            "freq": "WEEKLY",
            "interval": 1,
            "byday": _days(rule["days"]),
            "opens_at": opening.partition("-")[0],
            "closes_at": opening.partition("-")[2],
        }
        for rule in rules
        if rule
        for opening in rule["times"].split(",")
    ]


def _days(written: str) -> str:
    """Mo-We,Fr → MO,TU,WE,FR."""
    order = list(_DAYS)
    found: list[str] = []
    for part in written.split(","):
        first, _, last = part.partition("-")
        found += order[order.index(first) : order.index(last or first) + 1]
    return ",".join(_DAYS[day] for day in found)
