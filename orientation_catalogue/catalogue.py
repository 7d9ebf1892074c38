"""The catalogue in force: one immutable file, its index in memory, its offers read when they are needed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from orientation_catalogue.errors import NoCatalogue
from orientation_catalogue.file import CatalogueFile
from orientation_catalogue.index import ANYWHERE, EVERYWHERE, FIRST_LINE, FIRST_LINE_NETWORKS, Index, Positions
from orientation_catalogue.model import Offer

__all__ = ["CURRENT", "FIRST_LINE", "FIRST_LINE_NETWORKS", "PREVIOUS", "Catalogue"]

#: The file that names the catalogue in force, and the one that names the catalogue before it.
CURRENT, PREVIOUS = "current", "previous"

#: Offers kept in memory once read: those of some large towns, about 40 MB.
_KEPT = 20_000


class Catalogue:
    """Offers found by need and zone."""

    def __init__(self, offers: Iterable[Offer], *, sha256: str) -> None:
        """A catalogue of a few offers, all in memory; `open` reads one of any size."""
        # By id, so that nothing below depends on the order of the sources.
        by_id = {offer.id: offer for offer in offers}
        ordered = [by_id[offer_id] for offer_id in sorted(by_id)]
        self._set(Index.of(ordered), ordered.__getitem__, sha256=sha256, file=None)

    def _set(self, index: Index, read: Callable[[int], Offer], *, sha256: str, file: CatalogueFile | None) -> None:
        self.sha256 = sha256
        self.index = index
        self.offers: Mapping[str, Offer] = Offers(index, read)
        self.offer_at = read
        self._file = file

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a catalogue file, or the one in force of a folder; a broken or truncated file is refused."""
        file = path / _pointed(path) if path.is_dir() else path
        if not file.is_file():
            raise NoCatalogue(path=path)
        opened = CatalogueFile(file)
        catalogue = cls.__new__(cls)
        catalogue._set(opened.index, Kept(opened.offer), sha256=opened.sha256, file=opened)
        return catalogue

    @property
    def path(self) -> Path | None:
        """The file, unless everything is in memory."""
        return self._file.path if self._file else None

    def positions_in(self, thematique: str, zones: Iterable[str]) -> Positions:
        """Positions of the local services that answer a need in at least one zone, or whose zone is not known."""
        return self.index.found(thematique, (*zones, ANYWHERE))

    def offers_in(self, thematique: str, zones: Iterable[str]) -> list[Offer]:
        """Local services that answer a need in at least one of these zones, or whose zone is not known."""
        return [self.offer_at(position) for position in self.positions_in(thematique, zones).tolist()]

    def ids_of_departement(self, thematique: str, departement: str) -> Sequence[str]:
        """Ids of the local services that answer a need and stand in, or serve, a département."""
        found = self.index.found_in_departement(thematique, departement)
        return [self.index.id_at(position) for position in found.tolist()]

    def cards_for(self, thematique: str) -> list[Offer]:
        """National cards that answer a need."""
        return [self.offer_at(position) for position in self.index.found(thematique, (EVERYWHERE,)).tolist()]

    def thematiques(self) -> frozenset[str]:
        """Every need that at least one offer answers."""
        return frozenset(self.index.needs) - {FIRST_LINE}

    def detail(self, offer_id: str) -> Mapping[str, Any]:
        """The whole rows of an offer as they were imported: {service, structure} or {card}."""
        position = self.index.position_of(offer_id)
        return self._file.detail(position) if self._file and position is not None else {}


class Offers(Mapping[str, Offer]):
    """Every offer by id, each read when asked for."""

    def __init__(self, index: Index, read: Callable[[int], Offer]) -> None:
        self._index = index
        self._read = read

    def __getitem__(self, offer_id: str) -> Offer:
        position = self._index.position_of(offer_id)
        if position is None:
            raise KeyError(offer_id)
        return self._read(position)

    def __iter__(self) -> Iterator[str]:
        return map(self._index.id_at, range(len(self._index)))

    def __len__(self) -> int:
        return len(self._index)


class Kept:
    """Reads offers and keeps those asked for last, so that one territory's are read once."""

    def __init__(self, read: Callable[[int], Offer], size: int = _KEPT) -> None:
        self._read = read
        self._size = size
        self._kept: dict[int, Offer] = {}

    def __call__(self, position: int) -> Offer:
        offer = self._kept.get(position)
        if offer is None:
            offer = self._read(position)
            if len(self._kept) >= self._size:
                # Starting again costs a few milliseconds now and then, less than an order kept at every read.
                self._kept = {}
            self._kept[position] = offer
        return offer


def _pointed(folder: Path) -> str:
    pointer = folder / CURRENT
    if not pointer.is_file():
        raise NoCatalogue(path=folder)
    return pointer.read_text(encoding="utf-8").strip()
