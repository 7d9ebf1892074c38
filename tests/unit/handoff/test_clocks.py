"""The clocks of a request keep the date that was said to the person."""

import pytest
from houses import drain
from sqlalchemy import select

from passerelle.app.workers import Workers
from passerelle.conversation.news import put_news
from passerelle.dossier.records import record_agreement
from passerelle.foundation.calendar import add_business_days
from passerelle.foundation.database import table_of
from passerelle.handoff.states import ANSWER_WITHIN_BUSINESS_DAYS, RequestState
from passerelle.handoff.summary import build_summary
from passerelle.handoff.tables import RequestRow
from passerelle.notices.delivery import Refused
from passerelle.notices.tables import NoticeRow

RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
TOLD = "je ne peux plus payer mon loyer a rennes"


@pytest.fixture
def sent(parts, bot, resident):
    """A request on its way to the CCAS; returns its id."""
    bot.tell(TOLD, needs=[RENT])
    conversation = resident.writes(TOLD).conversation
    drain(parts)
    resident.reads()
    with parts.database.write() as session:
        agreement = record_agreement(
            session,
            keys=parts.keys,
            conversation=conversation,
            recipient="ccas-rennes",
            items=("needs",),
            removed=(),
            notice_version="accord/test",
            language="fr",
            shown="…",
            channel="sms",
            method="reponse_mot",
            at=parts.clock.now(),
            withdrawal_code="0042",
        )
        return parts.requests.transmit(
            session,
            conversation=conversation,
            agreement=agreement,
            recipient=parts.territory.recipient("ccas-rennes"),
            summary=build_summary({"needs": ("Besoins : un loyer en retard", "…")}),
            level="N2",
            commune="35238",
            grading={},
        ).id


def request_now(parts, request_id):
    with parts.database.read() as session:
        return session.get(RequestRow, request_id)


def mails(parts, kind):
    notices = table_of(NoticeRow)
    with parts.database.read() as session:
        rows = session.execute(select(notices.c.recipient).where(notices.c.kind == kind)).scalars()
        return [row.decode() for row in rows]


def pass_business_days(parts, clock, start, days):
    clock.moment = add_business_days(start, days)
    Workers(parts).do_duties()
    drain(parts)


def test_a_silent_recipient_is_reminded_then_its_backup_too_then_silence_is_said(parts, clock, resident, sent):
    start = clock.now()

    pass_business_days(parts, clock, start, 2)
    assert mails(parts, "request.reminder") == ["ccas-rennes@example.org"]

    pass_business_days(parts, clock, start, 7)
    assert len(mails(parts, "request.reminder")) == 3

    pass_business_days(parts, clock, start, ANSWER_WITHIN_BUSINESS_DAYS)
    assert request_now(parts, sent).state == RequestState.SANS_REPONSE
    (told,) = resident.reads()
    assert "Pas encore de réponse" in told


def test_opening_the_request_does_not_put_the_promised_date_off(parts, clock, sent):
    start = clock.now()
    pass_business_days(parts, clock, start, 1)
    with parts.database.write() as session:
        parts.requests.record_opening(session, "ccas-rennes", sent)

    for day in range(2, ANSWER_WITHIN_BUSINESS_DAYS + 1):
        pass_business_days(parts, clock, start, day)

    assert request_now(parts, sent).state == RequestState.SANS_REPONSE


def test_after_a_long_silence_another_door_is_offered(parts, clock, resident, sent):
    start = clock.now()
    for day in range(1, ANSWER_WITHIN_BUSINESS_DAYS + 6):
        pass_business_days(parts, clock, start, day)

    assert "Je peux demander ailleurs" in resident.reads()[-1]


def test_an_email_refused_for_good_fails_the_request_and_tells_a_colleague(parts, email, sent):
    email.fail_next(Refused(code="550"))
    drain(parts)

    assert request_now(parts, sent).state == RequestState.EN_ECHEC
    assert mails(parts, "request.coordinator") == ["france-services-rennes@example.org"]


def test_news_at_night_waits_and_leaves_the_question_being_answered_in_place(parts, clock, resident, sent):
    object.__setattr__(parts.house, "quiet_hours", True)
    clock.advance(hours=13)
    with parts.database.write() as session:
        request = parts.requests.accept(session, "ccas-rennes", sent)
        put_news(session, request.conversation, f"accepted:{sent}", clock.now())
    drain(parts)
    assert resident.reads() == []

    clock.advance(hours=12)
    Workers(parts).do_duties()
    drain(parts)

    assert "a accepté" in resident.reads()[-1]
