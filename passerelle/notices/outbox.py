"""The outbox: record with the decision, claim under a lease, settle. All writes to notices are here."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, exists, insert, or_, select, update
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
_before = _N.alias()

# Statements made once: making one costs more than running it.
_RECORD = insert(_N)
_WAITS = and_(
    or_(
        and_(_N.c.state == NoticeState.DUE, _N.c.due_at <= bindparam("now")),
        and_(
            _N.c.state == NoticeState.LEASED,
            # A lease longer than its maximum is one too: the clock jumped.
            or_(_N.c.leased_until <= bindparam("now"), _N.c.leased_until > bindparam("too_far")),
        ),
    ),
    ~exists().where(
        _before.c.lane == _N.c.lane,
        _before.c.number < _N.c.number,
        or_(
            _before.c.state == NoticeState.LEASED,
            and_(_before.c.state == NoticeState.DUE, _before.c.due_at <= bindparam("now")),
        ),
    ),
)
_ANY_WAITS = select(_N.c.number).where(_WAITS).limit(1)
# A CTE: PostgreSQL may run a subquery more than once, and then lock more rows than the limit.
_NEXT = (
    select(_N.c.number)
    .where(_WAITS)
    .order_by(_N.c.number)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("next_notices")
)
_LEASE_NEXT = (
    update(_N)
    .where(_N.c.number.in_(select(_NEXT.c.number)))
    .values(
        state=NoticeState.LEASED,
        lease=bindparam("new_lease"),
        leased_until=bindparam("until"),
        attempts=_N.c.attempts + 1,
    )
    .returning(*_N.c)
)
_SETTLE = update(_N).where(_N.c.number == bindparam("which")).values(lease=None, leased_until=None)
_SETTLE_LEASED = (
    update(_N)
    .where(_N.c.id == bindparam("which"), _N.c.lease == bindparam("our_lease"))
    .values(lease=None, leased_until=None)
    .returning(_N.c.important)
)


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
            session.connection().execute(_RECORD, self._row(notice, now))

    def _row(self, notice: NewNotice, now: datetime) -> dict[str, object]:
        return {
            "id": new_id(),
            "key": notice.key,
            "kind": notice.kind,
            "channel": notice.channel,
            "lane": notice.conversation or notice.recipient,
            "conversation": notice.conversation,
            "language": notice.language,
            "recipient": self._seal(notice.conversation, notice.recipient),
            "subject": notice.subject,
            "body": self._seal(notice.conversation, notice.text),
            "extras": json.dumps(notice.extras, ensure_ascii=False) if notice.extras else "",
            # A page comes and reads its own notices: they are delivered by being committed.
            "state": NoticeState.SENT if notice.channel == "web" else NoticeState.DUE,
            "due_at": now,
            "made_at": now,
            "expires_at": now + notice.lifetime,
            "important": notice.important,
        }

    def claim(self, limit: int = 10) -> list[Notice]:
        """Lease up to `limit` due notices, at most one per lane, oldest first."""
        now = self._clock.now()
        moment = {"now": now, "too_far": now + LEASE * 2}
        with self._database.reading() as connection:
            # Looking first without the writer's lock: an idle worker costs nobody anything.
            if connection.execute(_ANY_WAITS, moment).first() is None:
                return []
        lease = {"new_lease": new_id(), "until": now + LEASE, "most": limit}
        with self._database.writing() as connection:
            leased = connection.execute(_LEASE_NEXT, moment | lease).all()
            # RETURNING promises no order.
            in_order = sorted(leased, key=lambda row: row.number)
            claimed = [self._claimed(connection, row, now) for row in in_order]
        return [notice for notice in claimed if notice is not None]

    def _claimed(self, connection: Connection, row: Row[Any], now: datetime) -> Notice | None:
        if row.expires_at <= now:
            self._drop(connection, row, NoticeState.EXPIRED, now)
            return None
        try:
            recipient, text = self._open(row.conversation, row.recipient), self._open(row.conversation, row.body)
        except Erased:
            self._drop(connection, row, NoticeState.WITHDRAWN, now)
            return None
        return Notice(
            id=row.id,
            key=row.key,
            lease=row.lease,
            kind=row.kind,
            channel=row.channel,
            recipient=recipient,
            subject=row.subject,
            text=text,
            language=row.language,
            conversation=row.conversation,
            made_at=row.made_at,
            attempts=row.attempts,
            # Tried before means always asked about: the answer of any attempt may have been lost, or its worker dead.
            ambiguous=row.attempts > 1,
        )

    def _drop(self, connection: Connection, row: Row[Any], state: NoticeState, now: datetime) -> None:
        # It was leased by the same statement as the others, but is not tried.
        settled = {"state": state, "settled_at": now, "attempts": row.attempts - 1}
        connection.execute(_SETTLE, settled | {"which": row.number})

    def settle_sent(self, notice: Notice, provider_id: str, parts: int = 0) -> None:
        """The provider has it."""
        sent = {"state": NoticeState.SENT, "settled_at": self._clock.now(), "provider_id": provider_id, "parts": parts}
        self._settle_leased(notice, sent)

    def settle_failed(self, notice: Notice, code: str) -> bool:
        """It will never leave. Returns whether it was an important one, so that a person takes over."""
        failed = {"state": NoticeState.FAILED, "settled_at": self._clock.now(), "error_code": code}
        return self._settle_leased(notice, failed)

    def give_back(self, notice: Notice, code: str) -> None:
        """It may leave later: due again after the wait of its number of attempts."""
        wait = RETRY_WAITS[min(notice.attempts, len(RETRY_WAITS)) - 1]
        due = {"state": NoticeState.DUE, "due_at": self._clock.now() + wait, "error_code": code}
        self._settle_leased(notice, due)

    def _settle_leased(self, notice: Notice, values: dict[str, object]) -> bool:
        """End our lease with these values. Returns whether the notice was still ours, and important."""
        with self._database.writing() as connection:
            ours = {"which": notice.id, "our_lease": notice.lease}
            return bool(connection.execute(_SETTLE_LEASED, values | ours).scalar())

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

    def erase(self, session: Session, conversation: str) -> None:
        """Nothing of what was written to the person is kept, nor what the buttons of their page were about."""
        session.execute(
            update(_N).where(_N.c.conversation == conversation).values(body=None, recipient=None, extras="")
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
                row.state, row.settled_at = NoticeState.SENT, self._clock.now()
                row.lease, row.leased_until = None, None
            return row.important and status in {"undelivered", "failed"}

    def _seal(self, conversation: str | None, text: str) -> bytes:
        return text.encode() if conversation is None else self._keys.seal(conversation, text)

    def _open(self, conversation: str | None, sealed: bytes | None) -> str:
        if sealed is None:
            raise Erased()
        return sealed.decode() if conversation is None else self._keys.open(conversation, sealed)
