"""Only a file that passes asks or grades; a changed one that fails leaves the version before in force."""

from pathlib import Path

import pytest

from passerelle.app.compose import compose
from passerelle.foundation.config import Settings
from passerelle.foundation.texts import Texts
from passerelle.screening.in_force import QuestionsRefused, RulesRefused, questions_in_force, rules_in_force
from passerelle.screening.questions import QUESTIONS, Questionnaire
from passerelle.screening.rules import RULES


def changed(source: Path, into: Path, old: str, new: str) -> Path:
    text = source.read_text(encoding="utf-8")
    assert old in text
    into.write_text(text.replace(old, new, 1), encoding="utf-8")
    return into


def test_the_questions_shipped_are_in_force(texts: Texts) -> None:
    assert questions_in_force(QUESTIONS, texts) == Questionnaire.load()


def test_questions_that_fail_are_refused_with_file_line_and_reason(texts: Texts, tmp_path: Path) -> None:
    bad = changed(QUESTIONS, tmp_path / "q.yaml", "signals: [rupture_death]", "signals: [rupture_wedding]")

    with pytest.raises(QuestionsRefused, match=r"q\.yaml, line \d+: Q37, death: unknown signal: rupture_wedding"):
        questions_in_force(bad, texts, kept=tmp_path / "none.yaml")


def test_nothing_starts_with_questions_that_fail(tmp_path: Path) -> None:
    bad = changed(QUESTIONS, tmp_path / "q.yaml", "code: one_month, weight: 1", "code: one_month")

    with pytest.raises(QuestionsRefused, match='"weight" is missing'):
        compose(Settings(var=tmp_path / "var", questions=bad)).prepare()
    assert not (tmp_path / "var" / "passerelle.db").exists()


def test_changed_questions_that_fail_leave_the_version_before_in_force(texts: Texts, tmp_path: Path) -> None:
    kept = tmp_path / "in-force" / "questions.yaml"
    file = changed(QUESTIONS, tmp_path / "q.yaml", "quest/2026.1", "quest/2026.2")
    questions_in_force(file, texts, kept=kept)
    changed(file, file, "asked: gate", "asked: at_noon")

    assert questions_in_force(file, texts, kept=kept).version == "quest/2026.2"


def test_changed_rules_that_fail_leave_the_version_before_in_force(texts: Texts, tmp_path: Path) -> None:
    kept = tmp_path / "in-force" / "rules.yaml"
    file = changed(RULES, tmp_path / "r.yaml", "grad/2026.1", "grad/2026.2")
    sound = rules_in_force(file, texts, kept=kept)
    changed(file, file, 'when: [n, ">=", 3]', 'when: [n, "=", 3]')

    assert rules_in_force(file, texts, kept=kept).sha256 == sound.sha256
    with pytest.raises(RulesRefused, match="a worse signal lowers the level"):
        rules_in_force(file, texts)


def test_a_version_before_that_no_longer_passes_is_no_help(texts: Texts, tmp_path: Path) -> None:
    kept = changed(RULES, tmp_path / "kept.yaml", 'when: [m, "=", 0]', 'when: [m, ">=", 9]')
    bad = changed(RULES, tmp_path / "r.yaml", 'when: [n, ">=", 3]', 'when: [n, "=", 3]')

    with pytest.raises(RulesRefused):
        rules_in_force(bad, texts, kept=kept)


def test_a_correction_takes_effect_again(texts: Texts, tmp_path: Path) -> None:
    kept = tmp_path / "kept.yaml"
    file = changed(QUESTIONS, tmp_path / "q.yaml", "quest/2026.1", "quest/2026.2")
    questions_in_force(file, texts, kept=kept)
    changed(file, file, "quest/2026.2", "quest/2026.3")

    assert questions_in_force(file, texts, kept=kept).version == "quest/2026.3"
    assert kept.read_bytes() == file.read_bytes()
