"""Commands on the whole message, in every language, before any model (DESIGN §4.3)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from babel.dates import format_date

from passerelle.conversation import epices
from passerelle.conversation.alert import answer_alert
from passerelle.conversation.asking import keep_answer, put_by_id
from passerelle.conversation.check_backs import end_check_backs
from passerelle.conversation.commands import Command
from passerelle.conversation.desk import say_desk
from passerelle.conversation.evaluations import begin_again
from passerelle.conversation.forgetting import FORGET, GRACE, forget_observed
from passerelle.conversation.introduction import introduce
from passerelle.conversation.observed import answer_agreement, answer_fact
from passerelle.conversation.offer import answer_check_back, answer_offer
from passerelle.conversation.pending import Choice, Pending
from passerelle.conversation.preview import answer_preview, day
from passerelle.conversation.tables import TimerRow, TranscriptRow
from passerelle.conversation.talk import Talk
from passerelle.conversation.timers import keep_until, set_timer
from passerelle.conversation.walk import go_on, go_on_after, invite, step_back
from passerelle.dossier.records import erase_dossier, forget_everything_told, withdraw_agreements
from passerelle.foundation.clock import PARIS
from passerelle.foundation.database import table_of
from passerelle.handoff.states import ANSWER_WITHIN_BUSINESS_DAYS, RequestState
from passerelle.screening.told import REFUSE

#: How long the answers wait when the person says they will come back.
KEPT_FOR = timedelta(days=30)

_transcripts, _timers = table_of(TranscriptRow), table_of(TimerRow)


def obey(talk: Talk, command: Command) -> None:
    """Do what the command says; the waiting question stays and is put again where that helps."""
    _ORDERS[command](talk)


def choose_language(talk: Talk, code: str) -> None:
    """Speak that language from now on."""
    talk.row.language, talk.row.language_chosen = code, True
    talk.say("language.chosen")
    if talk.pending is not None and talk.pending.key != "language":
        _put_afresh(talk)
    else:
        go_on(talk)


def answer_restart(talk: Talk, code: str) -> None:
    """Start again from nothing, or go on."""
    talk.pending = None
    if code == "yes":
        forget_everything_told(talk.session, talk.row.id)
        talk.row.questions_asked = talk.row.misunderstood = 0
        talk.refresh()
        talk.say("restart.done")
        invite(talk)
    else:
        talk.say("restart.kept")
        go_on(talk)


def answer_erase(talk: Talk, code: str) -> None:
    """Erase everything, or nothing."""
    talk.wait_for_nothing()
    if code != "yes":
        talk.say("erase.kept")
        return
    count = talk.house.requests.withdraw_all(talk.session, talk.row.id)
    talk.house.outbox.withdraw(talk.session, talk.row.id)
    erase_dossier(talk.session, talk.row.id, talk.at)
    for table in (_transcripts, _timers):
        talk.session.execute(table.delete().where(table.c.conversation == talk.row.id))
    forget_observed(talk.session, talk.row.id)
    talk.refresh()
    talk.row.stage = "erased"
    # The key dies once this last message has left: then nothing of it can be read anywhere.
    set_timer(talk, f"{FORGET}:{talk.row.id}", event=FORGET, due_at=talk.at + GRACE)
    talk.say("erase.done" if count else "erase.done_nothing_sent")


def answer_withdraw(talk: Talk, code: str) -> None:
    """Withdraw what was sent, or leave it."""
    talk.wait_for_nothing("following")
    if code == "yes":
        count = talk.house.requests.withdraw_all(talk.session, talk.row.id)
        withdraw_agreements(talk.session, talk.row.id, talk.at)
        talk.say("withdraw.done" if count else "withdraw.nothing")
    else:
        talk.say("withdraw.kept")


def answer_stop(talk: Talk, code: str) -> None:
    """Stop everything, or go on."""
    if code == "yes":
        _stop(talk)
    else:
        talk.pending = None
        go_on(talk)


def answer_pause(talk: Talk, code: str) -> None:
    """Keep the answers a month for the person to come back to, or the usual time only (handoff.md §4.4)."""
    talk.wait_for_nothing()
    if code == "yes":
        until = talk.at + KEPT_FOR
        keep_until(talk, until)
        date = format_date(until.astimezone(PARIS), format="d MMMM", locale=talk.language)
        talk.say("pause.kept", date=date)
    else:
        talk.say("resume.later")


def say_recap(talk: Talk) -> None:
    """Where we were, in one sentence; nothing told is read back."""
    asked = [key for key in talk.dossier.asked if key.partition(":")[0] in talk.house.questionnaire.questions]
    if asked:
        talk.say("recap", answers=len(asked))


def answer_resume(talk: Talk, code: str) -> None:
    """Take the thread up again, or stay quiet."""
    talk.pending = None
    if code == "yes":
        talk.row.stopped_at, talk.row.stage = None, "telling"
        introduce(talk)
        say_recap(talk)
        go_on(talk)
    else:
        talk.wait_for_nothing("paused")
        talk.say("resume.later")


def _stop(talk: Talk) -> None:
    talk.row.stopped_at = talk.at
    talk.wait_for_nothing("paused")
    talk.house.outbox.withdraw(talk.session, talk.row.id)
    end_check_backs(talk.session, talk.row.id)
    forget_observed(talk.session, talk.row.id)
    talk.say("stop.done")


def _help(talk: Talk) -> None:
    talk.say("help", operator=talk.house.operator)
    talk.ask_again()


def _contact(talk: Talk) -> None:
    talk.say("contact", operator=talk.house.operator)
    say_desk(talk)


def _human(talk: Talk) -> None:
    say_desk(talk)
    talk.ask_again()


def _back(talk: Talk) -> None:
    if not step_back(talk):
        talk.say("back.nothing")
        talk.ask_again()


def _restart(talk: Talk) -> None:
    talk.ask_yes_no("restart", talk.words("restart.ask"))


def _again(talk: Talk) -> None:
    if begin_again(talk):
        invite(talk)
    else:
        go_on(talk)


def _language(talk: Talk) -> None:
    talk.ask(
        Pending(
            key="language",
            kind="choice",
            text=talk.words("language.ask"),
            choices=tuple(
                Choice(typed=str(number), code=code, label=name)
                for number, (code, name) in enumerate(talk.house.languages.items(), start=1)
            ),
        )
    )


def _my_data(talk: Talk) -> None:
    # A number identifies a thread, never a person: what was told is not read back (reliability.md A3).
    requests = len(talk.house.requests.of_conversation(talk.session, talk.row.id))
    talk.say("my_data", answers=len(talk.dossier.asked), requests=requests)
    talk.ask_again()


def _erase(talk: Talk) -> None:
    talk.ask_yes_no("erase", talk.words("erase.ask"))


def _withdraw(talk: Talk) -> None:
    talk.ask_yes_no("withdraw", talk.words("withdraw.ask"))


def _status(talk: Talk) -> None:
    request = talk.house.requests.latest(talk.session, talk.row.id)
    if request is None:
        talk.say("status.none")
    else:
        state = RequestState(request.state)
        talk.say(f"status.{state}", date=day(talk, ANSWER_WITHIN_BUSINESS_DAYS, since=request.made_at))
    talk.ask_again()


def _resume(talk: Talk) -> None:
    if talk.pending is not None and talk.pending.key == "resume":
        answer_resume(talk, "yes")
        return
    talk.row.stopped_at = None
    say_recap(talk)
    if not talk.ask_again():
        talk.row.stage = "telling"
        go_on(talk)


def _pause(talk: Talk) -> None:
    if talk.dossier.is_empty or talk.with_partner:
        # Nothing to keep; or a page nobody comes back to.
        talk.say("offer.check_back_no")
    else:
        talk.ask_yes_no("pause", talk.words("pause.ask"))


def _why(talk: Talk) -> None:
    explain_question(talk)


def explain_question(talk: Talk) -> None:
    """Say why the waiting question is asked, then put it again."""
    pending = talk.pending
    if pending is None:
        talk.say("why.nothing")
        return
    asked = talk.house.questionnaire.questions.get(pending.question_id)
    if pending.key in (epices.ASKED, epices.ITEM):
        talk.say("epices.why")
    else:
        talk.say(f"question.{asked.id}.why" if asked else "why.conversation")
    talk.ask_again()


def _skip(talk: Talk) -> None:
    pending = talk.pending
    if pending is None:
        go_on(talk)
        return
    talk.pending = None
    if pending.key in _REFUSED:
        _REFUSED[pending.key](talk, pending)
        return
    if pending.question_id in talk.house.questionnaire.questions or pending.key == "PHONE":
        keep_answer(talk, pending.key, REFUSE)
    go_on_after(talk, pending)


def _repeat(talk: Talk) -> None:
    if not talk.ask_again():
        go_on(talk)


def _put_afresh(talk: Talk) -> None:
    """Put the waiting question again, in the language just chosen."""
    pending = talk.pending
    if pending is not None and pending.question_id in talk.house.questionnaire.questions:
        notes = pending.notes
        put_by_id(talk, pending.key)
        if talk.pending is not None:
            talk.pending = replace(talk.pending, notes=notes)
    else:
        go_on(talk)


def _leave(talk: Talk, _pending: Pending) -> None:
    """News passed over says nothing of whether help came."""
    talk.wait_for_nothing("following")
    talk.say("offer.check_back_no")


#: Questions of the conversation itself: passing over one that agrees to something is a no, or it would come back.
_REFUSED: Mapping[str, Callable[[Talk, Pending], None]] = {
    "observed": lambda talk, pending: answer_agreement(talk, pending, "no"),
    "observed_fact": lambda talk, pending: answer_fact(talk, pending, "no"),
    "offer": lambda talk, pending: answer_offer(talk, pending, "no"),
    "preview": lambda talk, pending: answer_preview(talk, pending, "", "no"),
    "check_back": lambda talk, _pending: answer_check_back(talk, "no"),
    "erase": lambda talk, _pending: answer_erase(talk, "no"),
    "withdraw": lambda talk, _pending: answer_withdraw(talk, "no"),
    "restart": lambda talk, _pending: answer_restart(talk, "no"),
    "stop": lambda talk, _pending: answer_stop(talk, "no"),
    "pause": lambda talk, _pending: answer_pause(talk, "no"),
    "resume": lambda talk, _pending: answer_resume(talk, "no"),
    "alert_person": lambda talk, _pending: answer_alert(talk, "no"),
    epices.ASKED: lambda talk, _pending: epices.answer_epices(talk, "no"),
    epices.ITEM: lambda talk, pending: epices.answer_item(talk, pending, REFUSE),
    epices.APPOINTMENT: lambda talk, _pending: epices.answer_appointment(talk, "no"),
    "helped": _leave,
    "solved": _leave,
    "back_home": _leave,
}

_ORDERS: dict[Command, Callable[[Talk], None]] = {
    Command.STOP: _stop,
    Command.HELP: _help,
    Command.BACK: _back,
    Command.RESTART: _restart,
    Command.AGAIN: _again,
    Command.ERASE: _erase,
    Command.MY_DATA: _my_data,
    Command.STATUS: _status,
    Command.LANGUAGE: _language,
    Command.HUMAN: _human,
    Command.CONTACT: _contact,
    Command.WITHDRAW: _withdraw,
    Command.PAUSE: _pause,
    Command.RESUME: _resume,
    Command.WHY: _why,
    Command.SKIP: _skip,
    Command.REPEAT: _repeat,
}
