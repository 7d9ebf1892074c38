"""What people say of a dispositif that did not answer them."""

from datetime import UTC, date, datetime

import pytest
from houses import open_parts

from passerelle.handoff.reports import open_reports, record_report, settle_reports
from passerelle.handoff.tables import ServiceReportRow

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture
def database(tmp_path):
    parts = open_parts(tmp_path)
    yield parts.database
    parts.close()


def report(database, service="di--1", kind="wrong_number", told_by="resident", day=MONDAY):
    with database.write() as session:
        record_report(session, service=service, kind=kind, told_by=told_by, day=day)


def waiting(database):
    with database.read() as session:
        return open_reports(session)


def test_the_same_thing_said_twice_is_one_line_with_its_days(database):
    report(database)
    report(database, told_by="professional", day=TUESDAY)

    [line] = waiting(database)
    assert (line.times, line.by_professionals, line.first, line.last) == (2, 1, MONDAY, TUESDAY)


def test_what_is_said_most_often_comes_first(database):
    report(database, service="di--1", kind="closed")
    report(database, service="di--2")
    report(database, service="di--2")

    assert [line.service for line in waiting(database)] == ["di--2", "di--1"]


def test_settling_a_line_leaves_the_others(database):
    report(database, kind="closed")
    report(database, kind="refused")

    with database.write() as session:
        settled = settle_reports(
            session, "di--1", "closed", by="camille", how="dismissed", at=datetime(2026, 11, 25, 9, tzinfo=UTC)
        )

    assert settled == 1
    assert [line.kind for line in waiting(database)] == ["refused"]


def test_a_report_keeps_nothing_that_could_lead_to_a_person():
    kept = set(ServiceReportRow.model_fields)

    assert kept == {"number", "day", "service", "kind", "told_by", "settled_at", "settled_by", "settled_how"}
