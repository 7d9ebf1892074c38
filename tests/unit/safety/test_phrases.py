"""A phrase list can be written by someone who does not program, and mistakes are named."""

import pytest
import yaml

from passerelle.safety.phrases import BadPhrase, PhraseBook


@pytest.fixture
def book(tmp_path):
    def write(phrases, look_alikes=(), **words):
        path = tmp_path / "fr.yaml"
        path.write_text(yaml.safe_dump({"phrases": phrases, "look_alikes": list(look_alikes), "words": words}), "utf-8")
        return PhraseBook.load(path)

    return write


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("il me frappe", "il me frappe", True),
        ("il me (frappe|donne des coups)", "il me donne des coups", True),
        ("il [me] frappe", "il frappe", True),
        ("(<hit>|cogne)", "il tape", True),
        ("frapp*", "ils frappaient", True),
        ("il .. frappe", "il a encore frappe", True),
        ("il .. frappe", "il a encore une fois frappe", False),
        ("il ... frappe", "il part. on frappe", False),
        ("frappe & enfant", "un enfant, on le frappe", True),
        ("frappe & enfant", "on le frappe", False),
        ("grave ?", "c'est grave?", True),
    ],
)
def test_the_notation(book, phrase, text, found):
    assert bool(book({"violence": [phrase]}, hit=["tape"]).kinds(text)) is found


def test_a_long_word_with_one_wrong_letter_is_read(book):
    assert book({"suicide": ["suicider"]}).kinds("me suiccider") == {"suicide"}


def test_a_look_alike_cancels_what_it_covers_and_nothing_else(book):
    written = book({"vital": ["il meurt"]}, ["meurt de faim"])

    assert written.kinds("il meurt de faim") == frozenset()
    assert written.kinds("il meurt de faim. vite il meurt") == {"vital"}


def test_the_longer_phrase_of_another_kind_wins(book):
    written = book({"violence": ["est battu"], "vulnerable_adult": ["resident est battu"]})

    assert written.kinds("un resident est battu") == {"vulnerable_adult"}


@pytest.mark.parametrize("phrase", ["<nothing> x", "a @ b", "[a]"])
def test_a_mistake_is_named(book, phrase):
    with pytest.raises(BadPhrase, match=r"fr\.yaml"):
        book({"vital": [phrase]})


def test_a_slip_anywhere_in_a_long_word_is_forgiven_unless_told_not_to(book):
    written = book({"suicide": ["suicider"]})

    for slip in ("usicider", "ssuicider", "sucider", "suicidre", "suiciders", "suicidzr"):
        assert written.kinds(f"me {slip}") == {"suicide"}, slip
        assert not written.kinds(f"me {slip}", forgives_typos=False)


def test_a_book_leaves_alone_the_words_that_another_has_judged(book):
    french = book({"suicide": ["se suicide", "squad"]})
    spanish = book({"suicide": ["suicide squad", "quiero morir"]})

    assert not spanish.kinds_unheard("suicide squad", [french])
    assert spanish.kinds_unheard("quiero morir", [french]) == {"suicide"}


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("سكين", "والسكين فيده", True),
        ("مدرسه", "فالمدرسه", True),
        ("يضربني", "غايضربني", True),
        ("ما يتنفس", "مايتنفسش", True),
        ("يتنفس & !ما", "مايتنفسش", False),
        ("سم", "السم", False),
    ],
)
def test_an_unknown_arabic_word_is_read_without_the_letters_joined_to_it(book, phrase, text, found):
    assert bool(book({"child": [phrase]}).kinds(text)) is found


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("يضربني", "kaydrebni", True),
        ("كيضربني", "kaydrbni", True),
        ("ما يتنفس", "maytneffsch", True),
        ("تقتلني", "ghat9telni", True),
        ("الشارع", "ach7al", False),
        ("فاتوره", "voiture", False),
        ("سكين", "skn", False),
    ],
)
def test_arabic_in_latin_letters_is_read_as_the_word_it_sounds_like(book, phrase, text, found):
    assert bool(book({"child": [phrase]}).kinds(text)) is found
    assert not book({"child": [phrase]}).kinds(text, forgives_typos=False)
