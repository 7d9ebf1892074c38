"""The coordinator's changes: attributed, undone by saying so, compiled for the next catalogue."""

import pytest
from fakes import FixedClock
from houses import open_parts

from passerelle.portal.coordinator.changes import (
    OF_THE_CATALOGUE,
    Changes,
    NoSuchChange,
    supplement_of,
    territory_corrections,
)


@pytest.fixture
def changes(tmp_path):
    parts = open_parts(tmp_path)
    yield Changes(database=parts.database, clock=FixedClock())
    parts.close()


def compiled(changes):
    return supplement_of(changes.live(OF_THE_CATALOGUE))


def test_a_correction_names_its_author_and_what_was_said_before(changes):
    changes.record(
        "camille", kind="correct", target="di--1", field="telephone", value="0199000002", before="0199000001"
    )

    [change] = changes.history()
    assert (change.by, change.before, change.value, change.undone_at) == ("camille", "0199000001", "0199000002", None)


def test_the_later_of_two_corrections_holds(changes):
    for phone in ("0199000002", "0199000003"):
        changes.record("camille", kind="correct", target="di--1", field="telephone", value=phone)

    assert compiled(changes).corrections == {"di--1": {"telephone": "0199000003"}}


def test_undoing_the_later_brings_the_former_back_and_keeps_both_in_the_history(changes):
    changes.record("camille", kind="correct", target="di--1", field="telephone", value="0199000002")
    later = changes.record("camille", kind="correct", target="di--1", field="telephone", value="0199000003")

    changes.undo("dominique", later.number)

    assert compiled(changes).corrections == {"di--1": {"telephone": "0199000002"}}
    assert [change.undone_by for change in changes.history()] == ["dominique", ""]


def test_undoing_twice_keeps_who_undid_it_first(changes):
    change = changes.record("camille", kind="withdraw", target="di--1", value=True)

    changes.undo("dominique", change.number)
    changes.undo("camille", change.number)

    assert changes.history()[0].undone_by == "dominique"
    assert compiled(changes).withdrawn == frozenset()


def test_a_change_that_does_not_exist_cannot_be_undone(changes):
    with pytest.raises(NoSuchChange):
        changes.undo("camille", 99)


def test_the_history_of_one_dispositif_is_its_own(changes):
    changes.record("camille", kind="withdraw", target="di--1", value=True)
    changes.record("camille", kind="withdraw", target="di--2", value=True)

    assert [change.target for change in changes.history(target="di--1")] == ["di--1"]


def test_two_closures_of_one_service_are_both_kept(changes):
    for start in ("2026-12-24", "2027-02-01"):
        changes.record("camille", kind="close", target="di--1", value={"from": start, "to": None, "reason": None})

    assert [closure["from"] for closure in compiled(changes).closures["di--1"]] == ["2026-12-24", "2027-02-01"]


def test_a_line_of_a_complement_does_not_empty_the_others(changes):
    changes.record("camille", kind="complement", target="di--1", field="referral_contact.phone", value="0199000009")
    changes.record("camille", kind="complement", target="di--1", field="referral_contact.name", value="Accueil")

    assert compiled(changes).complements == {"di--1": {"referral_contact": {"phone": "0199000009", "name": "Accueil"}}}


def test_a_local_service_is_corrected_in_its_own_row(changes):
    service = {"id": "local--1", "nom": "Bagagerie", "date_maj": "2026-11-01"}
    changes.record(
        "camille",
        kind="add",
        target="local--1",
        value={"service": service, "structure": {"id": "local--s1"}, "complement": {"rank": 3}},
    )
    changes.record("camille", kind="correct", target="local--1", field="nom", value="La bagagerie")

    found = compiled(changes)

    assert found.services[0]["nom"] == "La bagagerie"
    assert found.services[0]["date_maj"] == "2026-11-23"
    assert found.corrections == {}
    assert found.complements == {"local--1": {"rank": 3}}


def test_the_territory_is_corrected_apart_from_the_catalogue(changes):
    changes.record("camille", kind="desk", target="desk-rennes", field="phone", value="+33199003009")

    assert compiled(changes).corrections == {}
    assert territory_corrections(changes.live({"desk"})) == {"desk": {"desk-rennes": {"phone": "+33199003009"}}}


def test_another_address_leaves_the_point_of_the_former_one(changes):
    changes.record("camille", kind="correct", target="di--1", field="adresse", value="2 rue du Puits")

    assert compiled(changes).corrections["di--1"] == {"adresse": "2 rue du Puits", "latitude": None, "longitude": None}
