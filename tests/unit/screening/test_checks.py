"""The checks accept what is shipped, and show the place of each mistake."""

from pathlib import Path

import pytest

from passerelle.foundation.texts import Texts
from passerelle.screening.checks import Problem, check_questions, check_rules, coherent_facts
from passerelle.screening.facts import Facts
from passerelle.screening.questions import QUESTIONS
from passerelle.screening.rules import RULES, RuleSet


def changed(path: Path, into: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    copy = into / path.name
    copy.write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


def line_with(path: Path, words: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)


def test_the_shipped_questionnaire_is_accepted(texts: Texts) -> None:
    assert check_questions(QUESTIONS, texts) == []


def test_the_shipped_rules_are_accepted(texts: Texts) -> None:
    assert check_rules(RULES, texts) == []


def test_the_grid_holds_every_coherent_combination() -> None:
    assert sum(1 for _ in coherent_facts()) == 18_576


def test_a_gap_in_the_rules_is_shown_by_its_facts(tmp_path: Path) -> None:
    path = changed(RULES, tmp_path, 'when: [m, "=", 0]', 'when: [m, ">=", 9]')

    (problem,) = check_rules(path)

    assert problem.reason == "no rule gives a level for no fact"


def test_a_worse_signal_that_lowers_the_level_is_shown_by_a_counter_example(tmp_path: Path) -> None:
    path = changed(RULES, tmp_path, 'when: [n, ">=", 3]', 'when: [n, "=", 3]')

    (problem,) = check_rules(path)

    assert "a worse signal lowers the level" in problem.reason
    assert problem.line > 1


@pytest.mark.parametrize(
    ("old", "new", "counter_example"),
    [
        ('when: [n, ">=", 3]', 'when: {any: [[n, "=", 3], [n, "=", 4]]}', "N2 for m=5, n=5"),
        ('when: {all: [[n, ">=", 4], [d, "<=", 7]]}', 'when: {all: [[n, ">=", 4], [d, "=", 3]]}', "d=2"),
        ('[fail, ">=", 2]', '[fail, "=", 4]', "fail=5"),
    ],
)
def test_the_proof_looks_on_each_side_of_every_limit_of_the_file(
    tmp_path: Path, old: str, new: str, counter_example: str
) -> None:
    """The reference grid alone would let these through: it holds no n = 5, no d = 3, no fail = 4."""
    (problem,) = check_rules(changed(RULES, tmp_path, old, new))

    assert "a worse signal lowers the level" in problem.reason
    assert counter_example in problem.reason


def test_the_shipped_rules_need_no_more_than_the_reference_grid() -> None:
    assert sum(1 for _ in coherent_facts(RuleSet.load())) == 18_576


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("say: grade.R-30.deadline}", 'when: [d, "<=", 7], say: grade.R-30.deadline}', "R-30 has no sentence for m="),
        ('when: [n, ">=", 2]', 'when: [g3, ">=", 1]', "R-31 and R-32 hold for the same facts"),
        ("dangers: [rough_sleeping]", "dangers: [child]", "no emergency rule answers the danger rough_sleeping"),
        ("dangers: [rough_sleeping]", "dangers: [rough_sleeping, child]", "R-U2 and R-U3 both answer the danger child"),
    ],
)
def test_facts_without_one_sure_answer_are_shown(tmp_path: Path, old: str, new: str, reason: str) -> None:
    problems = check_rules(changed(RULES, tmp_path, old, new))

    assert any(reason in problem.reason for problem in problems)
    assert all(problem.line >= 1 for problem in problems)


def test_a_rule_that_ended_is_kept_to_be_read_and_never_fires(tmp_path: Path) -> None:
    ended = "since: 2026-01-01\n    until: 2026-06-30\n\n  - id: R-51"
    path = changed(RULES, tmp_path, "since: 2026-01-01\n\n  - id: R-51", ended)
    ruleset = RuleSet.load(path)

    assert check_rules(path) == []
    assert "R-50" in {rule.id for rule in ruleset.rules}
    assert "R-50" not in ruleset.grade(Facts(m=3, n=3, fail=2)).fired


def test_a_rule_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    ended = "since: 2026-01-01\n    until: 2025-06-30\n\n  - id: R-51"
    path = changed(RULES, tmp_path, "since: 2026-01-01\n\n  - id: R-51", ended)

    (problem,) = check_rules(path)

    assert '"until"' in problem.reason


