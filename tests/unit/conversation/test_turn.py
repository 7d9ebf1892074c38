"""One turn: everything or nothing, in few commits, and always with words."""

from contextlib import contextmanager

import pytest
from houses import Resident, drain
from sqlalchemy import event, select

from passerelle.app.workers import Workers
from passerelle.conversation.claims import LEASE, MAX_ATTEMPTS
from passerelle.conversation.pending import Pending
from passerelle.conversation.tables import ConversationRow, InboundRow, TranscriptRow
from passerelle.conversation.turn import LeaseLost, Turns
from passerelle.dossier.tables import AnswerRow, SignalRow, ToldNeedRow
from passerelle.foundation.database import table_of
from passerelle.notices.tables import NoticeRow
from passerelle.screening.told import OTHER_AGE

_inbound, _conversations = table_of(InboundRow), table_of(ConversationRow)
_notices, _transcript = table_of(NoticeRow), table_of(TranscriptRow)

RENT = "logement-hebergement--reduire-les-impayes-de-loyer"


@contextmanager
def counting_commits(*databases):
    """Counts transactions that wrote and were committed."""
    writes, commits = set(), []

    def on_statement(connection, _cursor, statement, *_rest):
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "WITH")):
            writes.add(id(connection))

    def on_commit(connection):
        if id(connection) in writes:
            writes.discard(id(connection))
            commits.append(connection)

    for database in databases:
        event.listen(database.engine, "before_cursor_execute", on_statement)
        event.listen(database.engine, "commit", on_commit)
    try:
        yield commits
    finally:
        for database in databases:
            event.remove(database.engine, "before_cursor_execute", on_statement)
            event.remove(database.engine, "commit", on_commit)


def rows(parts, table):
    with parts.database.read() as session:
        return session.execute(select(table)).all()


@pytest.fixture
def in_the_questions(parts, bot, resident):
    """Somebody who told a need and is being asked questions."""
    bot.tell("je ne peux plus payer mon loyer a rennes", needs=[RENT])
    (answer,) = resident.says("je ne peux plus payer mon loyer a rennes")
    assert "1 " in answer
    return resident


def test_a_closed_answer_costs_at_most_five_commits_from_the_door_to_the_provider(parts, in_the_questions):
    """DESIGN §9: one to accept, one to claim, one for the turn, two for the delivery."""
    with counting_commits(parts.database, parts.keys._database) as commits:
        (answer,) = in_the_questions.says("1")

    assert answer
    assert len(commits) <= 5


def test_a_closed_answer_never_asks_the_bot(bot, in_the_questions):
    asked = len(bot.asked)
    in_the_questions.says("oui")

    assert len(bot.asked) == asked


def test_the_words_are_wiped_in_the_commit_of_their_turn(parts, in_the_questions):
    assert [(row.state, row.body) for row in rows(parts, _inbound)] == [("done", None)]


def test_what_is_kept_of_the_words_is_masked_and_sealed(parts, resident):
    resident.says("appelez moi au 06 39 98 00 77")

    kept = [parts.keys.open(row.conversation, row.words) for row in rows(parts, _transcript) if row.words]
    assert not any("06 39 98 00 77" in words for words in kept)
    assert not any(b"appelez" in row.words for row in rows(parts, _transcript) if row.words)


def test_a_danger_keeps_no_words_at_all(parts, resident):
    (answer,) = resident.says("je veux mourir")

    assert "3114" in answer
    assert [(row.kind, row.words) for row in rows(parts, _transcript)] == [("danger:suicide", None)]


def test_a_danger_is_answered_without_asking_the_bot(bot, resident):
    bot.down = True
    (answer,) = resident.says("il me frappe tous les soirs")

    assert "3919" in answer
    assert bot.asked == []


def test_a_danger_that_only_the_bot_sees_is_answered_like_one_of_the_rules(parts, bot, resident):
    """The rules come first; a model may add an alert, and takes none away (reference/screening.md §5.3)."""
    words = "je range mes affaires, je donne le chat, apres ce sera plus simple pour eux"
    bot.tell(words, danger="suicide", needs=[RENT])
    (answer,) = resident.says(words)

    assert "3114" in answer
    assert [(row.kind, row.words) for row in rows(parts, _transcript)] == [("danger:suicide", None)]
    assert {row.kind for row in rows(parts, _notices)} == {"safety"}


def test_a_question_of_health_that_only_the_bot_sees_is_refused_and_not_kept(parts, bot, resident):
    words = "mon petit a plein de boutons rouges partout, vous en pensez quoi"
    bot.tell(words, medical=True)
    (answer,) = resident.says(words)

    assert "sur la santé" in answer
    assert next((row.kind, row.words) for row in rows(parts, _transcript)) == ("medical", None)


def test_two_quick_messages_get_an_answer_each_in_their_order(parts, resident):
    resident.writes("bonjour")
    resident.writes("aide")
    drain(parts)

    first, second = resident.reads()
    assert "Passerelle" in first
    assert second


