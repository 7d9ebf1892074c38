"""The shape every action of ours has: read the tracker, hand proposals to the dispatcher, write nothing."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.proposals import Proposal, to_message


class ProposingAction(Action):  # type: ignore[misc]
    """An action that proposes."""

    #: Name the bot's rules use.
    called: str = ""

    def name(self) -> str:
        """The name the bot's rules use."""
        return self.called

    def propose(self, tracker: Tracker) -> tuple[Proposal, ...]:
        """What this action proposes for the message at hand."""
        raise NotImplementedError(self.called)

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Called by rasa-sdk's executor."""
        for proposal in self.propose(tracker):
            dispatcher.utter_message(json_message=to_message(proposal))
        return []


def entities_of(tracker: Tracker) -> frozenset[str]:
    """Names of the entities the bot found in the message."""
    return frozenset(str(entity["entity"]) for entity in tracker.latest_message.get("entities", []))


def needs_of(tracker: Tracker) -> tuple[str, ...]:
    """Thematiques the bot attached to the message, best first."""
    return tuple(str(need["thematique"]) for need in tracker.latest_message.get("needs", []))


def text_of(tracker: Tracker) -> str:
    """The message as it was received, cleaned."""
    return str(tracker.latest_message.get("original", ""))
