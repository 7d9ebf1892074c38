"""E-mail leaves by real SMTP, to a server that answers as the test orders."""

import socket
from dataclasses import replace
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from fakes import MONDAY_MORNING

from passerelle.notices.delivery import Refused, TryAgain
from passerelle.notices.mail import MailSender
from passerelle.notices.notice import Notice

NOTICE = Notice(
    key="request.new:1:ccas:new",
    id="a" * 32,
    lease="b" * 32,
    kind="request.new",
    channel="email",
    recipient="referente@example.test",
    subject="Une demande vous attend",
    text="Ouvrir la demande :\nhttps://passerelle.test/demande/abc",
    language="fr",
    conversation=None,
    made_at=MONDAY_MORNING,
    attempts=1,
    ambiguous=False,
)


class Server:
    """Keeps the e-mails, unless it was told to refuse."""

    def __init__(self):
        self.mails = []
        self.refusal = ""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def server():
    server = Server()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    server.port = port
    yield server
    controller.stop()


def sender(server):
    return MailSender(host="127.0.0.1", port=server.port, sender="passerelle@example.org")


def test_an_email_leaves_with_an_id_made_from_its_notice(server):
    """Sent twice, it carries the same id: mail readers show it once."""
    sender(server).send(NOTICE)
    sender(server).send(NOTICE)

    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"] == f"<{NOTICE.id}@example.org>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert "https://passerelle.test/demande/abc" in first.get_payload()


@pytest.mark.parametrize(
    ("refusal", "error"), [("451 later", TryAgain), ("421 busy", TryAgain), ("550 nobody here", Refused)]
)
def test_a_servers_refusal_is_sorted_by_its_code(server, refusal, error):
    server.refusal = refusal

    with pytest.raises(error):
        sender(server).send(NOTICE)


def test_a_server_that_is_away_is_tried_again():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(TryAgain):
        MailSender(host="127.0.0.1", port=port, sender="passerelle@example.org").send(NOTICE)


def test_a_subject_cannot_add_a_header(server):
    sender(server).send(replace(NOTICE, subject="Bonjour\r\nBcc: autre@example.test"))

    assert server.mails[0]["Bcc"] is None
