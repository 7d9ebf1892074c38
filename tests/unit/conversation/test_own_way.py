"""A person's way of answering: back, pass over, why, pause and come back; nothing asked twice, nothing lost."""

from dataclasses import replace
from uuid import uuid4

import pytest
from houses import drain
from sqlalchemy import select
from walking import ORDINARY, waiting, walk

from passerelle.app.workers import Workers
from passerelle.conversation.correcting import correct
from passerelle.conversation.inbox import Inbound
from passerelle.conversation.tables import ConversationRow
from passerelle.conversation.talk import Talk
from passerelle.dossier.records import read_dossier, record_answer
from passerelle.foundation.database import table_of
from passerelle.screening.corrections import Correction
from passerelle.screening.questions import QUESTIONS, Questionnaire

RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
STORY = "je ne peux plus payer mon loyer à Vitré"

#: Language: how it is chosen, then back, pass over, why; words of the recap.
WORDS = {
    "fr": ("français", "RETOUR", "PASSER", "POURQUOI", "Bonjour à nouveau"),
    "en": ("english", "BACK", "SKIP", "WHY", "Hello again"),
    "ar": ("العربية", "رجوع", "تخطي", "لماذا", "مرحبًا من جديد"),
    "uk": ("українська", "НАЗАД", "ДАЛІ", "НАВІЩО", "Знову вітаю"),
}


@pytest.fixture
def spoken(bot, resident):
    """Somebody who chose a language, told a need and was asked whether help is wanted."""
    bot.tell(STORY, needs=[RENT])

    def begin(language):
        resident.says(WORDS[language][0])
        resident.says(STORY)
        return resident

    return begin


def dossier(parts):
    with parts.database.read() as session:
        row = session.execute(select(table_of(ConversationRow))).one()
        return read_dossier(session, parts.keys, row.id)


def answers(parts):
    return dict(dossier(parts).told.answers)


def days_later(parts, clock, days):
    """Let days go by, the duties done each day."""
    for _ in range(days):
        clock.advance(days=1)
        Workers(parts).do_duties()
        drain(parts)


@pytest.mark.parametrize("language", WORDS)
def test_back_why_and_pass_over_are_obeyed_in_the_language(parts, spoken, language):
    _, back, skip, why, _ = WORDS[language]
    resident = spoken(language)
    first = waiting(parts)
    resident.says("1")
    second = waiting(parts)
    assert second.key != first.key

    (reason,) = resident.says(why)
    asked = parts.questionnaire.question(second.question_id)
    assert parts.texts.say(f"question.{asked.id}.why", language=language, form="sms") in reason
    assert waiting(parts).key == second.key

    resident.says(back)
    assert waiting(parts).key == first.key
    assert first.key not in answers(parts)

    resident.says("1")
    resident.says(skip)
    assert answers(parts)[second.key] == "refuse"
    assert waiting(parts).key not in {first.key, second.key}


@pytest.mark.parametrize("command", ["RESTART", "EFFACER", "RETIRER", "LANGUE", "PAUSE"])
def test_passing_over_a_question_of_ours_does_nothing_and_goes_on(parts, spoken, command):
    resident = spoken("fr")
    resident.says("1")
    kept = answers(parts)

    resident.says(command)
    assert resident.says("PASSER")

    assert answers(parts).items() >= kept.items()


@pytest.mark.parametrize("until", ["offer", "preview"])
def test_passing_over_an_agreement_is_a_no(parts, resident, spoken, until):
    spoken("fr")
    walk(parts, resident.says, until=until)

    resident.says("PASSER")

    assert waiting(parts) is None


def test_passing_over_the_phone_number_on_the_web_asks_for_it_once(parts, bot, web_person):
    bot.tell(STORY, needs=[RENT], entities=["wants_help"])
    web_person(STORY)
    walk(parts, web_person, until="PHONE")

    web_person("PASSER")

    assert waiting(parts).key == "preview"


@pytest.fixture
def web_person(parts):
    """Somebody alone on a page."""
    conversation = parts.web_conversations.open(site="demo", role="resident", language="fr")

    def say(text):
        received = parts.clock.now()
        parts.accept(
            Inbound(
                channel="web", provider="widget", provider_id=uuid4().hex, address=conversation, text=text,
                received_at=received,
            )
        )  # fmt: skip
        drain(parts)

    return say


@pytest.mark.parametrize("language", WORDS)
def test_a_pause_of_days_then_one_message_with_a_recap_in_the_same_language(parts, clock, spoken, language):
    resident = spoken(language)
    resident.says("1")
    asked = waiting(parts)
    resident.says({"fr": "pause", "en": "pause", "ar": "استراحة", "uk": "пауза"}[language])
    resident.says("1")
    days_later(parts, clock, 9)
    assert resident.reads() == []

    (back,) = resident.says({"fr": "REPRENDRE", "en": "RESUME", "ar": "أكمل", "uk": "ПРОДОВЖИТИ"}[language])

    assert WORDS[language][4] in back
    assert waiting(parts).key == asked.key
    assert answers(parts)[f"T1:{RENT}"] == "yes"


def test_the_answer_itself_takes_the_thread_up_again(parts, clock, spoken):
    resident = spoken("fr")
    resident.says("1")
    resident.says("pause")
    resident.says("oui")
    days_later(parts, clock, 3)

    (answer,) = resident.says("bonjour")

    assert "Bonjour à nouveau. Vous avez déjà répondu à 2 questions" in answer


