"""Journeys: conversations written in YAML, replayed through the real doors, each expectation checked on the way.

The words of the YAML are explained in tests/journeys/LISEZMOI.md.
"""

import itertools
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import yaml
from live_house import LiveHouse
from sqlalchemy import select

from passerelle.conversation.pending import Pending
from passerelle.conversation.tables import ConversationRow, InboundRow, TranscriptRow
from passerelle.dossier.records import read_dossier
from passerelle.dossier.tables import AnswerRow
from passerelle.foundation.crypto import Erased, keyed_hash
from passerelle.foundation.database import table_of
from passerelle.foundation.sms import measure
from passerelle.foundation.text import fold
from passerelle.handoff.tables import RequestRow
from passerelle.notices.tables import NoticeRow
from passerelle.orientation.tables import OrientationRow
from passerelle.screening.situation import read_situation

_conversations, _inbound, _transcripts = table_of(ConversationRow), table_of(InboundRow), table_of(TranscriptRow)
_answers, _requests, _notices = table_of(AnswerRow), table_of(RequestRow), table_of(NoticeRow)
_orientations = table_of(OrientationRow)

#: More questions than this in a row means that the table of answers is missing one, or that the walk turns in circles.
_MOST_QUESTIONS = 25

_numbers = itertools.count(1)


class JourneyFailed(AssertionError):
    """Says where the journey went another way: file, step, what was expected, what came."""


@dataclass(kw_only=True)
class Journey:
    """One YAML file."""

    path: Path
    title: str
    channel: str
    role: str
    language: str | None
    steps: list[dict[str, Any]]

    @classmethod
    def read(cls, path: Path) -> "Journey":
        """Read a journey; an unknown word is refused, so that no expectation is silently skipped."""
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        unknown = set(data) - {"titre", "histoire", "par", "role", "langue", "etapes"}
        if unknown:
            raise JourneyFailed(f"{path.name}: unknown word {sorted(unknown)[0]!r}")
        for number, step in enumerate(data["etapes"], start=1):
            strange = set(step) - set(WORDS)
            if strange:
                raise JourneyFailed(f"{path.name}, step {number}: unknown word {sorted(strange)[0]!r}")
        return cls(
            path=path,
            title=data["titre"],
            channel=data.get("par", "sms"),
            role={"habitant": "resident", "partenaire": "partner"}[data.get("role", "habitant")],
            language=data.get("langue"),
            steps=data["etapes"],
        )

    @property
    def kills_the_bot(self) -> bool:
        """Whether other journeys would suffer from it."""
        return any("tuer" in step for step in self.steps)

    @property
    def moves_the_clock(self) -> bool:
        """Whether it needs a house of its own."""
        return any("attendre" in step for step in self.steps)


class SmsPerson:
    """Somebody with a telephone: signed webhooks in, what the fake Twilio delivered out."""

    def __init__(self, house: LiveHouse) -> None:
        self.house = house
        self.phone = f"+3363998{next(_numbers):04d}"
        self._read = 0
        self.received: list[str] = []

    @property
    def conversation(self) -> str | None:
        """Its conversation, as the application finds it."""
        address = keyed_hash(self.house.parts.settings.secret_value(), self.phone)
        with self.house.parts.database.read() as session:
            return session.execute(select(_conversations.c.id).where(_conversations.c.address_hash == address)).scalar()

    def writes(self, text: str, *, times: int = 1, media: int = 0, question: str | None = None) -> list[str]:
        """Send one SMS (`times`: delivered so often with the same id) and read what comes back."""
        sid = f"{'MM' if media else 'SM'}{uuid.uuid4().hex}"
        statuses = self.house.on_its_loop(
            lambda: self.house.twilio.deliver_inbound(self.phone, text, sid, media=media, times=times)
        )
        if set(statuses) - {200, 204}:
            raise JourneyFailed(f"the SMS door answered {statuses}")
        return self.reads()

    def reads(self) -> list[str]:
        """What arrived since the last look."""
        self.house.settle()
        arrived = self.house.twilio.received_by(self.phone)
        new, self._read = arrived[self._read :], len(arrived)
        self.received += new
        return new


