"""The command line: its formats are a contract, and bad input is one sentence and exit status 2."""

import json

import pytest
from typer.testing import CliRunner

from passerelle.app import commands
from passerelle.app.compose import compose
from passerelle.foundation.config import Settings
from passerelle.screening.in_force import RulesRefused
from passerelle.screening.rules import RULES, RuleSet


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(commands, "_settings", lambda **_changed: Settings(var=tmp_path))
    runner = CliRunner()

    def run(*arguments, given=""):
        return runner.invoke(commands.app, list(arguments), input=given)

    return run


def test_the_level_of_the_facts_of_the_issue(run):
    facts = {"m": 2, "n": 2, "a": 1, "r": True, "iso": True}
    ran = run("grade", given=json.dumps({"id": "x", "facts": facts}) + "\n")

    graded = json.loads(ran.stdout)
    assert (ran.exit_code, graded["id"], graded["level"]) == (0, "x", "N3")
    assert {"R-30", "R-31", "R-41", "R-42"} <= set(graded["rules"])


@pytest.mark.parametrize(
    ("command", "given", "named"),
    [
        ("grade", "not json\n", "1"),
        ("grade", '{"id":"a","facts":{}}\n{"id":"x","facts":{"m":1,"n":2}}\n', "2"),
        ("grade", '{"id":"x","facts":{"m":"many"}}\n', "m"),
        ("epices", '{"id":"x","answers":[true]}\n', "11"),
        ("orient", "[]", ""),
    ],
)
def test_bad_input_is_one_sentence_that_names_the_place(run, command, given, named):
    ran = run(command, given=given)

    assert ran.exit_code == 2
    assert named in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1
    assert "Traceback" not in ran.output


@pytest.mark.parametrize(
    ("text", "encoding", "parts"), [("Bonjour", "GSM-7", 1), ("a" * 161, "GSM-7", 2), ("مرحبا", "UCS-2", 1)]
)
def test_what_an_sms_costs(run, text, encoding, parts):
    cost = json.loads(run("sms", text).stdout)

    assert (cost["encoding"], cost["parts"]) == (encoding, parts)


def broken_rules(tmp_path):
    text = RULES.read_text(encoding="utf-8")
    path = tmp_path / "rules.yaml"
    path.write_text(text.replace('when: [n, ">=", 3]', 'when: [n, "=", 3]', 1), encoding="utf-8")
    return path


def test_rules_that_lower_a_level_are_shown_with_their_counter_example(run, tmp_path):
    ran = run("rules", "check", str(broken_rules(tmp_path)))

    assert ran.exit_code == 2
    assert "rules.yaml, line " in ran.stderr
    assert "a worse signal lowers the level: N3 for " in ran.stderr


def test_rules_that_fail_their_check_grade_nobody_and_start_nothing(tmp_path, monkeypatch):
    settings = Settings(var=tmp_path, rules=broken_rules(tmp_path))
    monkeypatch.setattr(commands, "_settings", lambda **_changed: settings)
    ran = CliRunner().invoke(commands.app, ["grade"], input='{"id":"x","facts":{}}\n')

    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("These grading rules are not put in force: ")
    with pytest.raises(RulesRefused, match="a worse signal lowers the level"):
        compose(settings).prepare()
    assert not (tmp_path / "passerelle.db").exists()


def test_the_rules_shipped_are_in_force(tmp_path):
    settings = Settings(var=tmp_path)

    assert settings.rules == RULES
    assert compose(settings).ruleset == RuleSet.load()


def test_an_epices_score_is_an_exact_decimal(run):
    ran = run("epices", given=json.dumps({"id": "x", "answers": [None] * 11}) + "\n")

    assert json.loads(ran.stdout) == {"id": "x", "score": None, "precarious": None}


@pytest.mark.parametrize("what", ["questions", "rules"])
def test_the_data_in_force_is_sound(run, what):
    ran = run(what, "check")

    assert ran.exit_code == 0, ran.stderr


def test_an_unknown_role_is_refused(run):
    ran = run("chat", "--as", "robot")

    assert (ran.exit_code, "robot" in ran.stderr) == (2, True)


def test_dispositifs_are_found_with_their_reasons(run):
    profile = {"commune": "35238", "needs": ["logement-hebergement--reduire-les-impayes-de-loyer"]}
    ran = run("orient", given=json.dumps(profile))

    found = json.loads(ran.stdout)
    assert found["proposals"]
    assert all(proposal["reasons"] for proposal in found["proposals"])
