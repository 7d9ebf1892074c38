"""Actions on what the person tells: needs, circumstances, places, corrections."""

from collections.abc import Callable, Sequence

from rasa_sdk import Tracker

from actions.base import ProposingAction, entities_of, needs_of, text_of
from actions.proposals import AddNeeds, AnswerPending, Correct, NotUnderstood, Proposal
from passerelle.screening.ages import Ages

#: Finds communes in a text; returns their codes, best first.
FindCommunes = Callable[[str], Sequence[str]]

#: Finds the person's age and somebody else's in a text.
ReadAges = Callable[[str], Ages]

#: Words that ask for help: what is told with them is wanted (reference/screening.md §6.5).
_ASKING = frozenset({"wants_help", "isolated"})


class AddNeedsAction(ProposingAction):
    """What happened, in the person's own words."""

    called = "action_add_needs"

    def __init__(self, find_communes: FindCommunes, read_ages: ReadAges) -> None:
        self._find_communes = find_communes
        self._read_ages = read_ages

    def propose(self, tracker: Tracker) -> tuple[Proposal, ...]:
        """Propose the needs, the circumstances, the ages and the communes of the message."""
        entities = entities_of(tracker)
        ages = self._read_ages(text_of(tracker))
        found = AddNeeds(
            thematiques=needs_of(tracker),
            wanted=bool(entities & _ASKING),
            signals=tuple(sorted(entities)),
            communes=tuple(self._find_communes(text_of(tracker))),
            age=ages.own,
            other_age=ages.other,
        )
        return (found,) if found != AddNeeds() else (NotUnderstood(),)


class CorrectAction(ProposingAction):
    """The person takes back or changes something."""

    called = "action_correct"

    def __init__(self, find_communes: FindCommunes) -> None:
        self._find_communes = find_communes

    def propose(self, tracker: Tracker) -> tuple[Proposal, ...]:
        """Propose the corrected commune or needs."""
        corrected = Correct(thematiques=needs_of(tracker), communes=tuple(self._find_communes(text_of(tracker))))
        if not (corrected.thematiques or corrected.communes):
            return (NotUnderstood(),)
        return (corrected,)


class AnswerPendingAction(ProposingAction):
    """A yes or a no said in a sentence."""

    called = "action_answer_pending"

    def propose(self, tracker: Tracker) -> tuple[Proposal, ...]:
        """Propose yes or no as the answer to the waiting question."""
        said_yes = tracker.latest_message.get("intent", {}).get("name") == "affirm"
        return (AnswerPending(code="yes" if said_yes else "no"),)


class NotUnderstoodAction(ProposingAction):
    """Nothing was recognised."""

    called = "action_not_understood"

    def __init__(self, find_communes: FindCommunes, read_ages: ReadAges) -> None:
        self._find_communes = find_communes
        self._read_ages = read_ages

    def propose(self, tracker: Tracker) -> tuple[Proposal, ...]:
        """Use what can be used all the same: a need, a place, an age; else say that it was not understood."""
        ages = self._read_ages(text_of(tracker))
        found = AddNeeds(
            thematiques=needs_of(tracker),
            communes=tuple(self._find_communes(text_of(tracker))),
            age=ages.own,
            other_age=ages.other,
        )
        return (found,) if found != AddNeeds() else (NotUnderstood(),)
