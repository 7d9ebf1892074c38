"""A place of several names said beside an answer is asked about, not dropped."""

import pytest
from sqlalchemy import select
from walking import waiting

from passerelle.conversation.tables import ConversationRow
from passerelle.dossier.records import read_dossier
from passerelle.foundation.database import table_of

RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
STORY = "je ne peux plus payer mon loyer, j'ai besoin d'aide pour le payer"


@pytest.fixture
def asked_where(parts, bot, resident):
    """Somebody who refused to say where they live, and is now asked something else."""
    bot.tell(STORY, needs=[RENT])
    resident.says(STORY)
    assert waiting(parts).key == "P1"
    return resident


def dossier(parts):
    with parts.database.read() as session:
        row = session.execute(select(table_of(ConversationRow))).one()
        return read_dossier(session, parts.keys, row.id)


def test_places_of_one_name_beside_an_answer_are_asked_about_before_anything_else(parts, asked_where):
    asked_where.says("0")
    assert waiting(parts).question_id == "T1"

    (answer,) = asked_where.says("oui, à Saint-Aubin")

    assert dossier(parts).told.answers[f"T1:{RENT}"] == "yes"
    assert waiting(parts).key == "P1"
    assert "commune" in answer


def test_the_one_chosen_is_kept_and_the_questions_go_on(parts, asked_where):
    asked_where.says("0")
    asked_where.says("oui, à Saint-Aubin")

    asked_where.says("35 Vitré")

    assert waiting(parts).key != "P1"
    assert dossier(parts).commune == "35360"
