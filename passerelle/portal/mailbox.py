"""The demonstration's mailbox: a real SMTP server on loopback, whose mails are read on a page."""

import re
import socket
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from fastapi import APIRouter, Response

from passerelle.foundation.clock import Clock
from passerelle.foundation.errors import BadInput
from passerelle.portal.web_pages import Pages, route_class

#: A demonstration is not an archive.
_KEPT = 200
_MAX_BYTES = 256 * 1024
_LOOPBACK = "127.0.0.1"
_READY_SECONDS = 30.0


class PortTaken(BadInput):
    """Another program already uses port {port}: the demonstration's mailbox cannot open there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """One mail received."""

    number: int
    to: str
    subject: str
    text: str
    at: datetime


class Mailbox:
    """Keeps the last mails in memory, while it is open."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mails: deque[Mail] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()
        self._count = 0
        self._controller: Controller | None = None

    def start(self, port: int) -> None:
        """Receive mails on this port of the loopback. Raises PortTaken."""
        _require_free(port)
        self._controller = Controller(
            self, hostname=_LOOPBACK, port=port, data_size_limit=_MAX_BYTES, ready_timeout=_READY_SECONDS
        )
        self._controller.start()

    def stop(self) -> None:
        """Receive nothing more; what was received can still be read."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def mails(self) -> tuple[Mail, ...]:
        """The mails, newest first."""
        with self._lock:
            return tuple(reversed(self._mails))

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Called by aiosmtpd for each mail."""
        content = envelope.content or b""
        message = message_from_bytes(content if isinstance(content, bytes) else content.encode(), policy=default)
        self._keep(", ".join(map(str, envelope.rcpt_tos)), str(message["subject"] or ""), _text(message))
        return "250 OK"

    def _keep(self, to: str, subject: str, text: str) -> None:
        with self._lock:
            self._count += 1
            self._mails.append(
                Mail(number=self._count, to=to, subject=subject, text=text.strip(), at=self._clock.now())
            )


def mailbox_router(mailbox: Mailbox, *, public_url: str, pages: Pages) -> APIRouter:
    """The page of the mails. For the demonstration only."""
    router = APIRouter(tags=["demonstration"], route_class=route_class(pages))
    ours = re.compile(re.escape(public_url.rstrip("/")) + r"(/[^\s<>\"']*)")

    def in_parts(text: str) -> list[tuple[str, str]]:
        return list(_in_parts(text, ours))

    @router.get("/boite-aux-lettres")
    async def show() -> Response:
        return pages.render("mailbox.html", mails=mailbox.mails, in_parts=in_parts)

    return router


def _require_free(port: int) -> None:
    """Asked first: aiosmtpd only finds out after its whole time limit."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except OSError:
            raise PortTaken(port=port) from None


def _in_parts(text: str, ours: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """The text cut at links to our own pages: (words, path of the link or nothing)."""
    end = 0
    for link in ours.finditer(text):
        yield text[end : link.start()], ""
        # Its path only: the link stays on the host that shows the page.
        yield link.group(), link.group(1)
        end = link.end()
    yield text[end:], ""


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain",))
    return str(body.get_content()) if body is not None else ""
