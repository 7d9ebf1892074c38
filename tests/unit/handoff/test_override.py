"""R-90: the clocks follow the level a professional gives, the trace says who and why, the person says who may act."""

import json
from base64 import b64decode

import pytest
from houses import drain
from sqlalchemy import select
from walking import ORDINARY, waiting, walk

from passerelle.app.workers import Workers
from passerelle.foundation.calendar import add_business_days
from passerelle.foundation.database import table_of
from passerelle.handoff.links import Links
from passerelle.handoff.requests import Requests
from passerelle.handoff.tables import RequestRow
from passerelle.notices.delivery import Refused
from passerelle.notices.tables import NoticeRow
from passerelle.orientation.tables import OrientationRow
from passerelle.portal.desk import Desk

STORY = "je ne peux plus payer mon loyer à Vitré, j'ai besoin d'aide"
RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
WHY = "Trois services la suivent, personne ne les réunit."


@pytest.fixture
def sent(parts, bot, resident):
    """Somebody whose request reached the first line of Vitré, at level N2."""
    bot.tell(STORY, needs=[RENT], entities=["wants_help"])
    resident.says(STORY)
    walk(parts, resident.says, until="preview", answers=ORDINARY | {"T2": "2", "Q27": "1"})
    resident.says("oui")
    (request,) = rows(parts, RequestRow)
    assert request.level == "N2"
    return request


@pytest.fixture
def give(parts, resident, sent):
    """Gives another level at the desk, as the request's recipient, and reads what the person receives."""
    desk = Desk(database=parts.database, requests=parts.requests, links=parts.links, clock=parts.clock)

    def change(level, request=sent):
        with parts.database.write() as session:
            cookie, visitor = Links(parts.clock).open_session(session, request.recipient)
        _, seen = desk.read(cookie, request.id)
        form = {"form_token": visitor.form_token, "seen": seen.state, "level": level, "reason": WHY}
        desk.change_level(cookie, form, request.id)
        drain(parts)
        return resident.reads()

    return change


def rows(parts, table):
    kind = table_of(table)
    with parts.database.read() as session:
        return session.execute(select(kind)).all()


def traces(parts):
    return [json.loads(row.trace) for row in rows(parts, OrientationRow)]


def test_the_trace_of_the_decision_says_who_gave_another_level_and_why(parts, clock, sent, give):
    assert traces(parts)[-1]["humain"] is None

    give("N3")

    trace = traces(parts)[-1]
    human = trace["humain"]
    assert trace["niveau"] == "N2"
    assert (human["niveau"], human["auteur"], human["role"]) == ("N3", sent.recipient, "first_line")
    assert human["le"] == clock.now().isoformat()
    assert parts.keys.open(sent.conversation, b64decode(human["motif"])) == WHY
    assert "services" not in json.dumps(human)


@pytest.mark.parametrize("how", ["withdraw_all", "erase_content"])
def test_the_reason_in_the_trace_goes_with_the_agreement(parts, sent, give, how):
    give("N3")

    with parts.database.write() as session:
        getattr(Requests, how)(parts.requests, session, sent.conversation)

    human = traces(parts)[-1]["humain"]
    assert (human["niveau"], human["motif"]) == ("N3", None)


def test_somebody_who_acts_at_the_new_level_is_proposed_and_the_person_decides(parts, resident, sent, give):
    (asked,) = give("N3")

    assert "Le service qui suit votre demande propose aussi" in asked
    assert waiting(parts).notes["level"] == "N3"
    assert len(rows(parts, RequestRow)) == 1

    resident.says("oui")
    preview = waiting(parts)
    assert "Un professionnel qui a lu la demande" in preview.text
    resident.says("oui")

    first, second = sorted(rows(parts, RequestRow), key=lambda row: row.level)
    assert (first.level, second.level) == ("N2", "N3")
    assert "N3" in parts.territory.recipient(second.recipient).levels
    assert second.recipient != first.recipient


def test_without_the_persons_yes_nothing_leaves(parts, resident, give):
    give("N3")

    resident.says("non")

    assert len(rows(parts, RequestRow)) == 1


@pytest.mark.parametrize("level", ["N0", "N1", "N2"])
def test_a_level_at_which_nobody_else_acts_writes_to_nobody(parts, give, level):
    assert give(level) == []


def test_the_same_level_given_twice_asks_the_person_once(give):
    assert len(give("N3")) == 1
    assert give("N3") == []


def test_an_answer_is_due_in_one_business_day_at_the_highest_level(parts, clock, sent, give):
    give("N4")

    (row,) = rows(parts, RequestRow)
    assert row.clock_at == add_business_days(clock.now(), 1)


def test_back_to_an_ordinary_level_the_ordinary_clock_comes_back(parts, clock, give):
    give("N4")
    give("N3")

    (row,) = rows(parts, RequestRow)
    assert row.clock_at == add_business_days(clock.now(), 5)


def test_an_accepted_request_keeps_the_clock_of_its_first_contact(parts, clock, sent, give):
    with parts.database.write() as session:
        parts.requests.accept(session, sent.recipient, sent.id)
    before = rows(parts, RequestRow)[0].clock_at

    give("N4")

    assert rows(parts, RequestRow)[0].clock_at == before


def test_a_request_made_at_the_highest_level_is_chased_after_one_business_day(parts, clock, resident, give):
    give("N4")
    resident.says("oui")
    resident.says("oui")
    clock.advance(days=1, minutes=1)

    Workers(parts).do_duties()

    second = next(row for row in rows(parts, RequestRow) if row.level == "N4")
    assert second.reminders == 1


def test_withdrawing_tells_the_backup_who_was_reminded_too(parts, clock, sent):
    backup = parts.territory.recipient(sent.recipient).backup
    for days in (3, 7):
        clock.advance(days=days)
        Workers(parts).do_duties()

    with parts.database.write() as session:
        parts.requests.withdraw_all(session, sent.conversation)

    told = {row.key.split(":")[2] for row in rows(parts, NoticeRow) if row.kind == "request.withdrawn"}
    assert told == {sent.recipient, backup}


def test_withdrawing_tells_nobody_who_never_heard_of_it(parts, sent):
    with parts.database.write() as session:
        parts.requests.withdraw_all(session, sent.conversation)

    told = {row.key.split(":")[2] for row in rows(parts, NoticeRow) if row.kind == "request.withdrawn"}
    assert told == {sent.recipient}


def test_the_person_hears_at_once_that_their_request_could_not_leave(parts, bot, resident, email):
    bot.tell(STORY, needs=[RENT], entities=["wants_help"])
    resident.says(STORY)
    walk(parts, resident.says, until="preview")
    email.fail_next(Refused(code="no such mailbox"))

    said = resident.says("oui")
    drain(parts)

    assert "n'a pas pu partir" in (said + resident.reads())[-1]
    assert [row.state for row in rows(parts, RequestRow)] == ["en_echec"]
