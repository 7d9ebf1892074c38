"""The index of a catalogue: who answers which need where, and the few numbers that tell who may come first.

Columns of numbers, one row for each offer in the order of the ids: a million services take some tens of megabytes, are
loaded in one read, and thousands of candidates are compared without reading one of them whole.
"""

import enum
import json
import math
from array import array
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from orientation_catalogue.model import Capacity, Offer, Welcome

Positions = NDArray[np.uint32]

#: Index key of an offer whose zone is not known.
ANYWHERE = "?"

#: Index key of a national card, which has no zone of its own.
EVERYWHERE = "*"

#: Index key of the universal public desks, local and national: they listen to every need and can prescribe.
FIRST_LINE = ""

#: The networks that receive everybody for every question (reference/inventory.md, 1, 2 and 4), and that prescribe:
#: the first of the list before the others.
FIRST_LINE_NETWORKS = ("ccas-cias", "maisons-des-solidarites", "france-service")

_NONE = np.array([], dtype=np.uint32)


class Trait(enum.IntFlag):
    """What is true of an offer whoever asks."""

    REMOTE = enum.auto()
    ON_SITE = enum.auto()
    FREE = enum.auto()
    PROFESSIONAL_ONLY = enum.auto()
    #: Nobody is excluded by the publics.
    OPEN_TO_ALL = enum.auto()
    PUBLICS_SAID = enum.auto()
    ZONE_SAID = enum.auto()
    FOR_AN_AGE = enum.auto()
    SPEAKS = enum.auto()
    HOURS = enum.auto()
    CAPACITY_YES = enum.auto()
    CAPACITY_WAITING = enum.auto()
    CAPACITY_NO = enum.auto()
    #: Somebody wrote for whom it is more precisely than publics can.
    FOR_WHOM = enum.auto()
    #: Meant first for some, open to others.
    PREFERENTIAL = enum.auto()
    GIVES_ADDRESS = enum.auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """One number for each offer, by position."""

    latitude: NDArray[np.float32]
    longitude: NDArray[np.float32]
    rank: NDArray[np.uint8]
    traits: NDArray[np.uint32]
    #: How complete the row is, in hundredths rounded up.
    quality: NDArray[np.uint8]
    #: Ordinal of the last day on which somebody vouched for the row; 0 when not known.
    seen: NDArray[np.uint32]
    #: Number of the source.
    source: NDArray[np.uint16]
    #: One bit for each public, as numbered in the index.
    publics: NDArray[np.uint32]
    #: Place among the universal public desks; 255 for what is not one.
    desk: NDArray[np.uint8]
    #: Number of the need it names first, or 255.
    main_need: NDArray[np.uint8]
    #: One bit for each need it answers, the first 64 needs and the others.
    needs_low: NDArray[np.uint64]
    needs_high: NDArray[np.uint64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Postings:
    """Positions by pair of words: sorted pairs, and where the positions of each begin."""

    pairs: NDArray[np.uint32]
    starts: Positions
    positions: Positions

    @classmethod
    def of(cls, found: Mapping[int, "array[int]"]) -> Self:
        """Pack the positions gathered by pair."""
        pairs = np.array(sorted(found), dtype=np.uint32)
        starts = np.zeros(len(pairs) + 1, dtype=np.uint32)
        starts[1:] = np.cumsum([len(found[int(pair)]) for pair in pairs])
        lists = [np.frombuffer(found[int(pair)], dtype=np.uint32) for pair in pairs]
        return cls(pairs=pairs, starts=starts, positions=np.concatenate(lists) if lists else _NONE)

    def at(self, pair: int) -> Positions:
        """The positions of one pair, in order."""
        row = int(np.searchsorted(self.pairs, np.uint32(pair)))
        if row == len(self.pairs) or int(self.pairs[row]) != pair:
            return _NONE
        return self.positions[self.starts[row] : self.starts[row + 1]]


class Index:
    """Finds positions by need and zone; knows the id at each position."""

    def __init__(
        self,
        *,
        words: Mapping[str, Sequence[str]],
        columns: Columns,
        by_zone: Postings,
        by_departement: Postings,
        ids: bytes,
        id_ends: Positions,
    ) -> None:
        self._words = {kind: {word: number for number, word in enumerate(known)} for kind, known in words.items()}
        self.columns = columns
        self._by_zone, self._by_departement = by_zone, by_departement
        self._ids, self._id_ends = ids, id_ends
        self._day: tuple[Hashable, Any] = (None, None)

    @classmethod
    def of(cls, offers: Iterable[Offer]) -> Self:
        """Index offers that come sorted by id."""
        builder = IndexBuilder()
        for offer in offers:
            builder.add(offer)
        return cls(**builder.parts())

    def __len__(self) -> int:
        return len(self._id_ends)

    def found(self, need: str, zones: Iterable[str]) -> Positions:
        """Positions of what answers a need in at least one of these zones, each once, in order."""
        lists = [found for zone in zones if len(found := self._at(self._by_zone, need, zone))]
        if len(lists) < 2:
            return lists[0] if lists else _NONE
        return np.unique(np.concatenate(lists))

    def found_in_departement(self, need: str, departement: str) -> Positions:
        """Positions of the local services that answer a need and stand in, or serve, a département."""
        return self._at(self._by_departement, need, departement)

    @property
    def needs(self) -> Iterable[str]:
        """Every need that an offer answers."""
        return self._words["needs"]

    def numbers(self, kind: str, words: Iterable[str]) -> list[int]:
        """The numbers in the columns of those words (needs, sources, publics) that some offer has."""
        known = self._words[kind]
        return [known[word] for word in words if word in known]

    def for_the_day(self, key: Hashable, work_out: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """A column worked out once and kept until another key is asked for."""
        kept = self._day
        if kept[0] != key:
            kept = self._day = (key, work_out())
        column: NDArray[Any] = kept[1]
        return column

    def id_at(self, position: int) -> str:
        """The id of an offer."""
        start = int(self._id_ends[position - 1]) if position else 0
        return self._ids[start : int(self._id_ends[position])].decode()

    def position_of(self, offer_id: str) -> int | None:
        """The position of an id, by halving: ids are sorted."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.id_at(middle) < offer_id:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and self.id_at(low) == offer_id else None

    # --- in a file -----------------------------------------------------------------------------------------------

    def sections(self) -> dict[str, bytes]:
        """The index as named bytes, the same for the same offers."""
        words = {kind: list(known) for kind, known in self._words.items()}
        sections = {
            "words": json.dumps(words, ensure_ascii=False).encode(),
            "ids": self._ids,
            "id_ends": _bytes(self._id_ends),
        }
        for column in fields(Columns):
            sections[f"column.{column.name}"] = _bytes(getattr(self.columns, column.name))
        for name, postings in (("zone", self._by_zone), ("departement", self._by_departement)):
            for part in fields(Postings):
                sections[f"{name}.{part.name}"] = _bytes(getattr(postings, part.name))
        return sections

    @classmethod
    def from_sections(cls, sections: Mapping[str, bytes]) -> Self:
        """Read back what `sections` gave; raises KeyError or ValueError when something is missing."""
        columns = {name: _numbers(sections[f"column.{name}"], kind) for name, kind in _KINDS.items()}
        id_ends = _numbers(sections["id_ends"], np.uint32)
        if any(len(column) != len(id_ends) for column in columns.values()):
            raise ValueError("columns of different lengths")
        return cls(
            words=json.loads(sections["words"]),
            columns=Columns(**columns),
            by_zone=_postings(sections, "zone"),
            by_departement=_postings(sections, "departement"),
            ids=sections["ids"],
            id_ends=id_ends,
        )

    def _at(self, postings: Postings, need: str, zone: str) -> Positions:
        of_need, of_zone = self._words["needs"].get(need), self._words["zones"].get(zone)
        return _NONE if of_need is None or of_zone is None else postings.at(_pair(of_need, of_zone))


class IndexBuilder:
    """Gathers the index, one offer after the other in the order of their ids."""

    def __init__(self) -> None:
        self.words = {kind: _Words() for kind in ("needs", "zones", "sources", "publics")}
        self._by_zone: dict[int, array[int]] = defaultdict(_positions)
        self._by_departement: dict[int, array[int]] = defaultdict(_positions)
        self._ids = bytearray()
        self._id_ends = _positions()
        self._columns: dict[str, array[Any]] = {name: array(_ARRAYS[kind]) for name, kind in _KINDS.items()}

    def add(self, offer: Offer) -> None:
        """Index the next offer."""
        position = len(self._id_ends)
        self._ids += offer.id.encode()
        self._id_ends.append(len(self._ids))
        needs = [self.words["needs"].of(need) for need in dict.fromkeys(offer.thematiques)]
        self._add_columns(offer, needs)
        for need in [*needs, self.words["needs"].of(FIRST_LINE)] if _is_first_line(offer) else needs:
            for zone in _zones(offer):
                self._by_zone[_pair(need, self.words["zones"].of(zone))].append(position)
            for departement in _departements(offer):
                self._by_departement[_pair(need, self.words["zones"].of(departement))].append(position)

    def parts(self) -> dict[str, Any]:
        """What an Index is made of."""
        return {
            "words": {kind: list(words) for kind, words in self.words.items()},
            "columns": Columns(**{name: np.frombuffer(self._columns[name], kind) for name, kind in _KINDS.items()}),
            "by_zone": Postings.of(self._by_zone),
            "by_departement": Postings.of(self._by_departement),
            "ids": bytes(self._ids),
            "id_ends": np.frombuffer(self._id_ends, dtype=np.uint32),
        }

    def _add_columns(self, offer: Offer, needs: Sequence[int]) -> None:
        row = {
            "latitude": float("nan") if offer.latitude is None else offer.latitude,
            "longitude": float("nan") if offer.longitude is None else offer.longitude,
            "rank": offer.rank,
            "traits": int(_traits(offer)),
            "quality": math.ceil((offer.quality or 0) * 100),
            "seen": max((day.toordinal() for day in (offer.updated_on, offer.complement.checked_on) if day), default=0),
            "source": self.words["sources"].of(offer.source),
            "publics": sum(1 << self.words["publics"].of(public) for public in sorted(offer.publics or ())),
            "desk": desk_order(offer.networks),
            "main_need": needs[0] if needs else 255,
            "needs_low": sum(1 << need for need in needs if need < 64),
            "needs_high": sum(1 << (need - 64) for need in needs if need >= 64),
        }
        for name, value in row.items():
            self._columns[name].append(value)


class _Words(dict[str, int]):
    """Words numbered in the order in which they come."""

    def of(self, word: str) -> int:
        return self.setdefault(word, len(self))


def desk_order(networks: Iterable[str]) -> int:
    """A CCAS or a maison des solidarités can prescribe, France services mostly cannot; 255 for what is no desk."""
    return min((FIRST_LINE_NETWORKS.index(name) for name in networks if name in FIRST_LINE_NETWORKS), default=255)


#: Type of each column, and how Python's own arrays call it.
_KINDS: Mapping[str, Any] = {
    "latitude": np.float32,
    "longitude": np.float32,
    "rank": np.uint8,
    "traits": np.uint32,
    "quality": np.uint8,
    "seen": np.uint32,
    "source": np.uint16,
    "publics": np.uint32,
    "desk": np.uint8,
    "main_need": np.uint8,
    "needs_low": np.uint64,
    "needs_high": np.uint64,
}
_ARRAYS: Mapping[Any, str] = {np.float32: "f", np.uint8: "B", np.uint16: "H", np.uint32: "I", np.uint64: "Q"}


def _positions() -> "array[int]":
    return array("I")


def _pair(need: int, zone: int) -> int:
    # 20 bits hold every zone of France thirty times; 12 bits every need.
    return need << 20 | zone


def _zones(offer: Offer) -> Sequence[str]:
    if offer.national:
        return (EVERYWHERE,)
    return (ANYWHERE,) if offer.zone is None else sorted(offer.zone)


def _departements(offer: Offer) -> Sequence[str]:
    if offer.national:
        return ()
    served = {code for code in offer.zone or () if len(code) in {2, 3}}
    return sorted(served | ({offer.departement} if offer.departement else set()))


def _is_first_line(offer: Offer) -> bool:
    everyone = offer.publics is None or "tous-publics" in offer.publics
    return everyone and not offer.professional_only and bool(offer.networks & set(FIRST_LINE_NETWORKS))


def _traits(offer: Offer) -> Trait:
    complement = offer.complement
    known = {
        Trait.REMOTE: offer.remote,
        Trait.ON_SITE: offer.on_site,
        Trait.FREE: bool(offer.free),
        Trait.PROFESSIONAL_ONLY: offer.professional_only,
        Trait.OPEN_TO_ALL: offer.open_to_all,
        Trait.PUBLICS_SAID: offer.publics is not None,
        Trait.ZONE_SAID: offer.zone is not None,
        Trait.FOR_AN_AGE: offer.for_an_age,
        Trait.SPEAKS: bool(complement.languages),
        Trait.HOURS: offer.hours is not None,
        Trait.CAPACITY_YES: complement.capacity is Capacity.YES,
        Trait.CAPACITY_WAITING: complement.capacity is Capacity.WAITING,
        Trait.CAPACITY_NO: complement.capacity is Capacity.NO,
        Trait.FOR_WHOM: bool(complement.for_whom),
        Trait.PREFERENTIAL: complement.welcome is Welcome.PREFERENTIAL,
        Trait.GIVES_ADDRESS: offer.gives_address,
    }
    return Trait(sum(trait for trait, holds in known.items() if holds))


def _bytes(numbers: NDArray[Any]) -> bytes:
    return numbers.astype(numbers.dtype.newbyteorder("<"), copy=False).tobytes()


def _numbers(section: bytes, kind: Any) -> NDArray[Any]:
    return np.frombuffer(section, dtype=np.dtype(kind).newbyteorder("<"))


def _postings(sections: Mapping[str, bytes], name: str) -> Postings:
    return Postings(**{part.name: _numbers(sections[f"{name}.{part.name}"], np.uint32) for part in fields(Postings)})
