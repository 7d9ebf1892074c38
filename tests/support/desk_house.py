"""A whole desk on a real SQLite database: the demonstration territory, one conversation, requests to open."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from html import unescape
from pathlib import Path

from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import select
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from passerelle.channels.web_pages import static_files
from passerelle.conversation.tables import ConversationRow, InboundRow
from passerelle.dossier.records import record_agreement
from passerelle.foundation.config import ROOT
from passerelle.foundation.crypto import KeyStore
from passerelle.foundation.database import Database, table_of
from passerelle.foundation.texts import Texts
from passerelle.handoff.links import Links
from passerelle.handoff.requests import Requests
from passerelle.handoff.summary import build_summary
from passerelle.handoff.tables import LinkRow, RequestEventRow, RequestRow
from passerelle.handoff.territory import Territory
from passerelle.notices.outbox import Outbox
from passerelle.notices.tables import NoticeRow
from passerelle.portal.desk_routes import desk_router
from passerelle.portal.grading import Gradations
from passerelle.portal.mailbox import Mailbox, mailbox_router
from passerelle.portal.start import start_router
from passerelle.portal.web_pages import Pages, portal_files
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import RuleSet

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
URL = "http://localhost:8000"

RECIPIENT, BACKUP, STRANGER = "ccas-rennes", "france-services-rennes", "ccas-vitre"

HOME_HELP = "equipement-et-alimentation--aide-menagere"
RIGHTS = "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"

LINES = {
    "first_name": "Prénom : Sam",
    "phone": "Téléphone : 06 39 98 00 12",
    "commune": "Commune : Rennes",
    "needs": "Besoins : une aide à la maison, faire valoir vos droits",
    "own_words": "Mots de la personne : « je suis seul et je ne sors plus »",
    "level": "Niveau : N3. Deux besoins importants et une rupture récente.",
}

GRADING = {
    "needs": [[HOME_HELP, 2, "yes", None], [RIGHTS, 3, "yes", 12], ["remobilisation--lien-social", 1, "later", None]],
    "level": "N3",
    "rules": ["R-30", "R-41"],
    "facts": {"m": 3, "n": 2, "g3": 1, "a": 1, "d": 12, "r": True, "iso": True, "pros": 0, "ref": False, "fail": 0},
}


@cache
def all_texts() -> Texts:
    """The texts, read once for all tests."""
    return Texts.load(ROOT / "locale")


@cache
def real_gradations() -> Gradations:
    """The questionnaire and rules in force, read once for all tests."""
    return Gradations(questionnaire=Questionnaire.load(), ruleset=RuleSet.load(), texts=all_texts())


class MovableClock:
    """Stands still until a test moves it."""

    moment = NOW

    def now(self) -> datetime:
        return self.moment


@dataclass
class DeskHouse:
    """The portal, and what stands behind it."""

    database: Database
    keys: KeyStore
    clock: MovableClock
    territory: Territory
    links: Links
    requests: Requests
    mailbox: Mailbox
    app: FastAPI
    client: TestClient
    conversation: str = "c" * 32
    _transmitted: int = field(default=0)

    def transmit(
        self, *, recipient: str = RECIPIENT, lines: dict[str, str] | None = None, grading: dict | None = None
    ) -> tuple[str, str]:
        """A request on its way; returns its id and the token of the link sent."""
        with self.database.write() as session:
            agreement = record_agreement(
                session,
                keys=self.keys,
                conversation=self.conversation,
                recipient=recipient,
                items=(),
                removed=(),
                notice_version="accord/test",
                language="fr",
                shown="…",
                channel="sms",
                method="reponse_mot",
                proof="forte",
                at=self.clock.now(),
            )
            request = self.requests.transmit(
                session,
                conversation=self.conversation,
                agreement=agreement,
                recipient=self.territory.recipient(recipient),
                summary=build_summary({name: (french, french) for name, french in (lines or LINES).items()}),
                level="N3",
                commune="35238",
                grading=GRADING if grading is None else grading,
            )
            return request.id, self.tokens_sent(session)[-1]

    def tokens_sent(self, session=None) -> list[str]:
        """The tokens in the e-mails of the outbox, oldest first."""
        if session is None:
            with self.database.read() as session:
                return self.tokens_sent(session)
        bodies = session.execute(select(table_of(NoticeRow).c.body).order_by(table_of(NoticeRow).c.number)).scalars()
        return [token for body in bodies for token in re.findall(r"/demande/(\S+)", body.decode())]

    def another_browser(self) -> TestClient:
        """A client without any cookie."""
        return TestClient(self.app, base_url=URL)

    def enter(self, token: str, client: TestClient | None = None) -> Response:
        """Open a link; returns the page it leads to."""
        return (client or self.client).post(f"/demande/{token}")

    def enter_as(self, recipient: str, client: TestClient) -> Response:
        """Open a session for a recipient, through a request of its own."""
        return self.enter(self.transmit(recipient=recipient)[1], client)

    def answer(self, request: str, verb: str, *, page: Response, client: TestClient | None = None, **fields: str):
        """Post one of the page's forms as a browser would."""
        return (client or self.client).post(
            f"/bureau/demandes/{request}/{verb}", data=hidden_fields(page) | fields, follow_redirects=False
        )

    def state(self, request: str) -> str:
        """Where the request stands."""
        with self.database.read() as session:
            return session.get(RequestRow, request).state

    def news(self) -> list[str]:
        """What is in line for the person."""
        return self._all(table_of(InboundRow).c.event)

    def events(self) -> list[str]:
        """The history of the requests."""
        return self._all(table_of(RequestEventRow).c.what)

    def everything(self) -> str:
        """A picture of every table, to see that nothing changed."""
        with self.database.read() as session:
            rows = {
                table.name: [list(map(str, row)) for row in session.execute(select(table)).all()]
                for table in SQLModel.metadata.sorted_tables
            }
        return json.dumps(rows, sort_keys=True)

    def links_kept(self) -> list[str]:
        """The SHA-256 of every link."""
        return self._all(table_of(LinkRow).c.sha256)

    def _all(self, column) -> list:
        with self.database.read() as session:
            return list(session.execute(select(column)).scalars())


