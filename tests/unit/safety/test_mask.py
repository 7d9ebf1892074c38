"""What is kept or sent holds no health word, no other person's name, no number of anyone (handoff.md §4.9)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passerelle.safety.mask import Masker


@pytest.fixture(scope="module")
def masker():
    return Masker.load()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("mon mari Karim a un cancer", "mon mari [prénom] a un [santé]"),
        ("Ma fille Léa est dépressive", "Ma fille [prénom] est [santé]"),
        ("appelez Mme Durand-Petit", "appelez Mme [prénom]"),
        ("M. Ben Ali est passé", "M. [prénom] est passé"),
        ("appelez le 06 39 98 12 34", "appelez le [téléphone]"),
        ("+33639981234", "[téléphone]"),
        ("jean.d@example.org", "[e-mail]"),
        ("1 85 05 78 006 084 36", "[numéro de sécurité sociale]"),
        ("FR76 3000 6000 0112 3456 7890 189", "[compte bancaire]"),
        ("je prends du Xanax et du Lévothyrox", "je prends du [santé] et du [santé]"),
        ("850 euros, 42000, le 115", "850 euros, 42000, le 115"),
        ("ma carte vitale et ma mutuelle", "ma carte vitale et ma mutuelle"),
        ("je sors de l'hôpital lundi", "je sors de l'[santé] lundi"),
        ("jsors de lhopital, hosto trop loin", "jsors de [santé], [santé] trop loin"),
        ("ma sortie de clinique après mon opération", "ma sortie de [santé] après mon [santé]"),
        ("aux urgences puis à la maternité", "aux [santé] puis à la [santé]"),
        ("hospitalisation prévue", "[santé] prévue"),
        ("un hébergement d'urgence", "un hébergement d'urgence"),
        ("mon mari karim est parti", "mon mari [prénom] est parti"),
        ("ma soeur fatou et mon fils léo", "ma soeur [prénom] et mon fils [prénom]"),
        ("mon mari travaille à Lyon", "mon mari travaille à Lyon"),
    ],
)
def test_masked_words(masker, written, kept):
    assert masker.mask(written, "fr") == kept


def test_the_brackets_speak_the_language(masker):
    assert masker.mask("my husband Karim has cancer", "en") == "my husband [name] has [health]"
    assert masker.mask("I left hospital after my operation", "en") == "I left [health] after my [health]"
    assert masker.mask("my husband karim", "en") == "my husband [name]"
    assert masker.mask("ma fille Léa", "xx") == "ma fille [prénom]"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300))
def test_no_text_makes_masking_fail(masker, text):
    assert isinstance(masker.mask(text, "fr"), str)
