"""The outbox: record with the decision, claim under a lease, settle. All writes to notices are here."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, or_, select, update
from sqlmodel import Session

from passerelle.foundation.clock import Clock
from passerelle.foundation.crypto import Erased, KeyStore
from passerelle.foundation.database import Database, table_of
from passerelle.foundation.ids import new_id
from passerelle.notices.notice import FINAL, NewNotice, Notice, NoticeState
from passerelle.notices.tables import NoticeRow

#: A worker that died gives its notices back after this time.
LEASE = timedelta(seconds=60)

#: Waits between attempts, then the last one for ever until the notice expires.
RETRY_WAITS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)

#: Delivery reports only move forward; what Twilio says late or twice changes nothing.
_DELIVERY_RANK = {
    "": 0,
    "accepted": 1,
    "queued": 1,
    "sending": 2,
    "sent": 3,
    "delivered": 4,
    "undelivered": 4,
    "failed": 4,
}


_N = table_of(NoticeRow)


class Outbox:
    """The notices of all channels."""

    def __init__(self, database: Database, keys: KeyStore, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def record(self, session: Session, notice: NewNotice) -> None:
        """Add the notice to the caller's transaction, once per key."""
        if not self.knows(session, notice.key):
            self.record_new(session, (notice,))

    def knows(self, session: Session, key: str) -> bool:
        """Whether a notice of that key was recorded already."""
        return session.execute(select(_N.c.number).where(_N.c.key == key)).first() is not None

    def record_new(self, session: Session, notices: Iterable[NewNotice]) -> None:
        """Add notices whose keys are known to be new (those of one turn: the claim makes the turn run once)."""
        now = self._clock.now()
        for notice in notices:
            due = now + notice.delay
            session.add(
                NoticeRow(
                    id=new_id(),
                    key=notice.key,
                    kind=notice.kind,
                    channel=notice.channel,
                    lane=notice.conversation or notice.recipient,
                    conversation=notice.conversation,
                    language=notice.language,
                    recipient=self._seal(notice.conversation, notice.recipient),
                    subject=notice.subject,
                    body=self._seal(notice.conversation, notice.text),
                    extras=json.dumps(notice.extras, ensure_ascii=False) if notice.extras else "",
                    # A page comes and reads its own notices: they are delivered by being committed.
                    state=NoticeState.SENT if notice.channel == "web" and due == now else NoticeState.DUE,
                    due_at=due,
                    made_at=now,
                    expires_at=due + notice.lifetime,
                    important=notice.important,
                )
            )

    def claim(self, limit: int = 10) -> list[Notice]:
        """Lease up to `limit` due notices, at most one per lane, oldest first."""
        now = self._clock.now()
        lease = new_id()
        before = _N.alias()
        waits = and_(
            or_(
                and_(_N.c.state == NoticeState.DUE, _N.c.due_at <= now),
                and_(
                    _N.c.state == NoticeState.LEASED,
                    # A lease longer than its maximum is one too: the clock jumped.
                    or_(_N.c.leased_until <= now, _N.c.leased_until > now + LEASE * 2),
                ),
            ),
            ~exists().where(
                before.c.lane == _N.c.lane,
                before.c.number < _N.c.number,
                or_(
                    before.c.state == NoticeState.LEASED,
                    and_(before.c.state == NoticeState.DUE, before.c.due_at <= now),
                ),
            ),
        )
        with self._database.read() as session:
            # Looking first without the writer's lock: an idle worker costs nobody anything.
            if session.execute(select(_N.c.number).where(waits).limit(1)).first() is None:
                return []
        with self._database.write() as session:
            rows = (
                session.execute(
                    select(NoticeRow).where(waits).order_by(_N.c.number).limit(limit).with_for_update(skip_locked=True)
                )
                .scalars()
                .all()
            )
            claimed = []
            for row in rows:
                notice = self._claimed(row, lease, now)
                if notice is not None:
                    claimed.append(notice)
            return claimed

    def _claimed(self, row: NoticeRow, lease: str, now: datetime) -> Notice | None:
        # Once tried, always asked about: the answer of any earlier attempt may have been lost, or its worker dead.
        ambiguous = row.attempts > 0
        if row.expires_at <= now:
            _settle(row, NoticeState.EXPIRED, now)
            return None
        try:
            recipient, text = self._open(row.conversation, row.recipient), self._open(row.conversation, row.body)
        except Erased:
            _settle(row, NoticeState.WITHDRAWN, now)
            return None
        row.state, row.lease, row.leased_until = NoticeState.LEASED, lease, now + LEASE
        row.attempts += 1
        return Notice(
            id=row.id,
            lease=lease,
            kind=row.kind,
            channel=row.channel,  # type: ignore[arg-type]
            recipient=recipient,
            subject=row.subject,
            text=text,
            language=row.language,
            conversation=row.conversation,
            made_at=row.made_at,
            attempts=row.attempts,
            ambiguous=ambiguous,
        )

    def settle_sent(self, notice: Notice, provider_id: str, parts: int = 0) -> None:
        """The provider has it."""
        with self._database.write() as session:
            row = self._leased(session, notice)
            if row is not None:
                row.provider_id, row.parts = provider_id, parts
                _settle(row, NoticeState.SENT, self._clock.now())

    def settle_failed(self, notice: Notice, code: str) -> bool:
        """It will never leave. Returns whether it was an important one, so that a person takes over."""
        with self._database.write() as session:
            row = self._leased(session, notice)
            if row is None:
                return False
            row.error_code = code
            _settle(row, NoticeState.FAILED, self._clock.now())
            return row.important

    def give_back(self, notice: Notice, code: str) -> None:
        """It may leave later: due again after the wait of its number of attempts."""
        now = self._clock.now()
        wait = RETRY_WAITS[min(notice.attempts, len(RETRY_WAITS)) - 1]
        with self._database.write() as session:
            row = self._leased(session, notice)
            if row is not None:
                row.state, row.lease, row.leased_until = NoticeState.DUE, None, None
                row.due_at, row.error_code = now + wait, code

    def withdraw(self, session: Session, conversation: str, kinds: tuple[str, ...] | None = None) -> None:
        """Nothing more leaves for this conversation: after STOP, an erasure or a withdrawal."""
        wanted = [_N.c.conversation == conversation, _N.c.state == NoticeState.DUE]
        if kinds is not None:
            wanted.append(_N.c.kind.in_(kinds))
        session.execute(
            update(_N)
            .where(*wanted)
            .values(state=NoticeState.WITHDRAWN, settled_at=self._clock.now(), body=None, recipient=None)
        )

    def report_delivery(self, notice_id: str, provider_id: str, status: str, code: str) -> bool:
        """Keep what the provider says of a notice. Returns whether an important one just failed."""
        with self._database.write() as session:
            row = (
                session.execute(
                    select(NoticeRow)
                    .where(or_(_N.c.id == notice_id, _N.c.provider_id == provider_id))
                    .with_for_update()
                )
                .scalars()
                .first()
            )
            if row is None or _DELIVERY_RANK.get(status, 0) <= _DELIVERY_RANK.get(row.delivery, 0):
                return False
            row.delivery, row.error_code = status, code
            row.provider_id = row.provider_id or provider_id
            if row.state not in FINAL:
                # The report proves that an attempt whose answer was lost did reach the provider.
                _settle(row, NoticeState.SENT, self._clock.now())
            return row.important and status in {"undelivered", "failed"}

    def _leased(self, session: Session, notice: Notice) -> NoticeRow | None:
        return (
            session.execute(select(NoticeRow).where(_N.c.id == notice.id, _N.c.lease == notice.lease)).scalars().first()
        )

    def _seal(self, conversation: str | None, text: str) -> bytes:
        return text.encode() if conversation is None else self._keys.seal(conversation, text)

    def _open(self, conversation: str | None, sealed: bytes | None) -> str:
        if sealed is None:
            raise Erased()
        return sealed.decode() if conversation is None else self._keys.open(conversation, sealed)


def _settle(row: NoticeRow, state: NoticeState, now: datetime) -> None:
    row.state, row.settled_at, row.lease, row.leased_until = state, now, None, None
