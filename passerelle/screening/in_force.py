"""Putting grading rules in force: only a file that passes every check grades anybody."""

from functools import cache
from pathlib import Path

from passerelle.foundation.errors import BadInput
from passerelle.foundation.texts import Texts
from passerelle.screening.checks import Problem, check_rule_texts, check_rules
from passerelle.screening.rules import RuleSet


class RulesRefused(BadInput):
    """These grading rules are not put in force: {problems}."""


def rules_in_force(path: Path, texts: Texts) -> RuleSet:
    """The rules of this file, once proven sound. Raises RulesRefused, naming each place to correct."""
    problems = _proof(path, _content_of(path)) or check_rule_texts(path, texts)
    if problems:
        raise RulesRefused(problems="; ".join(map(str, problems)))
    return RuleSet.load(path)


@cache
def _proof(path: Path, _content: bytes) -> list[Problem]:
    """What the proof finds; it takes a second, and is made once for one content of the file."""
    return check_rules(path)


def _content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