@contextmanager
def open_desk_house(folder: Path, *, demonstration: bool = True, secure_cookies: bool = False) -> Iterator[DeskHouse]:
    """Build it all in a folder, and give everything back at the end."""
    database, key_database = Database(f"sqlite:///{folder}/main.db"), Database(f"sqlite:///{folder}/keys.db")
    SQLModel.metadata.create_all(database.engine)
    keys, clock, texts = KeyStore(key_database), MovableClock(), all_texts()
    keys.create_tables()
    territory = Territory.load(ROOT / "passerelle/handoff/data/demonstration/territory.yaml")
    links = Links(clock)
    requests = Requests(
        keys=keys,
        clock=clock,
        outbox=Outbox(database, keys, clock),
        links=links,
        territory=territory,
        texts=texts,
        public_url=URL,
    )
    pages = Pages.load(texts, demonstration=demonstration)
    mailbox = Mailbox(clock)
    app = FastAPI(openapi_url=None)
    app.include_router(
        desk_router(
            database=database,
            requests=requests,
            links=links,
            clock=clock,
            pages=pages,
            secure_cookies=secure_cookies,
            gradations=real_gradations(),
        )
    )
    app.include_router(mailbox_router(mailbox, public_url=URL, pages=pages))
    app.include_router(
        start_router(
            pages=pages,
            demonstration=demonstration,
            operator="Territoire de test",
            number="+33199000000",
            examples=(("fr", "bonjour"), ("en", "hello"), ("fr", "bonsoir")),
        )
    )
    app.mount("/portail", portal_files())
    app.mount("/static", static_files())
    scheme = "https" if secure_cookies else "http"
    house = DeskHouse(
        database=database,
        keys=keys,
        clock=clock,
        territory=territory,
        links=links,
        requests=requests,
        mailbox=mailbox,
        app=app,
        client=TestClient(app, base_url=URL.replace("http", scheme)),
    )
    _open_conversation(house)
    yield house
    database.close()
    key_database.close()


def hidden_fields(page: Response) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    return {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    }


def _open_conversation(house: DeskHouse) -> None:
    house.keys.make(house.conversation, NOW)
    with house.database.write() as session:
        session.add(
            ConversationRow(
                id=house.conversation,
                channel="sms",
                address_hash="h",
                language="fr",
                stage="following",
                role="resident",
                opened_at=NOW,
                last_message_at=NOW,
            )
        )
