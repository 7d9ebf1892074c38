"""What Rasa may decide: one file per family of actions. Reads; never writes."""

from collections.abc import Mapping

from actions.base import ProposingAction
from actions.explanations import AskHumanAction, ExplainQuestionAction, ExplainWordAction, SayAction
from actions.situation import (
    AddNeedsAction,
    AnswerPendingAction,
    CorrectAction,
    FindCommunes,
    NotUnderstoodAction,
    ReadAges,
)

#: Side questions that always get the same text.
_SAYINGS = {
    "action_greet": "say.greeting",
    "action_thank": "say.thanks",
    "action_say_free": "say.free",
    "action_say_privacy": "say.privacy",
    "action_say_robot": "say.robot",
    "action_say_what_i_do": "say.what_i_do",
}


def all_actions(
    *, find_communes: FindCommunes, read_ages: ReadAges, words: Mapping[str, str]
) -> tuple[ProposingAction, ...]:
    """Every action the bot's rules may name."""
    return (
        AddNeedsAction(find_communes, read_ages),
        CorrectAction(find_communes),
        NotUnderstoodAction(find_communes, read_ages),
        AnswerPendingAction(),
        ExplainWordAction(words),
        ExplainQuestionAction(),
        AskHumanAction(),
        *(SayAction(called, text) for called, text in _SAYINGS.items()),
    )
