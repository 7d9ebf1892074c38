"""Actions that answer a side question, after which the conversation goes on where it was."""

from collections.abc import Mapping

from rasa_sdk import Tracker

from actions.base import ProposingAction, text_of
from actions.proposals import AskHuman, Explain, ExplainQuestion, NotUnderstood, Proposal
from passerelle.foundation.text import bare


class SayAction(ProposingAction):
    """One text, always the same."""

    def __init__(self, called: str, text: str) -> None:
        self.called = called
        self._text = text

    def propose(self, tracker: Tracker) -> tuple[Proposal, ...]:
        """Propose the text."""
        return (Explain(text=self._text),)


class ExplainWordAction(ProposingAction):
    """« C'est quoi le CCAS ? »"""

    called = "action_explain_word"

    def __init__(self, words: Mapping[str, str]) -> None:
        #: Words as they are written (folded) → key of the text that explains them.
        self._words = dict(sorted(words.items(), key=lambda item: -len(item[0])))

    def propose(self, tracker: Tracker) -> tuple[Proposal, ...]:
        """Propose the explanation of the longest known word in the message."""
        asked = f" {bare(text_of(tracker))} "
        for word, text in self._words.items():
            if f" {word} " in asked:
                return (Explain(text=text),)
        return (NotUnderstood(),)


class ExplainQuestionAction(ProposingAction):
    """« Pourquoi cette question ? »"""

    called = "action_explain_question"

    def propose(self, tracker: Tracker) -> tuple[Proposal, ...]:
        """Propose to say why the waiting question is asked."""
        return (ExplainQuestion(),)


class AskHumanAction(ProposingAction):
    """« Je veux parler à quelqu'un. »"""

    called = "action_ask_human"

    def propose(self, tracker: Tracker) -> tuple[Proposal, ...]:
        """Propose to give the territory's desk."""
        return (AskHuman(),)
