"""The needs model learns, chooses its threshold, is saved and comes back the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from components.needs_classifier import topics_of
from components.needs_model import Example, NeedsModel, Topics, best_threshold, micro_f1, tokens_of
from conftest import FOOD, RENT, SAID, TOLD
from rasa.shared.nlu.training_data.training_data import TrainingData

EXAMPLES = [Example(text, (need,)) for need, texts in TOLD.items() for text in texts] + [
    Example(text, ()) for texts in SAID.values() for text in texts
]
TOPICS = Topics({FOOD: ["manger", "faim", "aliment*"]})


@pytest.fixture(scope="module")
def model() -> NeedsModel:
    return NeedsModel.train(EXAMPLES, TOPICS, seed=1)


def test_a_message_tells_its_need(model: NeedsModel) -> None:
    assert [need.thematique for need in model.predict("mon loyer est en retard")] == [RENT]


def test_an_ordinary_message_tells_no_need(model: NeedsModel) -> None:
    assert model.predict("bonjour") == []


def test_needs_come_best_first_and_only_above_the_threshold(model: NeedsModel) -> None:
    needs = model.predict("j'ai faim et mon loyer est en retard")

    assert [need.score for need in needs] == sorted((need.score for need in needs), reverse=True)
    assert all(need.score >= model.threshold for need in needs)


def test_a_text_without_a_known_token_tells_nothing(model: NeedsModel) -> None:
    assert model.predict("") == []
    assert model.predict("żźć 12345") == []


def test_a_word_of_a_topic_is_understood_though_no_example_holds_it(model: NeedsModel) -> None:
    scores = model.scores("alimentaires")

    assert scores[FOOD] > scores[RENT]


def test_the_saved_model_comes_back_the_same(model: NeedsModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = NeedsModel.load(tmp_path)

    assert loaded.threshold == model.threshold
    assert loaded.scores("mon loyer est en retard") == model.scores("mon loyer est en retard")


def test_the_same_seed_gives_the_same_model(model: NeedsModel) -> None:
    again = NeedsModel.train(list(reversed(EXAMPLES)), TOPICS, seed=1)

    assert again.scores("j'ai faim") == model.scores("j'ai faim")


def test_no_word_of_a_message_stays_in_the_model(model: NeedsModel) -> None:
    """spaCy keeps every string it meets; unknown words must not reach it."""
    model.predict("je m'appelle mirabelle")

    assert "mirabelle" not in model._nlp.vocab.strings


def test_the_threshold_is_the_one_with_the_best_f1() -> None:
    scored = [({"a": 0.6, "b": 0.3}, frozenset({"a"})), ({"a": 0.2, "b": 0.7}, frozenset({"b"}))]

    assert micro_f1(scored, best_threshold(scored)) == 1.0


def test_a_star_stands_for_any_ending_and_a_word_for_itself() -> None:
    topics = Topics({"cold": ["frigo*", "lit"]})

    assert topics.found_in("des frigos") == ["cold"]
    assert topics.found_in("un litige") == []


def test_the_topics_of_two_languages_are_one_list() -> None:
    tables = [{"name": FOOD, "elements": ["manger"]}, {"name": FOOD, "elements": ["eat"]}]

    assert topics_of(TrainingData(lookup_tables=tables)).words == {FOOD: ["eat", "manger"]}


def test_tokens_hold_words_pairs_groups_of_letters_and_topics() -> None:
    tokens = tokens_of("mon lit", Topics({"bed": ["lit"]}))

    assert {"mon", "lit", "mon lit", "# li", "#lit ", "@bed"} <= set(tokens)
