"""What the catalogue offers to a professional who asks for somebody never named: who may ask for each, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.eligibility import Reason
from orientation_catalogue.matching import Matching, Proposal, match
from orientation_catalogue.model import Offer
from orientation_catalogue.orient import sentence_key
from orientation_catalogue.profile import Profile
from orientation_catalogue.territory.places import Places
from passerelle.foundation.texts import Texts
from passerelle.orientation.orient import how_to_reach, phone_of, say_key

#: These pages are for professionals of France (DESIGN §7).
LANGUAGE = "fr"

#: Why something was set aside, the most useful to know first; what serves another commune would make a long list.
_ASIDE_ORDER = ("closed", "no_capacity", "public", "age", "too_far", "others_first", "local_first", "out_of_zone")

WhoAsks = Literal["anyone", "professional", "person", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One dispositif, as a professional reads it."""

    service_id: str
    name: str
    #: Number to call, or empty.
    phone: str
    #: How to reach it when there is no number.
    how: str
    #: Thematiques it answers, of those asked.
    needs: tuple[str, ...]
    #: Who may ask for it.
    asked_by: WhoAsks
    reasons: tuple[str, ...]
    #: What to check before sending somebody there.
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Resources:
    """The answer of the catalogue."""

    found: tuple[Resource, ...]
    #: (name, why) of what is known and not proposed.
    set_aside: tuple[tuple[str, str], ...]


def find_resources(
    needs: tuple[str, ...],
    commune: str | None,
    *,
    catalogue: Catalogue,
    places: Places,
    texts: Texts,
    at: datetime,
    publics: frozenset[str] = frozenset(),
) -> Resources:
    """Match needs and a commune with the catalogue in force, for a professional."""
    profile = Profile(commune=commune, needs=needs, publics=publics, at=at, language=LANGUAGE, role="professional")
    matching = match(catalogue, profile, places=places)
    return Resources(
        found=tuple(_resource(proposal, catalogue, texts) for proposal in matching.proposals),
        set_aside=tuple(_set_aside(matching, catalogue, texts)),
    )


def _resource(proposal: Proposal, catalogue: Catalogue, texts: Texts) -> Resource:
    detail = catalogue.detail(proposal.service_id)
    reasons = (reason for reason in proposal.reasons if reason.code != "need")
    return Resource(
        service_id=proposal.service_id,
        name=proposal.name["fr"],
        phone=phone_of(detail),
        how=how_to_reach(detail, LANGUAGE),
        needs=proposal.needs,
        asked_by=_who_asks(catalogue.offers[proposal.service_id]),
        reasons=tuple(_sentence("reason", reason, texts) for reason in reasons),
        missing=tuple(_sentence("missing", fact, texts) for fact in proposal.missing),
    )


def _who_asks(offer: Offer) -> WhoAsks:
    if not offer.mobilised_by:
        return "unknown"
    if offer.professional_only:
        return "professional"
    return "anyone" if "professionnels" in offer.mobilised_by else "person"


def _set_aside(matching: Matching, catalogue: Catalogue, texts: Texts) -> Iterable[tuple[str, str]]:
    listed = [(aside.reasons[0], catalogue.offers[aside.service_id].name["fr"]) for aside in matching.set_aside]
    for reason, name in sorted(listed, key=lambda one: (_rank(one[0].code), one[1])):
        yield name, _sentence("aside", reason, texts)


def _rank(code: str) -> int:
    return _ASIDE_ORDER.index(code) if code in _ASIDE_ORDER else len(_ASIDE_ORDER)


def _sentence(kind: str, reason: Reason, texts: Texts) -> str:
    """The sentence for a professional, where the one said to a person would not do."""
    key = sentence_key(kind, reason)
    if texts.has(f"pro.{key}", LANGUAGE):
        key = f"pro.{key}"
    return say_key(key, reason, texts, language=LANGUAGE)
