"""Indicator 2: wanted needs by thematique and EPCI, counted in people, protected before anyone sees them."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from passerelle.foundation.database import table_of
from passerelle.observatory.protection import Cell, ProtectedTable, protect
from passerelle.orientation.tables import OrientationRow

_orientations = table_of(OrientationRow)

#: Communes whose EPCI is not known are counted together.
ELSEWHERE = "?"


def count_wanted_needs(
    session: Session, *, since: datetime, until: datetime, epci_of: Callable[[str], str | None]
) -> ProtectedTable:
    """People whose last orientation of the period wanted each need, by EPCI."""
    last = (
        select(func.max(_orientations.c.number))
        .where(_orientations.c.at >= since, _orientations.c.at < until)
        .group_by(_orientations.c.conversation)
    )
    counts: Counter[Cell] = Counter()
    for commune, trace in session.execute(
        select(_orientations.c.commune, _orientations.c.trace).where(_orientations.c.number.in_(last))
    ):
        epci = (epci_of(commune) if commune else None) or ELSEWHERE
        counts.update((thematique, epci) for thematique in json.loads(trace)["besoins"])
    return protect(counts)
