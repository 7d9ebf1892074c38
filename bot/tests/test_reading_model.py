"""The reading model learns intents, needs and dangers together, chooses its thresholds, is saved and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from components.network import Settings
from components.reading_model import ReadingModel, Thresholds, best_thresholds, micro_f1
from components.topics import Topics
from components.training_messages import Example
from conftest import FOOD, RENT, SAID, TOLD

ALONE = [
    "je veux en finir",
    "je veux mourir",
    "j'ai envie de mourir",
    "je pense a mourir tous les jours",
    "mourir serait plus simple",
]
ASKED = ["quelle dose de sirop", "quel sirop prendre pour la toux", "j'ai de la fievre que prendre"]
EXAMPLES = [
    *(Example(text, "fr", "tell_situation", (need,), None) for need, texts in TOLD.items() for text in texts),
    *(Example(text, "fr", intent, (), "none") for intent, texts in SAID.items() for text in texts),
    *(Example(text, "fr", "tell_situation", None, "suicide") for text in ALONE),
    Example("je meurs de faim", "fr", "tell_situation", (FOOD,), "none"),
    *(Example(text, "fr", "tell_situation", (), "none", True) for text in ASKED),
]
TOPICS = Topics({FOOD: ["manger", "faim", "aliment*"]})
SETTINGS = Settings(networks=2, hidden=32)


@pytest.fixture(scope="module")
def model() -> ReadingModel:
    return ReadingModel.train(EXAMPLES, TOPICS, seed=1, settings=SETTINGS)


def test_a_message_tells_its_need(model: ReadingModel) -> None:
    assert [need.thematique for need in model.read("mon loyer est en retard").needs] == [RENT]


def test_an_ordinary_message_tells_no_need_and_no_danger(model: ReadingModel) -> None:
    reading = model.read("bonjour")

    assert (reading.needs, reading.danger) == ((), "none")


@pytest.mark.parametrize(("text", "intent"), [("bonjour bonjour", "greet"), ("mon loyer", "tell_situation")])
def test_an_unseen_message_has_its_intent(model: ReadingModel, text: str, intent: str) -> None:
    assert model.read(text).intents[0][0] == intent


def test_the_probabilities_of_all_intents_make_one(model: ReadingModel) -> None:
    scored = model.read("oui").intents

    assert {name for name, _ in scored} == {example.intent for example in EXAMPLES}
    assert sum(confidence for _, confidence in scored) == pytest.approx(1.0, abs=1e-4)


def test_a_danger_is_seen_and_its_look_alike_is_not(model: ReadingModel) -> None:
    assert model.read("j'ai envie d'en finir et de mourir").danger == "suicide"
    assert model.read("je meurs de faim").danger == "none"


def test_a_question_of_health_is_seen(model: ReadingModel) -> None:
    assert model.read("quelle dose de sirop pour la toux").medical
    assert not model.read("bonjour").medical


def test_needs_come_best_first_and_only_above_the_threshold(model: ReadingModel) -> None:
    needs = model.read("j'ai faim et mon loyer est en retard").needs

    assert [need.score for need in needs] == sorted((need.score for need in needs), reverse=True)
    assert all(need.score >= model.thresholds.need for need in needs)


@pytest.mark.parametrize("text", ["", "?! ...", "😀"])
def test_a_text_without_a_word_tells_nothing_and_has_an_intent_all_the_same(model: ReadingModel, text: str) -> None:
    reading = model.read(text)

    assert (reading.needs, reading.danger) == ((), "none")
    assert len(reading.intents) == len({example.intent for example in EXAMPLES})


def test_the_saved_model_reads_the_same(model: ReadingModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = ReadingModel.load(tmp_path)
    one, other = loaded.read("mon loyer est en retard"), model.read("mon loyer est en retard")

    assert loaded.thresholds == model.thresholds
    assert [name for name, _ in one.intents] == [name for name, _ in other.intents]
    assert one.needs[0].score == pytest.approx(other.needs[0].score, abs=0.01)


def test_the_order_of_the_examples_changes_nothing(model: ReadingModel) -> None:
    again = ReadingModel.train(list(reversed(EXAMPLES)), TOPICS, seed=1, settings=SETTINGS)

    assert again.read("j'ai faim") == model.read("j'ai faim")


def test_no_word_of_a_message_stays_in_the_model(model: ReadingModel, tmp_path: Path) -> None:
    model.read("je m'appelle mirabelle")
    model.save(tmp_path)

    assert b"mirabelle" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_the_thresholds_are_those_with_the_best_f1_and_few_false_needs() -> None:
    scored = [
        ({"a": 0.6, "b": 0.3, "any": 0.9}, frozenset({"a"})),
        ({"a": 0.2, "b": 0.7, "any": 0.9}, frozenset({"b"})),
        ({"a": 0.9, "b": 0.1, "any": 0.3}, frozenset()),
    ]
    best = best_thresholds(scored)

    assert micro_f1(scored, best) == 1.0
    assert best.kept(scored[2][0]) == {}


def test_a_score_is_lowered_when_the_message_may_tell_no_need() -> None:
    assert Thresholds(need=0.3, any=0.2).kept({"a": 0.8, "b": 0.5, "any": 0.5}) == {"a": 0.4}
