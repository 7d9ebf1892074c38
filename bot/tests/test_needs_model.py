"""The needs model learns, chooses its threshold, is saved and comes back the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from components.needs_model import Example, NeedsModel, Thresholds, best_thresholds, micro_f1, tokens_of
from components.reading import topics_of
from components.topics import Topics
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
    assert all(need.score >= model.thresholds.need for need in needs)


def test_a_text_without_a_known_token_tells_nothing(model: NeedsModel) -> None:
    assert model.predict("") == []
    assert model.predict("żźć 12345") == []


def test_a_word_of_a_topic_is_understood_though_no_example_holds_it(model: NeedsModel) -> None:
    scores = model.scores("alimentaires")

    assert scores[FOOD] > scores[RENT]


def test_the_saved_model_comes_back_the_same(model: NeedsModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = NeedsModel.load(tmp_path)

    assert loaded.thresholds == model.thresholds
    assert loaded.scores("mon loyer est en retard") == model.scores("mon loyer est en retard")


def test_the_same_seed_gives_the_same_model(model: NeedsModel) -> None:
    again = NeedsModel.train(list(reversed(EXAMPLES)), TOPICS, seed=1)

    assert again.scores("j'ai faim") == model.scores("j'ai faim")


def test_no_word_of_a_message_stays_in_the_model(model: NeedsModel) -> None:
    """spaCy keeps every string it meets; unknown words must not reach it."""
    model.predict("je m'appelle mirabelle")

    assert "mirabelle" not in model._nlp.vocab.strings


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


def test_a_star_stands_for_any_ending_and_a_word_for_itself() -> None:
    topics = Topics({"cold": ["frigo*", "lit"]})

    assert topics.found_in("des frigos") == ["cold"]
    assert topics.found_in("un litige") == []


def test_a_phrase_is_found_word_by_word_whatever_joins_them() -> None:
    topics = Topics({"care": ["maison de retraite", "m'occup*"], "money": ["plus d'argent"]})

    assert topics.found_in("la maison de retraite m'occupe") == ["care", "care"]
    assert topics.found_in("je n'ai plus d'argent") == ["money"]
    assert topics.found_in("maison de repos") == []


def test_the_topics_of_two_languages_are_one_list() -> None:
    tables = [{"name": FOOD, "elements": ["manger"]}, {"name": FOOD, "elements": ["eat"]}]

    assert topics_of(TrainingData(lookup_tables=tables)).words == {FOOD: ["eat", "manger"]}


def test_tokens_hold_words_pairs_groups_of_letters_and_topics() -> None:
    tokens = tokens_of("mon lit", Topics({"bed": ["lit"]}))

    assert {"mon", "lit", "mon lit", "# li", "#lit ", "@bed"} <= set(tokens)
