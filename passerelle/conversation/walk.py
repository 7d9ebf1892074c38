"""The walk: the next useful step of the conversation, or one step back."""

from passerelle.conversation.alert import AFTER_ALERT
from passerelle.conversation.asking import put, put_by_id, settle_commune
from passerelle.conversation.confirming import confirm_next
from passerelle.conversation.epices import one_item_back
from passerelle.conversation.offer import offer, offer_what_follows, orient_now
from passerelle.conversation.pending import Pending
from passerelle.conversation.preview import begin_handoff
from passerelle.conversation.talk import Talk
from passerelle.dossier.records import forget_answer
from passerelle.orientation.orient import shortlister
from passerelle.screening.next_question import Ask, next_question

#: Stages that follow a first useful answer.
_AFTER_AN_ANSWER = frozenset({"proposing", "following"})


def go_on(talk: Talk) -> None:
    """Ask the next useful question; when none is left, say what can be done."""
    if talk.row.stage == AFTER_ALERT:
        # Nothing resumes by itself, whatever led here: the person says whether to go on.
        talk.ask_yes_no("resume", talk.words("resume.after_alert"))
        return
    if confirm_next(talk):
        return
    if talk.dossier.is_empty:
        invite(talk)
        return
    places, talk.places_heard = talk.places_heard, ()
    if places and talk.dossier.commune is None and settle_commune(talk, places):
        return
    ask = _next(talk, asked=talk.row.questions_asked)
    if ask is None:
        # After a first useful answer the count starts again: the person goes on, or stops.
        at_the_most = talk.row.questions_asked >= talk.house.questionnaire.max_before_first_answer
        talk.row.questions_asked = 0
        offer(talk, more=at_the_most and _next(talk, asked=0) is not None)
    else:
        goes_on = talk.row.stage in _AFTER_AN_ANSWER
        talk.row.stage = "asking"
        talk.row.questions_asked += 1
        if talk.row.questions_asked == 1 and not goes_on:
            # Said once: repeated on each SMS it would cost a part (reference/screening.md §6.4).
            talk.say("hint.refuse")
        put(talk, ask)


def go_on_after(talk: Talk, asked: Pending | None) -> None:
    """The step after a question answered, corrected or passed over: what it was asked for, or the next question."""
    talk.pending = None
    if asked is not None and "recipient" in asked.notes:
        begin_handoff(talk, recipient=asked.notes["recipient"], level=asked.notes["level"])
    else:
        go_on(talk)


def answer_more(talk: Talk, code: str) -> None:
    """The person answers the questions that are left, or is offered what follows now."""
    talk.pending = None
    if code == "yes":
        go_on(talk)
    else:
        offer_what_follows(talk, orient_now(talk))


def _next(talk: Talk, *, asked: int) -> Ask | None:
    return next_question(
        talk.dossier.told,
        questionnaire=talk.house.questionnaire,
        ruleset=talk.house.ruleset,
        profile=talk.house.profile,
        private_channel=talk.is_private,
        asked=asked,
        shortlist=shortlister(
            talk.dossier,
            questionnaire=talk.house.questionnaire,
            ruleset=talk.house.ruleset,
            catalogue=talk.house.catalogue,
            places=talk.house.places,
            language=talk.language,
            at=talk.at,
            role=talk.row.role,
        ),
    )


def invite(talk: Talk) -> None:
    """Invite the person to say what happens, in their own words."""
    talk.wait_for_nothing("telling")
    talk.say("tell.invite")


def step_back(talk: Talk) -> bool:
    """Take the last answer back and put its question again. Returns False when there is none."""
    if one_item_back(talk):
        return True
    asked = [key for key in talk.dossier.asked if key.split(":", 1)[0] in talk.house.questionnaire.questions]
    if not asked:
        return False
    forget_answer(talk.session, talk.row.id, asked[-1])
    talk.refresh()
    put_by_id(talk, asked[-1])
    return True
