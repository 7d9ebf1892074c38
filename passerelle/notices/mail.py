"""E-mail through SMTP. No personal datum is ever in one: a neutral sentence and a link."""

import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal

from passerelle.notices.delivery import AnswerLost, Refused, TryAgain
from passerelle.notices.notice import Notice

_PERMANENT = 500


class MailSender:
    """Sends the e-mails of the outbox."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        sender: str,
        user: str = "",
        password: str = "",
        tls: Literal["none", "starttls"] = "none",
    ) -> None:
        self._host, self._port, self._sender = host, port, sender
        self._user, self._password, self._tls = user, password, tls

    def send(self, notice: Notice) -> tuple[str, int]:
        """Hand one e-mail to the server. Raises TryAgain, AnswerLost or Refused."""
        message = _message(notice, self._sender)
        try:
            with smtplib.SMTP(self._host, self._port, timeout=15) as server:
                if self._tls == "starttls":
                    server.starttls()
                if self._user:
                    server.login(self._user, self._password)
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code = max(status for status, _ in error.recipients.values())
            raise _refusal(code) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code) from error
        except smtplib.SMTPServerDisconnected as error:
            raise AnswerLost(code="disconnected") from error
        except OSError as error:
            raise TryAgain(code=type(error).__name__) from error
        return str(message["Message-ID"]), 0


def _refusal(code: int) -> Exception:
    return Refused(code=str(code)) if code >= _PERMANENT else TryAgain(code=str(code))


def _message(notice: Notice, sender: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = notice.recipient
    message["Subject"] = " ".join(notice.subject.split())
    # The same notice sent twice carries the same id: mail readers show it once.
    message["Message-ID"] = f"<{notice.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notice.text)
    return message
