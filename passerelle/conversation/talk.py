"""One turn at work: who is talking, what is known, what will be said. Lives inside one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.territory.places import Commune, Places
from passerelle.conversation.pending import Choice, Pending
from passerelle.conversation.tables import ConversationRow
from passerelle.dossier.dossier import Dossier
from passerelle.dossier.records import read_dossier
from passerelle.foundation.clock import Clock
from passerelle.foundation.crypto import KeyStore
from passerelle.foundation.texts import Form, Texts
from passerelle.handoff.requests import Requests
from passerelle.handoff.territory import Area, Territory
from passerelle.notices.outbox import Outbox
from passerelle.safety.numbers import HelpNumbers
from passerelle.screening.ages import AgeReader
from passerelle.screening.answers import AnswerWords
from passerelle.screening.corrections import Corrections
from passerelle.screening.menu import Menu
from passerelle.screening.next_question import Profile
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import RuleSet

#: Key of the answer to "is it solved?", asked ten days after the person was oriented.
SOLVED = "SOLVED"


@dataclass(frozen=True, kw_only=True)
class House:
    """Everything a turn needs, put together once by the composition root."""

    texts: Texts
    questionnaire: Questionnaire
    ruleset: RuleSet
    answer_words: AnswerWords
    corrections: Corrections
    age_reader: AgeReader
    menu: Menu
    places: Places
    #: The catalogue in force, asked for at each use: a new one may have taken its place.
    catalogue: Callable[[], Catalogue]
    territory: Territory
    requests: Requests
    outbox: Outbox
    numbers: HelpNumbers
    keys: KeyStore
    clock: Clock
    #: Masks health words, numbers and names before anything is kept.
    mask: Callable[[str, str], str]
    operator: str
    #: Whether news by SMS waits for business hours.
    quiet_hours: bool
    profile: Profile
    #: Whether EPICES is offered after the proposals.
    epices: bool
    languages: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One thing said to the person."""

    text: str
    choices: tuple[Choice, ...] = ()
    question: str = ""
    links: tuple[tuple[str, str], ...] = ()


@dataclass(kw_only=True)
class Talk:
    """The working state of one turn: changed freely, committed once or dropped whole."""

    house: House
    session: Session
    row: ConversationRow
    at: datetime
    dossier: Dossier
    pending: Pending | None
    said: list[Said] = field(default_factory=list)
    #: Communes of one name heard beside an answer: which one is asked before anything else.
    places_heard: tuple[str, ...] = ()

    @classmethod
    def begin(cls, house: House, session: Session, row: ConversationRow, at: datetime) -> "Talk":
        """Read what is known of the conversation in this transaction."""
        pending = Pending.unsealed(house.keys, row.id, row.pending)
        return cls(house=house, session=session, row=row, at=at, dossier=_read(house, session, row), pending=pending)

    @property
    def language(self) -> str:
        """The person's language."""
        return self.row.language or "fr"

    @property
    def form(self) -> Form:
        """SMS or web words."""
        return "sms" if self.row.channel == "sms" else "web"

    @property
    def with_partner(self) -> bool:
        """Whether a frontline partner holds the device."""
        return self.row.role == "partner"

    @property
    def is_private(self) -> bool:
        """Whether the channel is one nobody else is likely to read later."""
        return self.row.channel == "web" and self.row.role == "resident"

    @property
    def commune(self) -> Commune | None:
        """Where the person lives, when known."""
        return self.house.places.commune(self.dossier.commune) if self.dossier.commune else None

    @property
    def area(self) -> Area | None:
        """The zones of where the person lives."""
        commune = self.commune
        if commune is None:
            return None
        return Area(commune=commune.code, epci=commune.epci, departement=commune.departement)

    def words(self, key: str, /, **values: object) -> str:
        """A text in the person's language and form."""
        return self.house.texts.say(key, language=self.language, form=self.form, **values)

    def say(self, key: str, /, *, links: Sequence[tuple[str, str]] = (), **values: object) -> None:
        """Say one text."""
        self.said.append(Said(text=self.words(key, **values), links=tuple(links)))

    def say_text(self, text: str, *, links: Sequence[tuple[str, str]] = ()) -> None:
        """Say words already put together."""
        self.said.append(Said(text=text, links=tuple(links)))

    def ask(self, pending: Pending) -> None:
        """Ask, and wait for the answer."""
        self.pending = replace(pending, turn=self.row.turns) if pending.turn is None else pending
        text = self._with_choices(pending)
        self.said.append(Said(text=text, choices=pending.choices, question=self.pending.identity))

    def ask_yes_no(self, key: str, text: str, notes: Mapping[str, str] | None = None) -> None:
        """Ask a question that one word answers."""
        self.ask(self.yes_no(key, text, notes))

    def yes_no(self, key: str, text: str, notes: Mapping[str, str] | None = None) -> Pending:
        """A question that one word answers."""
        choices = (
            Choice(typed="1", code="yes", label=self.words("answer.yes")),
            Choice(typed="2", code="no", label=self.words("answer.no")),
        )
        return Pending(key=key, kind="yes_no", text=text, choices=choices, notes=notes or {}, turn=self.row.turns)

    def ask_again(self) -> bool:
        """Repeat the waiting question, if there is one."""
        if self.pending is None:
            return False
        self.ask(self.pending)
        return True

    def wait_for_nothing(self, stage: str | None = None) -> None:
        """No question waits any more."""
        self.pending = None
        if stage is not None:
            self.row.stage = stage

    def refresh(self) -> Dossier:
        """Read the dossier again after writing to it."""
        self.session.flush()
        self.dossier = _read(self.house, self.session, self.row)
        return self.dossier

    def seal(self, text: str) -> bytes:
        """Seal words with the key of this conversation."""
        return self.house.keys.seal(self.row.id, text)

    def _with_choices(self, pending: Pending) -> str:
        """On SMS the answers are lines of the text; on the web they are buttons beside it."""
        if self.form == "web" or not pending.choices or pending.kind == "preview":
            return pending.text
        return "\n".join([pending.text, *(f"{choice.typed} {choice.label}" for choice in pending.choices)])


def _read(house: House, session: Session, row: ConversationRow) -> Dossier:
    """The dossier, with the orientations that failed: what recipients and the person said of them."""
    dossier = read_dossier(session, house.keys, row.id)
    failed = house.requests.count_failed(session, row.id)
    failed += dossier.told.answers.get(SOLVED) == "no"
    return replace(dossier, told=replace(dossier.told, failed=failed)) if failed else dossier
