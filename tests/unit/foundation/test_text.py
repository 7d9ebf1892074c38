"""What people write, made safe to keep and easy to compare."""

import unicodedata

import pytest
from houses import reading_parts
from hypothesis import given
from hypothesis import strategies as st

from passerelle.foundation.text import MAX_CHARACTERS, bare, clean, disarm, fold


@given(text=st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(text):
    assert clean(clean(text)) == clean(text)


@given(text=st.text(max_size=3000))
def test_a_clean_text_is_short_and_has_no_control_character(text):
    cleaned = clean(text)

    assert len(cleaned) <= MAX_CHARACTERS
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in cleaned if c != "\n")


@given(text=st.text(max_size=200))
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


@given(text=st.text(alphabet="اأإآىيئؤةهٱیکگـ\u064b\u0650\u0653\u0654\u0655\u0670ёеґйї\u0308ıİi\u0307٣۳ a", max_size=9))
def test_folding_twice_changes_nothing_more_in_arabic_cyrillic_and_turkish(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("أَنَا أُرِيدُ المُسَاعَدَة إلى ٣", "انا اريد المساعده الي 3"),
        ("لـــا", "لا"),
        ("رئيس مسؤول", "رئيس مسؤول"),
        ("IŞIK ısınma İstanbul", "isik isinma istanbul"),
        ("Ёлка, Ґанок, дім’я, їжа", "елка, ганок, дім'я, їжа"),
    ],
)
def test_letters_written_one_for_the_other_are_joined(written, folded):
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("J’habite à Saint-Malô", "j'habite a saint-malo"),
        ("ŒUVRE  sociale", "oeuvre sociale"),
        ("ça\u00a0va\u202f?", "ca va ?"),
        ("“loyer”", '"loyer"'),
    ],
)
def test_folding_takes_accents_off_latin_letters_only(written, folded):
    assert fold(written) == unicodedata.normalize("NFC", folded)


def test_a_whole_message_is_compared_without_its_punctuation():
    assert bare(" Oui !!! ") == bare("oui.") == "oui"


@pytest.mark.parametrize("text", ["/restart", '  /inform{"x":1}', "/session_start"])
def test_a_leading_slash_is_no_order_to_rasa(text):
    """Rasa strips spaces before it looks (reference R9)."""
    assert not disarm(text).lstrip().startswith("/")


def test_a_slash_inside_a_text_stays():
    assert disarm("3/4 d'heure") == "3/4 d'heure"


def test_a_letter_buried_in_marks_is_dug_out():
    assert len(clean("a" + "\u0301" * 100)) < 6


@pytest.mark.parametrize(("written", "read"), [("jsuis seul", "je suis seul"), ("Bjr", "bonjour")])
def test_short_forms_are_spelled_out(written, read):
    assert reading_parts().normaliser.normalise(written, "fr") == read


@given(text=st.text(max_size=100))
def test_normalising_is_stable(text):
    """The bot is trained on normalised text: normalising it once more must not move it."""
    once = reading_parts().normaliser.normalise(text, "fr")

    assert fold(once) == once


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=40))
def test_plain_letters_fold_the_short_way_as_they_do_the_long_way(text):
    """One accent sends the whole text the long way."""
    assert fold(text + "e") == fold(text + "é")
