"""The preview of exactly what would be sent, and the agreement to send it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from babel.dates import format_date

from passerelle.conversation.asking import put_by_id
from passerelle.conversation.desk import say_desk
from passerelle.conversation.evaluations import WANTED, before, change_in_words, graded, said_by, strengths_in_words
from passerelle.conversation.pending import Choice, Pending
from passerelle.conversation.talk import House, Talk
from passerelle.dossier.records import record_agreement
from passerelle.foundation.calendar import add_business_days
from passerelle.foundation.clock import PARIS
from passerelle.foundation.ids import new_code
from passerelle.foundation.phone import spoken
from passerelle.foundation.text import fold
from passerelle.handoff.states import ANSWER_WITHIN_BUSINESS_DAYS
from passerelle.handoff.summary import Summary, build_summary
from passerelle.handoff.territory import Recipient
from passerelle.orientation.orient import read_set_aside
from passerelle.screening.next_question import profile_questions_for_handoff
from passerelle.screening.parcours import place_situation
from passerelle.screening.rules import Decision
from passerelle.screening.situation import Need, Situation, read_situation
from passerelle.screening.told import OTHER_AGE, REFUSE, UNKNOWN

#: Version of the wording of the agreement; a change of words is a new version.
NOTICE_VERSION = "accord/2026.1"

#: Under 15, or when somebody else signs: a person, never an agreement given to a robot (handoff.md §4.3).
_NO_AGREEMENT = {
    ("P2", "under_15"): "handoff.minor",
    (OTHER_AGE, "under_15"): "handoff.child",
    ("P7", "yes"): "handoff.protected",
}

#: With these needs the name of the service would say too much to whoever holds the phone.
DISCREET_NEEDS = frozenset(
    {
        "famille--surmonter-conflits-separation-violence",
        "sante--addictions",
        "sante--sante-mentale",
        "sante--sante-sexuelle",
        "difficultes-financieres--situation-dendettement-surendettement",
        "difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire",
    }
)


_NUMBER, _LONG_WORD = re.compile(r"\d+"), re.compile(r"[^\W\d_]{4,}")
#: With one of these, a sentence that holds a number names a line to take out.
_TAKES_OUT = re.compile(
    r"\b(?:enlev|retir|supprim|sauf|sans|pas|lignes?\b|remov|delet|except|without|take|not\b|lines?\b)"
)


def begin_handoff(talk: Talk, *, recipient: str, level: str) -> None:
    """Ask what the recipient needs to call back, then show the preview."""
    talk.row.stage = "agreeing"
    if send_to_a_person(talk):
        return
    answers = talk.dossier.told.answers
    missing = [key for key in profile_questions_for_handoff(talk.dossier.told) if key not in answers]
    if missing:
        put_by_id(talk, missing[0])
        _remember(talk, recipient, level)
        return
    if talk.form == "web" and "PHONE" not in answers:
        talk.ask(Pending(key="PHONE", kind="words", text=talk.words("handoff.phone")))
        _remember(talk, recipient, level)
        return
    show_preview(talk, recipient=recipient, level=level, removed=())


def send_to_a_person(talk: Talk) -> bool:
    """Name somebody to talk to instead, when a robot may take no agreement. Returns whether that is so."""
    answers = talk.dossier.told.answers
    for (question, code), text in _NO_AGREEMENT.items():
        if answers.get(question) == code:
            talk.wait_for_nothing("following")
            talk.say(text)
            say_desk(talk)
            return True
    return False


def show_preview(talk: Talk, *, recipient: str, level: str, removed: tuple[str, ...], code: str = "") -> None:
    """Show every line that would leave, each with the number that takes it out."""
    talk.row.stage = "agreeing"
    talk.ask(_preview(talk, recipient=recipient, level=level, removed=removed, code=code or new_code(4)))


def _preview(talk: Talk, *, recipient: str, level: str, removed: tuple[str, ...], code: str) -> Pending:
    receiver = talk.house.territory.recipient(recipient)
    summary = summarise(talk, level, code).without(removed)
    lines = [
        talk.words("preview.line", number=number, item=item.own) for number, item in enumerate(summary.items, start=1)
    ]
    text = "\n".join(
        [
            talk.words("preview.head", structure=receiver.structure),
            *lines,
            talk.words("preview.ask_with_partner" if talk.with_partner else "preview.ask"),
        ]
    )
    return Pending(
        key="preview",
        kind="preview",
        text=text,
        choices=(
            Choice(typed=talk.words("answer.yes"), code="yes", label=talk.words("preview.yes")),
            Choice(typed=talk.words("answer.no"), code="no", label=talk.words("preview.no")),
            *(
                Choice(typed=str(number), code=item.field, label=talk.words("preview.remove", number=number))
                for number, item in enumerate(summary.items, start=1)
                if item.removable
            ),
        ),
        notes={"recipient": recipient, "level": level, "removed": json.dumps(removed), "code": code},
    )


def read_preview_answer(house: House, text: str, language: str) -> str | None:
    """`yes`, `no`, or `lines` when the message names lines to take out; None when it is not surely one of these.

    Only a few whole messages agree: "oui sauf le 3" does not (reference/handoff.md §4.3).
    """
    agreed = house.answer_words.agreement(text, language)
    if agreed is None and _NUMBER.search(text) and (not _LONG_WORD.search(text) or _TAKES_OUT.search(fold(text))):
        return "lines"
    return agreed


def answer_preview(talk: Talk, pending: Pending, text: str, answer: str) -> None:
    """Send, do not send, or take lines out."""
    recipient, level, code = (pending.notes[note] for note in ("recipient", "level", "code"))
    removed = tuple(json.loads(pending.notes["removed"]))
    if answer == "no":
        talk.wait_for_nothing("following")
        talk.say("preview.nothing_sent")
        return
    if answer == "lines":
        fields = [field for number in _NUMBER.findall(text) if (field := pending.code_of(number))]
        if not fields:
            talk.say("preview.no_such_line")
        show_preview(talk, recipient=recipient, level=level, removed=(*removed, *fields), code=code)
        return
    if _preview(talk, recipient=recipient, level=level, removed=removed, code=code).text != pending.text:
        # Something was told, or a rule put in force, since the lines were shown: a yes is for what was read.
        talk.say("preview.changed")
        show_preview(talk, recipient=recipient, level=level, removed=removed, code=code)
        return
    _transmit(talk, pending)


def summarise(talk: Talk, level: str, code: str) -> Summary:
    """The lines of the summary, in French and in the person's language."""
    situation = read_situation(talk.dossier.told, talk.house.questionnaire)
    decision = talk.house.ruleset.decide(situation)
    wanted = [need for need in situation.needs if need.wanted in WANTED]
    words = talk.dossier.words
    answers = talk.dossier.told.answers

    def both(render: Callable[[str], str]) -> tuple[str, str]:
        return render("fr"), render(talk.language)

    def line(field: str, value: Callable[[str], str]) -> tuple[str, str]:
        def render(language: str) -> str:
            said = value(language)
            if not said:
                return ""
            return talk.house.texts.say(f"summary.{field}", language=language, form=talk.form, value=said)

        return both(render)

    return build_summary(
        {
            "first_name": line("first_name", lambda _: words.get("P5", "")),
            "phone": line("phone", lambda _: _phone(talk)),
            "call_when": line("call_when", lambda _: words.get("P6", "")),
            "language": line("language", lambda language: _language_name(talk, language)),
            "commune": line("commune", lambda _: talk.commune.name if talk.commune else ""),
            "needs": line("needs", lambda language: _needs(talk, wanted, language)),
            "strengths": line("strengths", lambda language: strengths_in_words(talk, language)),
            "change": line("change", lambda language: change_in_words(talk, language)),
            "deadline": line("deadline", lambda language: _deadline(talk, wanted, language)),
            "helped_by": line("helped_by", lambda language: _option(talk, "T3", answers.get("T3"), language)),
            "helper": line("helper", lambda language: _helper(talk, language)),
            "own_words": line("own_words", lambda _: words.get("TOLD", "")),
            "observed": line("observed", lambda _: words.get("OBSERVED", "")),
            "level": line("level", lambda language: _level(talk, level, decision, language)),
            "code": line("code", lambda _: code),
        },
        always=("level", "code"),
    )


