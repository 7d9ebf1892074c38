"""Delivering notices: what a provider may answer, and what we do next."""

from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol

from passerelle.foundation.errors import PasserelleError
from passerelle.foundation.log import log
from passerelle.notices.notice import Notice
from passerelle.notices.outbox import Outbox


class DeliveryFailed(PasserelleError):
    """The provider did not take the notice ({code})."""

    #: Whether the provider may have taken it all the same (the answer was lost).
    ambiguous: ClassVar[bool] = False

    @property
    def code(self) -> str:
        """What the provider said, for the operator."""
        return str(self.fields.get("code", ""))


class TryAgain(DeliveryFailed):
    """The provider cannot take it now ({code})."""

    retry = True


class AnswerLost(TryAgain):
    """The provider's answer was lost ({code})."""

    ambiguous = True


class Refused(DeliveryFailed):
    """The provider will never take it ({code})."""


class RecipientStopped(Refused):
    """The recipient asked the provider to stop ({code})."""


class Sender(Protocol):
    """A way out: SMS or e-mail."""

    def send(self, notice: Notice) -> tuple[str, int]:
        """Hand the notice over; returns the provider's id and the number of parts. Raises DeliveryFailed."""
        ...


class Delivery:
    """Takes due notices out of the outbox and settles each."""

    def __init__(
        self,
        outbox: Outbox,
        senders: Mapping[str, Sender],
        *,
        on_lost: Callable[[Notice], None] = lambda _notice: None,
        on_stopped: Callable[[Notice], None] = lambda _notice: None,
    ) -> None:
        self._outbox = outbox
        self._senders = senders
        #: An important notice will never arrive: somebody must know.
        self._on_lost = on_lost
        #: The recipient told the provider to stop.
        self._on_stopped = on_stopped

    def deliver_due(self) -> int:
        """Deliver what is due now; returns how many notices were handled."""
        notices = self._outbox.claim()
        for notice in notices:
            self._deliver(notice)
        return len(notices)

    def _deliver(self, notice: Notice) -> None:
        sender = self._senders.get(notice.channel)
        if sender is None:
            # A web notice that had to wait for its hour: the page reads it as soon as it is settled.
            self._outbox.settle_sent(notice, provider_id="")
            return
        try:
            provider_id, parts = sender.send(notice)
        except Refused as refusal:
            important = self._outbox.settle_failed(notice, refusal.code)
            log().warning("notice_refused", notice=notice.id, code=refusal.code, level="error" if important else "info")
            if isinstance(refusal, RecipientStopped):
                self._on_stopped(notice)
            elif important:
                self._on_lost(notice)
        except DeliveryFailed as failure:
            self._outbox.give_back(notice, failure.code)
            log().info("notice_waits", notice=notice.id, code=failure.code, attempts=notice.attempts)
        else:
            self._outbox.settle_sent(notice, provider_id, parts)
