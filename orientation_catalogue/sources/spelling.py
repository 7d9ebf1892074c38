"""From the ways in which files spell the rows of data·inclusion to the one way of its schema.

The published dump is written by pandas (pipeline/dags/publish_opendata of data·inclusion): a CSV cell spells a list as
Python does, `['a', "l'été"]`; whole numbers with a gap in their column become `3.0`; the JSON file spells a date in
milliseconds since 1970. Nothing else is changed: the schema judges the rest.
"""

import ast
import datetime
import json
import math
from collections.abc import Iterator
from typing import Any

from data_inclusion.schema import v1

from orientation_catalogue.sources.reading import Row

#: What the API and the dump add to the schema, and the catalogue keeps.
_ADDED = {"score_qualite", "adresse_certifiee"}
FIELDS = {
    "structure": frozenset(v1.Structure.model_fields) | _ADDED,
    "service": frozenset(v1.Service.model_fields) | _ADDED,
}
LISTS = frozenset(
    {"thematiques", "publics", "modes_accueil", "zone_eligibilite", "modes_mobilisation", "mobilisable_par"}
    | {"reseaux_porteurs"}
)
NUMBERS = frozenset({"longitude", "latitude", "volume_horaire_hebdomadaire", "nombre_semaines", "score_qualite"})

#: Between these an integer date is in milliseconds, as pandas writes it: 1973 to 2286.
_MILLISECONDS = range(10**11, 10**13)


def as_v1(row: Row) -> Row:
    """The row with its values spelled as the schema does, and without what it does not say."""
    spelled = {name: _spelled(name, value) for name, value in row.items()}
    return {name: value for name, value in spelled.items() if value is not None}


def unknown_fields(row: Row, kind: str) -> Iterator[str]:
    """Columns that the national format does not have: they are not kept. A leading `_` is data·inclusion's own."""
    known = FIELDS[kind]
    return (name for name in row if name not in known and not name.startswith("_"))


def known_fields(row: Row, kind: str) -> Row:
    """The row without what the national format does not have."""
    known = FIELDS[kind]
    return {name: value for name, value in row.items() if name in known}


def _spelled(name: str, value: Any) -> Any:
    if isinstance(value, str):
        # An empty text says nothing, and data·inclusion's own score stumbles on an empty frais_precisions.
        if not value.strip():
            return None
    elif name == "date_maj":
        return _date(value)
    elif name == "nombre_semaines" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _date(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and value in _MILLISECONDS:
        return datetime.datetime.fromtimestamp(value / 1000, datetime.UTC).date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    return value


def from_cells(row: Row) -> Row:
    """A row of text cells with its lists and numbers read; what cannot be read stays a text, for the schema to say."""
    return {name: _cell(name, text) for name, text in row.items()}


def _cell(name: str, text: str) -> Any:
    said = text.strip()
    if not said:
        return None
    if name in LISTS:
        return list_of(said)
    if name in NUMBERS:
        return _number(said)
    if name == "adresse_certifiee":
        return {"true": True, "false": False}.get(said.lower(), said)
    return text


def list_of(text: str) -> list[str] | str:
    """A list written as Python, JSON or PostgreSQL do, or with commas as in data·inclusion's own spreadsheet."""
    if text.startswith("["):
        try:
            # literal_eval reads values and runs nothing; JSON is tried first for its null and its speed.
            value = json.loads(text) if '"' in text and "'" not in text else ast.literal_eval(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return text
        return value if isinstance(value, list) else text
    inside = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    return [item.strip().strip('"') for item in inside.split(",") if item.strip()]


def _number(text: str) -> float | int | str:
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
