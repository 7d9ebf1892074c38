"""What did not work, asked ten days later: the coordinator hears of the dispositif, never of the person."""

import json
from datetime import timedelta

import pytest
from fakes import FixedClock
from houses import Resident, drain, open_parts
from sqlalchemy import select

from passerelle.app.workers import Workers
from passerelle.conversation.tables import ConversationRow, TimerRow
from passerelle.foundation.database import table_of
from passerelle.handoff.reports import open_reports
from passerelle.orientation.tables import OrientationRow

CCAS, MDS = "demo--ccas-rennes-accueil", "demo--ccas-saint-malo-accueil"


@pytest.fixture
def parts(tmp_path):
    parts = open_parts(tmp_path, clock=FixedClock())
    yield parts
    parts.close()


@pytest.fixture
def resident(parts):
    """Somebody who writes, and whom we ask ten days later whether it is solved."""
    resident = Resident(parts)
    resident.says("bonjour")
    return resident


def oriented_to(parts, *services):
    """What the person was given, and the news that are due."""
    now = parts.clock.now()
    with parts.database.write() as session:
        conversation = session.execute(select(table_of(ConversationRow).c.id)).scalar_one()
        session.add(
            OrientationRow(
                conversation=conversation,
                at=now,
                level="N1",
                trace='{"besoins": []}',
                proposals=json.dumps([{"service_id": one, "name": one} for one in services]),
                catalogue="x",
            )
        )
        session.add(
            TimerRow(
                key="check_back:x", conversation=conversation, event="check_back:x", due_at=now + timedelta(days=10)
            )
        )
    parts.clock.advance(days=10, hours=1)
    Workers(parts).do_duties()
    drain(parts)


def reports(parts):
    with parts.database.read() as session:
        return [(one.service, one.kind, one.times) for one in open_reports(session)]


def test_a_wrong_number_is_told_to_the_coordinator_and_the_search_goes_on(parts, resident):
    oriented_to(parts, CCAS)
    assert "réglé" in resident.reads()[-1]

    asked = resident.says("non")
    assert "Qu'est-ce qui n'a pas marché" in asked[-1]
    said = " ".join(resident.says("1"))

    assert "Merci, je le signale" in said
    assert reports(parts) == [(CCAS, "wrong_number", 1)]


def test_of_several_dispositifs_the_person_says_which(parts, resident):
    oriented_to(parts, CCAS, MDS)
    resident.says("non")

    assert MDS in resident.says("2")[-1]
    resident.says("2")

    assert reports(parts) == [(MDS, "closed", 1)]


def test_something_else_is_not_reported_and_the_search_goes_on(parts, resident):
    oriented_to(parts, CCAS)
    resident.says("non")

    assert resident.says("4") != []
    assert reports(parts) == []


def test_nothing_is_asked_of_national_cards_nor_when_nothing_was_proposed(parts, resident):
    oriented_to(parts, "national-no-such-card")

    assert "Qu'est-ce qui n'a pas marché" not in " ".join(resident.says("non"))


def test_who_is_happy_is_asked_nothing_more(parts, resident):
    oriented_to(parts, CCAS)

    assert "Qu'est-ce qui" not in " ".join(resident.says("oui"))
    assert reports(parts) == []
