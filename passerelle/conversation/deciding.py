"""Running the action the bot chose, in this process, under a time budget. It reads and returns proposals."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from typing import Any

from rasa_sdk.executor import ActionExecutor

from actions.base import ProposingAction
from actions.proposals import NotUnderstood, Proposal, from_messages
from passerelle.conversation.understanding import Understanding
from passerelle.foundation.log import log

#: Seconds an action may take (DESIGN §2); a slower one counts as not understood.
BUDGET_SECONDS = 3.0


class Deciding:
    """The actions, ready to run."""

    def __init__(self, actions: Iterable[ProposingAction], *, budget_seconds: float = BUDGET_SECONDS) -> None:
        self._executor = ActionExecutor()
        for action in actions:
            self._executor.register_action(action)
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="action")
        self._budget = budget_seconds

    def decide(self, understood: Understanding, text: str, slots: dict[str, str | None]) -> tuple[Proposal, ...]:
        """Run the chosen action. Whatever happens in it becomes an answer, never a silence."""
        call = _call(understood, text, slots)
        try:
            answer = self._threads.submit(lambda: asyncio.run(self._executor.run(call))).result(self._budget)
            proposals = from_messages(answer.responses)
        except TookTooLong:
            log().warning("action_slow", action=understood.action)
            return (NotUnderstood(),)
        except Exception as failure:
            # An action may fail in any way; the person still gets words, and the operator the name of the failure.
            log().error("action_failed", action=understood.action, error=type(failure).__name__)
            return (NotUnderstood(),)
        return proposals or (NotUnderstood(),)


def _call(understood: Understanding, text: str, slots: dict[str, str | None]) -> dict[str, Any]:
    """The request rasa-sdk expects, made from what the bot answered: there is no tracker to lose."""
    return {
        "next_action": understood.action,
        "sender_id": "one-turn",
        "version": "3.6.21",
        "domain": {},
        "tracker": {
            "sender_id": "one-turn",
            "slots": dict(slots),
            "latest_message": {
                "intent": {"name": understood.intent, "confidence": understood.confidence},
                "entities": list(understood.entities),
                "needs": [{"thematique": need.thematique, "score": need.score} for need in understood.needs],
                "original": text,
            },
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": None,
        },
    }
