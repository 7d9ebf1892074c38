"""The register of the territory with a coordinator's corrections over it, in force as soon as they are written."""

import json

import pytest

from passerelle.foundation.config import Settings
from passerelle.handoff.territory import Area, BadTerritory, Territory

FILE = Settings.model_fields["territory"].default
RENNES = Area(commune="35238", epci="243500139", departement="35")


@pytest.fixture
def corrections(tmp_path):
    return tmp_path / "territory.json"


@pytest.fixture
def territory(corrections):
    return Territory.load(FILE, corrections)


def write(path, said):
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(said), encoding="utf-8")
    draft.replace(path)


def test_a_corrected_number_is_told_at_once_and_the_former_comes_back(territory, corrections):
    former = territory.desk_for(RENNES).phone
    write(corrections, {"desk": {"desk-rennes": {"phone": "+33199003009"}}})

    assert territory.desk_for(RENNES).phone == "+33199003009"

    corrections.unlink()
    assert territory.desk_for(RENNES).phone == former


def test_two_corrections_in_the_same_moment_are_both_seen(territory, corrections):
    for phone in ("+33199003008", "+33199003009"):
        write(corrections, {"desk": {"desk-rennes": {"phone": phone}}})

        assert territory.desk_for(RENNES).phone == phone


def test_hours_corrected_in_french_are_said_in_french_everywhere(territory, corrections):
    """The other languages would keep the former hours."""
    write(corrections, {"desk": {"desk-rennes": {"hours_text": "le lundi matin"}}})

    assert territory.desk_for(RENNES).hours_in("en") == "le lundi matin"


def test_a_function_corrected_in_french_leaves_its_old_translations(territory, corrections):
    write(corrections, {"referent": {"ccas-rennes": {"function": "travailleuse sociale"}}})

    assert territory.recipient("ccas-rennes").function_in("en") == "travailleuse sociale"


def test_only_what_a_coordinator_may_correct_is_corrected(territory, corrections):
    before = territory.recipient("ccas-rennes")
    write(
        corrections, {"referent": {"ccas-rennes": {"backup": "ccas-vitre", "zones": ["99"]}, "nobody": {"name": "x"}}}
    )

    assert territory.recipient("ccas-rennes") == before


@pytest.mark.parametrize("broken", ["{", "[]", json.dumps({"desk": {"desk-rennes": {"hours": "9h-12h"}}})])
def test_corrections_that_cannot_be_read_leave_the_file_as_it_is(territory, corrections, broken):
    former = territory.desk_for(RENNES)
    corrections.write_text(broken, encoding="utf-8")

    assert territory.desk_for(RENNES) == former


def test_hours_that_nobody_could_read_are_refused_before_they_are_kept(territory):
    with pytest.raises(BadTerritory):
        territory.check({"desk": {"desk-rennes": {"hours": "9h-12h"}}})


def test_the_instances_of_coordination_are_read_from_the_nearest_to_the_widest(territory):
    levels = [instance.level for instance in territory.instances()]

    assert levels == ["local", "local", "local", "departement", "region"]
    assert all(instance.purpose and instance.members and instance.calendar for instance in territory.instances())
    assert territory.departement == "35"
