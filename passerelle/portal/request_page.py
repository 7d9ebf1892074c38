"""What the page of one request shows: the lines as the person agreed to them, where it stands, what may be answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from passerelle.foundation.calendar import add_business_days
from passerelle.foundation.phone import NotAPhoneNumber, e164
from passerelle.handoff.requests import ReadableRequest
from passerelle.handoff.states import ANSWER_WITHIN_BUSINESS_DAYS, ENDED, STANDINGS, RequestState

#: What the e-mail asks of a recipient, and what an acceptance promises.
ANSWER_ASKED_BUSINESS_DAYS = 5
CONTACT_BUSINESS_DAYS = 5

#: Who refused, or finished, has no more need to read what the person said.
OUT_OF_HANDS = ENDED | {RequestState.REFUSE}

_SEPARATOR = " : "


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of the summary, its label apart."""

    field: str
    label: str
    value: str
    #: Number to call, when the line is one.
    phone: str = ""

    @property
    def is_quoted(self) -> bool:
        """Whether the value is what the person wrote, to be marked as a quotation."""
        return self.field == "own_words"


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestView:
    """One request, ready for its template."""

    id: str
    state: RequestState
    made_at: datetime
    recipient: str
    structure: str
    #: Empty once the request is no longer in the recipient's hands.
    lines: tuple[Line, ...]
    #: The person chose not to have the needs sent.
    needs_withheld: bool
    refusal: str
    answer_by: datetime
    told_by: datetime
    contact_by: datetime
    can_accept: bool
    can_refuse: bool
    can_finish: bool


def view(request: ReadableRequest) -> RequestView:
    """The request as its page shows it."""
    follows = STANDINGS[request.state].follows
    return RequestView(
        id=request.id,
        state=request.state,
        made_at=request.made_at,
        recipient=request.recipient.function,
        structure=request.recipient.structure,
        lines=() if request.state in OUT_OF_HANDS else tuple(_lines(request)),
        needs_withheld=all(field != "needs" for field, _ in request.summary),
        refusal=request.refusal,
        answer_by=add_business_days(request.made_at, ANSWER_ASKED_BUSINESS_DAYS),
        told_by=add_business_days(request.made_at, ANSWER_WITHIN_BUSINESS_DAYS),
        contact_by=add_business_days(request.changed_at, CONTACT_BUSINESS_DAYS),
        can_accept=RequestState.ACCEPTE in follows,
        can_refuse=RequestState.REFUSE in follows,
        can_finish=RequestState.FAIT_SERVICE in follows,
    )


def is_withdrawn(request: ReadableRequest) -> bool:
    """Whether nothing of it may be read any more: agreement withdrawn, or words erased."""
    return request.state == RequestState.RETIRE or not request.summary


def _lines(request: ReadableRequest) -> Iterator[Line]:
    for field, french in request.summary:
        label, separator, value = french.partition(_SEPARATOR)
        if not separator:
            label, value = "", french
        yield Line(field=field, label=label, value=value, phone=_phone(value) if field == "phone" else "")


def _phone(value: str) -> str:
    try:
        return e164(value)
    except NotAPhoneNumber:
        return ""
