"""What the data·inclusion schema lets through and the catalogue does not (reference: its own validator accepts it)."""

import datetime
import ipaddress
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import phonenumbers

from orientation_catalogue.errors import BadHours
from orientation_catalogue.hours import check_hours
from orientation_catalogue.territory.places import Places

#: Emergency and help lines (115, 3919), and the short numbers of administrations.
_SHORT_NUMBER = re.compile(r"(?:1\d{1,2}|11[6-9]\d{3}|[13]\d{3}|10\d{2,4})")
_FRENCH_NUMBER = re.compile(r"(?:(?:\+|00)330?|0)[1-9]\d{8}")
#: Numbers written without +33 are read as those of the place.
_PHONE_REGIONS = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT", "977": "BL", "978": "MF",
    "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
#: South, north, west, east of the lands of France, some kilometres wide of their coasts.
_LANDS = (
    (41.2, 51.3, -5.4, 9.8),  # France métropolitaine, Corse
    (15.7, 18.3, -63.3, -60.9),  # Guadeloupe, Saint-Martin, Saint-Barthélemy
    (14.2, 15.0, -61.4, -60.6),  # Martinique
    (2.0, 6.0, -54.8, -51.4),  # Guyane
    (-21.6, -20.7, 55.0, 56.0),  # La Réunion
    (-13.2, -12.4, 44.8, 45.5),  # Mayotte
    (46.6, 47.3, -56.6, -56.0),  # Saint-Pierre-et-Miquelon
    (-23.2, -19.3, 158.0, 172.2),  # Nouvelle-Calédonie
    (-28.0, -7.7, -155.0, -134.2),  # Polynésie française
    (-14.5, -13.0, -178.4, -175.9),  # Wallis-et-Futuna
    (-50.1, -11.3, 39.5, 77.8),  # Terres australes et antarctiques
)
#: Nobody's week takes more: a longer text would only keep the parser busy.
_LONGEST_HOURS = 2_000
_LINKS = ("lien_source", "lien_mobilisation", "site_web", "accessibilite_lieu")
#: Signs that no text needs: controls, and those that make a text read otherwise than it is written.
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One field of a row that cannot stay as it is."""

    field: str
    value: Any
    reason: str


def check_structure(row: Mapping[str, Any], places: Places, today: datetime.date) -> list[Problem]:
    """Check hours, phone, coordinates, commune, date, links and signs."""
    return [
        *_texts(row),
        *_hours(row),
        *_phone(row),
        *_coordinates(row),
        *_commune(row, places),
        *_date(row, today),
        *_links(row),
    ]


def check_service(row: Mapping[str, Any], places: Places, today: datetime.date) -> list[Problem]:
    """Check the same as a structure, and the zone and the needs."""
    return [*check_structure(row, places, today), *_zone(row, places), *_needs(row)]


def _texts(row: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in row.items():
        if isinstance(value, str):
            hidden = None if value.isprintable() else _HIDDEN.search(value)
            if hidden:
                reason = f"it holds a sign that cannot be seen (U+{ord(hidden.group()):04X})"
                yield Problem(field=name, value=value, reason=reason)
        elif isinstance(value, float) and not math.isfinite(value):
            yield Problem(field=name, value=value, reason="not a number")


def _hours(row: Mapping[str, Any]) -> list[Problem]:
    hours = row.get("horaires_accueil")
    if hours is not None and len(hours) > _LONGEST_HOURS:
        return [Problem(field="horaires_accueil", value=hours, reason=f"longer than {_LONGEST_HOURS} characters")]
    try:
        if hours is not None:
            check_hours(hours)
    except BadHours as error:
        return [Problem(field="horaires_accueil", value=hours, reason=str(error))]
    return []


def _phone(row: Mapping[str, Any]) -> list[Problem]:
    phone = row.get("telephone")
    if phone is None or _is_phone(phone, _PHONE_REGIONS.get(str(row.get("code_insee"))[:3], "FR")):
        return []
    return [Problem(field="telephone", value=phone, reason="not one phone number")]


@lru_cache(maxsize=100_000)
def _is_phone(phone: str, region: str) -> bool:
    # (0) is how people write that the 0 falls after +33; letters would be read as keys.
    bare = re.sub(r"[\s.\-/]|\(0\)", "", phone)
    # Nearly every number is one of these; phonenumbers would take half a millisecond to say the same.
    if _FRENCH_NUMBER.fullmatch(bare) or _SHORT_NUMBER.fullmatch(bare):
        return True
    if not re.fullmatch(r"\+?\d{6,15}", bare):
        return False
    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        return False
    # Possible, not valid: the ranges given out change every month, and those kept for fiction are never given out.
    return phonenumbers.is_possible_number(number)


def _coordinates(row: Mapping[str, Any]) -> list[Problem]:
    latitude, longitude = row.get("latitude"), row.get("longitude")
    if latitude is None and longitude is None:
        return []
    if latitude is None or longitude is None:
        name = "longitude" if longitude is None else "latitude"
        return [Problem(field=name, value=None, reason="latitude and longitude go together")]
    if _in_france(float(latitude), float(longitude)):
        return []
    swapped = ": latitude and longitude look swapped" if _in_france(float(longitude), float(latitude)) else ""
    return [Problem(field="latitude", value=f"{latitude}, {longitude}", reason=f"not in France{swapped}")]


def _in_france(latitude: float, longitude: float) -> bool:
    return any(south <= latitude <= north and west <= longitude <= east for south, north, west, east in _LANDS)


def _commune(row: Mapping[str, Any], places: Places) -> list[Problem]:
    code = row.get("code_insee")
    if not code or (len(code) == 5 and not code.startswith("99") and places.knows_zone(code)):
        return []
    return [Problem(field="code_insee", value=code, reason="no such commune")]


def _date(row: Mapping[str, Any], today: datetime.date) -> list[Problem]:
    updated = datetime.date.fromisoformat(str(row["date_maj"])[:10])
    return [] if updated <= today else [Problem(field="date_maj", value=row["date_maj"], reason="in the future")]


def _links(row: Mapping[str, Any]) -> Iterator[Problem]:
    """Nothing is fetched from a link here, but people are given it."""
    for name in _LINKS:
        link = row.get(name)
        if link is None:
            continue
        reason = _link_problem(str(link))
        if reason:
            yield Problem(field=name, value=link, reason=reason)


def _link_problem(link: str) -> str:
    try:
        address = urlsplit(link)
        host = address.hostname or ""
    except ValueError:
        return "not the address of a page"
    if address.username is not None or address.password is not None:
        return "it has a name before the @: it would look like another site"
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return "not a public address"
    try:
        number = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return ""
    mapped = getattr(number, "ipv4_mapped", None) or number
    return "" if mapped.is_global else "not a public address"


def _zone(row: Mapping[str, Any], places: Places) -> list[Problem]:
    unknown = [code for code in row.get("zone_eligibilite") or () if not places.knows_zone(code)]
    return [Problem(field="zone_eligibilite", value=code, reason="no such zone") for code in unknown]


def _needs(row: Mapping[str, Any]) -> list[Problem]:
    if row.get("thematiques"):
        return []
    return [Problem(field="thematiques", value=row.get("thematiques"), reason="answers no need: nobody could find it")]
