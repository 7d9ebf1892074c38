"""The one door of the bot: `POST /understand` and `GET /ready` (DESIGN §2, the wire).

A message is parsed, a fresh tracker is filled from the request, the rules name the next action, and all of it is
forgotten. No action runs here, nothing is stored, and no word of the person is logged or sent back in an error.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, Sanic, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

MAX_BODY_BYTES = 16 * 1024
MAX_CHARACTERS = 1600

STAGES = frozenset({"new", "telling", "asking", "proposing", "agreeing", "following", "alert", "paused"})

#: A model that does not know this is not the model: a damaged one starts and answers nonsense (R8).
CANARY_TEXT = "je n'arrive plus a payer mon loyer"
CANARY_INTENT = "tell_situation"
CANARY_NEED = "logement-hebergement--reduire-les-impayes-de-loyer"

logger = logging.getLogger(__name__)


class BadRequest(Exception):
    """The request is not one of the wire; its code says why."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Question:
    """A message to understand and what the app says of the conversation."""

    text: str
    slots: dict[str, str | None]

    @classmethod
    def read(cls, body: Any) -> Question:
        """Check the body of a request; unknown fields are refused."""
        if not isinstance(body, dict) or set(body) - {"text", "language", "slots"}:
            raise BadRequest("bad_fields")
        text, language, slots = body.get("text"), body.get("language"), body.get("slots") or {}
        if not isinstance(text, str) or not text.strip():
            raise BadRequest("bad_text")
        if len(text) > MAX_CHARACTERS:
            raise BadRequest("text_too_long", 413)
        if not isinstance(language, str) or not 2 <= len(language) <= 8:
            raise BadRequest("bad_language")
        if not isinstance(slots, dict) or set(slots) - {"stage", "role", "channel", "pending"}:
            raise BadRequest("bad_slots")
        if any(not (value is None or (isinstance(value, str) and len(value) <= 100)) for value in slots.values()):
            raise BadRequest("bad_slots")
        if slots.get("stage", "new") not in STAGES:
            raise BadRequest("bad_stage")
        return cls(text=disarmed(text), slots={"stage": "new", **slots, "language": language})


def disarmed(text: str) -> str:
    """Make a leading slash harmless: Rasa reads "/intent{...}" as a command (R9). The app did it; so do we."""
    stripped = text.strip()
    return "／" + stripped[1:] if stripped.startswith("/") else stripped


async def understand(processor: MessageProcessor, question: Question) -> dict[str, Any]:
    """Return what the message means and the one action that the rules name for it."""
    metadata = {"language": question.slots["language"]}
    parsed = await processor.parse_message(UserMessage(text=question.text, metadata=metadata))
    return {
        "intent": parsed["intent"]["name"],
        "confidence": round(float(parsed["intent"]["confidence"]), 4),
        "entities": [
            {name: entity[name] for name in ("entity", "value", "start", "end")} for entity in parsed["entities"]
        ],
        "needs": parsed.get("needs", []),
        "danger": parsed.get("danger", {"kind": "none", "score": 0.0}),
        "medical": parsed.get("medical", False),
        "action": next_action(processor, question, parsed),
    }


def next_action(processor: MessageProcessor, question: Question, parsed: dict[str, Any]) -> str:
    """Return the action that the rules name, from a tracker that lives for this one prediction."""
    tracker = DialogueStateTracker("one message", processor.domain.slots)
    for name, value in question.slots.items():
        tracker.update(SlotSet(name, value), processor.domain)
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME), processor.domain)
    tracker.update(UserUttered(question.text, parsed["intent"], parsed["entities"], parsed), processor.domain)
    # Rasa's public predict_next_with_tracker also serialises the whole tracker, for nothing.
    prediction = processor._predict_next_with_tracker(tracker)
    return processor.domain.action_names_or_texts[prediction.max_confidence_index]


async def knows_canary(processor: MessageProcessor) -> bool:
    """Say whether the model gives the known answer to the known sentence."""
    question = Question(text=CANARY_TEXT, slots={"stage": "telling", "language": "fr"})
    answer = await understand(processor, question)
    needs = {need["thematique"] for need in answer["needs"]}
    return answer["intent"] == CANARY_INTENT and CANARY_NEED in needs


class PasserelleChannel(InputChannel):
    """The wire between the app and the bot."""

    def __init__(self, secret: str, model_sha256: str) -> None:
        if len(secret) < 16:
            raise ValueError("The secret between the app and the bot needs at least 16 characters.")
        self._secret = secret.encode()
        self._model_sha256 = model_sha256

    @classmethod
    def name(cls) -> str:
        """Return the name that Rasa gives to the channel's routes."""
        return "passerelle"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Make the routes. Rasa's own turn, `on_new_message`, is never used: it keeps trackers and runs actions."""
        routes = Blueprint("passerelle_wire")

        @routes.post("/understand")
        async def answer_message(request: Request) -> HTTPResponse:
            self._check_secret(request)
            if (request.content_type or "").split(";")[0].strip().lower() != "application/json":
                raise BadRequest("not_json", 415)
            try:
                body = request.json
            except SanicException as error:
                raise BadRequest("not_json") from error
            return response.json(await understand(_processor(request), Question.read(body)))

        @routes.get("/ready")
        async def say_ready(request: Request) -> HTTPResponse:
            self._check_secret(request)
            ready = await knows_canary(_processor(request))
            return response.json({"ready": ready, "model": self._model_sha256}, status=200 if ready else 503)

        return routes

    def _check_secret(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), b"Bearer " + self._secret):
            raise BadRequest("unauthorized", 401)


def build_app(agent: Agent, channel: PasserelleChannel) -> Sanic:
    """Make the web application that serves our channel and nothing else."""
    app = Sanic("passerelle_bot", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES
    app.config.REQUEST_TIMEOUT = 10
    app.config.RESPONSE_TIMEOUT = 10
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 3.0
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.agent = agent
    app.blueprint(channel.blueprint(agent.handle_message))
    app.error_handler.add(Exception, _refuse)
    return app


def _refuse(request: Request, error: Exception) -> HTTPResponse:
    """Answer any failure with a code; the message of an unforeseen error could quote the person, so it is dropped."""
    if isinstance(error, BadRequest):
        return response.json({"error": error.code}, status=error.status)
    if isinstance(error, SanicException):
        return response.json({"error": "refused"}, status=error.status_code)
    logger.error("A message could not be understood: %s.", type(error).__name__)
    return response.json({"error": "failed"}, status=500)


def _processor(request: Request) -> MessageProcessor:
    processor = request.app.ctx.agent.processor
    if processor is None:
        raise BadRequest("no_model", 503)
    return processor
