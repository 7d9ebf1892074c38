"""`passerelle observe`: the indicators of a month, protected, as CSV or JSON."""

import csv
import json
from datetime import datetime
from io import StringIO

from orientation_catalogue.errors import CatalogueError
from passerelle.app.compose import Parts
from passerelle.foundation.clock import PARIS
from passerelle.foundation.errors import BadInput
from passerelle.observatory.needs import count_wanted_needs
from passerelle.observatory.protection import ProtectedTable

#: What a hidden count reads like.
HIDDEN = "*"


class BadMonth(BadInput):
    """month {month}: write it as 2026-11."""


def observe_month(parts: Parts, month: str, *, as_json: bool) -> str:
    """The table of a calendar month. Raises BadMonth."""
    try:
        since = datetime.strptime(month, "%Y-%m").replace(tzinfo=PARIS)
    except ValueError:
        raise BadMonth(month=month) from None
    until = since.replace(year=since.year + since.month // 12, month=since.month % 12 + 1)

    def epci_of(commune: str) -> str | None:
        try:
            return parts.places.commune(commune).epci
        except CatalogueError:
            return None

    with parts.database.read() as session:
        table = count_wanted_needs(session, since=since, until=until, epci_of=epci_of)
    return _as_json(table) if as_json else _as_csv(table)


def _as_csv(table: ProtectedTable) -> str:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(["thematique", *table.columns])
    for row in table.rows:
        shown = [table.cells[row, column] for column in table.columns]
        writer.writerow([row, *(HIDDEN if count is None else count for count in shown)])
    return out.getvalue().rstrip()


def _as_json(table: ProtectedTable) -> str:
    rows = {row: {column: table.cells[row, column] for column in table.columns} for row in table.rows}
    return json.dumps(rows, ensure_ascii=False)
