"""The rules name one action for every intent in every stage, and Rasa itself finds nothing to say about them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import BOT

STAGES = ("new", "telling", "asking", "proposing", "agreeing", "following", "alert", "paused")

#: What the app must be able to run; the same list as the wire's.
ACTIONS = frozenset(yaml.safe_load((BOT / "domain" / "actions.yml").read_text(encoding="utf-8"))["actions"])
INTENTS = tuple(
    next(iter(item)) for item in yaml.safe_load((BOT / "domain" / "intents.yml").read_text(encoding="utf-8"))["intents"]
)


@pytest.fixture(scope="module")
def actions(models: Path) -> dict[tuple[str, str], str]:
    """The action of every intent in every stage, as the trained rules predict it."""
    from quiet import keep_quiet

    keep_quiet()
    from channel import Question, next_action
    from rasa.core.agent import load_agent
    from run import model_in_force

    agent = asyncio.run(load_agent(model_path=str(model_in_force(models))))
    entities = [{"entity": "lives_alone", "value": "je vis seul", "start": 0, "end": 11}]
    return {
        (intent, stage): next_action(
            agent.processor,
            Question(text="x", slots={"stage": stage, "role": "resident", "language": "fr"}),
            {"text": "x", "intent": {"name": intent, "confidence": 0.9}, "entities": entities},
        )
        for intent in INTENTS
        for stage in STAGES
    }


def test_every_intent_has_an_action_in_every_stage(actions: dict[tuple[str, str], str]) -> None:
    assert set(actions.values()) <= ACTIONS
    assert {pair for pair, action in actions.items() if action == "action_not_understood"} == {
        ("nlu_fallback", stage) for stage in STAGES
    }


def test_every_action_is_named_by_a_rule(actions: dict[tuple[str, str], str]) -> None:
    assert set(actions.values()) == ACTIONS


def test_yes_and_no_answer_what_is_pending_but_open_a_new_conversation(
    actions: dict[tuple[str, str], str],
) -> None:
    for intent in ("affirm", "deny"):
        assert actions[intent, "new"] == "action_greet"
        assert {actions[intent, stage] for stage in STAGES[1:]} == {"action_answer_pending"}


def test_who_asks_for_a_person_gets_one_in_every_stage(actions: dict[tuple[str, str], str]) -> None:
    assert {actions["ask_human", stage] for stage in STAGES} == {"action_ask_human"}


def test_rasa_validates_the_data_without_a_warning(data: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rasa", "data", "validate", "--fail-on-warnings"]
    places = [
        "--domain",
        str(BOT / "domain"),
        "--config",
        str(BOT / "config.yml"),
        "--data",
        str(data),
        str(BOT / "rules"),
    ]
    done = subprocess.run([*command, *places], cwd=BOT, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stdout + done.stderr
