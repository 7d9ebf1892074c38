"""SMS through Twilio's REST API. One POST; what the answer means for the outbox is decided here."""

from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from passerelle.foundation.sms import fit
from passerelle.notices.delivery import AnswerLost, RecipientStopped, Refused, TryAgain
from passerelle.notices.notice import Notice

_STOPPED = 21610
#: Codes after which no attempt can succeed (reference/conversation.md §5.3).
_FINAL = frozenset({21211, 21606, 21612, 21614, 21617, 30004, 30006, 30007})


class TwilioSender:
    """Sends the SMS of the outbox."""

    def __init__(
        self, *, client: httpx2.Client, api: str, account: str, token: str, number: str, public_url: str
    ) -> None:
        self._client = client
        self._messages = f"{api}/2010-04-01/Accounts/{account}/Messages.json"
        self._auth = (account, token)
        self._number = number
        self._public_url = public_url

    def send(self, notice: Notice) -> tuple[str, int]:
        """Hand one SMS to Twilio. Raises TryAgain, AnswerLost or Refused."""
        fitted = fit(notice.text)
        if notice.ambiguous and (known := self._already_taken(notice, fitted.text)):
            return known, fitted.parts
        form = {
            "To": notice.recipient,
            "From": self._number,
            "Body": fitted.text,
            # Twilio has no idempotency key: the notice's id in this address is how an answer we lost finds us.
            "StatusCallback": f"{self._public_url}/sms/twilio/status/{notice.id}",
            "SmartEncoded": "false",
        }
        try:
            answer = self._client.post(self._messages, data=form, auth=self._auth)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise TryAgain(code=type(error).__name__) from error
        except httpx2.HTTPError as error:
            raise AnswerLost(code=type(error).__name__) from error
        if answer.status_code == httpx2.codes.CREATED:
            return str(answer.json()["sid"]), fitted.parts
        raise _failure(answer)

    def _already_taken(self, notice: Notice, body: str) -> str | None:
        """Look whether Twilio has this very message already, before sending it a second time.

        Raises TryAgain when Twilio does not say: sending blindly is what costs a person the same SMS twice.
        """
        try:
            answer = self._client.get(
                self._messages, params={"To": notice.recipient, "PageSize": "20"}, auth=self._auth
            )
            messages = answer.json()["messages"] if answer.status_code == httpx2.codes.OK else None
        except (httpx2.HTTPError, ValueError, KeyError) as error:
            raise TryAgain(code=type(error).__name__) from error
        if messages is None:
            raise TryAgain(code=str(answer.status_code))
        return next((str(known["sid"]) for known in messages if _is_same(known, notice, body)), None)


def _is_same(known: dict[str, Any], notice: Notice, body: str) -> bool:
    """The same words said earlier to the same person are another message."""
    if known.get("body") != body or known.get("to") != notice.recipient:
        return False
    try:
        # Twilio counts in whole seconds.
        return parsedate_to_datetime(str(known["date_created"])) >= notice.made_at.replace(microsecond=0)
    except (KeyError, ValueError):
        return True


def _failure(answer: httpx2.Response) -> Exception:
    try:
        code = int(answer.json().get("code", 0))
    except (ValueError, AttributeError):
        code = 0
    name = str(code or answer.status_code)
    if code == _STOPPED:
        return RecipientStopped(code=name)
    if code in _FINAL:
        return Refused(code=name)
    if answer.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
        return AnswerLost(code=name)
    if answer.status_code == httpx2.codes.TOO_MANY_REQUESTS:
        return TryAgain(code=name)
    # A wrong token or account is ours to mend: the notice waits until it expires.
    if answer.status_code in {httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN}:
        return TryAgain(code=name)
    return Refused(code=name)
