"""The catalogue in force: one immutable file, its index in memory, its whole rows read on demand."""

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from orientation_catalogue.errors import BrokenCatalogue, NoCatalogue
from orientation_catalogue.model import Offer

#: The file that names the catalogue in force, and the one that names the catalogue before it.
CURRENT, PREVIOUS = "current", "previous"

#: Index key of an offer whose zone is not known.
ANYWHERE = "?"

#: Index key of the universal public desks, local and national: they listen to every need and can prescribe.
FIRST_LINE = ""


class Catalogue:
    """Offers found by need and zone."""

    def __init__(self, offers: Iterable[Offer], *, sha256: str, path: Path | None = None) -> None:
        self.sha256 = sha256
        self.path = path
        # By id, so that nothing below depends on the order of the sources.
        self.offers: Mapping[str, Offer] = {o.id: o for o in sorted(offers, key=lambda offer: offer.id)}
        self._by_zone: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._by_departement: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._cards: dict[str, list[str]] = defaultdict(list)
        for offer in self.offers.values():
            self._index(offer)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a catalogue file, or the one in force of a folder; check that it is the one its name says."""
        file = path / _pointed(path) if path.is_dir() else path
        if not file.is_file():
            raise NoCatalogue(path=path)
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        if file.name.startswith("catalogue-") and sha256 not in file.name:
            raise BrokenCatalogue(path=file)
        try:
            with _connect(file) as connection:
                rows = connection.execute("SELECT offer FROM offers ORDER BY id").fetchall()
        except sqlite3.DatabaseError as problem:
            raise BrokenCatalogue(path=file) from problem
        return cls((Offer.from_json(json.loads(row[0])) for row in rows), sha256=sha256, path=file)

    def offers_in(self, thematique: str, zones: Iterable[str]) -> list[Offer]:
        """Local services that answer a need in at least one of these zones, or whose zone is not known."""
        found: dict[str, None] = {}
        for zone in (*sorted(zones), ANYWHERE):
            found.update(dict.fromkeys(self._by_zone.get((thematique, zone), ())))
        return [self.offers[offer] for offer in found]

    def ids_of_departement(self, thematique: str, departement: str) -> Sequence[str]:
        """Ids of the local services that answer a need and stand in, or serve, a département."""
        return self._by_departement.get((thematique, departement), ())

    def cards_for(self, thematique: str) -> list[Offer]:
        """National cards that answer a need."""
        return [self.offers[offer] for offer in self._cards.get(thematique, ())]

    def thematiques(self) -> frozenset[str]:
        """Every need that at least one offer answers."""
        return (frozenset(need for need, _ in self._by_zone) | frozenset(self._cards)) - {FIRST_LINE}

    def detail(self, offer_id: str) -> Mapping[str, Any]:
        """The whole rows of an offer as they were imported: {service, structure} or {card}."""
        if self.path is None:
            return {}
        with _connect(self.path) as connection:
            row = connection.execute("SELECT detail FROM offers WHERE id = ?", (offer_id,)).fetchone()
        detail: Mapping[str, Any] = json.loads(row[0]) if row else {}
        return detail

    def _index(self, offer: Offer) -> None:
        needs = (*offer.thematiques, FIRST_LINE) if _is_first_line(offer) else offer.thematiques
        for thematique in dict.fromkeys(needs):
            if offer.national:
                self._cards[thematique].append(offer.id)
                continue
            for zone in sorted(offer.zone) if offer.zone is not None else (ANYWHERE,):
                self._by_zone[thematique, zone].append(offer.id)
            for departement in _departements(offer):
                self._by_departement[thematique, departement].append(offer.id)


#: The networks that receive everybody for every question (reference/inventory.md, 1, 2 and 4), and that prescribe:
#: the first of the list before the others.
FIRST_LINE_NETWORKS = ("ccas-cias", "maisons-des-solidarites", "france-service")


def _is_first_line(offer: Offer) -> bool:
    everyone = offer.publics is None or "tous-publics" in offer.publics
    return everyone and not offer.professional_only and bool(offer.networks & set(FIRST_LINE_NETWORKS))


def _departements(offer: Offer) -> Sequence[str]:
    served = {code for code in offer.zone or () if len(code) in {2, 3}}
    return sorted(served | ({offer.departement} if offer.departement else set()))


def _pointed(folder: Path) -> str:
    pointer = folder / CURRENT
    if not pointer.is_file():
        raise NoCatalogue(path=folder)
    return pointer.read_text(encoding="utf-8").strip()


def _connect(file: Path) -> sqlite3.Connection:
    # immutable: the file never changes once named, so SQLite may skip every lock.
    return sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)
