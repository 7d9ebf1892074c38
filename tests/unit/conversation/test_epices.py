"""EPICES: off unless switched on, by agreement, complete or no score, and nothing of it decides, is kept or leaves."""

import ast
import json

import pytest
from code_read import modules
from fakes import FakeBot, FakeSender, FixedClock
from houses import Resident, open_parts
from sqlalchemy import select

from passerelle.conversation.pending import Pending
from passerelle.conversation.tables import ConversationRow
from passerelle.dossier.records import read_dossier, record_answer
from passerelle.dossier.tables import AnswerRow, EvaluationRow
from passerelle.foundation.config import ROOT, Settings
from passerelle.foundation.database import table_of
from passerelle.foundation.sms import fit

BUS = "mobilite--financer-ma-mobilite"
TOLD = "une aide pour le bus a rennes"
#: Patterns of reference/screening.md §1.1, one digit an answer.
BOUNDARY, CALM, HEAVY = "10010111111", "01110111111", "10001000000"


@pytest.fixture
def parts(tmp_path):
    return open_parts(
        tmp_path,
        settings=Settings(var=tmp_path, epices=True),
        clock=FixedClock(),
        bot=FakeBot(),
        senders={"sms": FakeSender(), "email": FakeSender()},
    )


def waiting(parts):
    """Key of the question that waits."""
    with parts.database.read() as session:
        row = session.execute(select(table_of(ConversationRow))).one()
    pending = Pending.unsealed(parts.keys, row.id, row.pending)
    return pending.key if pending else ""


def until_news(parts, *, age="4"):
    """A light need, told and answered until news later is offered."""
    parts.bot.tell(TOLD, needs=[BUS], entities=["wants_help"])
    resident = Resident(parts)
    resident.says(TOLD)
    for _ in range(12):
        if waiting(parts) == "check_back":
            return resident
        resident.says(age if waiting(parts) == "P2" else "1")
    raise AssertionError("no news was offered")


@pytest.fixture
def asked(parts):
    """Somebody who is asked whether they would answer."""
    resident = until_news(parts)
    assert "EPICES" in "".join(resident.says("non"))
    return resident


def answer(resident, pattern):
    """Answer yes to the offer, then the questions; what came back last."""
    said = "".join(resident.says("oui"))
    for digit in pattern:
        said = "".join(resident.says("1" if digit == "1" else "2"))
    return said


def rows(parts, kind):
    with parts.database.read() as session:
        return session.execute(select(table_of(kind))).all()


def test_nobody_hears_of_it_unless_it_is_switched_on(tmp_path):
    parts = open_parts(tmp_path, clock=FixedClock(), bot=FakeBot())
    resident = until_news(parts)

    assert "EPICES" not in "".join(resident.says("non"))
    assert Settings(var=tmp_path).epices is False


def test_it_is_asked_for_first_and_a_no_ends_it_for_good(parts, asked):
    assert "D'accord" in "".join(asked.says("non"))
    assert {row.code for row in rows(parts, AnswerRow) if row.key.startswith("EPICES")} == {"offered"}


@pytest.mark.parametrize(
    ("pattern", "score", "precarious"),
    [(BOUNDARY, "30,17", True), (CALM, "0,00", False), (HEAVY, "100,00", True)],
)
def test_the_score_is_exact_and_said_to_the_person(asked, pattern, score, precarious):
    said = answer(asked, pattern)

    assert f"{score} sur 100" in said
    assert ("Voulez-vous un rendez-vous pour faire le point ?" in said) is precarious


@pytest.mark.parametrize("missing", ["je ne sais pas", "je préfère ne pas répondre", "PASSER"])
def test_one_answer_missing_ends_it_without_a_score(parts, asked, missing):
    answer(asked, "1001")

    said = "".join(asked.says(missing))

    assert "pas de score" in said
    assert "sur 100" not in said


def test_why_says_where_it_comes_from_and_puts_the_question_again(asked):
    assert "Cetaf" in "".join(asked.says("POURQUOI"))
    answer(asked, "10")

    said = "".join(asked.says("POURQUOI"))

    assert "Cetaf" in said
    assert "en couple" in said


def test_back_puts_the_question_before_again(asked):
    answer(asked, "100")

    assert "en couple" in "".join(asked.says("RETOUR"))
    assert "mutuelle" in "".join(asked.says("RETOUR"))
    assert "30,17" in [asked.says("oui" if digit == "1" else "non") for digit in BOUNDARY[1:]][-1][0]


def test_a_meeting_is_a_number_to_call_and_nothing_leaves(parts, asked):
    answer(asked, HEAVY)

    said = "".join(asked.says("oui"))

    assert "01 99 00" in said
    assert parts.senders["email"].taken == []


def test_neither_answers_nor_score_are_kept_and_the_level_stays(parts, asked):
    before = [json.loads(row.content) for row in rows(parts, EvaluationRow)]
    told_before = {(row.key, row.code) for row in rows(parts, AnswerRow)}

    answer(asked, HEAVY)

    assert [json.loads(row.content) for row in rows(parts, EvaluationRow)] == before
    assert {(row.key, row.code) for row in rows(parts, AnswerRow)} - told_before == {("EPICES", "offered")}


def test_it_is_not_offered_before_26_where_its_threshold_is_unfit(parts):
    resident = until_news(parts)
    with parts.database.write() as session:
        conversation = session.execute(select(table_of(ConversationRow).c.id)).scalar_one()
        record_answer(
            session,
            read_dossier(session, parts.keys, conversation),
            key="P2",
            code="18_25",
            version="quest",
            at=parts.clock.now(),
        )

    assert "EPICES" not in "".join(resident.says("non"))


def test_no_room_that_decides_hands_over_or_counts_knows_of_it():
    """A decision, a summary, a page of the référent, the observatory: none may read the score."""
    may = {"passerelle/conversation/epices.py", "passerelle/app/commands.py"}
    readers = {
        str(path.relative_to(ROOT))
        for path, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == "passerelle.screening.epices"
    }

    assert readers == may


@pytest.mark.parametrize("language", ["fr", "en", "ar", "es", "pt", "uk", "tr", "ro"])
def test_each_question_fits_its_sms_with_its_answers(parts, language):
    say = parts.texts.say
    labels = "\n".join(
        f"{number} {say(f'answer.{code}', language=language)}" for number, code in ((1, "yes"), (2, "no"))
    )
    for number in range(1, 12):
        sms = fit(f"{say(f'epices.question.{number}', language=language, form='sms')}\n{labels}")
        assert sms.parts <= (2 if language in {"ar", "uk"} else 1), (language, number)
