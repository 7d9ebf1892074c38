"""Twelve questions at most before a first useful answer; then the person goes on, or stops."""

from dataclasses import replace

import pytest

DEBT = "difficultes-financieres--situation-dendettement-surendettement"
BUS = "mobilite--financer-ma-mobilite"
TOLD = "j'ai des dettes a rennes et je cherche de l'aide"
MORE = "Il me reste quelques questions"


@pytest.fixture
def hurried(bot, parts, resident):
    """Somebody who gets a first answer after one question only."""
    parts.__dict__["questionnaire"] = replace(parts.questionnaire, max_before_first_answer=1)
    bot.tell(TOLD, needs=[DEBT], entities=["wants_help"])
    resident.says(TOLD)
    return resident


def last(resident, *texts):
    """The last message that came back."""
    return [said for text in texts for said in resident.says(text)][-1]


def test_a_first_answer_comes_before_the_questions_that_are_left_and_asks_whether_to_go_on(hurried):
    said = last(hurried, "1")

    assert "Voici" in said or "1." in said
    assert MORE in said
    assert "transmette" not in said


def test_whoever_goes_on_is_asked_what_is_left_and_told_once_how_to_refuse(hurried):
    first = last(hurried, "1")
    said = last(hurried, "oui")

    assert said.count("?") == 1
    assert MORE not in said
    assert "préfère ne pas répondre" not in said
    assert first != said


def test_whoever_stops_there_is_offered_what_follows(hurried):
    said = last(hurried, "1", "non")

    assert MORE not in said
    assert "transmette" in said or "nouvelles" in said


def test_nobody_is_asked_to_go_on_when_nothing_is_left_to_ask(bot, resident):
    bot.tell("une aide pour le bus a rennes", needs=[BUS], entities=["wants_help"])
    resident.says("une aide pour le bus a rennes")
    said = ""
    for _ in range(8):
        said = last(resident, "1")
        if "nouvelles" in said:
            break

    assert "nouvelles" in said
    assert MORE not in said