class WebPerson:
    """Somebody at the widget: its JSON API with the bearer token, as static/widget.js speaks it."""

    def __init__(self, house: LiveHouse, *, role: str, language: str | None) -> None:
        self.house = house
        self._client = httpx2.Client(base_url=house.url, headers={"Origin": house.url}, timeout=20)
        opening = {"site": "demo", "role": role} | ({"language": language} if language else {})
        opened = self._post("/widget/conversations", opening)
        self.conversation: str | None = opened["conversation"]
        self._client.headers["Authorization"] = f"Bearer {opened['token']}"
        self._cursor = 0
        self.received: list[str] = []

    def writes(self, text: str, *, times: int = 1, media: int = 0, question: str | None = None) -> list[str]:
        """Say one thing (`times`: sent so often with the same id) and read what comes back."""
        said = {"id": str(uuid.uuid4()), "text": text} | ({"question": question} if question else {})
        for _ in range(times):
            answer = self._post("/widget/messages", said)
        self._client.headers["Authorization"] = f"Bearer {answer['token']}"
        return self.reads()

    def reads(self) -> list[str]:
        """What the page shows since the last look, with the buttons under it."""
        self.house.settle()
        shown = self._client.get("/widget/messages", params={"after": self._cursor}).json()
        self._cursor = shown["cursor"]
        new = [
            "\n".join([message["text"], *(f"{option['number']} {option['label']}" for option in message["options"])])
            for message in shown["messages"]
        ]
        self.received += new
        return new

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        response = self._client.post(path, json=dict(body))
        if response.status_code >= 400:
            raise JourneyFailed(f"{path} answered {response.status_code}: {response.text}")
        return dict(response.json())


@dataclass(kw_only=True)
class Referent:
    """The recipient: opens the link of the newest mail, reads the page, posts its buttons."""

    house: LiveHouse
    client: httpx2.Client
    page: str = ""
    mail: str = ""
    to: str = ""
    _seen_mails: int = field(default=0)

    def open_newest_link(self) -> None:
        """Find the newest mail, open its link as a browser does."""
        mail = self._newest_mail()
        link = re.search(r"https?://\S+/demande/\S+", mail.text)
        if link is None:
            raise JourneyFailed(f"no link in the mail: {mail.text}")
        looked = self.client.get(link.group())
        if looked.status_code != 200:
            raise JourneyFailed(f"the link answered {looked.status_code}: {_seen(looked.text)}")
        opened = self.client.post(link.group(), headers={"Origin": self.house.url}, follow_redirects=True)
        if opened.status_code != 200:
            raise JourneyFailed(f"opening the link answered {opened.status_code}: {_seen(opened.text)}")
        self.page, self._address = opened.text, str(opened.url)

    def presses(self, verb: str, **fields: str) -> None:
        """Post the form of that name as the page shows it."""
        if not self.page:
            self.open_newest_link()
        form = re.search(rf'<form method="post" action="([^"]+/{verb})".*?</form>', self.page, re.DOTALL)
        if form is None:
            raise JourneyFailed(f"no form {verb!r} on the page: {_seen(self.page)}")
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.group()))
        data = {name: unescape(value) for name, value in hidden.items()} | fields
        answer = self.client.post(form.group(1), data=data, headers={"Origin": self.house.url}, follow_redirects=True)
        if answer.status_code != 200:
            raise JourneyFailed(f"{verb} answered {answer.status_code}: {_seen(answer.text)}")
        self.page = answer.text

    def reloads(self) -> str:
        """The page as it is now."""
        self.page = self.client.get(self._address).text
        return self.page

    def _newest_mail(self) -> Any:
        self.house.settle()
        mails = self.house.mailbox.mails
        if not mails:
            raise JourneyFailed("no mail was sent")
        self.mail, self.to = f"{mails[0].subject}\n{mails[0].text}", mails[0].to
        return mails[0]


