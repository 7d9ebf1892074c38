"""Commands are recognised on the whole message, in every language, and never inside a sentence."""

from pathlib import Path

import pytest

from passerelle.conversation.commands import Command, Commands

COMMANDS = Commands.load(Path(__file__).parents[3] / "nlu_data")
LANGUAGES = ("fr", "en")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("STOP", Command.STOP), ("Arrêt.", Command.STOP), ("« stop »", Command.STOP),
        ("stop svp", Command.STOP),
        ("stop merci", Command.STOP), ("stooop", Command.STOP), ("STOP STOP", Command.STOP),
        ("Fin", Command.STOP),
        ("se désabonner", None), ("DESABONNER", Command.STOP), ("unsubscribe", Command.STOP),
        ("QUIT", Command.STOP),
        ("AIDE !", Command.HELP), ("aide svp", Command.HELP), ("help please", Command.HELP),
        ("retour", Command.BACK), ("go back", Command.BACK), ("recommencer", Command.RESTART),
        ("effacez tout", Command.ERASE), ("delete my data", Command.ERASE), ("MES DONNEES", Command.MY_DATA),
        ("mes données svp", Command.MY_DATA), ("où", Command.STATUS),
        ("où en est ma demande ?", Command.STATUS),
        ("where is my request?", Command.STATUS), ("LANGUE", Command.LANGUAGE), ("HUMAIN", Command.HUMAN),
        ("parler à quelqu'un", Command.HUMAN), ("i want to talk to someone please", Command.HUMAN),
        ("contact", Command.CONTACT), ("RETIRER", Command.WITHDRAW),
        ("I withdraw my consent", Command.WITHDRAW),
        ("REPRENDRE", Command.RESUME), ("pourquoi cette question ?", Command.WHY), ("passer", Command.SKIP),
        ("répéter", Command.REPEAT),
    ],
)  # fmt: skip
def test_the_whole_message_is_a_command(text: str, command: Command | None) -> None:
    assert COMMANDS.recognise(text, LANGUAGES) == command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("retuor", Command.BACK), ("arrette", Command.STOP), ("humian", Command.HUMAN), ("AIDEE", Command.HELP),
        ("helpp", Command.HELP), ("stopp", Command.STOP), ("stpo", Command.STOP), ("umain", Command.HUMAN),
    ],
)  # fmt: skip
def test_one_slip_of_the_finger_is_forgiven(text: str, command: Command) -> None:
    assert COMMANDS.recognise(text, LANGUAGES) == command


@pytest.mark.parametrize(
    "text",
    [
        "aidez moi svp j'ai faim", "c'est la fin du mois", "fin du mois", "je veux arrêter de payer mon loyer",
        "mon contrat s'arrête", "contrat", "penser", "retard", "oui", "non", "merci", "bonjour", "1", "",
        "je ne sais pas où aller", "j'ai besoin d'aide pour mes papiers", "no", "i need help with my rent",
    ],
)  # fmt: skip
def test_a_sentence_or_an_ordinary_word_is_no_command(text: str) -> None:
    assert COMMANDS.recognise(text, LANGUAGES) is None


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("remettre à zéro", Command.RESTART), ("annuler la dernière réponse", Command.BACK),
        ("quelles données avez-vous", Command.MY_DATA), ("je voudrais parler à une conseillère", Command.HUMAN),
        ("je ne suis plus d'accord pour transmettre", Command.WITHDRAW),
        ("take back my consent", Command.WITHDRAW),
        ("pouvez-vous supprimer toutes mes réponses", Command.ERASE),
        ("can you delete my messages", Command.ERASE),
        ("où j'en suis", Command.STATUS),
    ],
)  # fmt: skip
def test_one_line_of_the_lists_stands_for_the_many_ways_of_asking(text: str, command: Command) -> None:
    assert COMMANDS.recognise(text, LANGUAGES) is command


@pytest.mark.parametrize("text", ["je veux pas", "je peux pas", "une personne", "le téléphone", "reste", "une aide"])
def test_what_may_answer_a_question_is_no_command_in_any_language(text: str) -> None:
    """ "je veux" may open an order, in French only: "pas" orders something in another language."""
    assert COMMANDS.recognise(text, ("fr", "en", "ar", "es", "pt", "uk", "tr", "ro")) is None


def test_cancelling_says_not_what_so_the_person_is_asked() -> None:
    assert COMMANDS.recognise("ANNULER", LANGUAGES) is None
    assert COMMANDS.ambiguous("annuler svp", LANGUAGES)
    assert not COMMANDS.ambiguous("annuler ma demande", LANGUAGES)
    assert COMMANDS.recognise("annuler ma demande", LANGUAGES) is Command.WITHDRAW


@pytest.mark.parametrize(
    ("text", "code"),
    [("English", "en"), ("in english please", "en"), ("français", "fr"), ("je veux parler anglais", "en"),
     ("العربية", "ar"), ("українська", "uk"), ("langue", None), ("english breakfast tea", None)],
)  # fmt: skip
def test_naming_a_language_asks_for_it(text: str, code: str | None) -> None:
    assert COMMANDS.language_named(text) == code
    if code:
        assert COMMANDS.recognise(text, LANGUAGES) is Command.LANGUAGE


def test_only_the_languages_given_are_heard() -> None:
    assert COMMANDS.recognise("unsubscribe", ("fr",)) is None
    assert COMMANDS.recognise("desabonner", ("en", "fr")) is Command.STOP


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("quiero borrar todo", Command.ERASE), ("quero apagar tudo", Command.ERASE),
        ("vreau să șterg tot", Command.ERASE),
        ("/stop", Command.STOP), ("/help", Command.HELP), ("/restart", None), ("/back", None),
        ("/inform", None),
    ],
)  # fmt: skip
def test_an_order_may_be_asked_for_and_a_slash_orders_nothing_but_stop_and_help(
    text: str, command: Command | None
) -> None:
    assert COMMANDS.recognise(text, ("fr", "en", "es", "pt", "ro")) == command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("بغيت نبدا من اللول", Command.RESTART), ("حيدو كلشي عليا", Command.ERASE),
        ("واش كاين شي جديد", Command.STATUS),
        ("ما بقيتش موافقة على الإرسال", Command.WITHDRAW), ("mes7o kolchi", Command.ERASE),
        ("7absou 3afak", Command.STOP),
        ("geri dönelim lütfen", Command.BACK), ("başvurum hangi aşamada", Command.STATUS),
        ("onayımı geri almak istiyorum", Command.WITHDRAW), ("припиніть розсилку", Command.STOP),
        ("що там з моєю справою", Command.STATUS), ("хочу поговорити з кимось", Command.HUMAN),
        ("удалите все мои данные", Command.ERASE), ("прошу скасувати моє звернення", Command.WITHDRAW),
        # What answers a question stays an answer.
        ("أبدا", None), ("لا أوافق", None), ("لست موافقا", None), ("kabul etmiyorum", None), ("не згодна", None),
        ("не згоден", None), ("hayır istemiyorum", None), ("ما عنديش", None), ("لا ترسلوا شيئا", None),
    ],
)  # fmt: skip
def test_arabic_turkish_and_ukrainian_order_in_many_forms(text: str, command: Command | None) -> None:
    assert COMMANDS.recognise(text, ("fr", "en", "ar", "es", "pt", "uk", "tr", "ro")) == command
