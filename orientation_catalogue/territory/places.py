"""Where people say they live: from their words to the INSEE code of the commune of today."""

import gzip
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

from orientation_catalogue.errors import UnknownCommune
from orientation_catalogue.territory.names import spaced

DATA = Path(__file__).parents[1] / "data" / "territory.json.gz"

#: The three cities cut into municipal arrondissements, with the code of the first arrondissement minus one.
CITIES = {"75056": 75100, "69123": 69380, "13055": 13200}

EARTH_RADIUS_KM = 6371.0

#: How far round a commune its inhabitants make it a town or the countryside.
AROUND_KM = 15
#: Cells of the grid per degree: 28 km by 18 at most, so that a circle of AROUND_KM touches few of them.
_CELLS = 4

How = Literal["name", "former_name", "arrondissement", "postal_code", "typo", "beginning"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Commune:
    """A commune of today, or an arrondissement of Paris, Lyon or Marseille."""

    code: str
    name: str
    departement: str
    region: str
    epci: str | None
    ept: str | None
    postal_codes: tuple[str, ...]
    population: int
    #: The city of an arrondissement.
    city: str | None
    latitude: float | None
    longitude: float | None
    #: The point is the centre of neighbouring communes, good to some kilometres only.
    approximate: bool

    @property
    def zone_codes(self) -> frozenset[str]:
        """Every zone code that contains this commune, as data·inclusion writes them."""
        codes = (self.code, self.city, self.epci, self.ept, self.departement, "france", "99100")
        return frozenset(code for code in codes if code)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceMatch:
    """One commune that the text may name."""

    code: str
    name: str
    how: How
    #: 0 to 1: how near the words are to the name.
    score: float


class Places:
    """The communes of France, found by code, postal code or by what people write."""

    def __init__(self, territory: Mapping[str, Any]) -> None:
        columns = territory["communes"]
        self._columns = columns
        codes: list[str] = columns["code"]
        self._row = {code: row for row, code in enumerate(codes)}
        self._today = {old: today for old, _, today in territory["old"]}
        self.epci: Mapping[str, str] = territory["epci"]
        self.ept: Mapping[str, str] = territory["ept"]
        self.departements: Mapping[str, Sequence[str]] = territory["departements"]
        self.regions: Mapping[str, str] = territory["regions"]
        self._by_postal: dict[str, list[str]] = defaultdict(list)
        self.names: dict[str, list[str]] = defaultdict(list)
        self.former_names: dict[str, list[str]] = defaultdict(list)
        for code, name, postal, city in zip(codes, columns["name"], columns["postal"], columns["city"], strict=True):
            if not city:
                self.names[spaced(name)].append(code)
            for postal_code in postal.split():
                self._by_postal[postal_code].append(code)
        for _, name, today in territory["old"]:
            if name and spaced(name) not in self.names:
                self.former_names[spaced(name)].append(today)
        self._finder: Any = None
        self._grid: dict[tuple[int, int], list[tuple[float, float, int]]] | None = None

    @classmethod
    def load(cls, path: Path = DATA) -> Self:
        """Read the territory file that ships with the library."""
        with gzip.open(path) as file:
            return cls(json.loads(file.read()))

    def find(self, text: str, *, answering: bool = False) -> tuple[PlaceMatch, ...]:
        """Find the communes a message names, best first; none when it names none.

        `answering`: the message answers "where do you live?", so that any word may be a place, however spelt.
        """
        if self._finder is None:
            from orientation_catalogue.territory.finder import Finder

            self._finder = Finder(self)
        matches: tuple[PlaceMatch, ...] = self._finder.find(text, answering=answering)
        return matches

    def commune(self, code: str) -> Commune:
        """The commune of a code; an old code gives the commune of today."""
        return self._commune(self.code_of_today(code))

    def code_of_today(self, code: str) -> str:
        """The code of today of a commune code, old or new."""
        today = code if code in self._row else self._today.get(code)
        if today is None:
            raise UnknownCommune(code=code)
        return today

    def knows_zone(self, code: str) -> bool:
        """Whether a zone code of data·inclusion exists."""
        return (
            code in self._row
            or code in self._today
            or code in self.epci
            or code in self.ept
            or code in self.departements
            or code == "france"
            or (len(code) == 5 and code.isdigit() and code.startswith("99"))
        )

    def departements_of(self, region: str) -> tuple[str, ...]:
        """The départements of a région: data·inclusion has no code for a région in its zones."""
        return tuple(code for code, (_, of) in sorted(self.departements.items()) if of == region)

    def codes_of_departement(self, departement: str) -> tuple[str, ...]:
        """The communes of a département, by code."""
        return tuple(code for code in self._row if self.departement(code) == departement)

    def arrondissement(self, city: str, number: int) -> str | None:
        """The code of the nth arrondissement of Paris, Lyon or Marseille."""
        code = str(CITIES[city] + number)
        return code if number > 0 and code in self._row and self._columns["city"][self._row[code]] == city else None

    def codes_of_postal(self, postal_code: str) -> tuple[str, ...]:
        """The communes of a postal code, largest first; the arrondissement rather than its city."""
        codes = self._by_postal.get(postal_code, [])
        cities = {self._columns["city"][self._row[code]] for code in codes}
        return self.largest_first(code for code in codes if code not in cities)

    def largest_first(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Sort communes by population, then code."""
        return tuple(sorted(set(codes), key=lambda code: (-self.population(code), code)))

    def population(self, code: str) -> int:
        """Inhabitants of a commune of today."""
        return int(self._columns["population"][self._row[code]] or 0)

    @lru_cache(maxsize=65_536)  # noqa: B019 — one Places lives as long as the process
    def inhabitants_around(self, code: str) -> int:
        """Inhabitants of the communes whose centre is within AROUND_KM: a suburb counts as its town."""
        here = self.commune(code)
        if here.latitude is None or here.longitude is None:
            return here.population
        # So near, the earth is flat: the sum is the same and takes a quarter of the time.
        flat = math.cos(math.radians(here.latitude))
        limit = (AROUND_KM / EARTH_RADIUS_KM * 180 / math.pi) ** 2
        north, east = here.latitude, here.longitude
        found = sum(
            population
            for latitude, longitude, population in self._near(north, east)
            if (latitude - north) ** 2 + ((longitude - east) * flat) ** 2 <= limit
        )
        return max(found, here.population)

    def _near(self, latitude: float, longitude: float) -> Iterator[tuple[float, float, int]]:
        """The communes of the cells of the grid around a point."""
        if self._grid is None:
            self._grid = self._gridded()
        north = AROUND_KM / 111
        east = north / math.cos(math.radians(latitude))
        for row in range(_cell(latitude - north), _cell(latitude + north) + 1):
            for column in range(_cell(longitude - east), _cell(longitude + east) + 1):
                yield from self._grid.get((row, column), ())

    def _gridded(self) -> dict[tuple[int, int], list[tuple[float, float, int]]]:
        columns = self._columns
        grid: dict[tuple[int, int], list[tuple[float, float, int]]] = defaultdict(list)
        told = (columns[name] for name in ("latitude", "longitude", "population", "city"))
        for latitude, longitude, population, city in zip(*told, strict=True):
            # An arrondissement is counted with its city.
            if latitude is not None and not city:
                grid[_cell(latitude), _cell(longitude)].append((latitude, longitude, population or 0))
        return dict(grid)

    def name(self, code: str) -> str:
        """The official name of a commune of today."""
        return str(self._columns["name"][self._row[code]])

    def departement(self, code: str) -> str:
        """The département of a commune of today."""
        return str(self._columns["departement"][self._row[code]])

    def postal_codes(self, code: str) -> tuple[str, ...]:
        """The postal codes of a commune of today."""
        return tuple(self._columns["postal"][self._row[code]].split())

    @lru_cache(maxsize=4096)  # noqa: B019 — one Places lives as long as the process
    def _commune(self, code: str) -> Commune:
        row = self._row[code]
        columns = self._columns
        return Commune(
            code=code,
            name=columns["name"][row],
            departement=columns["departement"][row],
            region=columns["region"][row],
            epci=columns["epci"][row] or None,
            ept=columns["ept"][row] or None,
            postal_codes=self.postal_codes(code),
            population=self.population(code),
            city=columns["city"][row] or None,
            latitude=columns["latitude"][row],
            longitude=columns["longitude"][row],
            approximate=bool(columns["approximate"][row]),
        )


def _cell(degrees: float) -> int:
    return math.floor(degrees * _CELLS)


def distance_km(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Great-circle distance in kilometres (haversine, within 0.5 %)."""
    a, b = math.radians(latitude), math.radians(to_latitude)
    half_latitude = math.sin((b - a) / 2) ** 2
    half_longitude = math.sin(math.radians(to_longitude - longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half_latitude + math.cos(a) * math.cos(b) * half_longitude))
