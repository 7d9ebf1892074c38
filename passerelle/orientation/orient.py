"""Dossier × catalogue → the level and the dispositifs, each with its reasons. A snapshot is kept of what was named."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.eligibility import Reason
from orientation_catalogue.matching import Gap, Matching, Proposal, match
from orientation_catalogue.orient import comma, sentence_key, shown_values
from orientation_catalogue.profile import Profile
from orientation_catalogue.territory.places import Places
from passerelle.dossier.dossier import Dossier
from passerelle.foundation.database import table_of
from passerelle.foundation.texts import Form, Texts
from passerelle.orientation.gaps import count_gaps
from passerelle.orientation.tables import OrientationRow
from passerelle.screening.next_question import FOR_ANOTHER
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import Decision, RuleSet
from passerelle.screening.situation import Need, Situation, read_situation
from passerelle.screening.told import OTHER_AGE, Told

_orientations = table_of(OrientationRow)

#: Ages that the answers to P2 stand for, in years; matching needs one number.
_AGES = {"under_15": 14, "15_17": 16, "18_25": 22, "26_59": 40, "60_or_over": 65}

#: The answer to Q03 of a person with no address for letters.
_NO_ADDRESS = ("Q03", "no")

#: A deadline this near puts a need before the others.
_URGENT_DAYS = 7

#: How many sentences are said of a dispositif where there is room.
_SENTENCES = {"sms": 1, "web": 2}

#: Reasons that help a person choose, the most telling first; the first one found is said on a small screen.
_TELLING = (
    "closed_until",
    "capacity_no",
    "prescriber",
    "address_first",
    "open_now",
    "opens_next",
    "remote",
    "distance",
    "free",
    "in_zone",
    "national",
    "everyone",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposed:
    """One dispositif as it is said to the person."""

    service_id: str
    name: str
    #: Number to call, or empty.
    phone: str
    #: How to reach it when there is no number.
    how: str
    #: The most telling reasons, as one text; what is still to check comes last.
    reason: str
    #: Every reason, as sentences.
    reasons: tuple[str, ...]
    #: Facts to check before being sure, as sentences.
    to_check: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAsideService:
    """A known dispositif that is not proposed: its name in French, and why, as codes (`aside.<code>`)."""

    service_id: str
    name: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Oriented:
    """The decision and what it led to."""

    decision: Decision
    #: What the catalogue was asked.
    profile: Profile
    #: Why this level, in one sentence of the person's language.
    sentence: str
    #: Thematiques of the wanted needs, the heaviest first.
    needs: tuple[str, ...]
    proposals: tuple[Proposed, ...]
    catalogue: str
    #: Hash of the weights that ordered the proposals.
    weights: str
    commune: str
    set_aside: tuple[SetAsideService, ...]
    #: Needs that nobody near answers.
    gaps: tuple[Gap, ...]
    #: Where to go when nothing is proposed, as a sentence.
    next_door: str


def orient(
    dossier: Dossier,
    *,
    questionnaire: Questionnaire,
    ruleset: RuleSet,
    catalogue: Catalogue,
    places: Places,
    texts: Texts,
    language: str,
    at: datetime,
    role: str,
    form: Form = "web",
) -> Oriented:
    """Grade the dossier and match it with the catalogue in force."""
    situation = read_situation(dossier.told, questionnaire)
    decision = ruleset.decide(situation)
    needs = tuple(need.thematique for need in _wanted(situation))
    profile = _profile(dossier, situation, needs, decision.level, language, at, role)
    matching = match(catalogue, profile, places=places)
    return Oriented(
        decision=decision,
        profile=profile,
        sentence=texts.say(decision.sentence_key, language=language),
        needs=needs,
        proposals=tuple(_proposed(proposal, catalogue, texts, language, form) for proposal in matching.proposals),
        catalogue=matching.catalogue,
        weights=matching.weights,
        commune=dossier.commune or "",
        set_aside=_set_aside(matching, catalogue),
        gaps=matching.gaps,
        next_door=texts.say("door.town_hall", language=language, form=form),
    )


def shortlister(
    dossier: Dossier,
    *,
    questionnaire: Questionnaire,
    ruleset: RuleSet,
    catalogue: Callable[[], Catalogue],
    places: Places,
    language: str,
    at: datetime,
    role: str,
) -> Callable[[Told], frozenset[str]]:
    """What would be proposed were this told, by id; what leads to the same profile is matched once."""
    matched: dict[Profile, frozenset[str]] = {}

    def shortlist(told: Told) -> frozenset[str]:
        situation = read_situation(told, questionnaire)
        needs = tuple(need.thematique for need in _wanted(situation))
        level = ruleset.decide(situation).level
        profile = _profile(replace(dossier, told=told), situation, needs, level, language, at, role)
        if profile not in matched:
            proposals = match(catalogue(), profile, places=places).proposals
            matched[profile] = frozenset(proposal.service_id for proposal in proposals)
        return matched[profile]

    return shortlist


def record_orientation(
    session: Session, conversation: str, oriented: Oriented, at: datetime, *, places: Places
) -> None:
    """Keep the trace of the decision and the snapshot of what was named; count the needs that nobody near answers."""
    counted = set(_last_trace(session, conversation).get("manques", ()))
    new = [gap for gap in oriented.gaps if gap.need not in counted]
    count_gaps(session, new, commune=oriented.commune, places=places, at=at)
    trace = oriented.decision.trace(sentence=oriented.sentence)
    trace["besoins"] = list(oriented.needs)
    trace["poids"] = oriented.weights
    # With the catalogue and the weights, enough to match again and find the same.
    trace["profil"] = oriented.profile.as_json()
    # Counted once for a conversation, however often it is oriented.
    trace["manques"] = sorted(counted | {gap.need for gap in oriented.gaps})
    trace["ecartes"] = [
        {"service": aside.service_id, "nom": aside.name, "raisons": list(aside.reasons)} for aside in oriented.set_aside
    ]
    session.add(
        OrientationRow(
            conversation=conversation,
            at=at,
            level=oriented.decision.level,
            commune=oriented.commune,
            trace=json.dumps(trace, ensure_ascii=False),
            proposals=json.dumps([asdict(proposed) for proposed in oriented.proposals], ensure_ascii=False),
            catalogue=oriented.catalogue,
        )
    )


def read_set_aside(session: Session, conversation: str) -> tuple[SetAsideService, ...]:
    """What was set aside when the conversation was last oriented."""
    return tuple(
        SetAsideService(service_id=aside["service"], name=aside["nom"], reasons=tuple(aside["raisons"]))
        for aside in _last_trace(session, conversation).get("ecartes", ())
        if "nom" in aside
    )


def _last_trace(session: Session, conversation: str) -> Mapping[str, Any]:
    """The trace of the last orientation of a conversation, empty before the first."""
    found = select(_orientations.c.trace).where(_orientations.c.conversation == conversation)
    trace = session.execute(found.order_by(_orientations.c.number.desc()).limit(1)).scalar()
    read: Mapping[str, Any] = json.loads(trace) if trace else {}
    return read


@dataclass(frozen=True, kw_only=True, slots=True)
class HumanReading:
    """The level a professional gave after reading the situation (R-90)."""

    level: str
    #: Recipient id, and what they are: first_line, referent, complex_situations.
    author: str
    role: str
    at: datetime
    #: Why, sealed with the conversation's key: it speaks of the person.
    sealed_reason: bytes


def record_human_reading(session: Session, conversation: str, reading: HumanReading) -> None:
    """Write it in the trace of the last decision, beside the computed level, which stays (screening.md §6.2)."""
    row = _last(session, conversation)
    if row is not None:
        human = {
            "niveau": reading.level,
            "motif": b64encode(reading.sealed_reason).decode(),
            "auteur": reading.author,
            "role": reading.role,
            "le": reading.at.isoformat(),
        }
        row.trace = json.dumps(json.loads(row.trace) | {"humain": human}, ensure_ascii=False)


def forget_human_reasons(session: Session, conversation: str) -> None:
    """The reason goes with the agreement; that a professional gave another level stays for the counts."""
    rows = session.execute(select(OrientationRow).where(_orientations.c.conversation == conversation)).scalars()
    for row in rows:
        trace = json.loads(row.trace)
        if trace.get("humain"):
            row.trace = json.dumps(trace | {"humain": trace["humain"] | {"motif": None}}, ensure_ascii=False)


def _last(session: Session, conversation: str) -> OrientationRow | None:
    found = select(OrientationRow).where(_orientations.c.conversation == conversation)
    row: OrientationRow | None = session.execute(found.order_by(_orientations.c.number.desc()).limit(1)).scalar()
    return row


def _wanted(situation: Situation) -> list[Need]:
    wanted = [need for need in situation.needs if need.wanted in {"yes", "later"}]
    return sorted(wanted, key=lambda need: (need.days_left is None, need.days_left or 0, -need.weight, need.thematique))


def _is_urgent(need: Need) -> bool:
    return need.days_left is not None and need.days_left <= _URGENT_DAYS


def _age_code(told: Told) -> str:
    """The age of whoever needs help, as an answer to P2."""
    return told.answers.get(OTHER_AGE if told.answers.get("P3") in FOR_ANOTHER else "P2", "")


def _profile(
    dossier: Dossier,
    situation: Situation,
    needs: tuple[str, ...],
    level: str,
    language: str,
    at: datetime,
    role: str,
) -> Profile:
    return Profile(
        commune=dossier.commune,
        needs=needs,
        urgent=frozenset(need.thematique for need in situation.needs if _is_urgent(need)) & frozenset(needs),
        no_address=dossier.told.answers.get(_NO_ADDRESS[0]) == _NO_ADDRESS[1],
        publics=frozenset({"familles"}) if "lives_with_children" in situation.signals else frozenset(),
        age=_AGES.get(_age_code(dossier.told)),
        level=level,
        language=language,
        at=at,
        role="partner" if role == "partner" else "resident",
    )


def _proposed(proposal: Proposal, catalogue: Catalogue, texts: Texts, language: str, form: Form) -> Proposed:
    detail = catalogue.detail(proposal.service_id)
    by_code = {reason.code: reason for reason in proposal.reasons}
    telling = [
        say_reason("reason", by_code[code], texts, language=language, form=form) for code in _TELLING if code in by_code
    ]
    said = telling[: _SENTENCES[form]]
    if proposal.missing:
        said.append(texts.say("missing.any", language=language, form=form))
    return Proposed(
        service_id=proposal.service_id,
        name=proposal.name.get(language) or proposal.name["fr"],
        phone=phone_of(detail),
        how=how_to_reach(detail, language),
        reason=(comma(language) if form == "sms" else " ").join(said),
        reasons=tuple(say_reason("reason", reason, texts, language=language) for reason in by_code.values()),
        to_check=tuple(say_reason("missing", fact, texts, language=language) for fact in proposal.missing),
        needs=proposal.needs,
    )


def say_reason(kind: str, reason: Reason, texts: Texts, *, language: str, form: Form = "web") -> str:
    """The sentence of a reason (`reason`), of a fact to check (`missing`) or of why not (`aside`)."""
    return say_key(sentence_key(kind, reason), reason, texts, language=language, form=form)


def say_key(key: str, reason: Reason, texts: Texts, *, language: str, form: Form = "web") -> str:
    """A sentence filled with the values of a reason, written for a reader of that language."""

    def say(name: str, values: Mapping[str, Any]) -> str:
        return texts.say(name, language=language, form=form, **values)

    return say(key, shown_values(reason, language, say))


def phone_of(detail: Mapping[str, Any]) -> str:
    """The number of a dispositif, or nothing."""
    found = (detail.get(part) or {} for part in ("service", "structure"))
    for row in found:
        if row.get("telephone"):
            return str(row["telephone"])
    return str((detail.get("card") or {}).get("phone") or "")


def how_to_reach(detail: Mapping[str, Any], language: str) -> str:
    """How to reach a dispositif that has no number."""
    card = detail.get("card") or {}
    if card:
        how = card["how"]
        return str(how.get(language) or how["fr"])
    service, structure = detail.get("service") or {}, detail.get("structure") or {}
    place = service.get("adresse") or structure.get("adresse")
    return str(place or service.get("courriel") or structure.get("courriel") or "")


def _set_aside(matching: Matching, catalogue: Catalogue) -> tuple[SetAsideService, ...]:
    return tuple(
        SetAsideService(
            service_id=aside.service_id,
            name=catalogue.offers[aside.service_id].name["fr"],
            reasons=tuple(reason.code for reason in aside.reasons),
        )
        for aside in matching.set_aside
    )
