"""The answer of the `orient` command: a matching as plain JSON values (DESIGN §8)."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from orientation_catalogue.eligibility import Reason
from orientation_catalogue.matching import Matching, Proposal, SetAside

#: Gives the sentence of a message from its key and its values, already written for a reader of that language.
Say = Callable[[str, Mapping[str, str]], str]


def orient_json(matching: Matching, say: Say, *, language: str = "fr") -> dict[str, Any]:
    """Write a matching as the contract of `orient`, each reason with its code, values and sentence."""
    return {
        "catalogue": matching.catalogue,
        "proposals": [_proposal(proposal, say, language) for proposal in matching.proposals],
        "set_aside": [_set_aside(aside, say, language) for aside in matching.set_aside],
    }


def shown_values(reason: Reason, language: str) -> dict[str, str]:
    """The values of a reason as a person reads them: dates, times, distances and languages in words."""
    locale = _locale(language)
    shown = {name: str(value) for name, value in reason.values.items() if isinstance(value, (str, int))}
    if "km" in reason.values:
        shown["km"] = format_decimal(reason.values["km"], format="0.#", locale=locale)
    if "date" in reason.values:
        shown["date"] = format_date(datetime.date.fromisoformat(reason.values["date"]), "long", locale=locale)
    if "at" in reason.values:
        moment = datetime.datetime.fromisoformat(reason.values["at"])
        shown["day"] = format_date(moment, "EEEE d MMMM", locale=locale)
        shown["time"] = format_time(moment, "short", locale=locale)
    if "spoken" in reason.values:
        shown["spoken"] = _language_name(reason.values["spoken"], locale)
    return shown


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale("fr")


def _language_name(language: str, locale: Locale) -> str:
    return str(locale.languages.get(language, language))


def _proposal(proposal: Proposal, say: Say, language: str) -> dict[str, Any]:
    return {
        "service_id": proposal.service_id,
        "name": proposal.name.get(language) or proposal.name["fr"],
        "needs": list(proposal.needs),
        "eligibility": proposal.eligibility,
        "reasons": [_reason(reason, "reason", say, language) for reason in proposal.reasons],
        "missing": [{"fact": fact, "sentence": say(f"missing.{fact}", {})} for fact in proposal.missing],
        "open": proposal.open,
        "distance_km": proposal.distance_km,
        "score": proposal.score,
    }


def _set_aside(aside: SetAside, say: Say, language: str) -> dict[str, Any]:
    reasons = [_reason(reason, "aside", say, language) for reason in aside.reasons]
    return {"service_id": aside.service_id, "reasons": reasons}


def _reason(reason: Reason, kind: str, say: Say, language: str) -> dict[str, Any]:
    sentence = say(f"{kind}.{reason.code}", shown_values(reason, language))
    return {"code": reason.code, "values": dict(reason.values), "sentence": sentence}
