"""Texts are rewritten for SMS without a lost letter, and counted as the networks count them."""

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from passerelle.foundation.sms import fit, sms_json

FRENCH = st.text(alphabet="abcdeéèàùçêëîïôœûÿâÀÂÇÉÈÊŒ«»’“”–…°²\u00a0\u202f €[]{}^~|\\nN.,:;?!\n🙂عб", max_size=340)
ANY_SENDABLE = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=340)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("L’aide", "L'aide"),
        ("« oui »", '" oui "'),
        ("lundi – mardi — fin…", "lundi - mardi - fin..."),
        ("Combien\u00a0?", "Combien ?"),
        ("n°5, N°6, 30°", "no5, No6, 30deg"),
        ("12 m²", "12 m2"),
        ("cœur", "coeur"),
        ("Œuvre", "Oeuvre"),
        ("ŒUVRE", "OEUVRE"),
        ("Reçu où être là, ô naïf", "Recu où etre là, o naif"),
        ("À bientôt, École, Ça", "A bientot, École, Ça"),
        ("e\u0301te\u0301", "été"),
    ],
)
def test_typography_and_accents_outside_gsm_are_rewritten(written, sent):
    fitted = fit(written)

    assert (sent, "GSM-7", 1) == (fitted.text, fitted.encoding, fitted.parts)


def test_accents_are_kept_when_another_script_forces_ucs2_anyway():
    fitted = fit("Ça va être prêt, مرحبا")

    assert (fitted.encoding, fitted.text) == ("UCS-2", "Ça va être prêt, مرحبا")


def test_accents_may_be_kept_in_a_message_of_one_part():
    assert fit("être", keep_accents=True).text == "être"
    assert fit("ê" * 70, keep_accents=True).encoding == "UCS-2"
    assert fit("ê" * 71, keep_accents=True).text == "e" * 71


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("ع" * 70, 1),
        ("ع" * 71, 2),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
        ("ع" * 66 + "🙂" + "ع" * 66, 3),
    ],
)
def test_a_character_of_two_units_is_not_cut_between_parts(text, parts):
    assert parts == fit(text).parts


@given(FRENCH | ANY_SENDABLE)
def test_parts_and_encoding_agree_with_smsutil(text):
    fitted = fit(text)
    oracle = smsutil.split(fitted.text)

    if fitted.text:
        assert {"gsm0338": "GSM-7", "utf_16_be": "UCS-2"}[oracle.encoding] == fitted.encoding
    assert len(oracle.parts) == fitted.parts


@given(FRENCH | st.text(max_size=340), st.booleans())
def test_fitting_twice_changes_nothing_more(text, keep_accents):
    once = fit(text, keep_accents=keep_accents)

    assert once == fit(once.text, keep_accents=keep_accents)


@given(FRENCH | st.text(max_size=340))
def test_no_question_mark_is_ever_made(text):
    assert text.count("?") == fit(text).text.count("?")


def test_the_command_prints_three_fields():
    assert sms_json("Bonjour") == {"encoding": "GSM-7", "parts": 1, "text": "Bonjour"}
