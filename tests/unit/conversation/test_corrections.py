"""A person corrects, goes back, skips, pauses and comes back: said back, re-asked where it matters, nothing twice."""

import pytest
from sqlalchemy import select

from passerelle.conversation.tables import ConversationRow
from passerelle.dossier.records import read_dossier
from passerelle.foundation.database import table_of

RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
FOOD = "equipement-et-alimentation--alimentation"


def dossier(parts):
    with parts.database.read() as session:
        row = session.execute(select(table_of(ConversationRow))).one()
        return read_dossier(session, parts.keys, row.id)


def teach(bot, *texts):
    for text in texts:
        bot.tell(text, intent="correct_answer", action="action_correct")


@pytest.fixture
def asked(parts, bot, resident):
    """Somebody in Vitré who told a need and answered that help is wanted, then the rent two months late."""
    bot.tell("je ne peux plus payer mon loyer à Vitré", needs=[RENT])
    resident.says("je ne peux plus payer mon loyer à Vitré")
    resident.says("oui")
    return resident


def answers(parts):
    return dict(dossier(parts).told.answers)


def test_a_place_is_corrected_in_own_words_and_said_back(parts, bot, asked):
    teach(bot, "je me suis trompé de ville, j'habite à Rennes")

    (answer,) = asked.says("je me suis trompé de ville, j'habite à Rennes")

    assert "Rennes" in answer
    assert answers(parts)["P1"] == "35238"


@pytest.mark.parametrize(
    "words", ["je me suis trompé de ville", "ce n'est pas la bonne commune", "ma ville n'est pas la bonne"]
)
def test_a_wrong_place_without_the_right_one_is_asked_again(parts, bot, asked, words):
    teach(bot, words)

    assert "commune" in asked.says(words)[0]
    assert "P1" not in answers(parts)


@pytest.mark.parametrize("words", ["je me suis trompé de chiffre", "j'ai mal répondu à la question d'avant"])
def test_a_mistake_without_more_goes_back_to_the_last_answer(parts, bot, asked, words):
    before = dossier(parts).asked[-1]
    teach(bot, words)

    (answer,) = asked.says(words)

    assert "question d'avant" in answer
    assert before not in answers(parts)


@pytest.mark.parametrize("words", ["pardon je voulais dire non", "finalement non", "en fait non"])
def test_the_last_answer_is_corrected_by_its_opposite(parts, bot, asked, words):
    key = f"T1:{RENT}"
    assert answers(parts)[key] == "yes"
    teach(bot, words)

    (answer,) = asked.says(words)

    assert "C'est changé" in answer
    assert answers(parts)[key] == "no"


@pytest.fixture
def living(parts, asked):
    """The same, who also said to live alone and to have nobody to turn to."""
    from passerelle.dossier.records import record_answer

    with parts.database.write() as session:
        row = session.execute(select(table_of(ConversationRow))).one()
        known = read_dossier(session, parts.keys, row.id)
        for key, code in (("P4", "alone"), ("Q27", "no")):
            known = record_answer(session, known, key=key, code=code, version="older/1", at=parts.clock.now())
    return asked


@pytest.mark.parametrize(
    ("words", "key", "code"),
    [
        ("en fait j'ai deux enfants", "P4", "children"),
        ("en fait je vis en couple", "P4", "couple"),
        ("non, je ne suis pas seul, ma soeur m'aide", "Q27", "yes"),
    ],
)
def test_an_earlier_closed_answer_is_corrected_in_own_words(parts, bot, living, words, key, code):
    bot.tell(words, intent="correct_answer", action="action_correct")

    (answer,) = living.says(words)

    assert "C'est changé" in answer
    assert answers(parts)[key] == code
