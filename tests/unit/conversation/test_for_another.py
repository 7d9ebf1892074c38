"""Somebody writes for a relative: the age and the papers asked about are those of whom it is for."""

import pytest
from sqlalchemy import select
from walking import ORDINARY, waiting, walk

from passerelle.conversation.tables import ConversationRow
from passerelle.dossier.records import read_dossier
from passerelle.foundation.database import table_of
from passerelle.screening.next_question import profile_questions_for_handoff
from passerelle.screening.told import OTHER_AGE, Told

STORY = "ma mère ne peut plus payer son loyer à Vitré, elle a besoin d'aide"
RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
FOR_HER = ORDINARY | {"P3": "2", OTHER_AGE: "82 ans"}


@pytest.fixture
def daughter(bot, resident):
    bot.tell(STORY, needs=[RENT], entities=["wants_help", "for_other"])
    resident.says(STORY)
    return resident


def answers(parts):
    with parts.database.read() as session:
        row = session.execute(select(table_of(ConversationRow))).one()
        return dict(read_dossier(session, parts.keys, row.id).told.answers)


def test_the_age_of_the_relative_is_asked_and_never_that_of_who_writes(parts, daughter):
    asked = walk(parts, daughter.says, until="P2", answers=FOR_HER)

    assert asked.key == OTHER_AGE
    assert asked.text == "Quel âge a cette personne ?"

    daughter.says("elle a 82 ans")
    walk(parts, daughter.says, until="preview", answers=FOR_HER)

    assert answers(parts)[OTHER_AGE] == "60_or_over"
    assert "P2" not in answers(parts)


@pytest.mark.parametrize("said", ["82", "elle a 82 ans", "82 ans", "5"])
def test_the_age_is_read_however_it_is_said(parts, daughter, said):
    walk(parts, daughter.says, until="P2", answers=FOR_HER)

    daughter.says(said)

    assert (answers(parts).get(OTHER_AGE), answers(parts).get("P2")) == ("60_or_over", None)


def test_an_age_told_with_the_story_is_not_asked_again(parts, bot, resident):
    story = "ma mère a 82 ans et ne peut plus payer son loyer à Vitré"
    bot.tell(story, needs=[RENT], entities=["wants_help", "for_other"])
    resident.says(story)

    walk(parts, resident.says, until="preview", answers={key: code for key, code in FOR_HER.items() if key != "P2"})

    assert answers(parts)[OTHER_AGE] == "60_or_over"


def test_whose_papers_somebody_signs_is_asked_of_the_relative(parts, daughter):
    asked = walk(parts, daughter.says, until="P7", answers=FOR_HER)

    assert "les papiers de cette personne" in asked.text


def test_nothing_is_sent_for_a_child_and_a_person_is_named(parts, daughter):
    walk(parts, daughter.says, until="P2", answers=FOR_HER)

    (said,) = daughter.says("8 ans")

    assert "119" in said
    assert "Accueil" in said or "CCAS" in said
    assert waiting(parts) is None


def test_who_writes_for_themselves_is_asked_their_own_age():
    told = Told(answers={"P3": "myself"}, signals=frozenset({"for_other"}))

    assert profile_questions_for_handoff(told) == ("P2", "P7", "P5", "P6")


def test_nothing_is_asked_of_the_age_of_a_relative_twice():
    told = Told(answers={"P3": "relative", OTHER_AGE: "refuse"}, signals=frozenset({"for_other"}))

    assert profile_questions_for_handoff(told) == ("P7", "P5", "P6")
