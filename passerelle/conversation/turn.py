"""One turn: safety first, then commands, then the waiting question, then free text; one transaction (DESIGN §4)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from actions.proposals import (
    AddNeeds,
    AnswerPending,
    AskHuman,
    Correct,
    Explain,
    ExplainQuestion,
    NotUnderstood,
    Proposal,
)
from passerelle.conversation.alert import AFTER_ALERT, raise_alert, refuse_medical
from passerelle.conversation.answering import answer_pending, parse_pending
from passerelle.conversation.asking import communes_named, keep_ages, keep_answer, keep_words, settle_commune
from passerelle.conversation.claims import ClaimedConversation, ClaimedMessage
from passerelle.conversation.commands import Command, Commands
from passerelle.conversation.correcting import correct, correction_in
from passerelle.conversation.deciding import Deciding
from passerelle.conversation.desk import say_desk
from passerelle.conversation.introduction import introduce
from passerelle.conversation.menu import bot_down, not_understood, show_menu
from passerelle.conversation.news import tell
from passerelle.conversation.orders import choose_language, explain_question, obey, say_recap
from passerelle.conversation.pending import Pending
from passerelle.conversation.tables import ConversationRow, InboundRow, TranscriptRow
from passerelle.conversation.talk import House, Said, Talk
from passerelle.conversation.understanding import BotDown, Understanding, Understands
from passerelle.conversation.walk import go_on, go_on_after
from passerelle.dossier.records import record_needs, record_signals
from passerelle.foundation.database import Database, table_of
from passerelle.foundation.language import LanguageDetector
from passerelle.notices.notice import LIFETIME, NewNotice
from passerelle.safety.check import Kind
from passerelle.screening.told import ToldNeed

_conversations, _inbound = table_of(ConversationRow), table_of(InboundRow)

# Statements made once: making one costs more than running it.
_OURS = (
    select(ConversationRow)
    .where(_conversations.c.id == bindparam("of"), _conversations.c.lease == bindparam("our_lease"))
    .with_for_update()
)
_TRANSCRIBE = insert(table_of(TranscriptRow))
_ANSWERED = update(_inbound).where(_inbound.c.number == bindparam("which")).values(state="done", body=None)
_STILL_WAITS = (
    select(_inbound.c.received_at)
    .where(_inbound.c.conversation == bindparam("of"), _inbound.c.state == "waiting")
    .order_by(_inbound.c.number)
    .limit(1)
)

#: The person's first sentences are kept (masked) for the summary up to this length.
TOLD_WORDS = 300

#: An answer of fewer words says nothing besides.
SHORTEST_OF_SEVERAL = 4

#: What people say of themselves beside an answer; a need heard in "non, pas d'impayé" would be none.
_PROFILE_SIGNALS = frozenset({"lives_alone", "lives_with_children", "for_other", "has_referent"})

#: A message of that many words has told something.
STORY_WORDS = 8

#: An agreement, a withdrawal, an erasure is said in a word of ours: no model may guess it (handoff.md §4.6).
_SAID_BY_THE_PERSON = frozenset({"preview", "erase", "withdraw", "restart"})


#: After so long a silence the person is told where we were, in one sentence. Nothing told is read back: a number
#: identifies a thread, never a person (reliability.md A3).
RECAP_AFTER = timedelta(hours=12)
_BEING_EVALUATED = frozenset({"telling", "asking", "agreeing"})


_ORDER_OF_A_ROBOT = re.compile(r"\s*/\S+\s*")


class LeaseLost(Exception):
    """Another worker took this turn over: nothing of ours is kept."""


@dataclass(frozen=True, kw_only=True)
class Read:
    """What was made of a message before the transaction: nothing is held open across HTTP."""

    command: Command | None = None
    language: str = ""
    proposals: tuple[Proposal, ...] = ()
    bot_down: bool = False
    #: What a message that answers the waiting question tells besides.
    besides: AddNeeds | None = None
    #: What the rules saw at the door, or else what the bot saw.
    danger: Kind = "none"
    medical: bool = False


class Turns:
    """Runs turns."""

    def __init__(
        self,
        *,
        database: Database,
        house: House,
        commands: Commands,
        detector: LanguageDetector,
        bot: Understands,
        deciding: Deciding,
    ) -> None:
        self._database = database
        self._house = house
        self._commands = commands
        self._detector = detector
        self._bot = bot
        self._deciding = deciding

    def run(self, message: ClaimedMessage) -> None:
        """Answer one claimed message. Raises LeaseLost, DatabaseDown; then nothing was kept."""
        read = Read() if message.event else self._read(message)
        with self._database.write() as session:
            row = self._still_ours(session, message)
            talk = Talk.begin(self._house, session, row, self._house.clock.now())
            if message.event:
                tell(talk, message.event)
            else:
                self._answer(talk, message, read)
            self._commit(talk, message, danger=read.danger != "none")

    def apologise(self, message: ClaimedMessage) -> None:
        """A message that fails each time is answered with a person to call, and set aside: never a silence."""
        with self._database.write() as session:
            talk = Talk.begin(self._house, session, self._still_ours(session, message), self._house.clock.now())
            talk.say("failure")
            say_desk(talk)
            self._commit(talk, message)

    def _read(self, message: ClaimedMessage) -> Read:
        """Understand the message, outside any transaction."""
        row = message.conversation
        language = row.language or self._detector.recognise(message.text, self._house.languages)
        command = self._command(message, row)
        if message.danger != "none" or command is not None or message.medical or not message.text:
            return Read(command=command, language=language, danger=message.danger, medical=message.medical)
        pending = Pending.unsealed(self._house.keys, row.id, row.pending)
        closed = pending is not None and self._is_closed_answer(message, pending, language)
        if closed and not (pending and self._may_say_more(message.text, pending)):
            return Read(language=language)
        if not any(letter.isalpha() for letter in message.text) or _ORDER_OF_A_ROBOT.fullmatch(message.text):
            # A number that answers nothing, or "/restart": the bot would guess at it.
            return Read(language=language, proposals=self._places_named(message.text) or (NotUnderstood(),))
        slots: dict[str, str | None] = {
            "stage": row.stage,
            "role": row.role,
            "channel": row.channel,
            "pending": pending.question_id if pending else None,
        }
        try:
            understood = self._bot.understand(message.text, language, slots)
        except BotDown:
            if closed:
                return Read(language=language, besides=self._besides(message.text))
            return Read(language=language, bot_down=True, proposals=self._places_named(message.text))
        if understood.danger != "none":
            return Read(language=language, danger=understood.danger)
        if closed:
            return Read(language=language, besides=self._besides(message.text, understood))
        if understood.medical:
            return Read(language=language, medical=True)
        return Read(language=language, proposals=self._deciding.decide(understood, message.text, slots))

    def _command(self, message: ClaimedMessage, row: ClaimedConversation) -> Command | None:
        return self._commands.recognise(message.text, tuple(self._house.languages))

    def _is_closed_answer(self, message: ClaimedMessage, pending: Pending, language: str) -> bool:
        return parse_pending(self._house, pending, message.text, language, message.received_at) is not None

    def _may_say_more(self, text: str, pending: Pending) -> bool:
        """Whether an answer may hold other answers ("seul, 2 enfants, Creil")."""
        asked = pending.question_id in self._house.questionnaire.questions and pending.kind != "words"
        return asked and ("," in text or len(text.split()) >= SHORTEST_OF_SEVERAL)

    def _besides(self, text: str, understood: Understanding | None = None) -> AddNeeds:
        """What a message that answers a question says besides; what could contradict the answer is left out."""
        ages = self._house.age_reader.read(text)
        heard = {str(entity["entity"]) for entity in understood.entities} if understood else set()
        return AddNeeds(
            signals=tuple(sorted(heard & _PROFILE_SIGNALS)),
            communes=communes_named(self._house, text),
            age=ages.own,
            other_age=ages.other,
        )

    def _places_named(self, text: str) -> tuple[Proposal, ...]:
        """What needs no bot: the communes a text names."""
        communes = tuple(match.code for match in self._house.places.find(text))
        return (AddNeeds(communes=communes),) if communes else ()

    def _answer(self, talk: Talk, message: ClaimedMessage, read: Read) -> None:
        row = talk.row
        silent, row.last_message_at = message.received_at - row.last_message_at, message.received_at
        if not row.language:
            row.language = read.language
        if read.danger != "none":
            raise_alert(talk, read.danger)
            self._keep(talk, "person", f"danger:{read.danger}", None)
            return
        if self._commands.ambiguous(message.text, tuple(self._house.languages)) and row.stopped_at is None:
            introduce(talk)
            talk.ask_yes_no("stop", talk.words("stop.ask"))
            return
        if read.command is not None:
            self._keep(talk, "person", f"command:{read.command}", None)
            introduce(talk)
            self._obey(talk, read.command, message.text)
            return
        if row.stopped_at is not None:
            self._keep(talk, "person", "text", None)
            pending = talk.pending if talk.pending and talk.pending.key == "resume" else None
            if pending is None or not answer_pending(talk, pending, message.text, message.received_at):
                talk.ask_yes_no("resume", talk.words("resume.ask"))
            return
        introduce(talk)
        if read.medical:
            self._keep(talk, "person", "medical", None)
            refuse_medical(talk)
            return
        if not message.text:
            self._keep(talk, "person", "media", None)
            talk.say("media.not_read")
            talk.ask_again()
            return
        self._keep(talk, "person", "text", self._house.mask(message.text, talk.language))
        if silent >= RECAP_AFTER and row.stage in _BEING_EVALUATED:
            say_recap(talk)
        if self._answers_older_question(talk, message):
            return
        correction = correction_in(talk, message.text, message.received_at) if _may_correct(talk) else None
        if correction is not None:
            correct(talk, correction, message.text)
            return
        pending = talk.pending
        if pending is not None and read.besides is not None:
            _keep_besides(talk, pending, read.besides)
        if pending is not None and answer_pending(talk, pending, message.text, message.received_at):
            row.misunderstood = 0
            return
        self._apply(talk, read, message.text)

    def _obey(self, talk: Talk, command: Command, text: str) -> None:
        named = self._commands.language_named(text)
        if command is Command.LANGUAGE and named is not None and named in self._house.languages:
            choose_language(talk, named)
        else:
            obey(talk, command)

    def _answers_older_question(self, talk: Talk, message: ClaimedMessage) -> bool:
        """A button of an earlier question: say so, and put the present one again."""
        if not message.question or (talk.pending and talk.pending.identity == message.question):
            return False
        talk.say("older_question")
        if not talk.ask_again():
            go_on(talk)
        return True

    def _apply(self, talk: Talk, read: Read, text: str) -> None:
        if read.bot_down:
            self._without_the_bot(talk, read)
            return
        for proposal in read.proposals or (NotUnderstood(),):
            _APPLY[type(proposal)](talk, proposal, text)

    def _without_the_bot(self, talk: Talk, read: Read) -> None:
        """A commune is kept and the waiting question goes on; else the menu takes over from free words."""
        communes = tuple(code for proposal in read.proposals for code in getattr(proposal, "communes", ()))
        if communes and talk.dossier.commune is None and settle_commune(talk, communes):
            return
        if communes and not talk.dossier.is_empty:
            talk.pending = None
            go_on(talk)
        else:
            bot_down(talk)

    def _keep(self, talk: Talk, sender: str, kind: str, words: str | None) -> None:
        said = {"conversation": talk.row.id, "at": talk.at, "sender": sender, "kind": kind}
        talk.session.connection().execute(_TRANSCRIBE, said | {"words": talk.seal(words) if words else None})

    def _still_ours(self, session: Session, message: ClaimedMessage) -> ConversationRow:
        ours = {"of": message.conversation.id, "our_lease": message.lease}
        row: ConversationRow | None = session.execute(_OURS, ours).scalar()
        if row is None:
            raise LeaseLost()
        return row

    def _commit(self, talk: Talk, message: ClaimedMessage, *, danger: bool = False) -> None:
        """Everything of the turn in the caller's transaction: words out, words in wiped, the line moved on."""
        row = talk.row
        row.pending = talk.pending.sealed(self._house.keys, row.id) if talk.pending else None
        row.turns += 1
        self._house.outbox.record_new(talk.session, self._notices(talk, message, "safety" if danger else "turn"))
        # Past the unit of work, so that the conversation's row is written once, at the end.
        connection = talk.session.connection()
        connection.execute(_ANSWERED, {"which": message.number})
        waits = connection.execute(_STILL_WAITS, {"of": row.id}).scalar()
        row.waiting_since, row.lease, row.leased_until = waits, None, None

    def _notices(self, talk: Talk, message: ClaimedMessage, kind: Literal["safety", "turn"]) -> list[NewNotice]:
        if not talk.said:
            return []
        if talk.form == "sms":
            # One SMS a turn: several may arrive in any order (reference/conversation.md §5.3).
            recipient = self._house.keys.open(talk.row.id, talk.row.address or b"")
            texts: list[tuple[str, dict[str, object]]] = [("\n".join(said.text for said in talk.said), {})]
        else:
            recipient = talk.row.id
            texts = [(said.text, _extras(said)) for said in talk.said]
        return [
            NewNotice(
                key=f"turn:{message.number}:{place}",
                kind=kind,
                channel="sms" if talk.form == "sms" else "web",
                recipient=recipient,
                text=text,
                language=talk.language,
                conversation=talk.row.id,
                extras=extras,
                lifetime=LIFETIME["safety"] if kind == "safety" else LIFETIME["person" if message.event else "turn"],
                important=bool(message.event) or kind == "safety",
            )
            for place, (text, extras) in enumerate(texts)
        ]


