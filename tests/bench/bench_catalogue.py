"""Matching beside what a team would do otherwise, in one run on the same synthetic services.

    PYTHONPATH=tests/support python tests/bench/bench_catalogue.py [number of services, 100000]

What is measured, exactly:

- ours: `Catalogue.open` of the file (a new process), then `match` for people all over France with one to three needs:
  three-valued eligibility, score, diversity, reasons of each proposal. "Nothing kept": each offer is read from the file
  by the first who needs it. "Set aside": the same, and the list of what is known and not proposed, read whole.
- R*Tree: one SQLite database of the same services, indexed by need and zone, places in an R*Tree; the query does what
  `/search/services` of data·inclusion does (zone, 50 km or remote, ranked by distance) and gives 20 rows. It says
  neither whether the person fits, nor why, nor when it opens.

Each is measured in a process of its own, one after the other, so that memory is its own.
"""

import json
import math
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from synthetic_territory import Territory

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.file import write_catalogue
from orientation_catalogue.matching import match
from orientation_catalogue.model import Complement, Offer
from orientation_catalogue.offers import offer_of_service
from orientation_catalogue.profile import Profile
from orientation_catalogue.territory.places import Places

PEOPLE = 400
#: The radius of data·inclusion, whatever the commune.
RADIUS_KM = 50

SCHEMA = """
CREATE TABLE service (pk INTEGER PRIMARY KEY, id TEXT, lat REAL, lon REAL, on_site INTEGER, remote INTEGER,
                      zone_said INTEGER, row TEXT);
CREATE TABLE need (need TEXT, service INTEGER, PRIMARY KEY (need, service)) WITHOUT ROWID;
CREATE TABLE zone (service INTEGER, zone TEXT, PRIMARY KEY (service, zone)) WITHOUT ROWID;
CREATE VIRTUAL TABLE place USING rtree(pk, west, east, south, north);
"""
#: Everything within the square of the radius, then what is remote, in the zone; the nearest first (reference 2.2).
QUERY = """
WITH found AS (
    SELECT s.pk, s.id, s.row, {distance} AS km
    FROM place p JOIN service s ON s.pk = p.pk
    WHERE p.west >= :west AND p.east <= :east AND p.south >= :south AND p.north <= :north
      AND s.on_site AND EXISTS (SELECT 1 FROM need n WHERE n.service = s.pk AND n.need IN ({needs}))
    UNION ALL
    SELECT s.pk, s.id, s.row, NULL
    FROM need n JOIN service s ON s.pk = n.service WHERE n.need IN ({needs}) AND s.remote
)
SELECT pk, id, min(km) AS km, row FROM found
WHERE (km IS NULL OR km <= :radius)
  AND (NOT (SELECT zone_said FROM service s WHERE s.pk = found.pk)
       OR EXISTS (SELECT 1 FROM zone z WHERE z.service = found.pk AND z.zone IN ({zones})))
GROUP BY pk ORDER BY km IS NULL, km, id LIMIT 20
"""
DISTANCE = (
    "6371 * acos(min(1, sin(radians(:lat)) * sin(radians(s.lat)) + "
    "cos(radians(:lat)) * cos(radians(s.lat)) * cos(radians(s.lon - :lon))))"
)


# --- the same services for both -----------------------------------------------------------------------------------


def make(count: int, into: Path, places: Places) -> tuple[Path, Path]:
    """Write the catalogue file and the SQL database of as many services, in one pass."""
    database = into / "rtree.sqlite"
    connection = sqlite3.connect(database)
    connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
    path, _ = write_catalogue(_also_in_sql(connection, _made(count, places)), into)
    connection.execute("CREATE INDEX need_of ON need (service)")
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()
    return path, database


def _made(count: int, places: Places) -> Iterator[tuple[Offer, dict[str, Any]]]:
    number = 0
    for house in Territory(places).houses(count):
        for service in house.services:
            complement = Complement.of(house.complements.get(service["id"], {}))
            # Numbered in front, so that they come in the order of the ids and never stand in memory together.
            row = service | {"id": f"{number:07d}-{service['id']}"}
            number += 1
            yield (
                offer_of_service(row, house.structure, complement, places),
                {"service": row, "structure": house.structure},
            )


