"""The composition root: every part is made here, once, from the settings. Tests call it with fakes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import httpx2
import yaml
from cryptography.fernet import Fernet

from actions import all_actions
from orientation_catalogue.build import build_catalogue
from orientation_catalogue.errors import BrokenCatalogue
from orientation_catalogue.in_force import CatalogueInForce
from orientation_catalogue.territory.places import Places
from passerelle.app.bells import Bell, Bells
from passerelle.app.tables import migrate
from passerelle.channels.spool import Spool
from passerelle.conversation.claims import Claims
from passerelle.conversation.commands import Commands
from passerelle.conversation.deciding import Deciding
from passerelle.conversation.forgetting import Forgetting
from passerelle.conversation.inbox import Accepted, Inbound, Inbox, stop_conversation
from passerelle.conversation.news import put_news
from passerelle.conversation.observing import Observations
from passerelle.conversation.talk import House
from passerelle.conversation.turn import Turns
from passerelle.conversation.understanding import BotClient, Understands
from passerelle.conversation.web import WebConversations
from passerelle.foundation.clock import PARIS, Clock, SystemClock
from passerelle.foundation.config import LOCALE, NLU_DATA, ROOT, Settings
from passerelle.foundation.crypto import KeyStore, fernet_key
from passerelle.foundation.database import Database
from passerelle.foundation.language import LanguageDetector, Languages
from passerelle.foundation.text import Normaliser
from passerelle.foundation.texts import Texts
from passerelle.handoff.links import Links
from passerelle.handoff.requests import Requests
from passerelle.handoff.territory import Territory
from passerelle.notices.delivery import Delivery, Sender
from passerelle.notices.mail import MailSender
from passerelle.notices.notice import Notice
from passerelle.notices.outbox import Outbox
from passerelle.notices.twilio import TwilioSender
from passerelle.portal.collective import CollectiveReading
from passerelle.portal.coordinator.changes import OF_THE_CATALOGUE, Change, Changes, supplement_of
from passerelle.portal.coordinator.coordination import Coordination
from passerelle.portal.coordinator.inspection import Inspection
from passerelle.portal.coordinator.register import Register
from passerelle.portal.coordinator.versions import Versions, record_import
from passerelle.portal.handout import Handout
from passerelle.portal.notes import Notes
from passerelle.portal.question import ProfessionalQuestion
from passerelle.safety.answer import safety_answer
from passerelle.safety.check import SafetyCheck
from passerelle.safety.identity import IdentityCheck
from passerelle.safety.mask import Masker
from passerelle.safety.numbers import HelpNumbers
from passerelle.screening.ages import AgeReader
from passerelle.screening.answers import AnswerWords
from passerelle.screening.corrections import Corrections
from passerelle.screening.in_force import questions_in_force, rules_in_force
from passerelle.screening.menu import Menu
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import RuleSet

CATALOGUE_DATA = ROOT / "orientation_catalogue" / "data"

#: Where the fake Twilio of the demonstration answers, under our own address.
FAKE_TWILIO_PATH = "/faux-twilio"


@dataclass
class Parts:
    """Every part of the program, made when first asked for and shared from then on."""

    settings: Settings
    clock: Clock = field(default_factory=SystemClock)
    #: Replaces the bot, the SMS provider or the mail server in a test.
    bot: Understands | None = None
    senders: dict[str, Sender] | None = None

    @cached_property
    def database(self) -> Database:
        """The main database."""
        return Database(self.settings.database)

    @cached_property
    def keys(self) -> KeyStore:
        """The keys of the conversations, in a database apart."""
        return KeyStore(Database(self.settings.keys))

    @cached_property
    def texts(self) -> Texts:
        """All texts."""
        return Texts.load(LOCALE)

    @cached_property
    def places(self) -> Places:
        """The communes of France."""
        return Places.load()

    @cached_property
    def normaliser(self) -> Normaliser:
        """The one way of normalising text."""
        return Normaliser.load(NLU_DATA)

    @cached_property
    def languages(self) -> Languages:
        """All languages known by name."""
        return Languages.load(NLU_DATA)

    @cached_property
    def offered(self) -> dict[str, str]:
        """The languages that have texts, with their own names, French first."""
        return {code: self.languages[code].own for code in self.languages.codes if code in self.texts.languages}

    @cached_property
    def safety(self) -> SafetyCheck:
        """The safety check."""
        return SafetyCheck.load(self.normaliser)

    @cached_property
    def numbers(self) -> HelpNumbers:
        """The help numbers."""
        return HelpNumbers.load()

    @cached_property
    def masker(self) -> Masker:
        """Masks what must not be kept."""
        return Masker.load()

    @cached_property
    def menu(self) -> Menu:
        """The menu that takes over from free words."""
        return Menu.load()

    @cached_property
    def questionnaire(self) -> Questionnaire:
        """The questions in force. Raises QuestionsRefused when no version passes its checks."""
        return questions_in_force(self.settings.questions, self.texts, kept=self._kept_in_force / "questions.yaml")

    @cached_property
    def ruleset(self) -> RuleSet:
        """The grading rules in force. Raises RulesRefused when no version passes its checks."""
        return rules_in_force(self.settings.rules, self.texts, kept=self._kept_in_force / "rules.yaml")

    @property
    def _kept_in_force(self) -> Path:
        """Where the last questions and rules that passed their checks are kept."""
        return self.settings.var / "in-force"

    @cached_property
    def commands(self) -> Commands:
        """The commands of every language."""
        return Commands.load(NLU_DATA)

    @cached_property
    def detector(self) -> LanguageDetector:
        """Tells languages apart."""
        return LanguageDetector.load(self.languages)

    @cached_property
    def answer_words(self) -> AnswerWords:
        """Words of closed answers."""
        return AnswerWords.load(NLU_DATA)

    @cached_property
    def age_reader(self) -> AgeReader:
        """Ages said in free text."""
        return AgeReader.load(NLU_DATA, self.answer_words)

    @cached_property
    def corrections(self) -> Corrections:
        """Words that correct an earlier answer."""
        return Corrections.load(NLU_DATA)

    @cached_property
    def catalogue(self) -> CatalogueInForce:
        """The catalogue in force; built from the national cards (and the demonstration) when there is none."""
        folder = self.settings.var / "catalogue"
        if not (folder / "current").exists():
            self.build_catalogue()
        return CatalogueInForce(folder)

    def build_catalogue(self, changes: tuple[Change, ...] = ()) -> None:
        """Build the catalogue from the data of the repository, with what coordinators changed, and put it in force."""
        sources = [CATALOGUE_DATA / "national"]
        if self.settings.demonstration:
            sources.append(CATALOGUE_DATA / "demonstration")
        folder = self.settings.var / "catalogue"
        report = build_catalogue(sources, folder, places=self.places, supplement=supplement_of(changes))
        if changes:
            record_import(self.database, self.clock, report, changes)

    @cached_property
    def territory(self) -> Territory:
        """Desks and recipients."""
        return Territory.load(self.settings.territory, self.settings.var / "territory.json")

    @cached_property
    def outbox(self) -> Outbox:
        """The outbox."""
        return Outbox(self.database, self.keys, self.clock)

    @cached_property
    def links(self) -> Links:
        """Links and sessions of the desk."""
        return Links(self.clock)

    @cached_property
    def requests(self) -> Requests:
        """The requests."""
        return Requests(
            keys=self.keys,
            clock=self.clock,
            outbox=self.outbox,
            links=self.links,
            territory=self.territory,
            texts=self.texts,
            public_url=self.settings.public_url,
        )

    @cached_property
    def house(self) -> House:
        """Everything a turn needs."""
        return House(
            texts=self.texts,
            questionnaire=self.questionnaire,
            ruleset=self.ruleset,
            answer_words=self.answer_words,
            corrections=self.corrections,
            age_reader=self.age_reader,
            menu=self.menu,
            places=self.places,
            catalogue=self.catalogue,
            territory=self.territory,
            requests=self.requests,
            outbox=self.outbox,
            numbers=self.numbers,
            keys=self.keys,
            clock=self.clock,
            mask=self.masker.mask,
            operator=self.settings.operator,
            quiet_hours=self.settings.keeps_quiet_hours,
            profile=self.settings.profile,
            epices=self.settings.epices,
            languages=self.offered,
        )

    @cached_property
    def inbox(self) -> Inbox:
        """The inbox."""
        return Inbox(
            self.database,
            self.keys,
            safety=self.safety,
            language_of=self.language_of,
            secret=self.settings.secret_value(),
        )

    @cached_property
    def observations(self) -> Observations:
        """What partners observed."""
        return Observations(self.database, self.keys, self.clock, inbox=self.inbox)

    @cached_property
    def claims(self) -> Claims:
        """Messages waiting for their turn."""
        return Claims(self.database, self.keys, self.clock)

    @cached_property
    def bot_client(self) -> BotClient:
        """The bot's client."""
        return BotClient(
            client=httpx2.Client(timeout=self.settings.bot_timeout),
            url=f"http://127.0.0.1:{self.settings.bot_port}",
            secret=self.settings.bot_secret_value(),
            normaliser=self.normaliser,
        )

    @cached_property
    def turns(self) -> Turns:
        """Runs turns."""
        return Turns(
            database=self.database,
            house=self.house,
            commands=self.commands,
            detector=self.detector,
            bot=self.bot or self.bot_client,
            deciding=Deciding(
                all_actions(find_communes=self.find_communes, read_ages=self.age_reader.read, words=_explained_words())
            ),
        )

    def find_communes(self, text: str) -> tuple[str, ...]:
        """Codes of the communes a text names, best first."""
        return tuple(match.code for match in self.places.find(text))

    @cached_property
    def delivery(self) -> Delivery:
        """Delivers notices."""
        senders = self.senders if self.senders is not None else self._real_senders()
        return Delivery(self.outbox, senders, on_lost=self._notice_lost, on_stopped=self._recipient_stopped)

    def _notice_lost(self, notice: Notice) -> None:
        if notice.kind.startswith("request."):
            with self.database.write() as session:
                request = self.requests.notice_lost(session, notice.key)
                if request is not None:
                    put_news(session, request.conversation, f"lost:{request.id}", self.clock.now())

    def _recipient_stopped(self, notice: Notice) -> None:
        if notice.conversation is not None:
            with self.database.write() as session:
                stop_conversation(session, notice.conversation, self.clock.now())

    def _real_senders(self) -> dict[str, Sender]:
        settings = self.settings
        api = f"http://127.0.0.1:{settings.port}{FAKE_TWILIO_PATH}" if settings.demonstration else settings.twilio_api
        return {
            "sms": TwilioSender(
                client=httpx2.Client(timeout=10),
                api=api,
                account=settings.twilio_account,
                token=settings.tokens()[0],
                number=settings.twilio_number,
                public_url=settings.public_url,
            ),
            "email": MailSender(
                host=settings.smtp_host,
                port=settings.smtp_port,
                sender=settings.mail_from,
                user=settings.smtp_user,
                password=settings.smtp_password.get_secret_value(),
                tls=settings.smtp_tls,
            ),
        }

    @cached_property
    def web_conversations(self) -> WebConversations:
        """Conversations of the widget."""
        return WebConversations(self.database, self.keys, self.clock)

    @cached_property
    def forgetting(self) -> Forgetting:
        """Destroys the keys of erased conversations."""
        unfinished = timedelta(hours=self.settings.unfinished_hours)
        return Forgetting(
            self.database,
            self.keys,
            self.clock,
            outbox=self.outbox,
            requests=self.requests,
            unfinished=unfinished,
        )

    @cached_property
    def team_notes(self) -> Notes:
        """The collective notes that teams chose to keep."""
        return Notes(database=self.database, clock=self.clock, days=self.settings.team_note_days)

    @cached_property
    def collective_reading(self) -> CollectiveReading:
        """Reads what a team says of a situation, and makes its note."""
        return CollectiveReading(
            questionnaire=self.questionnaire,
            places=self.places,
            catalogue=self.catalogue,
            texts=self.texts,
            identity=IdentityCheck.load(self.masker),
            clock=self.clock,
        )

    @cached_property
    def professional_question(self) -> ProfessionalQuestion:
        """Answers professionals from the catalogue."""
        return ProfessionalQuestion(
            safety=self.safety,
            numbers=self.numbers,
            bot=self.bot or self.bot_client,
            questionnaire=self.questionnaire,
            places=self.places,
            catalogue=self.catalogue,
            texts=self.texts,
            clock=self.clock,
        )

    def hand_out(self, ids: Sequence[str], language: str) -> Handout:
        """The list of these dispositifs, in a language of ours or else in French."""
        return Handout.of(
            ids,
            catalogue=self.catalogue(),
            language=language if language in self.texts.languages else "fr",
            day=self.clock.now().astimezone(PARIS).date(),
            texts=self.texts,
        )

    @cached_property
    def register_changes(self) -> Changes:
        """What coordinators changed in the register."""
        return Changes(database=self.database, clock=self.clock)

    @cached_property
    def register(self) -> Register:
        """The dispositifs of the territory."""
        return Register(
            catalogue=self.catalogue,
            places=self.places,
            departement=self.territory.departement,
            changes=self.register_changes,
        )

    @cached_property
    def coordination(self) -> Coordination:
        """What coordinators do."""
        return Coordination(
            database=self.database,
            clock=self.clock,
            changes=self.register_changes,
            register=self.register,
            territory=self.territory,
            corrections_file=self.settings.var / "territory.json",
        )

    @cached_property
    def catalogue_versions(self) -> Versions:
        """The versions of the catalogue that coordinators prepare."""
        return Versions(
            database=self.database,
            clock=self.clock,
            folder=self.settings.var / "catalogue",
            catalogue=self.catalogue,
            places=self.places,
            departement=self.territory.departement,
            changes=self.register_changes,
        )

    @cached_property
    def inspection(self) -> Inspection:
        """What coordinators look at to keep the register true."""
        return Inspection(
            database=self.database,
            folder=self.settings.var / "catalogue",
            catalogue=self.catalogue,
            register=self.register,
            clock=self.clock,
            say=partial(self.texts.say, language="fr"),
        )

    @cached_property
    def spool(self) -> Spool:
        """Where the doors keep messages while the database is down."""
        cipher = Fernet(fernet_key(self.settings.secret_value()))
        return Spool(folder=self.settings.var / "spool", seal=cipher.encrypt, unseal=cipher.decrypt)

    @cached_property
    def bells(self) -> Bells:
        """Wakes whoever waits for a message, a notice, or a page's news."""
        return Bells(turn=Bell(), notice=Bell())

    def language_of(self, text: str) -> str:
        """The language a text is written in, by its words alone."""
        return self.detector.recognise(text, self.offered)

    def accept(self, inbound: Inbound) -> Accepted:
        """Take a message in and wake a worker."""
        accepted = self.inbox.accept(inbound)
        self.bells.turn.ring()
        return accepted

    def danger_answer(self, text: str) -> str | None:
        """The safety answer to a text that tells a danger; pure, for when all else is down."""
        language = self.language_of(text)
        safety = self.safety.check(text, language)
        if not safety.alert:
            return None
        now = self.clock.now()
        return "\n".join(safety_answer(safety, now, self.texts, language, "sms", self.numbers))

    def prepare(self) -> None:
        """Make the tables, the key store and the catalogue; nothing is done twice, nor with unsound data."""
        _ = self.questionnaire, self.ruleset
        migrate(self.database)
        self.keys.create_tables()
        self._prepare_catalogue()
        # A restored database says what was corrected; the file beside it may be of another day.
        self.coordination.write_corrections()

    def _prepare_catalogue(self) -> None:
        if not (self.settings.var / "catalogue" / "current").exists():
            self.build_catalogue(self.register_changes.live(OF_THE_CATALOGUE))
        try:
            self.catalogue()
        except BrokenCatalogue:
            # One of an earlier version of the program: the demonstration makes it again, an operator's is theirs.
            if not self.settings.demonstration:
                raise
            self.build_catalogue(self.register_changes.live(OF_THE_CATALOGUE))

    def close(self) -> None:
        """Give everything back."""
        self.database.close()


def _explained_words() -> dict[str, str]:
    """Words the bot can explain: as they are written → key of the text."""
    table: dict[str, list[str]] = yaml.safe_load((NLU_DATA / "lookups" / "explained.yml").read_text(encoding="utf-8"))
    return {word: f"explain.{key}" for key, words in table.items() for word in words}


def compose(settings: Settings | None = None, **replaced: Any) -> Parts:
    """Put the program together."""
    return Parts(settings=settings or Settings(), **replaced)