def _extras(said: Said) -> dict[str, object]:
    return {
        "question": said.question,
        "options": [[choice.typed, choice.label] for choice in said.choices],
        "links": [list(link) for link in said.links],
    }


def _keep_besides(talk: Talk, pending: Pending, besides: AddNeeds) -> None:
    """Record it before the answer, so that the next question knows it."""
    talk.dossier = record_signals(talk.session, talk.dossier, besides.signals, talk.at)
    # The age asked for is the answer itself, of whoever it is said.
    asked = pending.question_id == "P2"
    keep_ages(talk, own=None if asked else besides.age, other=None if asked else besides.other_age)
    if pending.key == "P1" or talk.dossier.commune is not None:
        return
    if len(besides.communes) == 1:
        keep_answer(talk, "P1", besides.communes[0])
    else:
        talk.places_heard = besides.communes


def _may_correct(talk: Talk) -> bool:
    """Not where a word agrees, erases or sends: there only the answers offered are read."""
    pending = talk.pending
    guarded = pending is not None and pending.question_id not in talk.house.questionnaire.questions
    return not guarded and talk.row.stage != AFTER_ALERT and bool(talk.dossier.asked or talk.dossier.told.signals)


def _add_needs(talk: Talk, proposal: AddNeeds, text: str) -> None:
    talk.row.misunderstood = 0
    needs = [ToldNeed(thematique=thematique, wanted=proposal.wanted) for thematique in proposal.thematiques]
    talk.dossier = record_needs(talk.session, talk.dossier, needs, talk.at)
    talk.dossier = record_signals(talk.session, talk.dossier, proposal.signals, talk.at)
    keep_ages(talk, own=proposal.age, other=proposal.other_age)
    if needs:
        _keep_told(talk, text)
    if proposal.communes and talk.dossier.commune is None and settle_commune(talk, proposal.communes):
        return
    if talk.row.stage == AFTER_ALERT:
        go_on(talk)
        return
    if needs:
        talk.say("understood.needs", needs=_need_list(talk, proposal.thematiques))
    if talk.pending is not None and talk.pending.key in talk.dossier.told.answers:
        # Answered in the middle of a longer message.
        go_on_after(talk, talk.pending)
    elif talk.pending is not None and not needs:
        talk.ask_again()
    elif talk.dossier.is_empty and len(text.split()) >= STORY_WORDS:
        # A whole story, and no need was heard in it: asking for it again would sound deaf.
        talk.say("unclear.menu")
        show_menu(talk)
    else:
        talk.pending = None
        go_on(talk)