def _also_in_sql(
    connection: sqlite3.Connection, offers: Iterator[tuple[Offer, dict[str, Any]]]
) -> Iterator[tuple[Offer, dict[str, Any]]]:
    for pk, (offer, detail) in enumerate(offers):
        row = (pk, offer.id, offer.latitude, offer.longitude, offer.on_site, offer.remote, offer.zone is not None)
        connection.execute("INSERT INTO service VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, json.dumps(detail)))
        connection.executemany("INSERT INTO need VALUES (?, ?)", [(need, pk) for need in set(offer.thematiques)])
        connection.executemany("INSERT INTO zone VALUES (?, ?)", [(pk, zone) for zone in offer.zone or ()])
        if offer.latitude is not None and offer.longitude is not None:
            lon, lat = offer.longitude, offer.latitude
            connection.execute("INSERT INTO place VALUES (?, ?, ?, ?, ?)", (pk, lon, lon, lat, lat))
        yield offer, detail


def people(places: Places) -> list[Profile]:
    """People who live where people live; all of them say their commune, as the query of comparison needs it."""
    return [person for person in Territory(places, seed=7).people(PEOPLE + 100) if person.commune][:PEOPLE]


# --- the two measures, each in its process ------------------------------------------------------------------------

Figures = dict[str, dict[str, float]]


def measure_ours(path: Path) -> Figures:
    """Load, match, and match with the whole list of what is set aside."""
    places = Places.load()
    profiles = people(places)
    before = _megabytes()
    started = time.perf_counter()
    catalogue = Catalogue.open(path)
    match(catalogue, profiles[0], places=places)
    loaded = time.perf_counter() - started
    first = spent(lambda index: match(catalogue, profiles[index], places=places), len(profiles))
    again = spent(lambda index: match(catalogue, profiles[index], places=places), len(profiles))
    memory = _megabytes() - before
    whole = spent(lambda index: len(match(catalogue, profiles[index], places=places).set_aside), 60)
    return {"first": first, "again": again, "whole": whole, "once": {"load": loaded, "memory": memory}}


def measure_rtree(path: Path) -> Figures:
    """The SQL query for the same people."""
    places = Places.load()
    profiles = people(places)
    before = _megabytes()
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA cache_size=-200000; PRAGMA mmap_size=2000000000;")
    search(connection, profiles[0], places)
    first = spent(lambda index: search(connection, profiles[index], places), len(profiles))
    return {"first": first, "once": {"memory": _megabytes() - before}}


def search(connection: sqlite3.Connection, person: Profile, places: Places) -> list[Any]:
    """The 20 nearest services as `/search/services` ranks them."""
    here = places.commune(person.commune or "")
    lat, lon = here.latitude or 0.0, here.longitude or 0.0
    high = RADIUS_KM / 111.2
    wide = high / math.cos(math.radians(lat))
    zones = sorted(here.zone_codes - {here.city, here.ept, None})
    named = {f"n{i}": need for i, need in enumerate(person.needs)} | {f"z{i}": zone for i, zone in enumerate(zones)}
    query = QUERY.format(
        distance=DISTANCE,
        needs=", ".join(f":n{i}" for i in range(len(person.needs))),
        zones=", ".join(f":z{i}" for i in range(len(zones))),
    )
    square = {"west": lon - wide, "east": lon + wide, "south": lat - high, "north": lat + high}
    return connection.execute(query, {"lat": lat, "lon": lon, "radius": RADIUS_KM, **square, **named}).fetchall()


def spent(run: Callable[[int], object], count: int) -> dict[str, float]:
    """Median and 95th percentile of the time, and of the processor's (what a quiet machine would take), in ms."""
    clocks: tuple[list[float], list[float]] = ([], [])
    for index in range(count):
        begin, worked = time.perf_counter(), time.thread_time()
        run(index)
        clocks[0].append((time.perf_counter() - begin) * 1000)
        clocks[1].append((time.thread_time() - worked) * 1000)
    wall, processor = clocks
    return {
        "p50": statistics.median(wall),
        "p95": statistics.quantiles(wall, n=20)[-1],
        "cpu50": statistics.median(processor),
        "cpu95": statistics.quantiles(processor, n=20)[-1],
    }


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- the table -----------------------------------------------------------------------------------------------------


def compare(count: int, folder: Path) -> list[tuple[str, str, str]]:
    """Lines of the table: what, measured, aim."""
    path, database = make(count, folder, Places.load())
    ours, rtree = _apart("ours", path), _apart("rtree", database)
    once, size = ours["once"], f"{count:,}".replace(",", " ")
    faster = {name: rtree["first"][name] / ours["first"][name] for name in ("p50", "p95")}
    return [
        (f"matching, {size} services", shown(ours["first"]), "p95 ≤ 5 ms" if count <= 100_000 else "p95 ≤ 20 ms"),
        ("the same people once more", shown(ours["again"]), ""),
        ("with all that is set aside", shown(ours["whole"]), ""),
        ("SQLite R*Tree, by distance, same people", shown(rtree["first"]), ""),
        ("ours is", f"{faster['p50']:.1f} times as fast at p50, {faster['p95']:.1f} at p95", ""),
        ("catalogue opened, first answer", f"{once['load']:.2f} s", "≤ 5 s"),
        ("its memory", f"{once['memory']:.0f} MB (R*Tree: {rtree['once']['memory']:.0f} MB)", ""),
        ("its file", f"{path.stat().st_size / 1e6:.0f} MB (R*Tree: {database.stat().st_size / 1e6:.0f} MB)", ""),
    ]


def shown(figures: dict[str, float]) -> str:
    """The four figures, readable."""
    return (
        f"p50 {figures['p50']:.1f} ms, p95 {figures['p95']:.1f} ms "
        f"(processor {figures['cpu50']:.1f} and {figures['cpu95']:.1f} ms)"
    )


def _apart(which: str, path: Path) -> Figures:
    done = subprocess.run([sys.executable, __file__, which, str(path)], capture_output=True, text=True, check=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def main() -> None:
    """Print the figures of DESIGN §9 for matching on this machine."""
    match sys.argv[1:]:
        case ["ours", path]:
            print(json.dumps(measure_ours(Path(path))))
        case ["rtree", path]:
            print(json.dumps(measure_rtree(Path(path))))
        case arguments:
            count = int(arguments[0]) if arguments else 100_000
            with tempfile.TemporaryDirectory(prefix="passerelle-bench-") as name:
                for what, measured, aim in compare(count, Path(name)):
                    print(f"{what}: {measured}" + (f" — aim {aim}" if aim else ""), flush=True)


if __name__ == "__main__":
    main()
