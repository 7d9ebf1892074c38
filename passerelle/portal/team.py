"""The door of the teams: one code per team, kept in the configuration; a signed cookie, and no account."""

import hashlib
import hmac
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from threading import Lock

from passerelle.foundation.clock import Clock
from passerelle.foundation.errors import NotAllowed, TryLater
from passerelle.foundation.ids import new_id
from passerelle.handoff.states import SESSION_LASTS
from passerelle.portal.forms import Form

#: Wrong codes of everybody together: a code cannot be guessed at this pace.
_WRONG_CODES = 20
_WRONG_WITHIN = timedelta(minutes=10)


class TeamSessionOver(NotAllowed):
    """The team's session is over."""

    status = 401


class WrongCode(NotAllowed):
    """No team has this code."""


class TooManyCodes(TryLater):
    """Too many wrong codes were tried: {what}."""

    status = 429


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamSession:
    """A team at work: nobody by name."""

    team: str
    #: Sent back by every form: a page of another site cannot know it.
    form_token: str


class TeamDoor:
    """Opens the team's pages to who knows its code."""

    def __init__(self, *, codes: Mapping[str, str], secret: str, clock: Clock) -> None:
        self._codes = codes
        self._secret = secret.encode()
        self._clock = clock
        self._wrong: deque[datetime] = deque()
        self._lock = Lock()

    @property
    def is_open(self) -> bool:
        """Whether any team may come in."""
        return bool(self._codes)

    def open(self, code: str) -> str:
        """The cookie of a session for the team of that code. Raises WrongCode or TooManyCodes."""
        self._require_patience()
        given = code.strip().encode()
        team = next((team for team, known in self._codes.items() if compare_digest(known.encode(), given)), None)
        if team is None:
            with self._lock:
                self._wrong.append(self._clock.now())
            raise WrongCode
        until = int((self._clock.now() + SESSION_LASTS).timestamp())
        content = f"{team}.{until}.{new_id()}"
        return f"{content}.{self._sign(team, content)}"

    def session_of(self, cookie: str | None) -> TeamSession:
        """The session of a cookie. Raises TeamSessionOver."""
        content, _, signature = (cookie or "").rpartition(".")
        team, _, rest = content.partition(".")
        until = rest.partition(".")[0]
        if team not in self._codes or not compare_digest(signature.encode(), self._sign(team, content).encode()):
            raise TeamSessionOver
        if datetime.fromtimestamp(int(until), UTC) <= self._clock.now():
            raise TeamSessionOver
        return TeamSession(team=team, form_token=self._sign(team, f"form.{content}"))

    def posted(self, cookie: str | None, form: Form) -> TeamSession:
        """The session of a form of ours. Raises TeamSessionOver."""
        session = self.session_of(cookie)
        if not compare_digest(form.get("form_token", "").encode(), session.form_token.encode()):
            raise TeamSessionOver
        return session

    def _sign(self, team: str, content: str) -> str:
        # The code takes part: a new code ends the sessions opened with the former one.
        message = f"team.{hashlib.sha256(self._codes[team].encode()).hexdigest()}.{content}"
        return hmac.new(self._secret, message.encode(), hashlib.sha256).hexdigest()

    def _require_patience(self) -> None:
        with self._lock:
            while self._wrong and self._wrong[0] <= self._clock.now() - _WRONG_WITHIN:
                self._wrong.popleft()
            if len(self._wrong) >= _WRONG_CODES:
                raise TooManyCodes(what="wait ten minutes")
