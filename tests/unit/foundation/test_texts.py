"""Texts are found by key, in the person's language, in the form of the channel."""

import pytest

from passerelle.foundation.texts import MissingText, Texts, placeholders

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def locale(tmp_path):
    def write(language, room, *messages):
        folder = tmp_path / language
        folder.mkdir(exist_ok=True)
        body = "\n".join(
            (f'msgctxt "{form}"\n' if form else "") + f'msgid "{key}"\nmsgstr "{text}"\n'
            for key, form, text in messages
        )
        (folder / f"{room}.po").write_text(HEADER + body, encoding="utf-8")

    write("fr", "a", ("hello", "", "Bonjour {name}"), ("hello", "sms", "Bjr {name}"), ("only", "", "Seulement"))
    write("en", "a", ("hello", "", "Hello {name}"))
    return tmp_path, write


def test_a_text_is_said_in_the_language_and_the_form(locale):
    texts = Texts.load(locale[0])

    assert texts.say("hello", language="fr", name="Sam") == "Bonjour Sam"
    assert texts.say("hello", language="fr", form="sms", name="Sam") == "Bjr Sam"


def test_a_language_without_an_sms_form_uses_its_own_words_not_french_ones(locale):
    assert Texts.load(locale[0]).say("hello", language="en", form="sms", name="Sam") == "Hello Sam"


@pytest.mark.parametrize("language", ["en", "xx"])
def test_what_a_language_lacks_is_said_in_french(locale, language):
    texts = Texts.load(locale[0])

    assert texts.say("only", language=language) == "Seulement"
    assert texts.has("only", "fr")
    assert not texts.has("only", "en")


def test_a_text_nobody_wrote_is_an_error_that_names_it(locale):
    with pytest.raises(MissingText, match=r"nothing\.here"):
        Texts.load(locale[0]).say("nothing.here", language="en")


def test_the_same_key_in_two_rooms_is_an_error(locale):
    folder, write = locale
    write("fr", "b", ("hello", "", "Salut"))

    with pytest.raises(MissingText, match=r"a\.po and b\.po"):
        Texts.load(folder)


def test_values_with_braces_are_not_read_as_placeholders(locale):
    assert Texts.load(locale[0]).say("hello", language="fr", name="{secret}") == "Bonjour {secret}"


def test_placeholders_are_found():
    assert placeholders("{a} et {b} et {a}") == {"a", "b"}
