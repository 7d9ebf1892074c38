"""`passerelle catalogue coverage`, `freshness` and `simulate`: what a coordinator looks at, without a page."""

import csv
import json
import tempfile
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from orientation_catalogue.build import rebuild_catalogue
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.coverage import all_needs, coverage
from orientation_catalogue.freshness import freshness
from orientation_catalogue.simulation import made_up_profiles, simulate
from passerelle.app.compose import Parts
from passerelle.app.tables import migrate
from passerelle.foundation.clock import PARIS
from passerelle.foundation.errors import BadInput
from passerelle.portal.coordinator.changes import OF_THE_CATALOGUE, supplement_of

#: What a spreadsheet would take for a formula at the beginning of a cell (CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class NoSuchDepartement(BadInput):
    """--departement: {code!r} is not the code of a département."""


def coverage_table(parts: Parts, departement: str, *, everything: bool, as_json: bool) -> str:
    """Needs × intercommunalités of a département; only what some commune lacks, unless `everything`."""
    table = coverage(parts.catalogue(), parts.places, _departement(parts, departement))
    rows = [row for row in table.rows() if everything or row["communes_served"] < row["communes"]]
    return _written(rows, as_json=as_json)


def freshness_table(parts: Parts, *, as_json: bool) -> str:
    """How old what each source of the catalogue in force says is."""
    today = parts.clock.now().astimezone(PARIS).date()
    return _written([one.row() for one in freshness(parts.catalogue().offers.values(), today=today)], as_json=as_json)


def simulation_of(parts: Parts, candidate: Path | None, departement: str, *, count: int, seed: int) -> str:
    """Who would lose if the candidate took the place of the catalogue in force, as JSON.

    Without a candidate: the coordinators' changes that wait.
    """
    code = _departement(parts, departement)
    before = parts.catalogue()
    if candidate is not None:
        return _compared(parts, before, Catalogue.open(candidate), code, count=count, seed=seed)
    migrate(parts.database)
    supplement = supplement_of(parts.register_changes.live(OF_THE_CATALOGUE))
    with tempfile.TemporaryDirectory(prefix="passerelle-simulate-") as folder:
        told = rebuild_catalogue(
            parts.settings.var / "catalogue", Path(folder), supplement=supplement, places=parts.places
        )
        return _compared(parts, before, Catalogue.open(told.path), code, count=count, seed=seed)


def _compared(parts: Parts, before: Catalogue, after: Catalogue, departement: str, *, count: int, seed: int) -> str:
    known = before.thematiques() | after.thematiques()
    people = made_up_profiles(
        parts.places,
        departement,
        [need for need in all_needs() if need in known],
        at=parts.clock.now(),
        count=count,
        seed=seed,
    )
    return json.dumps(simulate(before, after, people, places=parts.places).as_json(), ensure_ascii=False)


def _departement(parts: Parts, given: str) -> str:
    code = given or parts.territory.departement
    if code not in parts.places.departements:
        raise NoSuchDepartement(code=code)
    return code


def _written(rows: Sequence[dict[str, Any]], *, as_json: bool) -> str:
    return json.dumps(rows, ensure_ascii=False) if as_json else _csv(rows)


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    out = StringIO()
    if rows:
        writer = csv.writer(out)
        writer.writerow(rows[0])
        writer.writerows(_harmless(row.values()) for row in rows)
    return out.getvalue().rstrip()


def _harmless(values: Iterable[Any]) -> list[Any]:
    """A cell that a spreadsheet would run begins with an apostrophe: it stays words."""
    return [f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value for value in values]
