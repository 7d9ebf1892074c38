"""What the data·inclusion schema lets through and the catalogue does not (reference: its own validator accepts it)."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orientation_catalogue.errors import BadHours
from orientation_catalogue.hours import check_hours
from orientation_catalogue.territory.places import Places

_FRENCH_PHONE = re.compile(r"(?:(?:\+|00)\d{1,3}(?:\(0\))?\d{6,12}|0\d{9}|\d{2,4}|1[01]\d{4}|08\d{8})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One field of a row that cannot stay as it is."""

    field: str
    value: Any
    reason: str


def check_structure(row: Mapping[str, Any], places: Places, today: datetime.date) -> list[Problem]:
    """Check hours, phone, coordinates, commune and date."""
    return [*_hours(row), *_phone(row), *_coordinates(row), *_commune(row, places), *_date(row, today)]


def check_service(row: Mapping[str, Any], places: Places, today: datetime.date) -> list[Problem]:
    """Check the same as a structure, and the zone and the needs."""
    return [*check_structure(row, places, today), *_zone(row, places), *_needs(row)]


def _hours(row: Mapping[str, Any]) -> list[Problem]:
    hours = row.get("horaires_accueil")
    try:
        if hours is not None:
            check_hours(hours)
    except BadHours as error:
        return [Problem(field="horaires_accueil", value=hours, reason=str(error))]
    return []


def _phone(row: Mapping[str, Any]) -> list[Problem]:
    phone = row.get("telephone")
    if phone is None or _FRENCH_PHONE.fullmatch(re.sub(r"[\s.\-/]", "", phone)):
        return []
    return [Problem(field="telephone", value=phone, reason="not a phone number")]


def _coordinates(row: Mapping[str, Any]) -> list[Problem]:
    latitude, longitude = row.get("latitude"), row.get("longitude")
    problems = []
    if (latitude is None) != (longitude is None):
        name = "longitude" if longitude is None else "latitude"
        problems.append(Problem(field=name, value=None, reason="latitude and longitude go together"))
    for name, value, limit in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        # NaN compares false with everything, hence the "not within" form.
        if value is not None and not -limit <= float(value) <= limit:
            problems.append(Problem(field=name, value=value, reason=f"not between -{limit} and {limit}"))
    return problems


def _commune(row: Mapping[str, Any], places: Places) -> list[Problem]:
    code = row.get("code_insee")
    if not code or (len(code) == 5 and not code.startswith("99") and places.knows_zone(code)):
        return []
    return [Problem(field="code_insee", value=code, reason="no such commune")]


def _date(row: Mapping[str, Any], today: datetime.date) -> list[Problem]:
    updated = datetime.date.fromisoformat(str(row["date_maj"])[:10])
    return [] if updated <= today else [Problem(field="date_maj", value=row["date_maj"], reason="in the future")]


def _zone(row: Mapping[str, Any], places: Places) -> list[Problem]:
    unknown = [code for code in row.get("zone_eligibilite") or () if not places.knows_zone(code)]
    return [Problem(field="zone_eligibilite", value=code, reason="no such zone") for code in unknown]


def _needs(row: Mapping[str, Any]) -> list[Problem]:
    if row.get("thematiques"):
        return []
    return [Problem(field="thematiques", value=row.get("thematiques"), reason="answers no need: nobody could find it")]
