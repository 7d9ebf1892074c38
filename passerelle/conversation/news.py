"""News the person must hear: a recipient answered, a clock rang. They come through the inbox like any message."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session

from passerelle.conversation.desk import say_desk
from passerelle.conversation.forgetting import FORGET
from passerelle.conversation.inbox import put_in_line
from passerelle.conversation.observed import ask_agreement
from passerelle.conversation.offer import designate, offer_person, orient_now
from passerelle.conversation.preview import day, name_for_person
from passerelle.conversation.reporting import ask_what_failed, search_again
from passerelle.conversation.tables import InboundRow, TimerRow
from passerelle.conversation.talk import Talk
from passerelle.conversation.timers import KEPT, set_timer
from passerelle.conversation.walk import go_on
from passerelle.foundation.calendar import next_allowed_hour
from passerelle.foundation.database import table_of
from passerelle.handoff.states import ENDED, RequestState
from passerelle.handoff.tables import RequestRow
from passerelle.screening.situation import read_situation

_inbound, _timers = table_of(InboundRow), table_of(TimerRow)

#: The first contact is due within this many business days of an acceptance.
FIRST_CONTACT_BUSINESS_DAYS = 5


def put_news(session: Session, conversation: str, event: str, at: datetime, *, occasion: str = "") -> None:
    """Put one piece of news in line for the person, once per occasion."""
    provider_id = f"{event}:{occasion}" if occasion else event
    known = session.execute(
        select(_inbound.c.number).where(_inbound.c.provider == "news", _inbound.c.provider_id == provider_id)
    ).first()
    if known is None:
        session.add(
            InboundRow(
                provider="news",
                provider_id=provider_id,
                conversation=conversation,
                received_at=at,
                fingerprint="",
                event=event,
                danger="none",
            )
        )
        session.flush()
        put_in_line(session, conversation, at)


def ring_timers(session: Session, at: datetime) -> int:
    """Turn the timers that are due into news. Returns how many."""
    due = session.execute(
        select(TimerRow)
        .where(_timers.c.due_at <= at, _timers.c.event != FORGET)
        .order_by(_timers.c.due_at)
        .limit(20)
        .with_for_update(skip_locked=True)
    ).scalars()
    count = 0
    for timer in due:
        # A piece of news that waited for a decent hour comes back as it was; any other is named by its timer.
        event = timer.event if ":" in timer.event else f"{timer.event}:{timer.key}"[:60]
        put_news(session, timer.conversation, event, at, occasion=f"{at:%m%d%H%M}" if event == timer.event else "")
        session.execute(delete(_timers).where(_timers.c.key == timer.key))
        count += 1
    return count


def tell(talk: Talk, event: str) -> None:
    """Say one piece of news. Silent for somebody who said STOP, whose phone may be watched, or at a counter."""
    kind, _, about = event.partition(":")
    if talk.row.stopped_at is not None or talk.row.discreet or talk.with_partner:
        return
    decent_hour = next_allowed_hour(talk.at)
    if talk.form == "sms" and talk.house.quiet_hours and decent_hour > talk.at:
        # Told now, its question would take the place of the one the person is answering.
        set_timer(talk, f"{event}:{decent_hour:%Y%m%d}", event=event, due_at=decent_hour)
        return
    if kind != KEPT:
        # What is told may be a question: the person has the usual time to answer it before the thread is forgotten.
        talk.row.last_message_at = talk.at
    _NEWS[kind](talk, about)


def _accepted(talk: Talk, request_id: str) -> None:
    request = _request(talk, request_id)
    recipient = talk.house.territory.recipient(request.recipient)
    situation = read_situation(talk.dossier.told, talk.house.questionnaire)
    talk.say(
        "news.accepted",
        structure=name_for_person(talk, recipient, situation),
        date=day(talk, FIRST_CONTACT_BUSINESS_DAYS),
    )


def _refused(talk: Talk, request_id: str) -> None:
    request = _request(talk, request_id)
    talk.say("news.refused", reason=talk.words(f"refusal.{request.refusal}"))
    _offer_next(talk, request)


def _silent(talk: Talk, request_id: str) -> None:
    request = _request(talk, request_id)
    talk.say("news.silent")
    if talk.house.requests.may_offer_next(talk.session, request_id):
        _offer_next(talk, request)


def _lost(talk: Talk, _request_id: str) -> None:
    """The request could not leave: the person must not wait for an answer that cannot come."""
    talk.say("status.en_echec")


def _offer_next(talk: Talk, request: RequestRow) -> None:
    """The next recipient who fits, explained, without asking everything again."""
    level = talk.house.requests.level_of(talk.session, request)
    offer_person(talk, level, orient_now(talk).needs, key="offer.next_person")


def _level(talk: Talk, request_id: str) -> None:
    """A professional gave another level, at which somebody else acts: the person says whether they may (R-90)."""
    request = _request(talk, request_id)
    if RequestState(request.state) in ENDED:
        return
    level, needs = talk.house.requests.level_of(talk.session, request), orient_now(talk).needs
    recipient = designate(talk, level, needs)
    if recipient is not None and recipient.id != request.recipient and level in recipient.levels:
        offer_person(talk, level, needs, key="offer.other_level")


def _helped(talk: Talk, request_id: str) -> None:
    talk.ask_yes_no("helped", talk.words("news.helped"), notes={"request": request_id})


def answer_helped(talk: Talk, request_id: str, code: str) -> None:
    """The person's word decides whether help was received."""
    talk.wait_for_nothing("following")
    verdict = RequestState.CLOS_AIDE_RECUE if code == "yes" else RequestState.CLOS_SANS_AIDE
    talk.house.requests.close(talk.session, request_id, verdict)
    talk.say("helped.yes" if code == "yes" else "helped.no")
    if code != "yes":
        say_desk(talk)


def _check_back(talk: Talk, _about: str) -> None:
    talk.ask_yes_no("solved", talk.words("news.check_back"))


def answer_solved(talk: Talk, code: str) -> None:
    """Ten days later: solved, or not; if not, the person is not left alone with it again."""
    talk.wait_for_nothing("following")
    if code == "yes":
        talk.say("solved.yes")
        return
    talk.say("solved.no")
    if not ask_what_failed(talk):
        search_again(talk)


def _back_home(talk: Talk, about: str) -> None:
    """2, 7 and 30 days after a discharge, as the person agreed."""
    talk.ask_yes_no("back_home", talk.words(f"back_home.{about.partition('-')[0]}"))


def answer_back_home(talk: Talk, code: str) -> None:
    """Well, or not; if not, the search goes on."""
    talk.wait_for_nothing("following")
    if code == "yes":
        talk.say("solved.yes")
        return
    talk.say("solved.no")
    talk.say("again.hint")
    go_on(talk)


def _request(talk: Talk, request_id: str) -> RequestRow:
    found = talk.session.get(RequestRow, request_id)
    if found is None:
        raise LookupError("news about a request that does not exist")
    return found


_NEWS: dict[str, Callable[[Talk, str], None]] = {
    "accepted": _accepted,
    "refused": _refused,
    "silent": _silent,
    "done": _helped,
    "check_back": _check_back,
    "observed": ask_agreement,
    "back_home": _back_home,
    "level": _level,
    "lost": _lost,
    KEPT: lambda _talk, _about: None,
}
