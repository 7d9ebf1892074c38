"""The commands that say what lacks, what is old, and who would lose by a change."""

import csv
import json
from io import StringIO

import pytest
from coordinator_house import CCAS, open_coordinator_parts

from orientation_catalogue.build import rebuild_catalogue
from orientation_catalogue.supplement import Supplement
from passerelle.app.keeping_true import (
    NoSuchDepartement,
    _csv,
    coverage_table,
    freshness_table,
    simulation_of,
)


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    with open_coordinator_parts(tmp_path_factory.mktemp("keeping")) as parts:
        yield parts


def test_the_coverage_lists_what_some_commune_lacks(parts):
    rows = list(csv.DictReader(StringIO(coverage_table(parts, "", everything=False, as_json=False))))

    assert rows
    assert all(int(row["communes_served"]) < int(row["communes"]) for row in rows)
    assert {"need", "epci", "name", "services"} <= set(rows[0])


def test_everything_may_be_asked_of_another_departement(parts):
    rows = json.loads(coverage_table(parts, "29", everything=True, as_json=True))

    assert {row["services"] for row in rows} == {0}


def test_a_departement_that_does_not_exist_is_named(parts):
    with pytest.raises(NoSuchDepartement, match="'999' is not the code"):
        coverage_table(parts, "999", everything=True, as_json=True)


def test_the_freshness_is_told_by_source(parts):
    rows = json.loads(freshness_table(parts, as_json=True))

    assert {row["source"] for row in rows} == {"demo", "national"}


def test_changes_that_wait_are_simulated_without_touching_the_catalogue_in_force(parts):
    before = parts.catalogue().sha256
    change = parts.register_changes.record("camille", kind="withdraw", target=CCAS, value=True)

    told = json.loads(simulation_of(parts, None, "", count=80, seed=1))
    parts.register_changes.undo("camille", change.number)

    assert told["profiles"] == 80
    assert CCAS in {loss["before"] for loss in told["first_door_lost"] + told["no_longer_oriented"]}
    assert parts.catalogue().sha256 == before


def test_a_catalogue_made_elsewhere_is_compared_with_the_one_in_force(parts, tmp_path):
    made = rebuild_catalogue(parts.settings.var / "catalogue", tmp_path, supplement=Supplement(), places=parts.places)

    told = json.loads(simulation_of(parts, made.path, "", count=20, seed=1))

    assert (told["no_longer_oriented"], told["first_door_lost"]) == ([], [])


def test_a_cell_that_a_spreadsheet_would_run_stays_words():
    assert _csv([{"source": "=1+1", "services": -3}]).splitlines()[1] == "'=1+1,-3"
