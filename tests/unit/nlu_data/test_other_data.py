"""The data of how people speak: complete, consistent, safe to run, and never trained on what is held out."""

import re
import time
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from data_inclusion.schema.v1 import Thematique
from rapidfuzz import fuzz, process
from spacy.lang.en.stop_words import STOP_WORDS as ENGLISH
from spacy.lang.fr.stop_words import STOP_WORDS as FRENCH

from passerelle.conversation.commands import Command
from passerelle.foundation.text import Normaliser, bare, fold

NLU_DATA = Path(__file__).parents[3] / "nlu_data"
LANGUAGES = ("fr", "en")
INTENTS = {
    "greet", "thank", "goodbye", "affirm", "deny", "ask_definition", "ask_why", "ask_price", "ask_privacy",
    "ask_robot", "ask_human", "ask_help", "correct_answer", "complain", "out_of_scope",
}  # fmt: skip
SIGNALS = {
    "rupture_discharge", "rupture_rights_lost", "rupture_separation", "rupture_death", "rupture_job_lost",
    "rupture_home_lost", "isolated", "lives_alone", "lives_with_children", "wants_help", "deadline_week",
    "deadline_month", "for_other", "has_referent", "cannot_online", "cannot_read",
}  # fmt: skip
NORMALISER = Normaliser.load(NLU_DATA)


@cache
def read(name: str) -> Any:
    return yaml.safe_load((NLU_DATA / name).read_text(encoding="utf-8"))


@cache
def patterns(language: str) -> dict[str, list[re.Pattern[str]]]:
    return {name: [re.compile(p) for p in listed] for name, listed in read(f"{language}/signals.yml").items()}


