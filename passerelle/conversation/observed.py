"""What a frontline partner observed: nothing of it serves before the person says yes on their own phone.

After a yes each fact is confirmed, one at a time, and kept with `observed` as its source; after a no, or three silent
days, the facts are erased.
"""

from collections.abc import Callable
from datetime import date

from passerelle.conversation.asking import keep_answer, keep_words
from passerelle.conversation.check_backs import set_check_backs
from passerelle.conversation.confirming import SILENT_DAYS, Fact, facts_of, keep_facts
from passerelle.conversation.introduction import introduce
from passerelle.conversation.pending import Pending
from passerelle.conversation.tables import ObservationRow
from passerelle.conversation.talk import Talk
from passerelle.conversation.walk import go_on
from passerelle.dossier.records import record_needs, record_signals
from passerelle.screening.told import ToldNeed

#: The free sentence is cut here: with its question it costs two SMS.
LONGEST_SENTENCE = 200

#: Where the sentence is kept in the dossier, once the person has confirmed it.
OBSERVED = "OBSERVED"


def ask_agreement(talk: Talk, observation: str) -> None:
    """Ask the person, on their own phone, whether they want help; no need is named."""
    row = _waiting(talk, observation)
    if row is None:
        return
    introduce(talk)
    row.erase_at = talk.at + SILENT_DAYS
    talk.ask_yes_no("observed", talk.words("observed.ask"), notes={"observation": row.id})


def answer_agreement(talk: Talk, pending: Pending, code: str) -> None:
    """Go on from what was observed, or erase it."""
    talk.pending = None
    row = _waiting(talk, pending.notes["observation"])
    if row is None:
        _say_gone(talk)
    elif code == "yes":
        row.state = "agreed"
        talk.say("observed.thanks", structure=row.organisation)
        go_on(talk)
    else:
        row.state, row.facts = "refused", None
        talk.say("observed.no")
        if talk.row.stage == "asking":
            go_on(talk)


def answer_fact(talk: Talk, pending: Pending, code: str) -> None:
    """Keep one fact the person confirms; drop any other; ask about the next."""
    talk.pending = None
    row = _waiting(talk, pending.notes["observation"])
    if row is None:
        _say_gone(talk)
        return
    fact, *left = facts_of(talk, row)
    if code == "yes":
        _KEEP[fact.kind](talk, row, fact.value)
        if fact.kind == "leaving":
            left.insert(0, Fact(kind="check_backs", value=fact.value))
    keep_facts(talk, row, left)
    go_on(talk)


def _say_gone(talk: Talk) -> None:
    talk.say("observed.gone")
    if not talk.dossier.is_empty:
        go_on(talk)
    else:
        talk.wait_for_nothing("telling")


def _waiting(talk: Talk, observation: str) -> ObservationRow | None:
    row = talk.session.get(ObservationRow, observation)
    return row if row is not None and row.facts is not None else None


def _keep_commune(talk: Talk, _row: ObservationRow, code: str) -> None:
    keep_answer(talk, "P1", code, source="observed")


def _keep_need(talk: Talk, _row: ObservationRow, thematique: str) -> None:
    needs = (ToldNeed(thematique=thematique, wanted=False),)
    talk.dossier = record_needs(talk.session, talk.dossier, needs, talk.at, source="observed")


def _keep_signal(signal: str) -> Callable[[Talk, ObservationRow, str], None]:
    def keep(talk: Talk, _row: ObservationRow, _value: str) -> None:
        talk.dossier = record_signals(talk.session, talk.dossier, (signal,), talk.at, source="observed")

    return keep


def _keep_words(talk: Talk, _row: ObservationRow, words: str) -> None:
    keep_words(talk, OBSERVED, words, longest=LONGEST_SENTENCE, source="observed")


def _keep_check_backs(talk: Talk, row: ObservationRow, left_on: str) -> None:
    set_check_backs(talk.session, talk.row.id, row.id, date.fromisoformat(left_on), talk.at)


_KEEP: dict[str, Callable[[Talk, ObservationRow, str], None]] = {
    "commune": _keep_commune,
    "need": _keep_need,
    "week": _keep_signal("deadline_week"),
    "month": _keep_signal("deadline_month"),
    "leaving": _keep_signal("rupture_discharge"),
    "check_backs": _keep_check_backs,
    "words": _keep_words,
}
