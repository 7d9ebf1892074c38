"""The register of a territory: its dispositifs searched, and one of them whole, with where each value comes from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.freshness import last_seen, source_of
from orientation_catalogue.model import Capacity, Closure, Offer, complement_json
from orientation_catalogue.supplement import LOCAL_SOURCE
from orientation_catalogue.territory.places import Places
from passerelle.foundation.errors import NotFound
from passerelle.foundation.text import fold
from passerelle.portal.coordinator.changes import OF_THE_CATALOGUE, Change, Changes
from passerelle.portal.coordinator.fields import BY_NAME, FIELDS, Field, value_of

#: Dispositifs on one page of results.
PAGE = 25

Origin = Literal["source", "structure", "correction", "complement", "local", "nobody"]


class NoSuchService(NotFound):
    """The register of this territory has no such dispositif."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One dispositif among the results."""

    id: str
    name: str
    structure: str
    commune: str
    source: str
    seen_on: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """One page of what was found."""

    total: int
    page: int
    listed: tuple[Listed, ...]

    @property
    def pages(self) -> int:
        """How many pages there are; one at least."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One field of a dispositif."""

    field: Field
    #: In French words, empty when nobody says it.
    shown: str
    origin: Origin
    #: The correction that gives it, if any.
    change: Change | None
    #: What the next version will say instead, when a change waits.
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One dispositif whole."""

    id: str
    name: str
    structure: str
    source: str
    updated_on: date | None
    checked_on: date | None
    closures: tuple[Closure, ...]
    merges: tuple[str, ...]
    lines: tuple[Line, ...]
    #: Added by a coordinator and in no version yet.
    is_new: bool
    #: The change that takes it out of the next version, if any.
    withdrawn: Change | None
    service: dict[str, Any]
    structure_row: dict[str, Any]
    complement: dict[str, Any]

    def value(self, name: str) -> Any:
        """What it says in a field today, changes that wait included."""
        field = BY_NAME[name]
        return value_of(field, self.service, self.complement)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    listed: Listed
    #: Folded, to search in.
    words: str
    needs: frozenset[str]
    communes: frozenset[str]
    zones: frozenset[str]


class Register:
    """The dispositifs of one département, in the catalogue in force."""

    def __init__(
        self, *, catalogue: Callable[[], Catalogue], places: Places, departement: str, changes: Changes
    ) -> None:
        self._catalogue = catalogue
        self.places = places
        self.departement = departement
        self._changes = changes
        self._entries: tuple[str, Sequence[_Entry]] | None = None

    def groups(self) -> tuple[tuple[str, str], ...]:
        """The intercommunalités of the département: (code, name), by name."""
        codes = {self.places.commune(code).epci for code in self.places.codes_of_departement(self.departement)}
        return tuple(sorted(((code, self.places.epci[code]) for code in codes if code), key=lambda pair: pair[1]))

    def offers(self) -> list[Offer]:
        """The local dispositifs of the département."""
        catalogue = self._catalogue()
        return [catalogue.offers[entry.listed.id] for entry in self._indexed()]

    def search(self, *, words: str = "", need: str = "", commune: str = "", epci: str = "", page: int = 1) -> Results:
        """What matches every criterion given; none given lists everything, by name."""
        wanted = fold(words).split()
        found = [
            entry.listed
            for entry in self._indexed()
            if all(word in entry.words for word in wanted)
            and (not need or need in entry.needs)
            and (not commune or commune in entry.communes or self._serves(entry, commune))
            and (not epci or self._is_of(entry, epci))
        ]
        results = Results(total=len(found), page=1, listed=())
        shown = min(max(1, page), results.pages)
        return Results(total=len(found), page=shown, listed=tuple(found[(shown - 1) * PAGE : shown * PAGE]))

    def known(self) -> Mapping[str, Offer]:
        """Every offer of the catalogue in force, by id."""
        return self._catalogue().offers

    def holds(self, service_id: str) -> bool:
        """Whether it has a sheet here: a national card has none, the programme itself tells it."""
        offer = self.known().get(service_id)
        return offer is not None and not offer.national

    def name(self, service_id: str) -> str:
        """The name of a dispositif, else its id: an old change may speak of one that left."""
        offer = self._catalogue().offers.get(service_id)
        return offer.name["fr"] if offer else service_id

    def sheet(self, service_id: str) -> Sheet:
        """One dispositif whole. Raises NoSuchService."""
        changes = [one for one in self._changes.live(OF_THE_CATALOGUE) if one.target == service_id]
        catalogue = self._catalogue()
        offer = catalogue.offers.get(service_id)
        if offer is None or offer.national:
            return self._new_sheet(service_id, changes)
        detail = catalogue.detail(service_id)
        said = complement_json(offer.complement)
        return self._sheet(service_id, detail["service"], detail["structure"], said, changes, offer=offer)

    def _new_sheet(self, service_id: str, changes: Sequence[Change]) -> Sheet:
        added = next((change.value for change in changes if change.kind == "add"), None)
        if added is None:
            raise NoSuchService
        return self._sheet(service_id, added["service"], added["structure"], {}, changes, offer=None)

    def _sheet(
        self,
        service_id: str,
        service: Mapping[str, Any],
        structure: Mapping[str, Any],
        complement: Mapping[str, Any],
        changes: Sequence[Change],
        *,
        offer: Offer | None,
    ) -> Sheet:
        corrections = {change.field: change for change in changes if change.kind in {"correct", "complement"}}
        row, more = dict(service), dict(complement)
        lines = tuple(self._line(field, row, dict(structure), more, corrections.get(field.name)) for field in FIELDS)
        for change in corrections.values():
            _put(row if change.kind == "correct" else more, change.field, change.value)
        return Sheet(
            id=service_id,
            name=str(row["nom"]),
            structure=str(structure["nom"]),
            source=source_of(offer) if offer else LOCAL_SOURCE,
            updated_on=offer.updated_on if offer else None,
            checked_on=offer.complement.checked_on if offer else None,
            closures=offer.complement.closures if offer else (),
            merges=offer.merges if offer else (),
            lines=lines,
            is_new=offer is None,
            withdrawn=next((change for change in changes if change.kind == "withdraw"), None),
            service=row,
            structure_row=dict(structure),
            complement=more,
        )

    def _line(
        self,
        field: Field,
        service: dict[str, Any],
        structure: dict[str, Any],
        complement: Mapping[str, Any],
        change: Change | None,
    ) -> Line:
        value = value_of(field, service, complement)
        origin: Origin = "nobody"
        if value not in (None, "", [], ()):
            local = service.get("source") == LOCAL_SOURCE
            origin = "complement" if field.of == "complement" else "local" if local else "source"
        elif field.of == "service" and structure.get(field.name) and field.name not in {"nom", "description"}:
            value, origin = structure[field.name], "structure"
        in_force = change is not None and _same(value, change.value)
        return Line(
            field=field,
            shown=field.show(value),
            origin="correction" if in_force else origin,
            change=change,
            next=None if change is None or in_force else field.show(change.value),
        )

    def _indexed(self) -> Sequence[_Entry]:
        catalogue = self._catalogue()
        if self._entries is None or self._entries[0] != catalogue.sha256:
            ids = {
                offer_id
                for need in catalogue.thematiques()
                for offer_id in catalogue.ids_of_departement(need, self.departement)
            }
            entries = (self._entry(catalogue, offer_id) for offer_id in ids)
            ordered = sorted(entries, key=lambda entry: (fold(entry.listed.name), entry.listed.id))
            self._entries = (catalogue.sha256, ordered)
        return self._entries[1]

    def _entry(self, catalogue: Catalogue, offer_id: str) -> _Entry:
        offer, detail = catalogue.offers[offer_id], catalogue.detail(offer_id)
        structure = str((detail.get("structure") or {}).get("nom") or "")
        service = detail.get("service") or {}
        commune = self.places.name(offer.commune) if offer.commune else str(service.get("commune") or "")
        listed = Listed(
            id=offer.id,
            name=offer.name["fr"],
            structure=structure,
            commune=commune,
            source=source_of(offer),
            seen_on=last_seen(offer),
        )
        return _Entry(
            listed=listed,
            words=fold(" ".join((listed.name, structure, commune, str(service.get("description") or ""), offer.id))),
            needs=frozenset(offer.thematiques),
            communes=frozenset({offer.commune} if offer.commune else ()),
            zones=offer.zone or frozenset(),
        )

    def _serves(self, entry: _Entry, commune: str) -> bool:
        return bool(entry.zones & (self.places.commune(commune).zone_codes - {"france", "99100"}))

    def _is_of(self, entry: _Entry, epci: str) -> bool:
        """It stands in the intercommunalité, or names it, or one of its communes, as its zone."""
        near = entry.communes | {code for code in entry.zones if len(code) == 5}
        return epci in entry.zones or any(
            self.places.knows_zone(code) and not code.startswith("99") and self.places.commune(code).epci == epci
            for code in near
        )


def _put(row: dict[str, Any], name: str, value: Any) -> None:
    """Write a change over what is in force."""
    head, _, part = name.partition(".")
    row[head] = {**(row.get(head) or {}), part: value} if part else value


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return sorted(map(str, one)) == sorted(map(str, other))
    return one == other or (_says_nothing(one) and _says_nothing(other))


def _says_nothing(value: Any) -> bool:
    """What a complement does not write: the same as never said."""
    return value is None or value is False or value in ("", [], Capacity.UNKNOWN)
