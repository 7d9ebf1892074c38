"""From the rows that were kept to the offers of one catalogue: the coordinator's word over them, each service once."""

import heapq
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import from_json

from orientation_catalogue.checks import Problem
from orientation_catalogue.duplicates import merge_duplicates
from orientation_catalogue.intake import Intake, Judge, Kept
from orientation_catalogue.model import Complement, Offer
from orientation_catalogue.offers import offer_of_card, offer_of_service
from orientation_catalogue.sources.reading import Kind, Read, Row
from orientation_catalogue.supplement import Supplement

#: What a report calls the rows that the coordinator wrote.
SUPPLEMENT = "supplement"

#: What tells two rows of one service apart (duplicates.py): whole rows would not stand in memory together.
_TWIN = {"service": ("nom", "code_insee", "telephone"), "structure": ("nom", "code_insee", "telephone", "siret")}
_NOTHING_MORE = Complement()

_Found = Iterator[tuple[str, tuple[Offer, Row]]]


class Compiling:
    """One compilation. `read` first, then `offers` and `rows`."""

    def __init__(self, intake: Intake, judge: Judge, supplement: Supplement) -> None:
        self._intake = intake
        self._judge = judge
        self._supplement = supplement
        #: Whole rows that are not as the sources wrote them.
        self._changed: dict[str, Row] = {}
        self._local: dict[str, Row] = {}
        self.offers: Mapping[str, Offer] = {}
        self.merged = 0

    def read(self) -> None:
        """Make the offers, each service once."""
        found = dict(self._found())
        once = merge_duplicates(found)
        self.merged = len(found) - len(once)
        self.offers = {offer_id: once[offer_id][0] for offer_id in sorted(once)}

    def rows(self) -> Iterator[tuple[Offer, Row]]:
        """Each offer with its whole rows, by id."""
        details = self._details()
        for offer_id, offer in self.offers.items():
            # Both are sorted: one step beside the other, no index.
            yield offer, next(detail for found, detail in details if found == offer_id)

    def _found(self) -> _Found:
        for kept in self._intake.services():
            yield from self._service(kept)
        yield from self._added()
        for read in self._intake.cards():
            yield from self._card(read)
        for read in self._intake.complements_of_nobody():
            if read.value["id"] not in self._local:
                self._refuse(read, "id", read.value["id"], "no service has this id")

    def _service(self, kept: Kept) -> _Found:
        source = from_json(kept.service)
        if self._supplement.withdraws(source):
            return
        if kept.structure is None:
            read = Read(file=kept.file, row=kept.row, value=source)
            self._refuse(read, "structure_id", source["structure_id"], "no such structure was kept")
            return
        service = self._corrected(source)
        complement = Complement.of(from_json(kept.complement)) if kept.complement else _NOTHING_MORE
        yield self._offer(service, from_json(kept.structure), complement)

    def _corrected(self, source: Row) -> Row:
        """The row with the coordinator's corrections, if it is still a good row with them."""
        said = self._supplement.corrected(source)
        if said is source:
            return source
        service = _without_gaps(said)
        if not self._accepts("service", 0, service):
            return source
        values = self._supplement.source_values(source)
        self._changed[source["id"]] = {"service": service, "source_values": values} if values else {"service": service}
        return service

    def _added(self) -> _Found:
        """The services that the coordinator added, validated like any other."""
        structures = {}
        for number, given in enumerate(self._supplement.structures, start=1):
            row = _without_gaps(given)
            if self._accepts("structure", number, row):
                structures[row["id"]] = row
        for number, given in enumerate(self._supplement.services, start=1):
            row = _without_gaps(given)
            if self._supplement.withdraws(row) or not self._accepts("service", number, row):
                continue
            structure = structures.get(row["structure_id"]) or self._intake.structure(row["structure_id"])
            if structure is None:
                read = Read(file=SUPPLEMENT, row=number, value=row)
                self._refuse(read, "structure_id", row["structure_id"], "no such structure was kept")
                continue
            self._local[row["id"]] = {"service": row, "structure": structure}
            yield self._offer(row, structure, self._intake.complement(row["id"]))

    def _offer(self, service: Row, structure: Row, source: Complement) -> tuple[str, tuple[Offer, Row]]:
        try:
            complement = self._supplement.complemented(service["id"], source)
        except ValueError as error:
            name, _, reason = str(error).partition(": ")
            self._refuse(Read(file=SUPPLEMENT, row=0, value=service, kind="complement"), name, None, reason)
            complement = source
        offer = offer_of_service(service, structure, complement, self._judge.places)
        told = {"service": service, "structure": structure}
        return offer.id, (
            offer,
            {part: {name: told[part].get(name) for name in names} for part, names in _TWIN.items()},
        )

    def _card(self, read: Read) -> _Found:
        try:
            offer = offer_of_card(read.value)
        except (KeyError, TypeError, ValueError) as error:
            name, _, problem = str(error).strip("'").partition(": ")
            self._refuse(read, name, read.value.get(name), problem or "missing or unreadable")
            return
        yield offer.id, (offer, {})

    def _details(self) -> Iterator[tuple[str, Row]]:
        """The whole rows of everything, by id."""
        cards = ((str(read.value["id"]), {"card": read.value}) for read in self._intake.cards())
        added = sorted(self._local.items())
        return heapq.merge(self._rows_of_services(), cards, added, key=lambda one: one[0])

    def _rows_of_services(self) -> Iterator[tuple[str, Row]]:
        for kept in self._intake.services():
            if kept.structure is not None:
                told = self._changed.get(kept.id) or {"service": from_json(kept.service)}
                yield kept.id, {**told, "structure": from_json(kept.structure)}

    def _accepts(self, kind: Kind, number: int, row: Row) -> bool:
        problems = self._judge.problems(kind, row)
        for problem in problems:
            self._intake.refuse(Read(file=SUPPLEMENT, row=number, value=row, kind=kind), problem)
        return not problems

    def _refuse(self, read: Read, field: str, value: Any, reason: str) -> None:
        self._intake.refuse(read, Problem(field=field, value=value, reason=reason))


def _without_gaps(row: Row) -> Row:
    """What a row does not say is not written."""
    return {name: value for name, value in row.items() if value is not None}
