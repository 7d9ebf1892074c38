"""Taking stock again: the answers are asked afresh, what came before is kept, the référent sees the change."""

import json

import pytest
from sqlalchemy import select

from passerelle.dossier.records import evaluation_before
from passerelle.dossier.tables import AnswerRow, EvaluationRow
from passerelle.foundation.database import table_of

DEBT = "difficultes-financieres--situation-dendettement-surendettement"
TOLD = "j'ai des dettes a rennes et je cherche de l'aide"


def rows(parts, kind):
    with parts.database.read() as session:
        return session.execute(select(table_of(kind))).all()


def answered(parts):
    return {row.key for row in rows(parts, AnswerRow)}


def answer_until(resident, parts, most=20):
    """Say "1" until something was graded."""
    for _ in range(most):
        if any(not row.ended for row in rows(parts, EvaluationRow)):
            return
        resident.says("1" if "P1" in answered(parts) else "Rennes")
    raise AssertionError("nothing was graded")


@pytest.fixture
def graded(bot, parts, resident):
    bot.tell(TOLD, needs=[DEBT])
    resident.says(TOLD)
    answer_until(resident, parts)
    return resident


def test_each_grading_keeps_the_evaluation_with_its_date_needs_level_and_who_said_so(graded, parts):
    (row,) = rows(parts, EvaluationRow)

    content = json.loads(row.content)
    assert (row.number, row.ended) == (1, False)
    assert content["level"].startswith("N")
    assert content["said_by"][DEBT] == ["self"]
    assert DEBT in {need[0] for need in content["needs"]}


def test_taking_stock_again_keeps_the_commune_and_asks_the_rest_afresh(graded, parts):
    said = " ".join(graded.says("refaire le point"))

    assert "reste gardé" in said
    assert "P1" in answered(parts)
    assert not {key for key in answered(parts) if key[0] in "QT"}


def test_the_second_evaluation_stands_beside_the_first(graded, bot, parts):
    graded.says("ma situation a changé")
    graded.says(TOLD)
    answer_until(graded, parts)

    assert [(row.number, row.ended) for row in rows(parts, EvaluationRow)] == [(1, True), (2, False)]
    with parts.database.read() as session:
        assert evaluation_before(session, rows(parts, EvaluationRow)[0].conversation)["level"].startswith("N")


def test_nothing_is_forgotten_before_anything_was_graded(bot, parts, resident):
    bot.tell(TOLD, needs=[DEBT])
    resident.says(TOLD)
    before = answered(parts)

    resident.says("refaire le point")

    assert answered(parts) == before