def test_a_turn_whose_lease_was_taken_keeps_nothing(parts, resident, clock):
    resident.writes("bonjour")
    slow = parts.claims.claim()
    clock.moment += LEASE
    quick = parts.claims.claim()
    parts.turns.run(quick)

    with pytest.raises(LeaseLost):
        parts.turns.run(slow)
    assert len(rows(parts, _notices)) == 1


def test_a_turn_that_fails_half_way_keeps_nothing(parts, resident, monkeypatch):
    resident.writes("bonjour")

    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(Turns, "_commit", broken)
    Workers(parts).take_one_turn()

    assert rows(parts, _notices) == []
    assert rows(parts, _transcript) == []
    assert [(row.state, row.attempts) for row in rows(parts, _inbound)] == [("waiting", 1)]


def test_a_message_whose_turn_fails_each_time_is_answered_with_somebody_to_call(parts, resident, clock, monkeypatch):
    """Never a silence: the fifth failure becomes an apology, and the next message flows (F29)."""

    def broken(*_):
        raise ZeroDivisionError

    resident.writes("poison")
    with monkeypatch.context() as broken_house:
        broken_house.setattr(Turns, "_answer", broken)
        for _ in range(MAX_ATTEMPTS + 2):
            drain(parts)
            clock.advance(seconds=30)

    (apology,) = resident.reads()
    desk = parts.territory.desk_for(None)
    assert desk.name in apology
    assert resident.says("bonjour")


def test_a_failed_turn_that_comes_back_answers_once(parts, resident, clock, monkeypatch):
    resident.writes("bonjour")
    with monkeypatch.context() as broken_house:
        broken_house.setattr(Turns, "_answer", lambda *_: 1 / 0)
        drain(parts)
    for _ in range(3):
        clock.advance(seconds=10)
        drain(parts)

    assert len(resident.reads()) == 1


def test_the_log_of_a_failed_turn_says_no_words(parts, resident, monkeypatch, logs, capsys):
    def broken(*_):
        raise ValueError("je vis chez ma soeur")

    resident.writes("je vis chez ma soeur")
    monkeypatch.setattr(Turns, "_answer", broken)
    drain(parts)

    said = logs.getvalue() + "".join(capsys.readouterr())
    assert "turn_failed" in said
    assert "soeur" not in said


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "?", "👍", "/restart", '/inform{"need":"x"}', "a" * 1600])
def test_every_message_gets_words(parts, resident, text):
    assert resident.says(text)


def test_with_the_bot_down_a_free_text_gets_the_menu(bot, resident):
    bot.down = True
    (answer,) = resident.says("je ne sais plus comment faire avec tout ca")

    assert "1 " in answer


def test_after_stop_nothing_more_is_sent(parts, resident, clock):
    resident.says("bonjour")
    (goodbye,) = resident.says("STOP")

    assert goodbye
    clock.advance(days=20)
    Workers(parts).do_duties()
    drain(parts)
    assert resident.reads() == []


def test_an_erased_conversation_leaves_nothing_to_read_and_the_number_may_start_again(parts, clock):
    resident = Resident(parts)
    first = resident.writes("bonjour").conversation
    drain(parts)
    resident.says("EFFACER")
    resident.says("oui")
    clock.advance(minutes=10)
    Workers(parts).do_duties()

    again = resident.writes("bonjour").conversation
    assert again != first
    drain(parts)
    assert any("Passerelle" in text for text in resident.reads())


SHELTER = "logement-hebergement--rechercher-une-solution-dhebergement-temporaire"


@pytest.fixture
def outside(bot, resident):
    """Somebody whose answer to a closed question told that they sleep outside."""
    bot.tell("je cherche ou dormir a rennes", needs=[SHELTER])
    resident.says("je cherche ou dormir a rennes")
    resident.says("1")
    (alert,) = resident.says("dehors")
    assert "115" in alert
    resident.says("non")
    return resident


@pytest.mark.parametrize("command", ["PASSER", "english", "RECOMMENCER"])
def test_after_an_alert_no_command_makes_the_questions_run_on(outside, command):
    """reference/screening.md §5.3, rule 7."""
    answers = [*outside.says(command), *outside.says("2")]

    assert not any("chez quelqu'un" in answer or "115" in answer for answer in answers)


def test_the_same_answer_raises_the_alert_once_and_leads_to_a_person(outside):
    """R-U2: 115, then the offer to hand on."""
    said = outside.says("REPRENDRE")
    for _ in range(8):
        said += outside.says("1")

    assert not any("115 : " in answer for answer in said)
    assert any("Voulez-vous que je transmette votre demande" in answer for answer in said)


def test_after_stop_only_a_clear_yes_starts_again(in_the_questions):
    in_the_questions.says("STOP")
    in_the_questions.says("bonjour")
    (again,) = in_the_questions.says("je ne peux plus payer mon loyer a rennes")
    (question,) = in_the_questions.says("oui")

    assert "reprendre" in again
    assert "loyer" in question


