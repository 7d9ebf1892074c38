"""Links and sessions of the desk. Tokens are random and only their SHA-256 is kept; a GET changes nothing."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlmodel import Session

from passerelle.foundation.clock import Clock
from passerelle.foundation.crypto import digest
from passerelle.foundation.database import table_of
from passerelle.foundation.errors import NotAllowed, NotFound
from passerelle.foundation.ids import new_secret
from passerelle.handoff.states import LINK_LASTS, SESSION_IDLE, SESSION_LASTS
from passerelle.handoff.tables import DeskSessionRow, LinkRow

_sessions = table_of(DeskSessionRow)


class LinkUnknown(NotFound):
    """This link opens nothing."""


class LinkExpired(NotAllowed):
    """This link is too old."""

    status = 410


class SessionOver(NotAllowed):
    """The desk session is over."""

    status = 401


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskSession:
    """Who is at the desk."""

    recipient: str
    #: Sent back by every form: a page of another site cannot know it.
    form_token: str


class Links:
    """Makes and opens links, keeps desk sessions."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def make(self, session: Session, request: str, recipient: str) -> str:
        """A new link for the recipient; returns its token."""
        token = new_secret()
        session.add(
            LinkRow(
                sha256=digest(token),
                request=request,
                recipient=recipient,
                expires_at=self._clock.now() + LINK_LASTS,
            )
        )
        return token

    def known(self, session: Session, token: str) -> LinkRow | None:
        """The link of a token, expired or not; None when there never was one."""
        return session.get(LinkRow, digest(token))

    def find(self, session: Session, token: str) -> LinkRow:
        """The link of a token. Raises LinkUnknown or LinkExpired."""
        link = self.known(session, token)
        if link is None:
            raise LinkUnknown()
        if link.expires_at <= self._clock.now():
            raise LinkExpired()
        return link

    def open_session(self, session: Session, recipient: str) -> tuple[str, DeskSession]:
        """A new desk session; returns the cookie's value and the session."""
        cookie, form_token, now = new_secret(), new_secret(), self._clock.now()
        session.execute(delete(_sessions).where(_sessions.c.opened_at <= now - SESSION_LASTS))
        session.add(
            DeskSessionRow(
                sha256=digest(cookie), recipient=recipient, form_token=form_token, opened_at=now, seen_at=now
            )
        )
        return cookie, DeskSession(recipient=recipient, form_token=form_token)

    def session_of(self, session: Session, cookie: str) -> DeskSession:
        """The session of a cookie, seen again now. Raises SessionOver."""
        now = self._clock.now()
        row = session.execute(select(DeskSessionRow).where(_sessions.c.sha256 == digest(cookie))).scalar()
        if row is None or row.seen_at <= now - SESSION_IDLE or row.opened_at <= now - SESSION_LASTS:
            raise SessionOver()
        row.seen_at = now
        return DeskSession(recipient=row.recipient, form_token=row.form_token)

    def close_session(self, session: Session, cookie: str) -> None:
        """End the session of a cookie."""
        session.execute(delete(_sessions).where(_sessions.c.sha256 == digest(cookie)))
