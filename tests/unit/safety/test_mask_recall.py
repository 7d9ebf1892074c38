"""How much of what must be hidden is hidden, language by language (handoff.md §4.9)."""

from pathlib import Path

import pytest
import yaml

from passerelle.safety.mask import Masker

SENTENCES = Path(__file__).parent / "sentences"
LANGUAGES = ("fr", "en", "ar", "es", "pt", "uk", "tr", "ro")
#: A name or a health word left in the clear is somebody's: almost none may be.
LEAST_RECALL = 0.95


@pytest.fixture(scope="module")
def masker():
    return Masker.load()


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_and_health_words_are_hidden(masker, language):
    sentences = yaml.safe_load((SENTENCES / f"mask_{language}.yaml").read_text(encoding="utf-8"))
    left = [
        (sentence["text"], word)
        for sentence in sentences
        for word in sentence["hide"]
        if word in masker.mask(sentence["text"], language)
    ]
    all_words = sum(len(sentence["hide"]) for sentence in sentences)

    assert len(sentences) >= (40 if language == "fr" else 15)
    assert 1 - len(left) / all_words >= LEAST_RECALL, (f"{len(left)} of {all_words}", left)


@pytest.mark.parametrize(
    "text",
    [
        "je m'appelle pas souvent", "il m'appelle tous les jours", "je suis seule à Rennes", "La CAF a coupé mon APL",
        "J'habite à Saint-Denis, rue Victor Hugo", "Mon mari travaille à Lyon", "moi c'est pour le loyer",
        "my name is not on the lease", "soy madre soltera en Madrid", "adım adım ilerliyorum", "я живу в Києві",
    ],
)  # fmt: skip
def test_ordinary_words_stay(masker, text):
    assert masker.mask(text, "fr") == text
