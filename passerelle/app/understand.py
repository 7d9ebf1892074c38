"""`passerelle understand`: what is made of a message, rule by rule and with the bot (DESIGN §8)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, get_args

from passerelle.app.compose import Parts
from passerelle.app.running_bot import wait_until_ready
from passerelle.conversation.commands import Command
from passerelle.conversation.understanding import BotDown, Understanding
from passerelle.foundation.clock import PARIS
from passerelle.foundation.errors import BadInput
from passerelle.foundation.text import clean
from passerelle.screening.answers import AnswerKind, parse_answer
from passerelle.screening.told import REFUSE, UNKNOWN

_FIELDS = frozenset({"id", "text", "lang", "at", "expects"})
_KINDS = frozenset(get_args(AnswerKind))

#: With these, an answer is looked for; `free` only hears "I don't know" and "I'd rather not say".
_CLOSED = frozenset({"yes_no", "choice", "number", "date_limit"})

_OURS = frozenset({Command.AGAIN, Command.PAUSE})


class BadMessage(BadInput):
    """field {field}, value {value}: {reason}"""


class Understand:
    """Answers one message at a time."""

    def __init__(self, parts: Parts, *, with_model: bool) -> None:
        self._parts = parts
        self._with_model = with_model

    def __call__(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """One line of the contract. Raises BadMessage naming the field."""
        text, language, at, kind, options = self._read(given)
        parts = self._parts
        safety = parts.safety.check(text, language)
        command = parts.commands.recognise(text, tuple(parts.offered))
        understood = self._understood(text, language)
        if not safety.alert and understood is not None and understood.danger != "none":
            safety = replace(safety, kind=understood.danger, source="model")
        medical = safety.medical or (understood is not None and understood.medical)
        return {
            "id": given.get("id"),
            "lang": language,
            "safety": {"kind": safety.kind, "source": safety.source},
            "medical": medical,
            # Taking stock again and pausing are no commands of the contract: they stay free text there.
            "command": str(command) if command and command not in _OURS else None,
            "answer": self._answer(text, kind, options, language, at),
            "needs": [
                {"thematique": need.thematique, "score": round(need.score, 4)}
                for need in (understood.needs if understood else ())
            ],
            "communes": [match.code for match in parts.places.find(text, answering=kind == "commune")],
            "intent": understood.intent if understood else None,
            "confidence": round(understood.confidence, 4) if understood else None,
        }

    def _understood(self, text: str, language: str) -> Understanding | None:
        if not self._with_model or not text:
            return None
        slots: dict[str, str | None] = {"stage": "telling", "role": "resident", "channel": "sms", "pending": None}
        try:
            return self._parts.bot_client.understand(text, language, slots)
        except BotDown:
            wait_until_ready(self._parts)
            return self._parts.bot_client.understand(text, language, slots)

    def _answer(
        self, text: str, kind: AnswerKind, options: tuple[str, ...], language: str, at: datetime
    ) -> dict[str, str] | None:
        looked_for: AnswerKind = kind if kind in _CLOSED else "yes_no"
        value = parse_answer(
            text, kind=looked_for, options=options, language=language, words=self._parts.answer_words, at=at
        )
        if kind not in _CLOSED and value not in {UNKNOWN, REFUSE}:
            return None
        return None if value is None else {"value": value}

    def _read(self, given: Mapping[str, Any]) -> tuple[str, str, datetime, AnswerKind, tuple[str, ...]]:
        for field in sorted(set(given) - _FIELDS):
            raise BadMessage(field=field, value=given[field], reason="unknown field")
        text = given.get("text")
        if not isinstance(text, str):
            raise BadMessage(field="text", value=text, reason="must be a text")
        expects = given.get("expects") or {}
        kind = expects.get("kind", "free") if isinstance(expects, dict) else expects
        if kind not in _KINDS:
            raise BadMessage(field="expects.kind", value=kind, reason=f"must be one of {', '.join(sorted(_KINDS))}")
        options = expects.get("options") or []
        if not isinstance(options, list):
            raise BadMessage(field="expects.options", value=options, reason="must be a list of labels")
        cleaned = clean(text)
        language = given.get("lang") or self._parts.detector.recognise(cleaned, self._parts.offered)
        if not isinstance(language, str):
            raise BadMessage(field="lang", value=language, reason="must be a language code")
        return cleaned, language, self._moment(given.get("at")), kind, tuple(map(str, options))

    def _moment(self, at: object) -> datetime:
        if at is None:
            return self._parts.clock.now()
        try:
            moment = datetime.fromisoformat(str(at))
        except ValueError:
            raise BadMessage(field="at", value=at, reason="must be a date and time (ISO 8601)") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
