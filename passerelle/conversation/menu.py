"""When words were not understood, or the bot is down: a numbered menu, then a person."""

from passerelle.conversation.desk import say_desk
from passerelle.conversation.pending import Choice, Pending
from passerelle.conversation.talk import Talk
from passerelle.conversation.walk import go_on
from passerelle.dossier.records import record_needs
from passerelle.screening.menu import MENU_KEY, MenuEntry

#: First time: say it otherwise. Second time: the menu. Then a person.
_REPHRASE, _MENU = 1, 2


def not_understood(talk: Talk) -> None:
    """Nothing could be used: rephrase once, then the menu, then a person."""
    if talk.row.stage == "alert" and talk.pending is None:
        # After an alert nothing resumes by itself: the person says whether to go on.
        talk.ask_yes_no("resume", talk.words("resume.after_alert"))
        return
    talk.row.misunderstood += 1
    if talk.row.misunderstood <= _REPHRASE:
        _rephrase(talk)
    elif talk.row.misunderstood <= _MENU and talk.pending is None:
        # A question that waits has its own numbers, and the menu would make it forgotten.
        show_menu(talk)
    else:
        talk.row.misunderstood = 0
        talk.say("unclear.person")
        say_desk(talk)
        talk.ask_again()


def bot_down(talk: Talk) -> None:
    """The bot does not answer: closed questions and the menu go on without it."""
    if talk.pending is not None:
        _rephrase(talk)
    else:
        show_menu(talk)


def show_menu(talk: Talk, entry: str | None = None) -> None:
    """Offer the numbered menu, or the page one of its lines opens."""
    page: tuple[MenuEntry, ...] = talk.house.menu.entries if entry is None else talk.house.menu.under(entry)
    talk.row.stage = "telling"
    talk.ask(
        Pending(
            key=MENU_KEY,
            kind="choice",
            text=talk.words("menu.ask" if entry is None else "menu.ask_more"),
            choices=tuple(Choice(typed=str(line.number), code=line.code, label=talk.words(line.text)) for line in page),
        )
    )


def answer_menu(talk: Talk, code: str) -> None:
    """Go on from the line chosen: its need, its second page, or a person."""
    talk.pending = None
    if needs := talk.house.menu.needs(code):
        talk.dossier = record_needs(talk.session, talk.dossier, needs, talk.at)
        go_on(talk)
    elif talk.house.menu.under(code):
        show_menu(talk, code)
    else:
        talk.say("unclear.person")
        say_desk(talk)


def _rephrase(talk: Talk) -> None:
    if talk.pending is None:
        talk.say("unclear.rephrase")
    else:
        talk.say(_how_to_answer(talk.pending))
        talk.ask_again()


def _how_to_answer(pending: Pending) -> str:
    if pending.kind == "preview":
        return "preview.how"
    return "unclear.use_numbers" if pending.choices else "unclear.short"
