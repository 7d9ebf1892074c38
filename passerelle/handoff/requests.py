"""The life of a request. The only place that writes requests; every function works in the caller's transaction."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select, update
from sqlmodel import Session

from passerelle.dossier.tables import AgreementRow
from passerelle.foundation.calendar import add_business_days
from passerelle.foundation.clock import Clock
from passerelle.foundation.crypto import Erased, KeyStore
from passerelle.foundation.database import table_of
from passerelle.foundation.errors import BadInput, NotAllowed, NotFound
from passerelle.foundation.ids import new_id
from passerelle.foundation.text import clean
from passerelle.foundation.texts import Texts
from passerelle.handoff.links import Links
from passerelle.handoff.states import (
    ANSWER_WITHIN_BUSINESS_DAYS,
    ENDED,
    STANDINGS,
    RefusalReason,
    RequestState,
    clock_of,
)
from passerelle.handoff.summary import Summary, read_summary
from passerelle.handoff.tables import LevelOverrideRow, LinkRow, RequestEventRow, RequestRow
from passerelle.handoff.territory import Recipient, Territory
from passerelle.notices.notice import LIFETIME, NewNotice
from passerelle.notices.outbox import Outbox
from passerelle.orientation.orient import HumanReading, forget_human_reasons, record_human_reading

_requests, _events = table_of(RequestRow), table_of(RequestEventRow)
_overrides, _links = table_of(LevelOverrideRow), table_of(LinkRow)

#: The levels a professional may choose (R-90), and the shortest reason for it.
SCALE = ("N0", "N1", "N2", "N3", "N4")
LEAST_REASON = 10

#: Levels at which a professional acts on a request; below, the person is given the means to act.
WITH_A_PERSON = frozenset({"N2", "N3", "N4"})

#: The key of an e-mail about a request names the request and whom it was written to.
_WRITTEN = re.compile(r"request\.[a-z]+:(?P<request>[0-9a-f]{32}):(?P<recipient>[^:]+):")

#: How a recipient says no: in so many words, or by staying silent.
_NO = frozenset({RequestState.REFUSE, RequestState.SANS_REPONSE})

# Made once, since each turn asks it: making a statement costs more than running it.
_FAILED = (
    select(func.count())
    .select_from(_requests)
    .where(_requests.c.conversation == bindparam("of"), _requests.c.state.in_(sorted(_NO)))
)

#: Business days between two reminders.
_BETWEEN_REMINDERS = 5

#: The event of a silent request whose person is offered another door.
NEXT_OFFERED = "next_offered"


class NotThatState(NotAllowed):
    """This request is {state}: it cannot become {wanted} any more."""

    status = 409


class NoSuchRequest(NotFound):
    """There is no such request here."""


class NoSuchLevel(BadInput):
    """{level} is not a level of the scale."""


class ReasonTooShort(BadInput):
    """Another level needs a reason of {least} characters at least."""

    status = 422


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelOverride:
    """A level that a professional gave, who, when and why."""

    level: str
    role: str
    function: str
    at: datetime
    #: Empty once erased.
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadableRequest:
    """A request as its recipient may read it."""

    id: str
    conversation: str
    state: RequestState
    level: str
    recipient: Recipient
    made_at: datetime
    #: When its state last changed.
    changed_at: datetime
    #: Field and French words, as the person agreed to them; empty once erased.
    summary: tuple[tuple[str, str], ...]
    grading: Mapping[str, Any]
    refusal: str
    #: Levels given by professionals (R-90), the newest last.
    overrides: tuple["LevelOverride", ...] = ()


class Requests:
    """Transmits requests and follows them."""

    def __init__(
        self,
        *,
        keys: KeyStore,
        clock: Clock,
        outbox: Outbox,
        links: Links,
        territory: Territory,
        texts: Texts,
        public_url: str,
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._outbox = outbox
        self._links = links
        self._territory = territory
        self._texts = texts
        self._public_url = public_url

    def transmit(
        self,
        session: Session,
        *,
        conversation: str,
        agreement: AgreementRow,
        recipient: Recipient,
        summary: Summary,
        level: str,
        commune: str,
        grading: Mapping[str, Any],
    ) -> RequestRow:
        """Create the request and its notice to the recipient, with the agreement, in one transaction."""
        now = self._clock.now()
        request = RequestRow(
            id=new_id(),
            conversation=conversation,
            agreement=agreement.id,
            recipient=recipient.id,
            state=RequestState.TRANSMIS,
            level=level,
            territory=self._territory.id,
            commune=commune,
            summary=self._keys.seal(conversation, summary.to_json()),
            grading=json.dumps(grading, ensure_ascii=False),
            made_at=now,
            changed_at=now,
            clock_at=_rings(RequestState.TRANSMIS, now, level),
        )
        session.add(request)
        self._note(session, request, by="person", what=RequestState.TRANSMIS)
        self._write_to(session, request, recipient, kind="request.new", occasion="new")
        return request

    def read_for(self, session: Session, recipient: str, request_id: str) -> ReadableRequest:
        """The request, if it is this recipient's or its backup's. Raises NoSuchRequest for anyone else's."""
        request = self._access_for(session, recipient, request_id)
        return replace(self._readable(request), overrides=tuple(self._overrides_of(session, request)))

    def list_for(self, session: Session, recipient: str) -> tuple[ReadableRequest, ...]:
        """The live requests of a recipient and, once they were reminded, of those they stand in for; newest first."""
        replaced = [other.id for other in self._territory.recipients() if other.backup == recipient]
        rows = session.execute(
            select(RequestRow)
            .where(
                or_(
                    _requests.c.recipient == recipient,
                    and_(_requests.c.recipient.in_(replaced), _requests.c.reminders > 0),
                ),
                _requests.c.state.not_in(sorted(ENDED)),
            )
            .order_by(_requests.c.made_at.desc())
        ).scalars()
        return tuple(self._readable(row) for row in rows)

    def record_opening(self, session: Session, recipient: str, request_id: str) -> None:
        """The recipient opened the link: the request is received."""
        request = self._access_for(session, recipient, request_id)
        if request.state == RequestState.TRANSMIS:
            self._move(session, request, RequestState.RECU, by=recipient)
        else:
            self._note(session, request, by=recipient, what="opened")

    def accept(self, session: Session, recipient: str, request_id: str) -> RequestRow:
        """The recipient takes it. Raises NotThatState when somebody already answered."""
        request = self._access_for(session, recipient, request_id)
        self._move(session, request, RequestState.ACCEPTE, by=recipient)
        return request

    def refuse(self, session: Session, recipient: str, request_id: str, reason: RefusalReason) -> RequestRow:
        """The recipient does not take it, for a coded reason."""
        request = self._access_for(session, recipient, request_id)
        self._move(session, request, RequestState.REFUSE, by=recipient, reason=reason)
        return request

    def mark_done(self, session: Session, recipient: str, request_id: str) -> RequestRow:
        """The recipient says the help was given; the person's word will decide."""
        request = self._access_for(session, recipient, request_id)
        self._move(session, request, RequestState.FAIT_SERVICE, by=recipient)
        return request

    def override_level(
        self, session: Session, recipient: str, request_id: str, *, level: str, reason: str
    ) -> RequestRow | None:
        """Keep another level beside the computed one, with its reason and its author's role (R-90).

        The clocks follow it. Returns the request when its person must be asked whether somebody else may act: who has
        it does not act at that level, and nothing leaves without a new agreement.
        """
        request = self._access_for(session, recipient, request_id)
        reason = " ".join(clean(reason).split())
        if level not in SCALE:
            raise NoSuchLevel(level=level)
        if len(reason) < LEAST_REASON:
            raise ReasonTooShort(least=LEAST_REASON)
        if RequestState(request.state) in ENDED or not request.summary:
            raise NotThatState(state=request.state, wanted="graded again")
        author, now = self._territory.recipient(recipient), self._clock.now()
        before, sealed = self.level_of(session, request), self._keys.seal(request.conversation, reason)
        session.add(
            LevelOverrideRow(request=request.id, at=now, by=author.id, role=author.kind, level=level, reason=sealed)
        )
        session.flush()
        read_by = HumanReading(level=level, author=author.id, role=author.kind, at=now, sealed_reason=sealed)
        record_human_reading(session, request.conversation, read_by)
        self._note(session, request, by=author.id, what="level_changed")
        if level == before:
            return None
        state = RequestState(request.state)
        if request.clock_at is not None and clock_of(state, level) != clock_of(state, before):
            self._wind(session, request)
        acts = level in self._territory.recipient(request.recipient).levels
        return None if acts or level not in WITH_A_PERSON else request

    def level_of(self, session: Session, request: RequestRow) -> str:
        """The level in force: the last one a professional gave, else the computed one."""
        given = select(_overrides.c.level).where(_overrides.c.request == request.id)
        return session.execute(given.order_by(_overrides.c.number.desc()).limit(1)).scalar() or request.level

    def given_by_a_professional(self, session: Session, conversation: str, level: str) -> bool:
        """Whether a professional who read a request of that conversation gave that level."""
        mine = select(_requests.c.id).where(_requests.c.conversation == conversation)
        given = select(_overrides.c.number).where(_overrides.c.request.in_(mine), _overrides.c.level == level)
        return session.execute(given.limit(1)).first() is not None

    def close(self, session: Session, request_id: str, verdict: RequestState) -> None:
        """The person said whether help was received."""
        request = self._locked(session, request_id)
        self._move(session, request, verdict, by="person")

    def latest(self, session: Session, conversation: str) -> RequestRow | None:
        """The newest request of a conversation."""
        return session.execute(
            select(RequestRow)
            .where(_requests.c.conversation == conversation)
            .order_by(_requests.c.made_at.desc(), _requests.c.id)
            .limit(1)
        ).scalar()

    def of_conversation(self, session: Session, conversation: str) -> tuple[RequestRow, ...]:
        """All requests of a conversation, oldest first."""
        return tuple(
            session.execute(
                select(RequestRow).where(_requests.c.conversation == conversation).order_by(_requests.c.made_at)
            ).scalars()
        )

    def may_offer_next(self, session: Session, request_id: str) -> bool:
        """Whether a silent request stayed so long without answer that another door is offered."""
        return (
            session.execute(
                select(_events.c.number).where(_events.c.request == request_id, _events.c.what == NEXT_OFFERED)
            ).first()
            is not None
        )

    def count_failed(self, session: Session, conversation: str) -> int:
        """How many recipients of a conversation refused or stayed silent."""
        count: int = session.connection().execute(_FAILED, {"of": conversation}).scalar_one()
        return count

    def withdraw_all(self, session: Session, conversation: str) -> int:
        """The agreement ends: recipients are told to stop and erase, the content is wiped. Returns how many."""
        live = [
            request
            for request in self.of_conversation(session, conversation)
            if RequestState(request.state) not in ENDED
        ]
        for request in live:
            self._move(session, request, RequestState.RETIRE, by="person")
            request.summary, request.grading = None, ""
            self._forget_reasons(session, select(_requests.c.id).where(_requests.c.id == request.id))
            forget_human_reasons(session, conversation)
            for reader in self._readers_of(session, request):
                self._write_to(session, request, reader, kind="request.withdrawn", occasion="end")
        return len(live)

    def _readers_of(self, session: Session, request: RequestRow) -> Iterator[Recipient]:
        """Its recipient, and a backup who was written to about it: reminded, or told that it was lost."""
        given = select(_links.c.recipient).where(_links.c.request == request.id).distinct()
        for reader in sorted({request.recipient, *session.execute(given).scalars()}):
            yield self._territory.recipient(reader)

    def erase_content(self, session: Session, conversation: str) -> None:
        """Nothing of what was sent is kept here; the dates and the outcome stay for the counts."""
        session.execute(
            update(_requests).where(_requests.c.conversation == conversation).values(summary=None, grading="")
        )
        self._forget_reasons(session, select(_requests.c.id).where(_requests.c.conversation == conversation))
        forget_human_reasons(session, conversation)

    def _forget_reasons(self, session: Session, requests: Select[tuple[str]]) -> None:
        session.execute(update(_overrides).where(_overrides.c.request.in_(requests)).values(reason=None))

    def due(self, session: Session, now: datetime) -> list[str]:
        """Ids of the requests whose clock rang, the longest late first."""
        late = select(_requests.c.id).where(_requests.c.clock_at <= now).order_by(_requests.c.clock_at).limit(20)
        return list(session.execute(late).scalars())

    def ring(self, session: Session, request_id: str) -> RequestRow | None:
        """Do what the clock of a request asks for; returns it when its person must be told or asked."""
        now = self._clock.now()
        request = self._locked(session, request_id)
        if request.clock_at is None or request.clock_at > now:
            return None
        return request if self._ring(session, request, now) else None

    def notice_lost(self, session: Session, notice_key: str) -> RequestRow | None:
        """An e-mail about a request will never arrive: the request has failed, a colleague is told.

        Returns the request when its person must be told.
        """
        written = _WRITTEN.match(notice_key)
        if written is None:
            return None
        request_id, recipient = written["request"], written["recipient"]
        request = self._locked(session, request_id)
        if request.state == RequestState.TRANSMIS and recipient == request.recipient:
            self._move(session, request, RequestState.EN_ECHEC, by="clock")
            backup = self._territory.recipient(self._territory.recipient(recipient).backup)
            self._write_to(session, request, backup, kind="request.coordinator", occasion="lost")
            return request
        return None

    def renew_link(self, session: Session, link: LinkRow) -> None:
        """Send a fresh link to the address the old one went to, at most one a minute."""
        request = session.get(RequestRow, link.request)
        if request is None or RequestState(request.state) in ENDED:
            return
        recipient = self._territory.recipient(link.recipient)
        occasion = f"link-{self._clock.now():%Y%m%d%H%M}"
        if self._write_to(session, request, recipient, kind="request.link", occasion=occasion):
            self._note(session, request, by=recipient.id, what="link_renewed")

    def _ring(self, session: Session, request: RequestRow, now: datetime) -> bool:
        clock = STANDINGS[RequestState(request.state)].clock
        request.clock_at = None
        if clock is None:
            return False
        recipient = self._territory.recipient(request.recipient)
        backup = self._territory.recipient(recipient.backup)
        if clock.then in {"remind", "remind_both"}:
            if now >= _silent_from(request):
                self._move(session, request, RequestState.SANS_REPONSE, by="clock")
                return True
            request.reminders += 1
            request.clock_at = min(add_business_days(now, _BETWEEN_REMINDERS), _silent_from(request))
            for person in (recipient,) if clock.then == "remind" and request.reminders == 1 else (recipient, backup):
                occasion = f"reminder-{request.reminders}"
                self._write_to(session, request, person, kind="request.reminder", occasion=occasion)
            self._note(session, request, by="clock", what="reminded")
            return False
        if clock.then == "tell_coordinator":
            self._write_to(session, request, backup, kind="request.coordinator", occasion=request.state)
            return False
        if clock.then == "offer_next":
            self._note(session, request, by="clock", what=NEXT_OFFERED)
        return True

    def _access_for(self, session: Session, recipient: str, request_id: str) -> RequestRow:
        request = self._locked(session, request_id)
        allowed = {request.recipient, self._territory.recipient(request.recipient).backup}
        if recipient not in allowed:
            raise NoSuchRequest()
        return request

    def _locked(self, session: Session, request_id: str) -> RequestRow:
        found = select(RequestRow).where(_requests.c.id == request_id).with_for_update()
        request: RequestRow | None = session.execute(found).scalar()
        if request is None:
            raise NoSuchRequest()
        return request

    def _move(self, session: Session, request: RequestRow, state: RequestState, *, by: str, reason: str = "") -> None:
        if state not in STANDINGS[RequestState(request.state)].follows:
            raise NotThatState(state=request.state, wanted=state)
        now = self._clock.now()
        request.state, request.changed_at, request.refusal = state, now, reason
        self._wind(session, request)
        self._note(session, request, by=by, what=state, reason=reason)

    def _wind(self, session: Session, request: RequestRow) -> None:
        """Set the clock of the request for its state and the level in force."""
        state = RequestState(request.state)
        request.clock_at = _rings(state, request.changed_at, self.level_of(session, request))
        if state == RequestState.RECU and request.clock_at is not None:
            # Opening it does not put the answer off.
            request.clock_at = min(request.clock_at, _silent_from(request))

    def _note(self, session: Session, request: RequestRow, *, by: str, what: str, reason: str = "") -> None:
        session.add(RequestEventRow(request=request.id, at=self._clock.now(), by=by, what=what, reason=reason))

    def _write_to(
        self, session: Session, request: RequestRow, recipient: Recipient, *, kind: str, occasion: str
    ) -> bool:
        """One e-mail without personal data: a neutral sentence, a link that opens the request at the desk.

        Returns False when it was written already.
        """
        key = f"{kind}:{request.id}:{recipient.id}:{occasion}"
        if self._outbox.knows(session, key):
            return False
        link = f"{self._public_url}/demande/{self._links.make(session, request.id, recipient.id)}"
        notice = NewNotice(
            key=key,
            kind=kind,
            channel="email",
            recipient=recipient.email,
            subject=self._texts.say(f"{kind}.subject", language="fr"),
            text=self._texts.say(f"{kind}.body", language="fr", link=link, function=recipient.function),
            lifetime=LIFETIME["professional"],
            important=True,
        )
        self._outbox.record_new(session, (notice,))
        return True

    def _overrides_of(self, session: Session, request: RequestRow) -> Iterator[LevelOverride]:
        found = select(LevelOverrideRow).where(_overrides.c.request == request.id).order_by(_overrides.c.number)
        for row in session.execute(found).scalars():
            try:
                reason = self._keys.open(request.conversation, row.reason) if row.reason else ""
            except Erased:
                reason = ""
            function = self._territory.recipient(row.by).function
            yield LevelOverride(level=row.level, role=row.role, function=function, at=row.at, reason=reason)

    def _readable(self, request: RequestRow) -> ReadableRequest:
        try:
            summary = read_summary(self._keys.open(request.conversation, request.summary)) if request.summary else ()
        except Erased:
            summary = ()
        return ReadableRequest(
            id=request.id,
            conversation=request.conversation,
            state=RequestState(request.state),
            level=request.level,
            recipient=self._territory.recipient(request.recipient),
            made_at=request.made_at,
            changed_at=request.changed_at,
            summary=summary,
            grading=json.loads(request.grading) if request.grading else {},
            refusal=request.refusal,
        )


def declined_recipients(requests: Sequence[RequestRow]) -> tuple[str, ...]:
    """Recipients who refused or stayed silent: they are not asked a second time."""
    return tuple(request.recipient for request in requests if RequestState(request.state) in _NO)


def _silent_from(request: RequestRow) -> datetime:
    """The date said to the person: without an answer by then, the request is without answer."""
    return add_business_days(request.made_at, ANSWER_WITHIN_BUSINESS_DAYS)


def _rings(state: RequestState, now: datetime, level: str) -> datetime | None:
    clock = clock_of(state, level)
    if clock is None:
        return None
    return add_business_days(now, clock.days) if clock.business else now + timedelta(days=clock.days)
