"""Putting questions and grading rules in force: only a file that passes every check asks or grades anybody.

A file that does not pass keeps the last version that did in force, when one is known (docs/decisions/011).
"""

from collections.abc import Callable
from functools import cache
from os import replace
from pathlib import Path

from passerelle.foundation.errors import BadInput
from passerelle.foundation.ids import new_id
from passerelle.foundation.log import log
from passerelle.foundation.texts import Texts
from passerelle.screening.checks import Problem, check_questions, check_rule_texts, check_rules
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import RuleSet

#: What is wrong with a file; nothing when it may be put in force.
_Check = Callable[[Path], list[Problem]]


class RulesRefused(BadInput):
    """These grading rules are not put in force: {problems}."""


class QuestionsRefused(BadInput):
    """These questions are not put in force: {problems}."""


def rules_in_force(path: Path, texts: Texts, *, kept: Path | None = None) -> RuleSet:
    """The rules of this file, once proven sound, else those of `kept`, the last that were.

    Raises RulesRefused, naming each place to correct.
    """

    def check(file: Path) -> list[Problem]:
        return _proof(file, _content_of(file)) or check_rule_texts(file, texts)

    return RuleSet.load(_in_force(path, check, kept, refused=RulesRefused))


def questions_in_force(path: Path, texts: Texts, *, kept: Path | None = None) -> Questionnaire:
    """The questions of this file, once they pass, else those of `kept`, the last that did.

    Raises QuestionsRefused, naming each place to correct.
    """
    return Questionnaire.load(
        _in_force(path, lambda file: check_questions(file, texts), kept, refused=QuestionsRefused)
    )


def _in_force(path: Path, check: _Check, kept: Path | None, *, refused: type[BadInput]) -> Path:
    problems = check(path)
    if not problems:
        if kept is not None:
            _keep(path, kept)
        return path
    refusal = refused(problems="; ".join(map(str, problems)))
    if kept is None or not kept.exists() or check(kept):
        raise refusal
    log().error("previous_version_kept_in_force", error=refused.__name__, count=len(problems))
    return kept


def _keep(path: Path, kept: Path) -> None:
    """Copy it aside, whole or not at all: several processes may start at once."""
    content = _content_of(path)
    if _content_of(kept) == content:
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_name(f"{kept.name}.{new_id()}")
    draft.write_bytes(content)
    replace(draft, kept)


@cache
def _proof(path: Path, _content: bytes) -> list[Problem]:
    """What the proof finds; it takes a second, and is made once for one content of the file."""
    return check_rules(path)


def _content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