def signals_of(text: str, language: str) -> set[str]:
    said = NORMALISER.normalise(text, language)
    return {name for name, ways in patterns(language).items() if any(way.search(said) for way in ways)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_has_sixty_examples_and_twelve_held_out(language: str) -> None:
    trained, held_out = read(f"{language}/intents.yml"), read(f"{language}/evaluation/intents.yml")

    assert set(trained) == INTENTS == set(held_out)
    assert all(len(texts) >= 60 for texts in trained.values())
    assert all(len(texts) >= 12 for texts in held_out.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_shows_two_intents(language: str) -> None:
    shown = [(bare(text), intent) for intent, texts in read(f"{language}/intents.yml").items() for text in texts]
    intents_of: dict[str, set[str]] = {}
    for said, intent in shown:
        intents_of.setdefault(said, set()).add(intent)

    assert {said: intents for said, intents in intents_of.items() if said and len(intents) > 1} == {}


@pytest.mark.parametrize(("language", "name"), [("fr", "intents"), ("en", "intents"), ("en", "needs")])
def test_what_is_held_out_is_not_trained_on(language: str, name: str) -> None:
    """No held-out sentence is a training sentence; of four words or more, none is close to one."""
    trained, held_out = ({NORMALISER.normalise(t, language) for t in _texts(f"{language}/{part}{name}.yml")}
                         for part in ("", "evaluation/"))  # fmt: skip
    long = [said for said in trained if len(said.split()) >= 4]
    close = {
        said: found[0]
        for said in held_out
        if len(said.split()) >= 4 and (found := process.extractOne(said, long, scorer=fuzz.ratio, score_cutoff=92))
    }

    assert held_out & trained == set()
    assert close == {}


def test_english_needs_are_real_thematiques_in_number() -> None:
    rows = read("en/needs.yml")
    told = {need for row in rows for need in row["needs"]}

    assert told <= {thematique.value for thematique in Thematique}
    assert len(rows) >= 700
    assert len(told) >= 24
    assert sum(not row["needs"] for row in rows) >= 120
    assert len(read("en/evaluation/needs.yml")) >= 150


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_forms_and_no_form_orders_two_things(language: str) -> None:
    table = read(f"{language}/commands.yml")
    forms = [bare(form) for command in Command for form in table[command.value]] + [
        bare(form) for form in table["ambiguous"]
    ]

    assert all(table[command.value] for command in Command)
    assert [first for first, second in pairwise(sorted(forms)) if first == second] == []


@pytest.mark.parametrize(("language", "ordinary"), [("fr", FRENCH), ("en", ENGLISH)])
def test_no_ordinary_word_is_spelt_out(language: str, ordinary: set[str]) -> None:
    table = {fold(str(short)) for short in read(f"{language}/spelling.yml")}

    assert table & {fold(word) for word in ordinary if len(word) > 2} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_spelling_out_twice_changes_nothing_more(language: str) -> None:
    table = read(f"{language}/spelling.yml")
    once = {short: NORMALISER.normalise(str(short), language) for short in table}

    assert all(isinstance(short, str) and isinstance(full, str) for short, full in table.items())
    assert {s: o for s, o in once.items() if NORMALISER.normalise(o, language) != o} == {}


def test_french_has_two_hundred_and_fifty_short_forms() -> None:
    assert len(read("fr/spelling.yml")) >= 250


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_signal_has_patterns_on_folded_text(language: str) -> None:
    table = read(f"{language}/signals.yml")

    assert set(table) == SIGNALS
    for listed in table.values():
        for pattern in listed:
            assert pattern == fold(pattern)[: len(pattern)] or pattern.casefold() == pattern
            assert not re.search(r"[)\]][*+]", pattern), f"a repeated group may cost more than linear time: {pattern}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_message_costs_the_patterns_little(language: str) -> None:
    hostile = ["a" * 1600, "je suis " * 200, "personne " * 178, "mon mari " * 178, "i don't " * 200, "the caf " * 200]
    started = time.perf_counter()
    for text in hostile:
        signals_of(text, language)

    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jsors de la clinique lundi", {"rupture_discharge"}),
        ("retour d'hospitalisation, personne pour les courses", {"rupture_discharge", "isolated"}),
        ("la caf a coupé mes apl", {"rupture_rights_lost"}), ("plus de rsa depuis juin", {"rupture_rights_lost"}),
        ("mes droits sont suspendus", {"rupture_rights_lost"}), ("mon mari m'a quittée", {"rupture_separation"}),
        ("ma mère est décédée en mars", {"rupture_death"}), ("j'ai perdu mon boulot", {"rupture_job_lost"}),
        ("le proprio m'a mis dehors", {"rupture_home_lost"}), ("personne pr maider", {"isolated", "wants_help"}),
        ("je suis tout seul, personne", {"isolated"}), ("jvis seul", {"lives_alone"}),
        ("seule avec mes deux enfants", {"lives_with_children"}), ("jai besoin daide", {"wants_help"}),
        ("je cherche un studio", {"wants_help"}), ("comment faire ?", {"wants_help"}),
        ("coupure dans 3 jours", {"deadline_week"}), ("avant la fin du mois", {"deadline_month"}),
        ("c'est pour ma voisine", {"for_other"}), ("mon assistante sociale est en congé", {"has_referent"}),
        ("jai pas internet", {"cannot_online"}), ("je ne sais pas lire", {"cannot_read"}),
        ("je comprends rien aux courriers", {"cannot_read"}),
    ],
)  # fmt: skip
def test_french_signals_are_heard(text: str, expected: set[str]) -> None:
    assert expected <= signals_of(text, "fr")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i left the hospital last week", {"rupture_discharge"}),
        ("the caf stopped my benefits", {"rupture_rights_lost"}),
        ("my husband left me", {"rupture_separation"}), ("my wife died in june", {"rupture_death"}),
        ("i lost my job", {"rupture_job_lost"}), ("we have been evicted", {"rupture_home_lost"}),
        ("nobody to help me", {"isolated", "wants_help"}), ("i live alone", {"lives_alone"}),
        ("single mum with two kids", {"lives_with_children"}), ("can you help", {"wants_help"}),
        ("they cut it in 3 days", {"deadline_week"}), ("by the end of the month", {"deadline_month"}),
        ("it is for my neighbour", {"for_other"}), ("my social worker is away", {"has_referent"}),
        ("i have no internet", {"cannot_online"}), ("i don't understand the letters", {"cannot_read", "wants_help"}),
    ],
)  # fmt: skip
def test_english_signals_are_heard(text: str, expected: set[str]) -> None:
    assert expected <= signals_of(text, "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("il fait beau", "fr"), ("j'ai 62 ans et j'habite Fougères", "fr"), ("merci beaucoup", "fr"), ("oui", "fr"),
        ("je suis de sortie ce soir", "fr"), ("bonjour", "fr"), ("demain à 10h", "fr"), ("hello", "en"),
        ("i am 34 years old", "en"), ("thank you", "en"), ("the weather is fine", "en"),
    ],
)  # fmt: skip
def test_an_ordinary_message_gives_no_signal(text: str, language: str) -> None:
    assert signals_of(text, language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_can_be_found_in_the_data(language: str) -> None:
    """No phone number, no e-mail address."""
    texts = [text for name in ("intents", "evaluation/intents") for text in _texts(f"{language}/{name}.yml")]

    assert [text for text in texts if re.search(r"\S@\S+\.|(?:\d[ .-]?){9,}", text)] == []


def _texts(name: str) -> list[str]:
    content = read(name)
    if isinstance(content, list):
        return [row["text"] for row in content]
    return [text for texts in content.values() for text in texts]