class Replay:
    """One journey on its way through the house."""

    def __init__(self, journey: Journey, house: LiveHouse) -> None:
        self.journey = journey
        self.house = house
        self.person: SmsPerson | WebPerson = (
            SmsPerson(house)
            if journey.channel == "sms"
            else WebPerson(house, role=journey.role, language=journey.language)
        )
        self.referent = self._new_referent()
        self.answers: list[str] = []
        self.said: list[str] = []
        self.parts = 0
        self._first_conversation: str | None = None

    def run(self) -> None:
        """Replay every step. Raises JourneyFailed."""
        for number, step in enumerate(self.journey.steps, start=1):
            try:
                for word, play in WORDS.items():
                    if word in step:
                        play(self, step)
            except JourneyFailed as failure:
                said = "\n".join(f"      {line}" for line in self.said[-14:])
                raise JourneyFailed(
                    f"\n  {self.journey.path.name}: {self.journey.title}\n  step {number}: {_brief(step)}\n"
                    f"  {failure}\n  the conversation so far:\n{said}"
                ) from None

    # What a step does

    def write(self, step: dict[str, Any]) -> None:
        """The person writes."""
        question = self._button(step.get("bouton"))
        self._says(
            str(step["personne"]),
            times=int(step.get("fois", 1)),
            media=int(step.get("images", 0)),
            question=question,
        )

    def answer_questions(self, step: dict[str, Any]) -> None:
        """The person answers what is asked, each time by the answer of the table, until a question is reached."""
        table: dict[str, str] = step["repond"]
        goal = step["jusqu'a"]
        for _ in range(_MOST_QUESTIONS):
            key = self.pending_key()
            if (key or "rien") == goal or (key and key.split(":")[0] == goal):
                return
            if key is None:
                raise JourneyFailed(f"expected to reach the question {goal!r}; nothing is asked any more")
            answer = _in_table(table, key)
            if answer is None:
                raise JourneyFailed(f"no answer to {key!r} in the table; it was asked:\n{self._last()}")
            self._says(str(answer))
        raise JourneyFailed(f"{goal!r} was not reached after {_MOST_QUESTIONS} questions")

    def kill(self, step: dict[str, Any]) -> None:
        """A process dies."""
        self.house.kill_bot()

    def start_again(self, step: dict[str, Any]) -> None:
        """It is back."""
        self.house.start_bot_again()

    def wait(self, step: dict[str, Any]) -> None:
        """Time passes; the clocks ring."""
        names = {"jours": "days", "heures": "hours", "minutes": "minutes"}
        self.house.clock.advance(**{names[unit]: count for unit, count in step["attendre"].items()})
        for _ in range(3):
            self.house.do_duties()
        self._hears(self.person.reads())

    def referent_does(self, step: dict[str, Any]) -> None:
        """The référent opens the mail's link, or presses a button of the page."""
        what = step["referent"]
        if what == "ouvre":
            self.referent = self._new_referent()
            self.referent.open_newest_link()
        elif what == "recharge":
            self.referent.reloads()
        elif what == "accepte":
            self.referent.presses("accepter")
        elif what == "a fini":
            self.referent.presses("fait")
        else:
            self.referent.presses("refuser", reason=what["refuse"])
        self._hears(self.person.reads())

    # What a step expects

    def expect_words(self, step: dict[str, Any]) -> None:
        """Each of these stands in what was said since the last message."""
        self._contains(step["reponse contient"], self._last(), "in the answer")

    def expect_no_words(self, step: dict[str, Any]) -> None:
        """None of these stands there."""
        self._lacks(step["reponse ne contient pas"], self._last(), "in the answer")

    def expect_order(self, step: dict[str, Any]) -> None:
        """These stand in the answer, in this order."""
        text, place = fold(self._last()), -1
        for words in _list(step["dans l'ordre"]):
            found = text.find(fold(words), place + 1)
            if found < 0:
                raise JourneyFailed(f"expected, in this order: {step[chr(100) + 'ans l' + chr(39) + 'ordre']}\n{text}")
            place = found

    def expect_count(self, step: dict[str, Any]) -> None:
        """So many messages came back."""
        self._equal(step["messages"], len(self.answers), "messages received")

    def expect_question(self, step: dict[str, Any]) -> None:
        """This question waits for an answer."""
        key = self.pending_key() or "aucune"
        if step["question"] != key.split(":")[0] and not _names(key, step["question"]):
            raise JourneyFailed(f"expected question: {step['question']}; waiting: {key}")

    def expect_needs(self, step: dict[str, Any]) -> None:
        """These needs were understood."""
        situation = read_situation(self._dossier().told, self.house.parts.questionnaire)
        found = {need.thematique for need in situation.needs}
        missing = [need for need in _list(step["besoins"]) if not any(name.endswith(need) for name in found)]
        if missing:
            raise JourneyFailed(f"expected needs: {missing}; understood: {sorted(found)}")

    def expect_no_needs(self, step: dict[str, Any]) -> None:
        """These needs were not."""
        situation = read_situation(self._dossier().told, self.house.parts.questionnaire)
        found = {need.thematique for need in situation.needs}
        wrong = [need for need in _list(step["pas de besoin"]) if any(name.endswith(need) for name in found)]
        if wrong:
            raise JourneyFailed(f"expected none of {wrong}; understood: {sorted(found)}")

    def expect_signals(self, step: dict[str, Any]) -> None:
        """These circumstances were heard."""
        self._superset(step["signaux"], self._dossier().told.signals, "signals")

    def expect_answers(self, step: dict[str, Any]) -> None:
        """These answers are kept (`null` = none)."""
        kept = self._dossier().told.answers
        for key, code in step["reponses gardees"].items():
            found = next((value for name, value in kept.items() if _names(name, key)), None)
            self._equal(code, found, f"answer kept to {key}")

    def expect_commune(self, step: dict[str, Any]) -> None:
        """The commune kept."""
        self._equal(step["commune"], self._dossier().commune, "commune")

    def expect_language(self, step: dict[str, Any]) -> None:
        """The language spoken from now on."""
        self._equal(step["langue"], self._row().language, "language")

    def expect_level(self, step: dict[str, Any]) -> None:
        """The level of the last decision."""
        self._equal(step["niveau"], self._orientation().level, "level")

    def expect_rules(self, step: dict[str, Any]) -> None:
        """The rules that fired in it."""
        self._superset(step["regles"], json.loads(self._orientation().trace)["tirees"], "rules fired")

    def expect_shortlist(self, step: dict[str, Any]) -> None:
        """The first proposals, in order."""
        expected = _list(step["propositions"])
        found = [proposal["service_id"] for proposal in json.loads(self._orientation().proposals)]
        self._equal(expected, found[: len(expected)], "first proposals")

    def expect_reasons(self, step: dict[str, Any]) -> None:
        """Every proposal says why."""
        for proposal in json.loads(self._orientation().proposals):
            if not proposal["reasons"]:
                raise JourneyFailed(f"a proposal without a reason: {proposal['service_id']}")

    def expect_mail_to(self, step: dict[str, Any]) -> None:
        """Who got the mail that was opened."""
        self._equal(step["courriel a"], self.referent.to, "mail to")

    def expect_mail_words(self, step: dict[str, Any]) -> None:
        """Words of the newest mail."""
        self.referent._newest_mail()
        self._contains(step["courriel contient"], self.referent.mail, "in the mail")

    def expect_no_mail_words(self, step: dict[str, Any]) -> None:
        """Words that no mail of this house may hold."""
        for mail in self.house.mailbox.mails:
            self._lacks(step["aucun courriel ne contient"], f"{mail.subject}\n{mail.text}", "in a mail")

    def expect_page(self, step: dict[str, Any]) -> None:
        """Words of the référent's page."""
        self._contains(step["page contient"], _seen(self.referent.page), "on the référent's page")

    def expect_not_on_page(self, step: dict[str, Any]) -> None:
        """Words that may not be there."""
        self._lacks(step["page ne contient pas"], _seen(self.referent.page), "on the référent's page")

    def expect_drawing(self, step: dict[str, Any]) -> None:
        """The graphique de gradation is on the page, or not."""
        self._equal(step["graphique"], "<svg" in self.referent.page, "a drawing on the page")

    def expect_requests(self, step: dict[str, Any]) -> None:
        """The states of the person's requests, oldest first."""
        with self.house.parts.database.read() as session:
            found = list(
                session.execute(
                    select(_requests.c.state)
                    .where(_requests.c.conversation == self.conversation)
                    .order_by(_requests.c.made_at, _requests.c.id)
                ).scalars()
            )
        self._equal(_list(step["demandes"]), found, "states of the requests")

    def expect_not_kept(self, step: dict[str, Any]) -> None:
        """Nothing readable in the database holds these words."""
        kept = "\n".join(self._everything_kept())
        self._lacks(step["rien de garde ne contient"], kept, "kept in the database")

    def expect_transcript(self, step: dict[str, Any]) -> None:
        """What the transcript says of the person's messages: kinds only."""
        self._equal(_list(step["journal"]), [kind for kind, _ in self._transcript()], "kinds in the transcript")

    def expect_nothing_readable(self, step: dict[str, Any]) -> None:
        """The key is destroyed: no sealed word of that conversation can be read, by anyone, ever again."""
        conversation = self._first_conversation
        assert conversation is not None
        readable = []
        for sealed in self._sealed_of(conversation):
            try:
                readable.append(self.house.parts.keys.open(conversation, sealed))
            except Erased:
                continue
        self._equal([], readable, "words still readable")

    def expect_other_conversation(self, step: dict[str, Any]) -> None:
        """What the number writes now begins another thread."""
        if self.conversation == self._first_conversation:
            raise JourneyFailed("expected another conversation; it is still the same")

    def expect_parts(self, step: dict[str, Any]) -> None:
        """The SMS received so far cost at most so many parts."""
        if self.parts > step["parts au plus"]:
            raise JourneyFailed(f"expected at most {step['parts au plus']} SMS parts; {self.parts} were sent")

    # How

    def pending_key(self) -> str | None:
        """The question that waits."""
        pending = self._pending()
        return pending.key if pending else None

    def _pending(self) -> Pending | None:
        row = self._row()
        return Pending.unsealed(self.house.parts.keys, row.id, row.pending)

    def _button(self, pressed: str | None) -> str | None:
        """What the button of the question that waits sends, or one of another question."""
        pending = self._pending() if pressed == "actuel" else None
        return pending.identity if pending else pressed

    @property
    def conversation(self) -> str:
        """The person's conversation."""
        conversation = self.person.conversation
        if conversation is None:
            raise JourneyFailed("there is no conversation of this person")
        return conversation

    def _says(self, text: str, **how: Any) -> None:
        self.said.append(f"> {text}")
        self._hears(self.person.writes(text, **how))
        if self._first_conversation is None:
            self._first_conversation = self.person.conversation

    def _hears(self, answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.said += [line for answer in answers for line in f"< {answer}".split("\n")]
        self.parts += sum(measure(answer).parts for answer in answers)

    def _last(self) -> str:
        return "\n".join(self.answers)

    def _new_referent(self) -> Referent:
        return Referent(house=self.house, client=httpx2.Client(base_url=self.house.url, timeout=20))

    def _row(self) -> ConversationRow:
        with self.house.parts.database.read() as session:
            row = session.get(ConversationRow, self.conversation)
            assert row is not None
            session.expunge(row)
            return row

    def _dossier(self) -> Any:
        with self.house.parts.database.read() as session:
            return read_dossier(session, self.house.parts.keys, self.conversation)

    def _orientation(self) -> Any:
        with self.house.parts.database.read() as session:
            found = session.execute(
                select(_orientations)
                .where(_orientations.c.conversation == self.conversation)
                .order_by(_orientations.c.number.desc())
            ).first()
        if found is None:
            raise JourneyFailed("nothing was graded nor proposed yet")
        return found

    def _transcript(self) -> list[tuple[str, str]]:
        with self.house.parts.database.read() as session:
            rows = session.execute(
                select(_transcripts.c.kind, _transcripts.c.words)
                .where(_transcripts.c.conversation == self.conversation, _transcripts.c.sender == "person")
                .order_by(_transcripts.c.number)
            ).all()
        return [(kind, self._open(words)) for kind, words in rows]

    def _everything_kept(self) -> Iterator[str]:
        """All that can be read of what the person said: transcript, answers, requests, messages in transit."""
        yield from (words for _, words in self._transcript())
        for sealed in self._sealed_of(self.conversation, ours=False):
            yield self._open(sealed)

    def _sealed_of(self, conversation: str, *, ours: bool = True) -> Iterator[bytes]:
        """Every sealed word of a conversation; `ours`: also what Passerelle said."""
        columns = [
            (_answers.c.words, _answers.c.conversation),
            (_inbound.c.body, _inbound.c.conversation),
            (_conversations.c.pending, _conversations.c.id),
            (_requests.c.summary, _requests.c.conversation),
            (_transcripts.c.words, _transcripts.c.conversation),
        ]
        if ours:
            columns.append((_notices.c.body, _notices.c.conversation))
        with self.house.parts.database.read() as session:
            for column, owner in columns:
                yield from (
                    sealed
                    for sealed in session.execute(select(column).where(owner == conversation)).scalars()
                    if sealed is not None
                )

    def _open(self, sealed: bytes | None) -> str:
        return self.house.parts.keys.open(self.conversation, sealed) if sealed else ""

    def _contains(self, expected: Any, text: str, where: str) -> None:
        missing = [words for words in _list(expected) if fold(words) not in fold(text)]
        if missing:
            raise JourneyFailed(f"expected {where}: {missing}\n  came: {text or '(nothing)'}")

    def _lacks(self, unwanted: Any, text: str, where: str) -> None:
        # Whole words only: "rent" does not stand in "référente".
        found = [words for words in _list(unwanted) if re.search(rf"(?<!\w){re.escape(fold(words))}(?!\w)", fold(text))]
        if found:
            raise JourneyFailed(f"not expected {where}: {found}\n  came: {text}")

    def _superset(self, expected: Any, found: Any, what: str) -> None:
        missing = [name for name in _list(expected) if name not in found]
        if missing:
            raise JourneyFailed(f"expected {what}: {missing}; found: {sorted(found)}")

    def _equal(self, expected: Any, found: Any, what: str) -> None:
        if expected != found:
            raise JourneyFailed(f"expected {what}: {expected!r}; came: {found!r}")


#: The words of a step, in the order they are played when a step holds several.
WORDS: dict[str, Callable[[Replay, dict[str, Any]], None]] = {
    "tuer": Replay.kill,
    "relancer": Replay.start_again,
    "attendre": Replay.wait,
    "personne": Replay.write,
    "fois": lambda _replay, _step: None,
    "images": lambda _replay, _step: None,
    "bouton": lambda _replay, _step: None,
    "repond": Replay.answer_questions,
    "jusqu'a": lambda _replay, _step: None,
    "referent": Replay.referent_does,
    "reponse contient": Replay.expect_words,
    "reponse ne contient pas": Replay.expect_no_words,
    "dans l'ordre": Replay.expect_order,
    "messages": Replay.expect_count,
    "question": Replay.expect_question,
    "besoins": Replay.expect_needs,
    "pas de besoin": Replay.expect_no_needs,
    "signaux": Replay.expect_signals,
    "reponses gardees": Replay.expect_answers,
    "commune": Replay.expect_commune,
    "langue": Replay.expect_language,
    "niveau": Replay.expect_level,
    "regles": Replay.expect_rules,
    "propositions": Replay.expect_shortlist,
    "chaque proposition dit pourquoi": Replay.expect_reasons,
    "courriel a": Replay.expect_mail_to,
    "courriel contient": Replay.expect_mail_words,
    "aucun courriel ne contient": Replay.expect_no_mail_words,
    "page contient": Replay.expect_page,
    "page ne contient pas": Replay.expect_not_on_page,
    "graphique": Replay.expect_drawing,
    "demandes": Replay.expect_requests,
    "rien de garde ne contient": Replay.expect_not_kept,
    "journal": Replay.expect_transcript,
    "illisible": Replay.expect_nothing_readable,
    "autre conversation": Replay.expect_other_conversation,
    "parts au plus": Replay.expect_parts,
}


def _in_table(table: Mapping[str, Any], key: str) -> Any:
    """The answer to a question: by its whole key, else by the end of its need, else by the question alone."""
    exact = [answer for name, answer in table.items() if name != key.split(":")[0] and _names(key, name)]
    return exact[0] if exact else table.get(key.split(":")[0])


def _names(key: str, name: str) -> bool:
    """Whether `T1:aide-menagere` names the question `T1:equipement-et-alimentation--aide-menagere`."""
    if key == name:
        return True
    question, _, need = key.partition(":")
    asked, _, wanted = name.partition(":")
    return bool(wanted) and question == asked and need.endswith(wanted)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _brief(step: Mapping[str, Any]) -> str:
    return ", ".join(f"{word}: {value}" for word, value in list(step.items())[:3])


def _seen(page: str) -> str:
    """The text of a page, without its tags."""
    body = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))
