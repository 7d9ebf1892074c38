"""The short-lived signed ticket that lets one page speak in one conversation."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from passerelle.foundation.clock import Clock, SystemClock
from passerelle.foundation.errors import PasserelleError

Role = Literal["resident", "partner"]

#: A counter is left unattended sooner than a phone.
LIFETIME = {"resident": timedelta(minutes=60), "partner": timedelta(minutes=15)}
#: However often a ticket is renewed, it ends.
LONGEST = timedelta(hours=12)

_LONGEST_TOKEN = 1000


class SessionOver(PasserelleError):
    """This session is over."""

    status = 401
    exit_code = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """Who may speak where, and until when."""

    conversation: str
    #: The key of the partner's site; empty for our own page without JavaScript.
    site: str
    role: Role
    opened_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class WebTokens:
    """Makes and reads the tokens; nothing about them is stored."""

    secret: str
    clock: Clock = field(default_factory=SystemClock)

    def open(self, *, conversation: str, site: str, role: Role) -> Ticket:
        """A fresh ticket."""
        now = self.clock.now()
        return Ticket(conversation=conversation, site=site, role=role, opened_at=now, expires_at=now + LIFETIME[role])

    def renewed(self, ticket: Ticket) -> Ticket:
        """The same ticket, valid from now on, within the longest duration of a session."""
        end = min(self.clock.now() + LIFETIME[ticket.role], ticket.opened_at + LONGEST)
        return Ticket(
            conversation=ticket.conversation,
            site=ticket.site,
            role=ticket.role,
            opened_at=ticket.opened_at,
            expires_at=end,
        )

    def write(self, ticket: Ticket) -> str:
        """The token of a ticket."""
        fields = asdict(ticket) | {
            "opened_at": ticket.opened_at.timestamp(),
            "expires_at": ticket.expires_at.timestamp(),
        }
        content = urlsafe_b64encode(json.dumps(fields).encode())
        return f"{content.decode()}.{self._seal(content)}"

    def read(self, token: str) -> Ticket:
        """The ticket of a token. Raises SessionOver for a token that is not ours, or no longer valid."""
        content, _, seal = token.partition(".")
        if len(token) > _LONGEST_TOKEN or not hmac.compare_digest(
            self._seal(content.encode()).encode(), seal.encode("utf-8", "replace")
        ):
            raise SessionOver
        fields = json.loads(urlsafe_b64decode(content))
        moments = {name: datetime.fromtimestamp(fields[name], UTC) for name in ("opened_at", "expires_at")}
        ticket = Ticket(**fields | moments)
        if self.clock.now() >= ticket.expires_at:
            raise SessionOver
        return ticket

    def _seal(self, content: bytes) -> str:
        # A key of its own: what is signed here can stand for nothing else signed with the same secret.
        key = hmac.new(self.secret.encode(), b"passerelle web token 1", hashlib.sha256).digest()
        return hmac.new(key, content, hashlib.sha256).hexdigest()
