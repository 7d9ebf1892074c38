"""Needs that nobody near could answer: counted by intercommunalité and month, without any person (reference §7, 13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlmodel import Session

from orientation_catalogue.matching import Gap
from orientation_catalogue.territory.places import Places
from passerelle.foundation.database import table_of
from passerelle.orientation.tables import OrientationGapRow

_gaps = table_of(OrientationGapRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class GapCount:
    """How often a need had no near answer somewhere, in one month."""

    #: "2026-11".
    month: str
    #: SIREN of the intercommunalité, code of the département where there is none, or nothing when no place was told.
    territory: str
    need: str
    #: none, incompatible or far (`orientation_catalogue.matching.GapKind`).
    kind: str
    count: int


def count_gaps(session: Session, gaps: Iterable[Gap], *, commune: str | None, places: Places, at: datetime) -> None:
    """Add one to the count of each gap."""
    territory = territory_of(commune, places)
    for gap in gaps:
        key = {"month": f"{at:%Y-%m}", "territory": territory, "need": gap.need, "kind": gap.kind}
        row = session.get(OrientationGapRow, (key["month"], territory, gap.need, gap.kind))
        row = row or OrientationGapRow(**key, count=0)
        row.count += 1
        session.add(row)


def territory_of(commune: str | None, places: Places) -> str:
    """The intercommunalité of a commune, its département where it has none."""
    if not commune:
        return ""
    found = places.commune(commune)
    return found.epci or found.departement


def read_gaps(session: Session, *, since: str | None = None) -> tuple[GapCount, ...]:
    """The counts, from a month ("2026-11") on; small counts are there: who shows them protects them."""
    wanted: Select[tuple[str, str, str, str, int]] = select(
        _gaps.c.month, _gaps.c.territory, _gaps.c.need, _gaps.c.kind, _gaps.c.count
    ).order_by(_gaps.c.month, _gaps.c.territory, _gaps.c.need, _gaps.c.kind)
    if since:
        wanted = wanted.where(_gaps.c.month >= since)
    return tuple(
        GapCount(month=month, territory=territory, need=need, kind=kind, count=count)
        for month, territory, need, kind, count in session.execute(wanted)
    )
