"""Rules are data: what fires is told, what is wrong is shown with its line."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.foundation.errors import BadInput
from passerelle.foundation.texts import Texts
from passerelle.screening.facts import BadFacts, Facts
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import RULES, SCORED_LEVELS, RuleSet, grade_json
from passerelle.screening.situation import read_situation
from passerelle.screening.told import Told

RULESET = RuleSet.load()


@st.composite
def coherent(draw: st.DrawFn) -> Facts:
    m = draw(st.integers(0, 12))
    n = draw(st.integers(0, m))
    return Facts(
        m=m,
        n=n,
        g3=draw(st.integers(0, n)),
        a=draw(st.integers(0, 2)),
        d=draw(st.none() | st.integers(0, 400)),
        r=draw(st.booleans()),
        iso=draw(st.booleans()),
        pros=draw(st.integers(0, 6)),
        ref=draw(st.booleans()),
        fail=draw(st.integers(0, 6)),
    )


@pytest.mark.parametrize(
    ("facts", "fired", "level"),
    [
        ({"m": 1}, ["R-20"], "N1"),
        ({"m": 2, "n": 1}, ["R-21"], "N1"),
        ({"m": 3, "n": 1, "a": 2}, ["R-30"], "N2"),
        ({"m": 3, "n": 2, "a": 2}, ["R-30", "R-31", "R-41"], "N3"),
        ({"m": 2, "n": 1, "a": 1}, ["R-30"], "N2"),
        ({"m": 2, "n": 2, "a": 1, "r": True, "iso": True}, ["R-30", "R-31", "R-41", "R-42"], "N3"),
        ({"m": 3, "n": 3, "g3": 2, "a": 1, "d": 7}, ["R-30", "R-31", "R-32", "R-40", "R-41"], "N3"),
        (
            {"m": 4, "n": 4, "g3": 2, "a": 1, "d": 7, "r": True},
            ["R-30", "R-31", "R-32", "R-40", "R-41", "R-51"],
            "N4",
        ),
        (
            {"m": 2, "n": 2, "a": 1, "r": True, "iso": True, "fail": 2},
            ["R-30", "R-31", "R-33", "R-41", "R-42", "R-50"],
            "N4",
        ),
        ({"m": 1, "n": 1, "a": 1, "ref": True, "pros": 1}, ["R-30"], "N2"),
        ({}, ["R-10"], "N0"),
        ({"m": 2, "n": 2}, ["R-31"], "N2"),
        ({"m": 1, "n": 1, "fail": 1}, ["R-21", "R-33"], "N2"),
    ],
)
def test_the_examples_of_the_reference_come_out_exactly(
    facts: dict[str, Any], fired: list[str], level: str, texts: Texts
) -> None:
    graded = grade_json({"id": "x", "facts": facts}, ruleset=RULESET, texts=texts)

    assert graded["id"] == "x"
    assert graded["rules"] == fired
    assert graded["level"] == level
    assert graded["ruleset"] == "grad/2026.1"
    assert graded["sentence"].endswith(".")


@given(coherent())
def test_there_is_always_a_level_and_a_sentence(facts: Facts) -> None:
    decision = RULESET.grade(facts)

    assert decision.level in SCORED_LEVELS
    assert decision.sentence_key.startswith("grade.R-")
    assert decision == RULESET.grade(facts)


@given(coherent(), coherent())
def test_worse_facts_never_lower_the_level(one: Facts, other: Facts) -> None:
    worse = Facts(
        m=max(one.m, other.m),
        n=max(one.n, other.n),
        g3=max(one.g3, other.g3),
        a=max(one.a, other.a),
        d=min((days for days in (one.d, other.d) if days is not None), default=None),
        r=one.r or other.r,
        iso=one.iso or other.iso,
        pros=max(one.pros, other.pros),
        ref=one.ref and other.ref,
        fail=max(one.fail, other.fail),
    )
    levels = [SCORED_LEVELS.index(RULESET.grade(facts).level) for facts in (one, worse)]

    assert levels[0] <= levels[1]


def test_every_sentence_of_the_rules_exists_in_every_language(texts: Texts) -> None:
    keys = {sentence.key for rule in RULESET.rules for sentence in rule.sentences}
    keys |= {emergency.sentence for emergency in RULESET.emergencies}
    keys |= {f"rule.{rule.id}" for rule in (*RULESET.rules, *RULESET.emergencies)}

    assert [(key, language) for key in keys for language in texts.languages if not texts.has(key, language)] == []


def test_a_danger_bypasses_the_grading(questionnaire: Questionnaire) -> None:
    outside = read_situation(Told(answers={"Q09": "outside"}), questionnaire)
    decision = RULESET.decide(outside)

    assert (decision.level, decision.fired) == ("U", ("R-U2",))


def test_the_trace_holds_facts_and_versions_only() -> None:
    trace = RULESET.grade(Facts(m=2, n=2, r=True)).trace(sentence="Deux besoins importants et un changement récent.")

    assert trace["regles"] == "grad/2026.1"
    assert len(trace["sha256"]) == 64
    assert trace["tirees"] == ["R-31", "R-41"]
    assert trace["niveau"] == "N3"
    assert trace["faits"]["n"] == 2
    assert trace["phrase"] == "Deux besoins importants et un changement récent."
    assert trace["humain"] is None


@pytest.mark.parametrize(
    "line", [[], "x", {"id": 1, "facts": {"m": 1}, "extra": 2}, {"id": 1, "facts": [1]}, {"id": 1, "facts": []}]
)
def test_a_bad_line_is_refused(line: Any, texts: Texts) -> None:
    with pytest.raises(BadFacts):
        grade_json(line, ruleset=RULESET, texts=texts)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('when: [m, "=", 0]', 'when: [mm, "=", 0]', "comparison"),
        ('when: [m, "=", 0]', 'when: [m, "!=", 0]', "comparison"),
        ('when: [m, "=", 0]', 'when: [m, "=", true]', "whole number"),
        ('when: [m, "=", 0]', "when: __import__('os').system('true')", "condition"),
        ('when: [m, "=", 0]', "when: {fired: R-50}", "a rule above"),
        ("level: N0", "level: N9", '"level" is one of'),
        ("since: 2026-01-01", "since: yesterday", '"since"'),
        ("- id: R-20", "- id: R-10", "same id"),
    ],
)
def test_a_mistake_in_the_file_is_shown_with_its_line(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = tmp_path / "rules.yaml"
    text = RULES.read_text(encoding="utf-8")
    head, tail = text.split("\nrules:\n")
    path.write_text(f"{head}\nrules:\n{tail.replace(old, new, 1)}", encoding="utf-8")

    with pytest.raises(BadInput, match=r"rules\.yaml, line \d+: .*" + reason):
        RuleSet.load(path)


def test_a_file_that_is_not_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("version: grad/1\nrules: [\n", encoding="utf-8")

    with pytest.raises(BadInput, match=r"line \d+"):
        RuleSet.load(path)
