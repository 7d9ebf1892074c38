"""What people say of a dispositif that did not answer them: a queue for the coordinator. Nobody is named in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from sqlalchemy import func, select, update
from sqlmodel import Session

from passerelle.foundation.database import table_of
from passerelle.handoff.tables import ServiceReportRow

_reports = table_of(ServiceReportRow)

ReportKind = Literal["wrong_number", "closed", "refused", "wrong_card"]
REPORT_KINDS: tuple[ReportKind, ...] = get_args(ReportKind)

TellsIt = Literal["resident", "professional"]
Settled = Literal["corrected", "dismissed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reported:
    """One thing said of one dispositif, however many times."""

    service: str
    kind: ReportKind
    times: int
    by_professionals: int
    first: date
    last: date


def record_report(session: Session, *, service: str, kind: ReportKind, told_by: TellsIt, day: date) -> None:
    """Keep that somebody said it, and the day."""
    session.add(ServiceReportRow(day=day, service=service, kind=kind, told_by=told_by))


def open_reports(session: Session) -> tuple[Reported, ...]:
    """What waits for the coordinator, the most often said first."""
    times = func.count().label("times")
    professionals = func.count().filter(_reports.c.told_by == "professional")
    rows: Iterable[tuple[str, ReportKind, int, int, date, date]] = session.execute(
        select(
            _reports.c.service,
            _reports.c.kind,
            times,
            professionals,
            func.min(_reports.c.day),
            func.max(_reports.c.day),
        )
        .where(_reports.c.settled_at.is_(None))
        .group_by(_reports.c.service, _reports.c.kind)
        .order_by(times.desc(), _reports.c.service, _reports.c.kind)
    )
    return tuple(
        Reported(service=service, kind=kind, times=count, by_professionals=int(by or 0), first=first, last=last)
        for service, kind, count, by, first, last in rows
    )


def settle_reports(session: Session, service: str, kind: str, *, by: str, how: Settled, at: datetime) -> int:
    """The coordinator has dealt with what was said. Returns how many reports were settled."""
    settled = session.execute(
        update(_reports)
        .where(_reports.c.service == service, _reports.c.kind == kind, _reports.c.settled_at.is_(None))
        .values(settled_at=at, settled_by=by, settled_how=how)
    )
    return int(settled.rowcount)  # type: ignore[attr-defined]
