"""The bot's client: one question, one answer, a time limit. Every failure has the same name: BotDown."""

import json
import time
from dataclasses import dataclass
from typing import Any, Protocol

import httpx2

from passerelle.foundation.errors import TryLater
from passerelle.foundation.text import Normaliser, disarm
from passerelle.safety.check import KINDS, Kind


class BotDown(TryLater):
    """The bot does not answer right now: {what}."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredNeed:
    """One thematique and how sure the bot is of it (0 to 1)."""

    thematique: str
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Understanding:
    """What the bot understood of one message."""

    intent: str
    confidence: float
    entities: tuple[dict[str, Any], ...]
    needs: tuple[ScoredNeed, ...]
    action: str
    #: A danger the rules did not see; the bot may add one, never take one away (reference/screening.md §5.3).
    danger: Kind = "none"
    #: A question of health that the rules did not see.
    medical: bool = False


class Understands(Protocol):
    """Anything that understands a text: Rasa, or nothing at all."""

    def understand(self, text: str, language: str, slots: dict[str, str | None]) -> Understanding:
        """Say what the text means. Raises BotDown."""
        ...


class NoBot:
    """Stands where the bot would, and never answers."""

    def understand(self, text: str, language: str, slots: dict[str, str | None]) -> Understanding:
        """Raise BotDown."""
        raise BotDown(what="not asked")


#: After this many failures in a row the bot is left alone for a while, so that turns do not wait for it.
_FAILURES_TO_REST = 2
_REST_SECONDS = 3.0


class BotClient:
    """Asks the bot over loopback."""

    def __init__(self, *, client: httpx2.Client, url: str, secret: str, normaliser: Normaliser) -> None:
        self._client = client
        self._url = url
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._normaliser = normaliser
        self._failures = 0
        self._rests_until = 0.0

    def understand(self, text: str, language: str, slots: dict[str, str | None]) -> Understanding:
        """Ask the bot. Raises BotDown when it is absent, slow, or answers nonsense."""
        if time.monotonic() < self._rests_until:
            raise BotDown(what="resting")
        question = {"text": disarm(self._normaliser.normalise(text, language)), "language": language, "slots": slots}
        try:
            understood = _read(json.loads(self._ask(question)))
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
            self._count_failure()
            raise BotDown(what=type(error).__name__) from error
        except BotDown:
            self._count_failure()
            raise
        self._failures = 0
        return understood

    def is_ready(self) -> bool:
        """Whether the bot answered its canary message."""
        try:
            return self._client.get(f"{self._url}/ready", headers=self._headers).status_code == httpx2.codes.OK
        except httpx2.HTTPError:
            return False

    def _ask(self, question: dict[str, Any]) -> bytes:
        """The bot's answer, within the time limit as a whole: a client's own limit starts anew with each byte."""
        end = time.monotonic() + (self._client.timeout.read or 0.0)
        with self._client.stream("POST", f"{self._url}/understand", json=question, headers=self._headers) as answer:
            if answer.status_code != httpx2.codes.OK:
                raise BotDown(what=f"status {answer.status_code}")
            body = b""
            for part in answer.iter_bytes():
                body += part
                if time.monotonic() > end:
                    raise BotDown(what="drips")
        return body

    def _count_failure(self) -> None:
        self._failures += 1
        if self._failures >= _FAILURES_TO_REST:
            self._rests_until = time.monotonic() + _REST_SECONDS


def _read(answer: dict[str, Any]) -> Understanding:
    return Understanding(
        intent=str(answer["intent"]),
        confidence=float(answer["confidence"]),
        entities=tuple(answer["entities"]),
        needs=tuple(
            ScoredNeed(thematique=str(need["thematique"]), score=float(need["score"])) for need in answer["needs"]
        ),
        action=str(answer["action"]),
        danger=_kind_of(answer["danger"]["kind"]),
        medical=bool(answer["medical"]),
    )


def _kind_of(danger: object) -> Kind:
    for kind in (*KINDS, "none"):
        if danger == kind:
            return kind
    raise ValueError("not a kind of danger")
