"""What the doors receive in these tests: an inbox that remembers, and can be made to fail."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2
import pytest
from fastapi import FastAPI

from passerelle.channels.fake_twilio import FakeTwilio
from passerelle.channels.spool import Spool
from passerelle.channels.twilio import TwilioDoor, twilio_router
from passerelle.channels.twilio_signature import SignatureCheck
from passerelle.conversation.inbox import Accepted, Inbound
from passerelle.foundation.errors import TryLater
from passerelle.safety.check import Safety

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
URL = "http://localhost:8000"
TOKEN = "secret-token"
NUMBER = "+33939980000"


class StoppedClock:
    """Always the same moment, unless a test moves it."""

    moment = NOW

    def now(self) -> datetime:
        return self.moment


@dataclass
class FakeInbox:
    """Accepts each provider id once, as the real one does."""

    accepted: dict[str, Inbound] = field(default_factory=dict)
    calls: int = 0
    error: Exception | None = None

    def accept(self, inbound: Inbound) -> Accepted:
        self.calls += 1
        if self.error:
            raise self.error
        duplicate = inbound.provider_id in self.accepted
        self.accepted.setdefault(inbound.provider_id, inbound)
        safety = Safety(kind="none", medical=False, source=None)
        return Accepted(conversation=inbound.address, duplicate=duplicate, safety=safety)


@dataclass
class House:
    """The SMS door, the inbox behind it and the Twilio in front of it."""

    inbox: FakeInbox
    spool: Spool
    statuses: list[tuple[str, str, str, str | None]]
    twilio: FakeTwilio
    client: httpx2.AsyncClient

    def database_down(self) -> None:
        self.inbox.error = TryLater(what="the database")


@pytest.fixture
def spool(tmp_path):
    return Spool(
        folder=tmp_path / "spool",
        seal=lambda text: bytes(255 - c for c in text),
        unseal=lambda text: bytes(255 - c for c in text),
    )


@pytest.fixture
async def house(spool):
    inbox, statuses = FakeInbox(), []
    door = TwilioDoor(
        signature=SignatureCheck(public_url=URL, tokens=(TOKEN,)),
        our_numbers=frozenset({NUMBER}),
        spool=spool,
        danger_answer=lambda text: "Appelez le 15 & le 112." if "mourir" in text else None,
        received="Message bien reçu.",
        clock=StoppedClock(),
    )
    app = FastAPI()
    app.include_router(twilio_router(door, accept=inbox.accept, on_status=lambda *status: statuses.append(status)))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://elsewhere.test") as client:
        twilio = FakeTwilio(
            account_sid="AC" + "0" * 32, auth_token=TOKEN, number=NUMBER,
            webhook_url=URL + "/sms/twilio", client=client, clock=StoppedClock(),
        )  # fmt: skip
        yield House(inbox=inbox, spool=spool, statuses=statuses, twilio=twilio, client=client)