@pytest.mark.parametrize(
    ("old", "new", "line_of", "reason"),
    [
        (
            "thematiques: [trouver-un-emploi--maintien-dans-lemploi]",
            "thematiques: [trouver-un-emploi--maintien]",
            "- id: Q21",
            "unknown thematique",
        ),
        (
            "asks: [difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire]",
            "asks: []",
            "- id: Q32",
            "can never be asked",
        ),
        ('{question: Q24, codes: ["yes"]}', '{question: Q99, codes: ["yes"]}', "- id: Q25", "unknown question"),
        ('{question: Q24, codes: ["yes"]}', "{question: Q24, codes: [maybe]}", "- id: Q25", "has no answer"),
        ('{question: Q24, codes: ["yes"]}', '{question: Q25, codes: ["yes"]}', "- id: Q25", "each other"),
        (
            "    asked: handoff\n    options: []",
            "    asked: end\n    options: []",
            "- id: P5",
            'only T3 are asked "end"',
        ),
        ("kind: text\n    asked: handoff", "kind: text\n    asked: gate", "- id: P5", "no question depends on it"),
        ("code: one_month, weight: 1", "code: one_month", "code: one_month", '"weight" is missing'),
        ("code: one_month, weight: 1", "code: one_month, weight: 5", "code: one_month", "a weight is"),
        ("code: one_month, weight: 1", "code: fortnight, weight: 1", "- id: Q11", "missing in"),
        ("signals: [rupture_death]", "signals: [rupture_wedding]", "code: death", "unknown signal"),
        ("danger: rough_sleeping", "danger: cold", "code: outside", "unknown danger"),
        ('code: "yes", weight: 2}', "code: yes, weight: 2}", "code: yes, weight: 2}", "between quotes"),
        ("kind: commune", "kind: town", "- id: P1", '"kind" is one of'),
        ("- id: Q02", "- id: Q01", "- id: Q01", "written twice"),
    ],
)
def test_a_mistake_in_the_questionnaire_is_shown_with_its_line(
    tmp_path: Path, texts: Texts, old: str, new: str, line_of: str, reason: str
) -> None:
    path = changed(QUESTIONS, tmp_path, old, new)

    problems = check_questions(path, texts)

    assert problems
    assert all(reason in problem.reason for problem in problems)
    if "written twice" not in reason:
        assert {problem.line for problem in problems} == {line_with(path, line_of)}


def test_a_question_over_its_sms_budget_is_shown(tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    (locale / "fr").mkdir(parents=True)
    source = Path(__file__).parents[3] / "locale/fr/screening.po"
    text = source.read_text(encoding="utf-8")
    short = "Le prix du transport vous bloque-t-il ?"
    assert short in text
    (locale / "fr/screening.po").write_text(text.replace(short, short + " Vraiment" * 20), encoding="utf-8")

    (problem,) = check_questions(QUESTIONS, Texts.load(locale))

    assert problem.reason.startswith("Q15 in fr costs 2 SMS")
    assert problem.line == line_with(QUESTIONS, "- id: Q15")


def locale_with(tmp_path: Path, language: str, old: str, new: str) -> Texts:
    """The texts of the questions in two languages, one of them changed."""
    locale = tmp_path / "locale"
    for code in ("fr", language):
        text = (Path(__file__).parents[3] / f"locale/{code}/screening.po").read_text(encoding="utf-8")
        if code == language:
            assert old in text
            text = text.replace(old, new, 1)
        (locale / code).mkdir(parents=True, exist_ok=True)
        (locale / code / "screening.po").write_text(text, encoding="utf-8")
    return Texts.load(locale)


def test_a_text_missing_in_one_language_hides_no_other_mistake_of_that_language(tmp_path: Path) -> None:
    texts = locale_with(tmp_path, "ar", 'msgid "question.Q06"\n', 'msgid "question.Q06.lost"\n')
    long = locale_with(tmp_path, "ar", 'msgid "question.Q05"\nmsgstr "', 'msgid "question.Q05"\nmsgstr "' + "س" * 150)

    (missing,) = check_questions(QUESTIONS, texts)
    (over,) = check_questions(QUESTIONS, long)

    assert missing.reason == 'the text "question.Q06" is missing in ar'
    assert over.reason.startswith("Q05 in ar costs ")
    assert "SMS of the 2 it may" in over.reason


def test_an_unknown_placeholder_in_a_question_is_shown(tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    (locale / "fr").mkdir(parents=True)
    text = (Path(__file__).parents[3] / "locale/fr/screening.po").read_text(encoding="utf-8")
    (locale / "fr/screening.po").write_text(
        text.replace("l'aide pour {need}", "l'aide pour {besoin}"), encoding="utf-8"
    )

    (problem,) = check_questions(QUESTIONS, Texts.load(locale))

    assert "T1 in fr" in problem.reason


def test_a_missing_file_is_one_sentence(texts: Texts, tmp_path: Path) -> None:
    missing = tmp_path / "none.yaml"

    assert check_questions(missing, texts) == [
        Problem(file=str(missing), line=1, reason="this file cannot be read"),
    ]


def test_a_problem_reads_as_file_line_reason() -> None:
    assert str(Problem(file="q.yaml", line=3, reason="bad")) == "q.yaml, line 3: bad"
