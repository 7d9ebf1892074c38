"""The cases a social worker wrote come out as written (tests/journeys/grading)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from passerelle.foundation.texts import Texts
from passerelle.screening.facts import Facts, facts_of
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import RuleSet
from passerelle.screening.situation import read_situation
from passerelle.screening.told import Told, ToldNeed, wish_key

ROOT = Path(__file__).parents[3]
CASES = [
    case
    for path in sorted((ROOT / "tests/journeys/grading").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
KEYS = {
    "cas",
    "besoins",
    "signaux",
    "reponses",
    "corrige",
    "aide",
    "orientations_sans_resultat",
    "faits",
    "regles",
    "niveau",
    "phrase",
}


def told_of(case: dict[str, Any], questionnaire: Questionnaire) -> Told:
    told = Told(
        answers=dict(case.get("reponses", {})),
        needs=tuple(
            ToldNeed(thematique=need["besoin"], wanted=need["aide"] == "oui") for need in case.get("besoins", [])
        ),
        signals=frozenset(case.get("signaux", [])),
        failed=case.get("orientations_sans_resultat", 0),
    )
    for key, code in case.get("corrige", {}).items():
        assert told.answers[key] != code, f"{key}: nothing is corrected"
        told = told.with_answer(key, code)
    wishes = case.get("aide", {})
    if wishes == "tous":
        wishes = {need.thematique: "yes" for need in read_situation(told, questionnaire).needs}
    for thematique, wish in wishes.items():
        told = told.with_answer(wish_key(thematique), wish)
    return told


@pytest.mark.parametrize("case", CASES, ids=[case["cas"] for case in CASES])
def test_the_case_comes_out_as_written(
    case: dict[str, Any], questionnaire: Questionnaire, ruleset: RuleSet, texts: Texts
) -> None:
    assert set(case) <= KEYS, "a misspelt key would test nothing"
    told = told_of(case, questionnaire)
    for key, code in told.answers.items():
        question = questionnaire.question(key)
        assert not question.options or question.option(code) or code in ("unknown", "refuse"), f"{key}: {code}"

    situation = read_situation(told, questionnaire)
    decision = ruleset.decide(situation)

    assert facts_of(situation) == Facts.from_json(case["faits"])
    assert list(decision.fired) == case["regles"]
    assert decision.level == case["niveau"]
    if "phrase" in case:
        assert texts.say(decision.sentence_key, language="fr") == case["phrase"]


def test_all_reference_cases_are_there() -> None:
    names = {case["cas"].split(",")[0] for case in CASES}

    assert {f"E{number}" for number in range(1, 14)} | {"E3b"} <= names


def test_the_cases_are_many_and_all_told_apart_and_between_them_use_every_rule(ruleset: RuleSet) -> None:
    names = [case["cas"] for case in CASES]

    assert len(CASES) >= 60
    assert len(set(names)) == len(names)
    assert {rule.id for rule in ruleset.rules} <= {rule for case in CASES for rule in case["regles"]}
