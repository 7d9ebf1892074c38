"""`passerelle catalogue …`: import, check, put back, and the table a coordinator completes."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from passerelle.app import commands
from passerelle.foundation.config import ROOT, Settings

DEMONSTRATION = ROOT / "orientation_catalogue" / "data" / "demonstration"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(commands, "_settings", lambda **_changed: Settings(var=tmp_path))
    runner = CliRunner()
    return lambda *arguments: runner.invoke(commands.app, ["catalogue", *map(str, arguments)])


def in_force(tmp_path) -> str:
    return (tmp_path / "catalogue" / "current").read_text(encoding="utf-8").strip()


@pytest.fixture
def broken(tmp_path) -> Path:
    """The demonstration with one service that has a bad phone."""
    folder = tmp_path / "broken"
    folder.mkdir()
    services = json.loads((DEMONSTRATION / "services.json").read_text(encoding="utf-8"))
    services[0]["telephone"] = "abc"
    (folder / "services.json").write_text(json.dumps(services), encoding="utf-8")
    (folder / "structures.json").write_bytes((DEMONSTRATION / "structures.json").read_bytes())
    return folder


def test_import_then_rollback(run, tmp_path, broken):
    first = run("import", DEMONSTRATION)
    before = in_force(tmp_path)
    second = run("import", broken, "--report", tmp_path / "refused.jsonl")
    after = in_force(tmp_path)

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert "141 dispositifs in force" in first.stdout
    assert "140 dispositifs in force" in second.stdout
    assert "services.json, row 1 (demo--" in second.stderr
    refused = [json.loads(line) for line in (tmp_path / "refused.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(one["row"], one["field"], one["value"]) for one in refused] == [(1, "telephone", "'abc'")]
    back = run("rollback")
    assert "141 dispositifs in force again" in back.stdout
    assert in_force(tmp_path) == before != after


def test_validate_tells_the_rows_and_changes_nothing(run, tmp_path, broken):
    ran = run("validate", broken)

    assert ran.exit_code == 2
    assert "field telephone, value 'abc': not one phone number" in ran.stderr
    assert not (tmp_path / "catalogue" / "current").exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["import", "/nowhere/services.csv"], "/nowhere/services.csv"),
        (["import", "--format", "word", "x.doc"], "word"),
        (["rollback"], "previous"),
        (["import", "api"], "PASSERELLE_DATA_INCLUSION_TOKEN"),
    ],
)
def test_bad_input_is_one_sentence_that_names_the_place(run, arguments, named):
    ran = run(*arguments)

    assert ran.exit_code == 2
    assert named in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1


def test_the_table_of_the_catalogue_can_be_changed_and_imported_again(run, tmp_path):
    """What a coordinator does: the template, one cell changed in a spreadsheet, the import."""
    run("import", DEMONSTRATION)
    table = tmp_path / "à compléter.csv"
    assert run("template", table, "--departement", "35").exit_code == 0
    rows = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    column = rows[0].index("âge minimum")
    rows[1][column] = "16"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)

    ran = run("import", table)

    assert "141 dispositifs in force" in ran.stdout, ran.output
    parts = commands._parts()
    assert parts.catalogue().offers[rows[1][0]].complement.min_age == 16
    assert run("template", table).exit_code == 2, "a table is never written over"
