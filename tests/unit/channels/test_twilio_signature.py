"""The signature says whether Twilio itself sent a form to the address we gave it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from passerelle.channels.twilio_signature import SignatureCheck, sign

TOKEN = "a" * 32
NEXT_TOKEN = "b" * 32
URL = "https://passerelle.example.org"
PATH = "/sms/twilio"
FORM = {"From": ["+33639980001"], "Body": ["bonjour, ça va ?"], "MessageSid": ["SM" + "0" * 32]}


def check(*tokens: str, **changes: str) -> SignatureCheck:
    return SignatureCheck(**{"public_url": URL, "tokens": tokens or (TOKEN,)} | changes)


def test_a_form_signed_by_twilios_own_library_is_accepted():
    plain = {name: values[0] for name, values in FORM.items()}
    signature = RequestValidator(TOKEN).compute_signature(URL + PATH, plain)

    assert check().accepts(PATH, FORM, signature)


def test_our_own_signature_satisfies_twilios_validator():
    plain = {name: values[0] for name, values in FORM.items()}

    assert RequestValidator(TOKEN).validate(URL + PATH, plain, sign(URL + PATH, FORM, token=TOKEN))


@pytest.mark.parametrize("signature", [None, "", "AAAA", "é" * 28, "x" * 100_000])
def test_no_signature_or_nonsense_is_refused(signature):
    assert not check().accepts(PATH, FORM, signature)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.net/sms/twilio",
        "http://passerelle.example.org/sms/twilio",
        "https://passerelle.example.org/sms/twilio?x=1",
        "https://passerelle.example.org:8443/sms/twilio",
        "https://passerelle.example.org/sms/twilio/status/1",
    ],
)
def test_a_signature_for_another_address_is_refused(url):
    assert not check().accepts(PATH, FORM, sign(url, FORM, token=TOKEN))


def test_the_default_port_may_be_written_or_not():
    signature = sign("https://passerelle.example.org:443" + PATH, FORM, token=TOKEN)

    assert check().accepts(PATH, FORM, signature)


def test_both_tokens_are_accepted_during_a_rotation_and_only_the_new_one_after():
    old, new = (sign(URL + PATH, FORM, token=token) for token in (TOKEN, NEXT_TOKEN))

    assert check(NEXT_TOKEN, TOKEN).accepts(PATH, FORM, old)
    assert check(NEXT_TOKEN, TOKEN).accepts(PATH, FORM, new)
    assert not check(NEXT_TOKEN).accepts(PATH, FORM, old)


def test_an_empty_second_token_opens_nothing():
    assert not check(TOKEN, "").accepts(PATH, FORM, sign(URL + PATH, FORM, token=""))


def test_the_algorithm_is_the_configured_one_whatever_was_used():
    weaker = sign(URL + PATH, FORM, token=TOKEN, algorithm="HMAC_SHA1")
    stronger = sign(URL + PATH, FORM, token=TOKEN, algorithm="HMAC_SHA256")

    assert check(algorithm="HMAC_SHA256").accepts(PATH, FORM, stronger)
    assert not check(algorithm="HMAC_SHA256").accepts(PATH, FORM, weaker)
    assert not check().accepts(PATH, FORM, stronger)


@given(st.sampled_from(sorted(FORM)), st.integers(min_value=0, max_value=27), st.characters(codec="utf-8"))
def test_one_changed_character_anywhere_breaks_the_signature(name, position, other):
    signature = sign(URL + PATH, FORM, token=TOKEN)
    value = FORM[name][0]
    changed = value[: position % len(value)] + other + value[position % len(value) + 1 :]
    flipped = signature[:position] + other + signature[position + 1 :]

    assert check().accepts(PATH, FORM | {name: [changed]}, signature) == (changed == value)
    assert check().accepts(PATH, FORM, flipped) == (flipped == signature)


def test_an_added_or_missing_field_breaks_the_signature():
    signature = sign(URL + PATH, FORM, token=TOKEN)

    assert not check().accepts(PATH, FORM | {"OptOutType": ["STOP"]}, signature)
    assert not check().accepts(PATH, {"From": FORM["From"]}, signature)
    assert not check().accepts(PATH, {**FORM, "Body": [*FORM["Body"], "autre"]}, signature)
