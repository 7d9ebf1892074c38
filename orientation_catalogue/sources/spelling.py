"""From the ways in which files spell the rows of data·inclusion to the one way of its schema.

The published dump is written by pandas (pipeline/dags/publish_opendata of data·inclusion): a CSV cell spells a list as
Python does, `['a', "l'été"]`; whole numbers with a gap in their column become `3.0`; the JSON file spells a date in
milliseconds since 1970. Nothing else is changed: the schema judges the rest.
"""

import ast
import datetime
import json
import math
from typing import Any

from data_inclusion.schema import v1

from orientation_catalogue.formulas import unescaped
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
    """The row with its values spelled as the schema does, and without what it does not say.

    An empty text says nothing, and data·inclusion's own score stumbles on an empty frais_precisions.
    """
    spelled = {
        name: value
        for name, value in row.items()
        if value is not None and not (isinstance(value, str) and (not value or value.isspace()))
    }
    if "date_maj" in spelled:
        spelled["date_maj"] = _date(spelled["date_maj"])
    weeks = spelled.get("nombre_semaines")
    if isinstance(weeks, float) and weeks.is_integer():
        spelled["nombre_semaines"] = int(weeks)
    return spelled


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
    return unescaped(text)


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
