"""The same service, told by two sources, becomes one offer; better two cards of one service than one service lost.

Two rows are one service when they come from different sources, stand in the same commune, answer a common need, have
nearly the same name, and the same SIRET, the same phone or the same name of structure.
"""

import datetime
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz

from orientation_catalogue.model import Complement, Offer
from orientation_catalogue.territory.names import spaced

Row = dict[str, Any]
#: An offer with its whole rows: {service, structure} or {card}.
Found = tuple[Offer, Row]

#: How alike two names of services must be, out of 100, the order of their words aside.
ALIKE = 85

#: A shorter number is a national line, that thousands of services share.
_WHOLE_NUMBER = 9


@dataclass(frozen=True, kw_only=True, slots=True)
class _Told:
    """One service as a source tells it."""

    offer: Offer
    detail: Row
    commune: str
    name: str

    @property
    def order(self) -> tuple[bool, bool, float, int, str]:
        """The row to keep first: the secret address, what somebody here completed, then quality, date, id.

        A secret address must win: the other row would tell it.
        """
        offer = self.offer
        updated = offer.updated_on or datetime.date.min
        return (
            not offer.complement.confidential_address,
            offer.complement == Complement(),
            -(offer.quality or 0.0),
            -updated.toordinal(),
            offer.id,
        )


def merge_duplicates(found: Mapping[str, Found]) -> dict[str, Found]:
    """Keep the best row of each service, completed by the others and naming them in `merges`."""
    told = sorted((one for one in map(_told, found.values()) if one), key=lambda one: one.order)
    twins: dict[str, list[_Told]] = defaultdict(list)
    kept: dict[tuple[str, str, str], list[_Told]] = defaultdict(list)
    left: set[str] = set()
    for one in told:
        keys = list(_keys(one))
        first = next((other for key in keys for other in kept[key] if _same(one, other, twins[other.offer.id])), None)
        if first is None:
            for key in keys:
                kept[key].append(one)
        else:
            twins[first.offer.id].append(one)
            left.add(one.offer.id)
    return {
        offer_id: (_completed(offer, twins[offer_id]), detail) if twins.get(offer_id) else (offer, detail)
        for offer_id, (offer, detail) in found.items()
        if offer_id not in left
    }


def _told(found: Found) -> _Told | None:
    offer, detail = found
    if offer.national:
        return None
    service, structure = detail["service"], detail["structure"]
    commune = offer.commune or service.get("code_insee") or structure.get("code_insee")
    if not commune:
        return None
    return _Told(offer=offer, detail=detail, commune=commune, name=spaced(service["nom"]))


def _keys(one: _Told) -> Iterator[tuple[str, str, str]]:
    """What may tell that two rows are one place, the surest first."""
    service, structure = one.detail["service"], one.detail["structure"]
    if structure.get("siret"):
        yield ("siret", structure["siret"], one.commune)
    phone = _digits(service.get("telephone") or structure.get("telephone") or "")
    if len(phone) == _WHOLE_NUMBER:
        yield ("phone", phone, one.commune)
    yield ("name", spaced(structure["nom"]), one.commune)


def _digits(phone: str) -> str:
    """The nine digits after the 0 or the +33, the same however it is written."""
    return re.sub(r"^(?:0033|33|0)0?", "", re.sub(r"\D", "", phone))


def _same(one: _Told, other: _Told, already: list[_Told]) -> bool:
    """Whether both rows tell one service; a source never tells one twice, so its rows are two services."""
    sources = {twin.offer.source for twin in (other, *already)}
    return (
        one.offer.source not in sources
        and not set(one.offer.thematiques).isdisjoint(other.offer.thematiques)
        and fuzz.token_sort_ratio(one.name, other.name) >= ALIKE
    )


def _completed(best: Offer, twins: list[_Told]) -> Offer:
    """The best row, with what it does not say taken from the next best that does."""
    needs = dict.fromkeys(need for offer in (best, *(twin.offer for twin in twins)) for need in offer.thematiques)
    told: dict[str, Any] = {}
    for name in ("publics", "zone", "mobilised_by", "hours", "free"):
        if getattr(best, name) is None:
            told[name] = next((v for twin in twins if (v := getattr(twin.offer, name)) is not None), None)
    return replace(best, thematiques=tuple(needs), merges=tuple(sorted(twin.offer.id for twin in twins)), **told)
