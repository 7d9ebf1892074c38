"""The intent model tells the person's situation from words about the conversation, and is saved and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from components.intent_model import IntentModel, Said, marks_of
from components.topics import Topics
from conftest import FOOD, SAID, TOLD

ASKED = {"ask_price": ["c'est payant ?", "c'est gratuit ?", "combien ca coute ?", "il faut payer combien ?"]}
TOPICS = Topics({FOOD: ["manger", "faim"], "money": ["payer", "argent"]})
MESSAGES = [Said(text, "tell_situation", True) for texts in TOLD.values() for text in texts] + [
    Said(text, intent, False) for intent, texts in {**SAID, **ASKED}.items() for text in texts
]


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return IntentModel.train(MESSAGES, TOPICS)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("combien faut il payer ?", "ask_price"),
        ("bonjour bonjour", "greet"),
        ("mon loyer est en retard", "tell_situation"),
    ],
)
def test_an_unseen_message_has_its_intent(model: IntentModel, text: str, intent: str) -> None:
    assert model.predict(text)[0][0] == intent


def test_the_probabilities_of_all_intents_make_one(model: IntentModel) -> None:
    scored = model.predict("oui")

    assert {name for name, _ in scored} == {said.intent for said in MESSAGES}
    assert sum(confidence for _, confidence in scored) == pytest.approx(1.0, abs=1e-4)
    assert scored == sorted(scored, key=lambda item: -item[1])


def test_the_saved_model_comes_back_the_same(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path)

    assert IntentModel.load(tmp_path).predict("c'est payant") == model.predict("c'est payant")


def test_the_order_of_the_messages_changes_nothing(model: IntentModel) -> None:
    assert IntentModel.train(list(reversed(MESSAGES)), TOPICS).predict("salut") == model.predict("salut")


def test_an_empty_text_has_an_intent_all_the_same(model: IntentModel) -> None:
    assert len(model.predict("")) == len({said.intent for said in MESSAGES})


def test_marks_hold_the_first_and_last_words_the_length_the_question_and_the_ideas() -> None:
    marks = marks_of("c'est quoi manger ?", TOPICS)

    assert {"^c'est quoi", "$manger", "~words 3", "~?", "~thematiques 1", "~ideas 0"} <= set(marks)
