"""What a coordinator looks at to keep the register true: errors of the last import, ages, gaps."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from orientation_catalogue.build import last_report
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.coverage import Coverage, coverage
from orientation_catalogue.freshness import Freshness, freshness
from passerelle.foundation.clock import PARIS, Clock
from passerelle.foundation.database import Database
from passerelle.observatory.protection import Cell, ProtectedTable, protect
from passerelle.orientation.gaps import read_gaps
from passerelle.portal.coordinator.coverage_drawing import draw_coverage
from passerelle.portal.coordinator.fields import BY_NAME, why_of
from passerelle.portal.coordinator.register import Register

#: More lines than this are not read on a page; the whole list is the file itself.
_MOST_SHOWN = 200

#: Months of gaps that can be looked at.
_MONTHS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedRow:
    """A row that the last import left out."""

    file: str
    row: int
    id: str
    field: str
    value: str
    #: Text that says why (`coordinator.wrong.<why>`).
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedRows:
    """The first rows left out, and how many there are."""

    total: int
    rows: tuple[RefusedRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnCoverage:
    """The table of the département and its drawing."""

    table: Coverage
    drawing: str
    #: Needs that nobody answers anywhere in the département.
    nowhere: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownGaps:
    """One month of needs without an answer."""

    month: str
    months: tuple[str, ...]
    table: ProtectedTable
    #: Code of an intercommunalité → its name.
    names: Mapping[str, str]


class Inspection:
    """Reads only; everything is worked out from the catalogue in force."""

    def __init__(
        self,
        *,
        database: Database,
        folder: Path,
        catalogue: Callable[[], Catalogue],
        register: Register,
        clock: Clock,
        say: Callable[..., str],
    ) -> None:
        self._database = database
        self._folder = folder
        self._catalogue = catalogue
        self._register = register
        self._clock = clock
        self._say = say
        self._drawn: tuple[str, DrawnCoverage] | None = None

    def refused(self) -> RefusedRows | None:
        """Rows left out of the catalogue in force; None when its import kept no report."""
        report: Mapping[str, Any] | None = last_report(self._folder)
        if report is None:
            return None
        rows = tuple(_refused(row) for row in report["refused"][:_MOST_SHOWN])
        return RefusedRows(total=int(report["problems"]), rows=rows)

    def freshness(self) -> tuple[Freshness, ...]:
        """How old what each source says of this territory is."""
        return freshness(self._register.offers(), today=self._today)

    def coverage(self) -> DrawnCoverage:
        """Needs × intercommunalités of the département; worked out once per catalogue."""
        catalogue = self._catalogue()
        if self._drawn is None or self._drawn[0] != catalogue.sha256:
            table = coverage(catalogue, self._register.places, self._register.departement)
            nowhere = tuple(
                need for need in table.needs if all(not table.cells[need, code].services for code, _ in table.groups)
            )
            drawing = draw_coverage(
                table,
                need_name,
                self._say("coordinator.gaps.drawing"),
                self._say("coordinator.gaps.drawing.what", needs=len(table.needs), nowhere=len(nowhere)),
            )
            self._drawn = (catalogue.sha256, DrawnCoverage(table=table, drawing=drawing, nowhere=nowhere))
        return self._drawn[1]

    def gaps(self, month: str) -> ShownGaps:
        """Needs that nobody near could answer in a month, small counts hidden; the last months to choose from."""
        months = self._months()
        shown = month if month in months else months[0]
        names = dict(self._register.groups())
        counts: Counter[Cell] = Counter()
        with self._database.read() as session:
            for gap in read_gaps(session, since=shown):
                if gap.month == shown and gap.territory in names:
                    counts[gap.need, gap.territory] += gap.count
        return ShownGaps(month=shown, months=months, table=protect(counts), names=names)

    def _months(self) -> tuple[str, ...]:
        first = self._today.replace(day=1)
        months = [first]
        while len(months) < _MONTHS:
            months.append((months[-1] - timedelta(days=1)).replace(day=1))
        return tuple(f"{one:%Y-%m}" for one in months)

    @property
    def _today(self) -> date:
        return self._clock.now().astimezone(PARIS).date()


def need_name(need: str) -> str:
    """A need in the French words of the national format."""
    return dict(BY_NAME["thematiques"].choices).get(need, need)


def _refused(row: Mapping[str, Any]) -> RefusedRow:
    return RefusedRow(
        # The folder of the server says nothing to a coordinator.
        file=Path(str(row["file"])).name,
        row=int(row["row"]),
        id=str(row["id"] or ""),
        field=str(row["field"]),
        value=str(row["value"]),
        why=why_of(str(row["field"])),
    )