def test_what_is_kept_is_kept_thirty_days_and_no_longer(parts, clock, spoken):
    resident = spoken("fr")
    resident.says("1")
    resident.says("pause")
    assert "23 décembre" in resident.says("oui")[0]

    days_later(parts, clock, 29)
    assert answers(parts)
    days_later(parts, clock, 4)

    assert resident.reads() == []
    assert answers(parts) == {}


def test_without_that_agreement_the_answers_go_the_next_day(parts, clock, spoken):
    resident = spoken("fr")
    resident.says("1")
    resident.says("pause")
    resident.says("non")

    days_later(parts, clock, 2)

    assert answers(parts) == {}


def edited(tmp_path, *changes):
    """The questions in a newer version."""
    text = QUESTIONS.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "questions.yaml"
    path.write_text(text, encoding="utf-8")
    return Questionnaire.load(path)


@pytest.fixture
def newer(parts):
    """Puts other questions in force, as a restart with a newer version does."""

    def put_in_force(questionnaire):
        parts.turns._house = replace(parts.house, questionnaire=questionnaire)

    return put_in_force


def at_question(parts, resident, question):
    walk(parts, resident.says, until=question, answers=ORDINARY)


def test_an_answer_to_a_question_of_an_older_version_counts_and_nothing_is_asked_twice(parts, spoken, newer, tmp_path):
    resident = spoken("fr")
    at_question(parts, resident, "Q10")
    before = answers(parts)
    newer(replace(parts.questionnaire, version="questions/newer"))

    resident.says("non")

    assert answers(parts)["Q10"] == "no"
    assert answers(parts).items() >= before.items()
    walk(parts, resident.says, until="offer")
    assert len(dossier(parts).asked) == len(set(dossier(parts).asked))


def test_an_answer_that_the_newer_version_no_longer_offers_puts_the_question_afresh(parts, spoken, newer, tmp_path):
    resident = spoken("fr")
    at_question(parts, resident, "Q10")
    newer(edited(tmp_path, ("      - {number: 4, code: week, weight: 3, days: 7}\n", "")))

    (answer,) = resident.says("4")

    assert waiting(parts).key == "Q10"
    assert "4 " not in answer
    assert "Q10" not in answers(parts)


def test_a_question_that_is_gone_is_passed_over(parts, spoken, newer):
    resident = spoken("fr")
    at_question(parts, resident, "Q10")
    questions = {id: question for id, question in parts.questionnaire.questions.items() if id != "Q10"}
    order = tuple(id for id in parts.questionnaire.order if id != "Q10")
    newer(replace(parts.questionnaire, questions=questions, order=order))

    assert resident.says("non")

    assert "Q10" not in answers(parts)
    assert waiting(parts).key != "Q10"


def test_an_answer_kept_to_a_question_that_is_gone_breaks_nothing(parts, spoken, newer):
    resident = spoken("fr")
    at_question(parts, resident, "Q10")
    resident.says("non")
    questions = {id: question for id, question in parts.questionnaire.questions.items() if id != "Q10"}
    order = tuple(id for id in parts.questionnaire.order if id != "Q10")
    newer(replace(parts.questionnaire, questions=questions, order=order))

    assert resident.says("RETOUR")
    walk(parts, resident.says, until="offer")


def test_a_help_no_longer_wanted_takes_its_date_back_and_says_the_change(parts, bot, spoken):
    resident = spoken("fr")
    at_question(parts, resident, "Q10")
    with parts.database.write() as session:
        row = session.execute(select(table_of(ConversationRow))).one()
        known = read_dossier(session, parts.keys, row.id)
        for key, code in ((f"T2:{RENT}", "week"), ("Q24", "yes"), ("Q25", "yes")):
            known = record_answer(session, known, key=key, code=code, version="v", at=parts.clock.now())

    with parts.database.write() as session:
        row = session.get(ConversationRow, row.id)
        talk = Talk.begin(parts.house, session, row, parts.clock.now())
        correct(talk, Correction(key="Q24", code="no"), "")
        said = [one.text for one in talk.said]
        correct(talk, Correction(key=f"T1:{RENT}", code="no"), "")

    assert "C'est changé" in said[0]
    assert "Q25" not in answers(parts)
    assert f"T2:{RENT}" not in answers(parts)


@pytest.mark.parametrize(
    ("words", "code"), [("sorry I meant no", "no"), ("actually no", "no"), ("I made a mistake, I mean later", "later")]
)
def test_the_last_answer_is_corrected_in_english_and_said_back(parts, bot, spoken, words, code):
    resident = spoken("en")
    resident.says("yes")
    assert answers(parts)[f"T1:{RENT}"] == "yes"
    bot.tell(words, intent="correct_answer", action="action_correct")

    (answer,) = resident.says(words)

    assert answers(parts)[f"T1:{RENT}"] == code
    assert "changed" in answer.lower()


def test_a_place_is_corrected_in_english(parts, bot, spoken):
    resident = spoken("en")
    words = "sorry, wrong town, I live in Rennes"
    bot.tell(words, intent="correct_answer", action="action_correct")

    (answer,) = resident.says(words)

    assert "Rennes" in answer
    assert answers(parts)["P1"] == "35238"


def test_no_question_is_asked_twice_on_the_way_to_the_preview(parts, spoken):
    resident = spoken("fr")
    asked = []

    def note(text):
        asked.append(waiting(parts).key)
        resident.says(text)

    walk(parts, note, until="preview")

    assert len(asked) == len(set(asked))
