"""The demonstration's mailbox receives real SMTP and links only to our own pages."""

import smtplib
import socket
from email.message import EmailMessage

import pytest
from desk_house import NOW

from passerelle.notices.mail import MailSender
from passerelle.notices.notice import Notice
from passerelle.portal.mailbox import _KEPT, PortTaken


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def port(house):
    chosen = _free_port()
    house.mailbox.start(chosen)
    yield chosen
    house.mailbox.stop()


def _send(port: int, text: str, subject: str = "Une personne vous demande de l'aide") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "passerelle@example.org", "ccas@example.org", subject
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as server:
        server.send_message(message)


def test_a_mail_sent_by_smtp_is_read_on_the_page(house, port):
    _send(port, "Bonjour,\n\nOuvrir :\nhttp://localhost:8000/demande/abc-_1\n\nPasserelle é")

    page = house.client.get("/boite-aux-lettres").text

    assert "Une personne vous demande de l&#39;aide" in page
    assert "ccas@example.org" in page
    assert "Passerelle é" in page
    assert '<a href="/demande/abc-_1">http://localhost:8000/demande/abc-_1</a>' in page


def test_what_the_outbox_sends_arrives(house, port):
    notice = Notice(
        key="request.new:1:ccas:new",
        id="n" * 32, lease="l", kind="request.new", channel="email", recipient="ccas@example.org",
        subject="Sujet accentué", text="Une ligne " + "très longue " * 40, language="fr", conversation=None,
        made_at=NOW,
        attempts=1, ambiguous=False,
    )  # fmt: skip

    MailSender(host="127.0.0.1", port=port, sender="passerelle@example.org").send(notice)

    [mail] = house.mailbox.mails
    assert (mail.to, mail.subject) == ("ccas@example.org", "Sujet accentué")
    assert mail.text == notice.text.strip()


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/demande/x",
        "http://localhost:80001/demande/x",
        "http://localhost:8000.example.org/x",
        "http://localhost:8000@example.org/x",
        "javascript:alert(1)",
    ],
)
def test_no_other_address_becomes_a_link(house, port, address):
    _send(port, f"Voir {address} ici")

    page = house.client.get("/boite-aux-lettres").text

    assert page.count("<a href") == page.count('<a href="/')
    assert "demande/x</a>" not in page


def test_markup_in_a_mail_is_inert(house, port):
    _send(port, '<script>alert(1)</script> http://localhost:8000/a"><b>', subject="<img src=x>")

    page = house.client.get("/boite-aux-lettres").text

    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page


def test_the_newest_mail_comes_first_and_only_the_last_ones_are_kept(house):
    for number in range(_KEPT + 5):
        house.mailbox._keep("a@example.org", f"mail {number}", "")

    mails = house.mailbox.mails

    assert len(mails) == _KEPT
    assert [mails[0].subject, mails[-1].subject] == [f"mail {_KEPT + 4}", "mail 5"]


def test_an_empty_mailbox_says_when_a_mail_will_come(house):
    assert "Aucun e-mail pour le moment" in house.client.get("/boite-aux-lettres").text


def test_a_port_in_use_is_said_with_a_sentence(house):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(PortTaken, match=f"already uses port {port}"):
            house.mailbox.start(port)


def test_stopping_twice_is_stopping(house, port):
    house.mailbox.stop()
    house.mailbox.stop()