def _keep_told(talk: Talk, text: str) -> None:
    """The first words that told a need go to the summary, masked; the person may take them out."""
    if "TOLD" not in talk.dossier.words:
        keep_words(talk, "TOLD", text, longest=TOLD_WORDS)


def _need_list(talk: Talk, thematiques: tuple[str, ...]) -> str:
    return ", ".join(talk.words(f"need.{thematique}") for thematique in thematiques)


def _correct(talk: Talk, proposal: Correct, text: str) -> None:
    if proposal.communes:
        talk.row.misunderstood = 0
        if not settle_commune(talk, proposal.communes):
            talk.say("corrected.commune", commune=talk.commune.name if talk.commune else "")
            talk.pending = None
            go_on(talk)
    else:
        _add_needs(talk, AddNeeds(thematiques=proposal.thematiques), text)


def _answer_pending(talk: Talk, proposal: AnswerPending, text: str) -> None:
    pending = talk.pending
    guessable = pending is not None and pending.key not in _SAID_BY_THE_PERSON
    if pending is None or not guessable or not answer_pending(talk, pending, proposal.code, talk.at):
        not_understood(talk)


def _explain(talk: Talk, proposal: Explain, text: str) -> None:
    values = {"operator": talk.house.operator, **proposal.values}
    talk.say_text(talk.words(proposal.text, **values))
    if not talk.ask_again() and talk.dossier.is_empty and talk.row.stage != AFTER_ALERT:
        talk.say("tell.invite")


def _explain_question(talk: Talk, proposal: ExplainQuestion, text: str) -> None:
    explain_question(talk)


def _ask_human(talk: Talk, proposal: AskHuman, text: str) -> None:
    say_desk(talk)
    talk.ask_again()


def _not_understood(talk: Talk, proposal: NotUnderstood, text: str) -> None:
    not_understood(talk)


_APPLY: dict[type[Proposal], Callable[[Talk, Any, str], None]] = {
    AddNeeds: _add_needs,
    Correct: _correct,
    AnswerPending: _answer_pending,
    Explain: _explain,
    ExplainQuestion: _explain_question,
    AskHuman: _ask_human,
    NotUnderstood: _not_understood,
}