def _transmit(talk: Talk, pending: Pending) -> None:
    recipient = talk.house.territory.recipient(pending.notes["recipient"])
    level = pending.notes["level"]
    removed = tuple(json.loads(pending.notes["removed"]))
    code = pending.notes["code"]
    summary = summarise(talk, level, code).without(removed)
    situation = read_situation(talk.dossier.told, talk.house.questionnaire)
    decision = talk.house.ruleset.decide(situation)
    agreement = record_agreement(
        talk.session,
        keys=talk.house.keys,
        conversation=talk.row.id,
        recipient=recipient.id,
        items=summary.fields,
        removed=removed,
        notice_version=NOTICE_VERSION,
        language=talk.language,
        shown=pending.text,
        channel=talk.row.channel,
        withdrawal_code=code,
        method="oral_en_presence" if talk.with_partner else "reponse_mot",
        proof="faible" if talk.with_partner else "forte",
        at=talk.at,
    )
    talk.house.requests.transmit(
        talk.session,
        conversation=talk.row.id,
        agreement=agreement,
        recipient=recipient,
        summary=summary,
        level=level,
        commune=talk.dossier.commune or "",
        grading=_grading(talk, situation, decision, summary),
    )
    talk.wait_for_nothing("following")
    talk.say(
        "receipt",
        structure=name_for_person(talk, recipient, situation),
        date=day(talk, ANSWER_WITHIN_BUSINESS_DAYS),
        code=code,
    )


