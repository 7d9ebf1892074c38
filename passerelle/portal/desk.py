"""The référent's desk: what its pages may read and do, each in one transaction, for one session's recipient only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlmodel import Session

from passerelle.conversation.news import put_news
from passerelle.foundation.clock import Clock
from passerelle.foundation.database import Database
from passerelle.foundation.errors import BadInput
from passerelle.handoff.links import DeskSession, Links, SessionOver
from passerelle.handoff.requests import NotThatState, ReadableRequest, Requests
from passerelle.handoff.states import RefusalReason, RequestState
from passerelle.handoff.tables import RequestRow
from passerelle.portal.forms import Form, require_form_token

#: Nobody has answered yet: opening or chasing a request in the meantime does not make a page out of date.
UNANSWERED = frozenset({RequestState.TRANSMIS, RequestState.RECU, RequestState.SANS_REPONSE})


class ReasonMissing(BadInput):
    """A refusal needs one of the coded reasons."""

    status = 422


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A link was exchanged for a session."""

    cookie: str
    request: str


class Desk:
    """Opens links, reads and answers requests."""

    def __init__(self, *, database: Database, requests: Requests, links: Links, clock: Clock) -> None:
        self._database = database
        self._requests = requests
        self._links = links
        self._clock = clock

    def look(self, token: str) -> None:
        """Raise LinkUnknown or LinkExpired unless the link would open. Changes nothing: mail scanners come first."""
        with self._database.read() as session:
            self._links.find(session, token)

    def open(self, token: str, *, former_cookie: str | None) -> Opened:
        """Exchange a link for a new session, and the browser's former session ends."""
        with self._database.write() as session:
            link = self._links.find(session, token)
            self._requests.record_opening(session, link.recipient, link.request)
            if former_cookie:
                self._links.close_session(session, former_cookie)
            cookie, _ = self._links.open_session(session, link.recipient)
            return Opened(cookie=cookie, request=link.request)

    def renew(self, token: str) -> None:
        """Send a fresh link to the request's recipient; silent when there is nothing to renew."""
        with self._database.write() as session:
            link = self._links.known(session, token)
            if link is not None:
                self._requests.renew_link(session, link)

    def list(self, cookie: str | None) -> tuple[DeskSession, tuple[ReadableRequest, ...]]:
        """The live requests of the session's recipient."""
        with self._visit(cookie) as (session, visitor):
            return visitor, self._requests.list_for(session, visitor.recipient)

    def read(self, cookie: str | None, request_id: str) -> tuple[DeskSession, ReadableRequest]:
        """One request; reading it for the first time is receiving it, whatever way it was reached."""
        with self._visit(cookie) as (session, visitor):
            request = self._requests.read_for(session, visitor.recipient, request_id)
            if request.state == RequestState.TRANSMIS:
                self._requests.record_opening(session, visitor.recipient, request_id)
                request = self._requests.read_for(session, visitor.recipient, request_id)
            return visitor, request

    def accept(self, cookie: str | None, form: Form, request_id: str) -> None:
        """The recipient takes the request, and the person hears it."""
        with self._answer(cookie, form, request_id) as (session, recipient):
            self._tell(session, "accepted", self._requests.accept(session, recipient, request_id))

    def refuse(self, cookie: str | None, form: Form, request_id: str) -> None:
        """The recipient does not take it, and the person hears why. Raises ReasonMissing."""
        with self._answer(cookie, form, request_id) as (session, recipient):
            reason = _reason(form)
            self._tell(session, "refused", self._requests.refuse(session, recipient, request_id, reason))

    def finish(self, cookie: str | None, form: Form, request_id: str) -> None:
        """The recipient says the help was given, and the person is asked."""
        with self._answer(cookie, form, request_id) as (session, recipient):
            self._tell(session, "done", self._requests.mark_done(session, recipient, request_id))

    def change_level(self, cookie: str | None, form: Form, request_id: str) -> None:
        """The recipient gives another level, with a reason. Raises ReasonTooShort, NoSuchLevel."""
        with self._answer(cookie, form, request_id) as (session, recipient):
            request = self._requests.override_level(
                session, recipient, request_id, level=form.get("level", ""), reason=form.get("reason", "")
            )
            if request is not None:
                now = self._clock.now()
                put_news(session, request.conversation, f"level:{request.id}", now, occasion=f"{now:%m%d%H%M%S}")

    def leave(self, cookie: str | None, form: Form) -> None:
        """End the session; leaving twice is leaving."""
        try:
            with self._visit(cookie) as (session, visitor):
                require_form_token(form, visitor.form_token)
                self._links.close_session(session, cookie or "")
        except SessionOver:
            return

    @contextmanager
    def _visit(self, cookie: str | None) -> Iterator[tuple[Session, DeskSession]]:
        with self._database.write() as session:
            if not cookie:
                raise SessionOver
            yield session, self._links.session_of(session, cookie)

    @contextmanager
    def _answer(self, cookie: str | None, form: Form, request_id: str) -> Iterator[tuple[Session, str]]:
        """A visit whose form is ours and whose page still shows where the request stands."""
        with self._visit(cookie) as (session, visitor):
            require_form_token(form, visitor.form_token)
            now = self._requests.read_for(session, visitor.recipient, request_id).state
            if not _still_shown(form.get("seen", ""), now):
                raise NotThatState(state=now, wanted="answered")
            yield session, visitor.recipient

    def _tell(self, session: Session, event: str, request: RequestRow) -> None:
        put_news(session, request.conversation, f"{event}:{request.id}", self._clock.now())


def _reason(form: Form) -> RefusalReason:
    try:
        return RefusalReason(form.get("reason", ""))
    except ValueError:
        raise ReasonMissing from None


def _still_shown(seen: str, now: RequestState) -> bool:
    """Whether an answer given on a page that showed `seen` still means what its reader meant.

    Without this, a backup who refuses on an old page would undo the acceptance of a colleague.
    """
    return seen == now or (seen in UNANSWERED and now in UNANSWERED)
