"""The answer of the `orient` command: a matching as plain JSON values (DESIGN §8), and the sentences of reasons."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from orientation_catalogue.eligibility import Reason
from orientation_catalogue.matching import Gap, Matching, Proposal, SetAside

#: Gives the sentence of a message from its key and its values, already written for a reader of that language.
Say = Callable[[str, Mapping[str, str]], str]

#: An estimated distance is good to some kilometres: it is said in steps of so many.
_ESTIMATED_STEP_KM = 5

#: From here on nobody counts in hundreds of metres.
_WHOLE_KM = 3

#: Up to so many days ahead, the day of the week says which day.
_WEEK = 6


def orient_json(matching: Matching, say: Say, *, language: str = "fr") -> dict[str, Any]:
    """Write a matching as the contract of `orient`, each reason with its code, values and sentence."""
    return {
        "catalogue": matching.catalogue,
        "weights": matching.weights,
        "needs": list(matching.needs),
        "proposals": [_proposal(proposal, say, language) for proposal in matching.proposals],
        "set_aside": [_set_aside(aside, say, language) for aside in matching.set_aside],
        "gaps": [_gap(gap, say, language) for gap in matching.gaps],
    }


def sentence_key(kind: str, reason: Reason) -> str:
    """The text that says a reason (`reason`), a fact to check (`missing`) or why not (`aside`)."""
    variant = _variant(reason)
    return f"{kind}.{reason.code}_{variant}" if variant else f"{kind}.{reason.code}"


def _variant(reason: Reason) -> str | None:
    """Which of the sentences of a code fits its values."""
    values = reason.values
    if reason.code == "distance":
        return "here" if values.get("here") else "estimated" if values.get("approximate") else None
    if reason.code == "open_now":
        return "until" if values.get("until") else None
    if reason.code == "opens_next":
        days = values.get("in_days", _WEEK + 1)
        return {0: "today", 1: "tomorrow"}.get(days, "weekday" if days <= _WEEK else None)
    return "named" if reason.code == "public" and values.get("publics") else None


def shown_values(reason: Reason, language: str, say: Say) -> dict[str, str]:
    """The values of a reason as a person reads them: dates, times, distances, languages and publics in words."""
    locale = _locale(language)
    values = reason.values
    shown = {name: str(value) for name, value in values.items() if isinstance(value, (str, int))}
    if "km" in values:
        shown["km"] = _distance(values["km"], bool(values.get("approximate")), locale)
    if "date" in values:
        # Ukrainian ends a long date with a point, and so does the sentence.
        day = datetime.date.fromisoformat(values["date"])
        shown["date"] = format_date(day, "long", locale=locale).removesuffix(".")
    if "at" in values:
        moment = datetime.datetime.fromisoformat(values["at"])
        shown["day"] = format_date(moment, "EEEE" if values["in_days"] <= _WEEK else "EEEE d MMMM", locale=locale)
        shown["time"] = _time(moment, locale)
    if values.get("until"):
        shown["time"] = _time(datetime.datetime.fromisoformat(values["until"]), locale)
    if "spoken" in values:
        shown["spoken"] = _language_name(values["spoken"], locale)
    if values.get("publics"):
        shown["publics"] = comma(language).join(say(f"public.{one}", {}) for one in values["publics"])
    return shown


def comma(language: str) -> str:
    """What stands between the things of a list."""
    return "، " if language == "ar" else ", "


def _distance(km: float, approximate: bool, locale: Locale) -> str:
    if approximate:
        km = max(1, round(km / _ESTIMATED_STEP_KM)) * _ESTIMATED_STEP_KM
    elif km >= _WHOLE_KM:
        km = round(km)
    return format_decimal(km, format="0.#", locale=locale)


def _time(moment: datetime.datetime, locale: Locale) -> str:
    """An hour as people write it; the French short form of CLDR, 09:00, is the clock's and not theirs."""
    if locale.language == "fr":
        return format_time(moment, "H 'h' mm" if moment.minute else "H 'h'", locale=locale)
    # CLDR writes "9:00 AM" with a narrow space, which no SMS alphabet holds.
    return format_time(moment, "short", locale=locale).replace("\N{NARROW NO-BREAK SPACE}", " ")


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
        "missing": [_missing(fact, say, language) for fact in proposal.missing],
        "open": proposal.open,
        "distance_km": proposal.distance_km,
        "score": proposal.score,
        "score_parts": dict(proposal.score_parts),
        "merges": list(proposal.merges),
    }


def _set_aside(aside: SetAside, say: Say, language: str) -> dict[str, Any]:
    reasons = [_reason(reason, "aside", say, language) for reason in aside.reasons]
    return {"service_id": aside.service_id, "reasons": reasons}


def _reason(reason: Reason, kind: str, say: Say, language: str) -> dict[str, Any]:
    return {"code": reason.code, "values": dict(reason.values), "sentence": _sentence(kind, reason, say, language)}


def _sentence(kind: str, reason: Reason, say: Say, language: str) -> str:
    return say(sentence_key(kind, reason), shown_values(reason, language, say))


def _missing(fact: Reason, say: Say, language: str) -> dict[str, Any]:
    return {"fact": fact.code, "values": dict(fact.values), "sentence": _sentence("missing", fact, say, language)}


def _gap(gap: Gap, say: Say, language: str) -> dict[str, Any]:
    return {"need": gap.need, "kind": gap.kind, "door": _reason(gap.door, "door", say, language)}