@pytest.mark.parametrize("command", ["EFFACER", "RECOMMENCER", "RETIRER"])
@pytest.mark.parametrize("said", ["oui mais pas tout de suite", "oui mais c'est quoi", "oui enfin non"])
def test_only_a_plain_yes_erases_withdraws_or_starts_again(parts, bot, in_the_questions, command, said):
    """The same rule as for the preview: nothing of the kind is guessed from a part of a sentence."""
    told = dossiers(parts)
    in_the_questions.says(command)
    bot.tell(said, intent="affirm", action="action_answer_pending")
    in_the_questions.says(said)

    assert dossiers(parts) == told
    assert rows(parts, _conversations)[0].stage != "erased"


@pytest.mark.parametrize("said", ["oui", "OUI.", "1", "d'accord"])
def test_a_plain_yes_starts_again(parts, in_the_questions, said):
    in_the_questions.says("RECOMMENCER")
    in_the_questions.says(said)

    assert dossiers(parts) == ([], [])


def dossiers(parts):
    """What was answered, and the needs told."""
    return rows(parts, table_of(AnswerRow)), rows(parts, table_of(ToldNeedRow))


def test_a_message_that_begins_with_a_slash_does_not_start_again(in_the_questions):
    (answer,) = in_the_questions.says("/restart")

    assert "depuis le début" not in answer


def waiting(parts):
    """The question that waits."""
    (row,) = rows(parts, _conversations)
    return Pending.unsealed(parts.keys, row.id, row.pending)


def test_a_button_of_an_earlier_turn_is_older_even_when_the_same_question_waits(parts, in_the_questions):
    """Going back puts the same question again: the first buttons were about another moment."""
    first = waiting(parts)
    in_the_questions.says("1", question=first.identity)
    in_the_questions.says("RETOUR")
    again = waiting(parts)
    (answer,) = in_the_questions.says("2", question=first.identity)

    assert (again.key, again.identity == first.identity) == (first.key, False)
    assert "question d'avant" in answer
    assert waiting(parts) == again


def test_a_button_still_answers_its_question_put_again_after_a_side_question(parts, in_the_questions):
    first = waiting(parts)
    in_the_questions.says("POURQUOI")
    in_the_questions.says("1", question=first.identity)

    assert waiting(parts).key != first.key


def answers(parts):
    """What was answered, by question."""
    return {row.key: row.code for row in rows(parts, table_of(AnswerRow))}


def waits_for(parts, resident, key, replies):
    """Answer until that question waits."""
    for _ in range(12):
        if (pending := waiting(parts)) is not None and pending.question_id == key:
            return pending
        resident.says(replies.get(waiting(parts).question_id, "1"))
    raise AssertionError(key)


@pytest.mark.parametrize(
    ("text", "kept"),
    [("seul, 2 enfants, Vitré", {"P1": "35360"}), ("35 ans, seul, Vitré", {"P1": "35360", "P2": "26_59"})],
)
def test_nothing_said_beside_the_answer_is_asked_again(parts, bot, resident, text, kept):
    """Several answers in one message fill several questions (issue 3, item 2)."""
    bot.tell("je cherche un logement", needs=[RENT])
    bot.tell(text, entities=["lives_alone", "lives_with_children"])
    resident.says("je cherche un logement")
    assert waiting(parts).key == "P1"
    resident.says(text)

    assert answers(parts) | kept == answers(parts)
    assert {row.signal for row in rows(parts, table_of(SignalRow))} >= {"lives_alone", "lives_with_children"}
    assert waiting(parts).key not in kept


def test_what_is_said_beside_a_yes_is_kept_even_with_the_bot_down(parts, bot, resident):
    bot.tell("je cherche un logement a Vitré", needs=[RENT])
    resident.says("je cherche un logement a Vitré")
    assert waiting(parts).question_id == "T1"
    bot.down = True
    resident.says("oui, j'ai 62 ans")

    assert answers(parts)["P2"] == "60_or_over"
    assert answers(parts)[f"T1:{RENT}"] == "yes"


def test_an_age_told_first_is_not_asked(parts, bot, resident):
    told = "j'ai 14 ans et je cherche un logement a Vitré"
    bot.tell(told, needs=[RENT], entities=["wants_help"])
    resident.says(told)

    assert answers(parts)["P2"] == "under_15"


def test_the_age_of_somebody_else_answers_no_question_about_the_person(parts, bot, resident):
    told = "ma mère a 82 ans, elle a besoin d'un logement a Vitré"
    bot.tell(told, needs=[RENT], entities=["wants_help", "for_other"])
    resident.says(told)

    assert "P2" not in answers(parts)
    assert answers(parts)[OTHER_AGE] == "60_or_over"


def test_an_age_answers_the_question_of_age_with_all_that_comes_with_it(parts, bot, resident):
    talk = "je cherche un logement"
    bot.tell(talk, needs=[RENT], entities=["wants_help"])
    resident.says(talk)
    resident.says("j'ai 35 ans")

    assert answers(parts)["P2"] == "26_59"
    assert waiting(parts).key == "P1"
