"""The ideas of concepts.yml: what French messages teach about an idea serves another language by its name alone."""

from pathlib import Path

import pytest
import yaml

from passerelle.conversation.training_data import read_concepts
from passerelle.foundation.text import Normaliser

NLU_DATA = Path(__file__).parents[3] / "nlu_data"
LANGUAGES = sorted(path.parent.name for path in NLU_DATA.glob("*/concepts.yml"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_names_an_idea_that_french_does_not(language: str) -> None:
    french, other = (yaml.safe_load((NLU_DATA / name / "concepts.yml").read_text("utf-8")) for name in ("fr", language))

    assert other.keys() - french.keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_idea_has_words_that_can_be_found(language: str) -> None:
    """A beginning of one letter would be found in every message."""
    concepts = read_concepts(NLU_DATA / language / "concepts.yml", Normaliser.load(NLU_DATA))
    too_short = [(name, word) for name, words in concepts.items() for word in words if len(word.rstrip("*")) < 2]

    assert too_short == []
    assert all(len(words) >= 3 for words in concepts.values())
