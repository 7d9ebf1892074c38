"""What did not work with a dispositif, asked of the person it did not help; the coordinator hears it, unnamed."""

import json
from collections.abc import Mapping

from sqlalchemy import select

from passerelle.conversation.asking import keep_answer
from passerelle.conversation.pending import Choice, Pending
from passerelle.conversation.talk import SOLVED, Talk
from passerelle.conversation.walk import go_on
from passerelle.foundation.database import table_of
from passerelle.handoff.reports import ReportKind, record_report
from passerelle.orientation.tables import OrientationRow

_orientations = table_of(OrientationRow)

#: Keys of the two questions.
WHAT_FAILED, WHICH_FAILED = "what_failed", "which_failed"

_KINDS: Mapping[str, ReportKind] = {"wrong_number": "wrong_number", "closed": "closed", "refused": "refused"}

#: The dispositifs that an SMS showed; more of them would be a directory.
_MOST_ASKED = 3


def ask_what_failed(talk: Talk) -> bool:
    """Ask what went wrong, when local dispositifs were proposed. Returns whether it was asked."""
    if not _proposed(talk):
        return False
    kinds = (*_KINDS, "other")
    talk.ask(
        Pending(
            key=WHAT_FAILED,
            kind="choice",
            text=talk.words("failed.what"),
            choices=tuple(
                Choice(typed=str(number), code=kind, label=talk.words(f"failed.{kind}"))
                for number, kind in enumerate(kinds, start=1)
            ),
        )
    )
    return True


def answer_what_failed(talk: Talk, code: str) -> None:
    """A wrong number, closed, refused: of which dispositif? Anything else: the search goes on."""
    talk.wait_for_nothing("following")
    proposed = _proposed(talk)
    if code not in _KINDS or not proposed:
        search_again(talk)
    elif len(proposed) == 1:
        _report(talk, next(iter(proposed)), code)
    else:
        talk.ask(
            Pending(
                key=WHICH_FAILED,
                kind="choice",
                text=talk.words("failed.which"),
                choices=tuple(
                    Choice(typed=str(number), code=service, label=name)
                    for number, (service, name) in enumerate(proposed.items(), start=1)
                ),
                notes={"kind": code},
            )
        )


def answer_which_failed(talk: Talk, pending: Pending, code: str) -> None:
    """The dispositif, or nothing said of it."""
    talk.wait_for_nothing("following")
    if code in _proposed(talk):
        _report(talk, code, pending.notes["kind"])
    else:
        search_again(talk)


def search_again(talk: Talk) -> None:
    """It is not solved: the person is not left alone with it."""
    talk.say("again.hint")
    keep_answer(talk, SOLVED, "no")
    talk.refresh()
    go_on(talk)


def _report(talk: Talk, service: str, kind: str) -> None:
    record_report(talk.session, service=service, kind=_KINDS[kind], told_by="resident", day=talk.at.date())
    talk.say("failed.thanks")
    search_again(talk)


def _proposed(talk: Talk) -> dict[str, str]:
    """Local dispositifs that the person was last given: id → name. A national card is nobody's door."""
    snapshot = talk.session.execute(
        select(_orientations.c.proposals)
        .where(_orientations.c.conversation == talk.row.id)
        .order_by(_orientations.c.number.desc())
        .limit(1)
    ).scalar_one_or_none()
    offers = talk.house.catalogue().offers
    given = {one["service_id"]: one["name"] for one in json.loads(snapshot or "[]")}
    local = {service: name for service, name in given.items() if (offer := offers.get(service)) and not offer.national}
    return dict(list(local.items())[:_MOST_ASKED])