def _grading(talk: Talk, situation: Situation, decision: Decision, summary: Summary) -> dict[str, Any]:
    """What the graphique is drawn from: nothing about the needs when the person took them out."""
    area = talk.area
    echelon = talk.house.territory.echelon(decision.level, has_epci=area is None or area.epci is not None)
    if "needs" not in summary.fields:
        return graded(situation, decision, []) | {"echelon": echelon}
    sent = [need.thematique for need in situation.needs if need.wanted in WANTED]
    return graded(situation, decision, sent) | {
        "echelon": echelon,
        "parcours": list(place_situation(situation)),
        "set_aside": [[aside.name, *aside.reasons] for aside in read_set_aside(talk.session, talk.row.id)],
        "said_by": said_by(talk, sent),
        "before": before(talk) if "change" in summary.fields else None,
    }


def name_for_person(talk: Talk, recipient: Recipient, situation: Situation) -> str:
    """The recipient's name, or a neutral word where the name alone would tell the need."""
    discreet = any(need.thematique in DISCREET_NEEDS for need in situation.needs)
    return talk.words("handoff.the_service") if discreet and talk.form == "sms" else recipient.structure


def day(talk: Talk, business_days: int, *, since: datetime | None = None) -> str:
    """A date that many business days from a moment, or from now, as people say it."""
    moment = add_business_days(since or talk.at, business_days).astimezone(PARIS)
    return str(format_date(moment, format="d MMMM", locale=talk.language))


def _remember(talk: Talk, recipient: str, level: str) -> None:
    """Carry the handoff along while its last questions are asked."""
    if talk.pending is not None:
        talk.pending = replace(talk.pending, notes={"recipient": recipient, "level": level})


def _phone(talk: Talk) -> str:
    if talk.row.address:
        return spoken(talk.house.keys.open(talk.row.id, talk.row.address))
    return talk.dossier.words.get("PHONE", "")


def _language_name(talk: Talk, language: str) -> str:
    return talk.house.texts.say(f"language.{talk.language}", language=language) if talk.language != "fr" else ""


def _helper(talk: Talk, language: str) -> str:
    """The partner who filled in with the person: their role and organisation, never a name."""
    if not talk.with_partner:
        return ""
    role = talk.house.texts.say(f"observe.role.{talk.row.helper or 'other'}", language=language)
    return f"{role}, {talk.row.organisation}" if talk.row.organisation else role


def _needs(talk: Talk, needs: list[Need], language: str) -> str:
    return ", ".join(talk.house.texts.say(f"need.{need.thematique}", language=language) for need in needs)


def _deadline(talk: Talk, needs: list[Need], language: str) -> str:
    days = [need.days_left for need in needs if need.days_left is not None]
    return talk.house.texts.say("summary.in_days", language=language, days=min(days)) if days else ""


def _option(talk: Talk, question: str, code: str | None, language: str) -> str:
    if code in {None, REFUSE, UNKNOWN}:
        return ""
    return talk.house.texts.say(f"question.{question}.option.{code}", language=language)


def _level(talk: Talk, level: str, decision: Decision, language: str) -> str:
    name = talk.house.texts.say(f"level.{level}", language=language)
    human = level != decision.level and talk.house.requests.given_by_a_professional(talk.session, talk.row.id, level)
    sentence = talk.house.texts.say("summary.level_human" if human else decision.sentence_key, language=language)
    return talk.house.texts.say("summary.level_value", language=language, name=name, sentence=sentence)
