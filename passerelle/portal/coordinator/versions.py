"""Versions of the catalogue: prepared apart while the one in force serves, looked at, then put in force or not."""

import json
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from orientation_catalogue.build import BuildReport, put_in_force, rebuild_catalogue, roll_back
from orientation_catalogue.catalogue import PREVIOUS, Catalogue
from orientation_catalogue.coverage import all_needs
from orientation_catalogue.errors import CatalogueError
from orientation_catalogue.simulation import PROFILES, made_up_profiles, simulate
from orientation_catalogue.supplement import Supplement
from orientation_catalogue.territory.places import Places
from passerelle.foundation.clock import Clock
from passerelle.foundation.database import Database, table_of
from passerelle.foundation.errors import BadInput, NotFound
from passerelle.foundation.log import log
from passerelle.portal.coordinator.changes import OF_THE_CATALOGUE, Change, Changes, supplement_of
from passerelle.portal.tables import CatalogueVersionRow

_versions = table_of(CatalogueVersionRow)

#: Longer than any import takes: a build that says nothing for so long was killed with its process.
_BUILD_LASTS = timedelta(minutes=30)
_MOST_SHOWN = 20

#: Who signs what the command line puts in force.
IMPORT = "import"


class AlreadyPreparing(BadInput):
    """A version is being prepared already."""

    status = 409


class NotPrepared(NotFound):
    """This version is not ready, or not there any more: prepare another one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One version, as the page shows it."""

    number: int
    at: datetime
    by: str
    #: preparing, prepared, in_force, failed.
    state: str
    sha256: str
    changes: frozenset[int]
    #: kept, refused, merged, simulation; or error.
    report: Mapping[str, Any]
    in_force_at: datetime | None
    in_force_by: str


def record_import(database: Database, clock: Clock, report: BuildReport, changes: Iterable[Change]) -> None:
    """An import put a catalogue in force with these changes in it: they no longer wait."""
    now = clock.now()
    said = {"kept": report.kept, "refused": len(report.refused), "merged": report.merged}
    row = CatalogueVersionRow(
        at=now,
        by=IMPORT,
        state="in_force",
        sha256=report.sha256,
        changes=json.dumps([change.number for change in changes]),
        report=json.dumps(said),
        in_force_at=now,
        in_force_by=IMPORT,
    )
    with database.write() as session:
        session.add(row)


class Versions:
    """Builds the next version beside the one in force."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        folder: Path,
        catalogue: Callable[[], Catalogue],
        places: Places,
        departement: str,
        changes: Changes,
        in_background: bool = True,
        profiles: int = PROFILES,
    ) -> None:
        self._database = database
        self._clock = clock
        self._folder = folder
        self._catalogue = catalogue
        self._places = places
        self._departement = departement
        self._changes = changes
        self._in_background = in_background
        self._profiles = profiles

    @property
    def can_go_back(self) -> bool:
        """Whether a version before the one in force is still there."""
        pointer = self._folder / PREVIOUS
        return pointer.is_file() and (self._folder / pointer.read_text(encoding="utf-8").strip()).is_file()

    def list(self) -> tuple[Version, ...]:
        """The versions prepared, newest first."""
        with self._database.read() as session:
            rows = session.execute(
                select(CatalogueVersionRow).order_by(_versions.c.number.desc()).limit(_MOST_SHOWN)
            ).scalars()
            return tuple(self._version(row) for row in rows)

    def ready(self) -> Version | None:
        """The newest version, when it may be put in force: made from what is in force now, not before an import."""
        newest = next(iter(self.list()), None)
        if newest is None or newest.state != "prepared" or not self._prepared(newest.sha256).is_file():
            return None
        return newest if newest.report["simulation"]["before"] == self._catalogue().sha256 else None

    def waiting(self) -> tuple[Change, ...]:
        """Changes that the version in force does not hold yet, those undone since included."""
        held = self._held()
        live = {change.number: change for change in self._changes.live(OF_THE_CATALOGUE)}
        new = [change for number, change in live.items() if number not in held]
        undone = [
            change
            for change in self._changes.history()
            if change.number in held and change.number not in live and change.kind in OF_THE_CATALOGUE
        ]
        return (*new, *undone)

    def prepare(self, by: str) -> int:
        """Start building the next version; returns its number. Raises AlreadyPreparing."""
        changes = self._changes.live(OF_THE_CATALOGUE)
        with self._database.write() as session:
            newest = session.execute(
                select(CatalogueVersionRow).order_by(_versions.c.number.desc()).limit(1)
            ).scalar_one_or_none()
            if newest is not None and self._version(newest).state == "preparing":
                raise AlreadyPreparing
            row = CatalogueVersionRow(
                at=self._clock.now(),
                by=by,
                state="preparing",
                changes=json.dumps([change.number for change in changes]),
            )
            session.add(row)
            session.flush()
            number = row.number or 0
        supplement = supplement_of(changes)
        if self._in_background:
            threading.Thread(target=self._make, args=(number, supplement), name="catalogue", daemon=True).start()
        else:
            self._make(number, supplement)
        return number

    def put_in_force(self, by: str, number: int) -> None:
        """Put a prepared version in force. Raises NotPrepared."""
        version = self.ready()
        if version is None or version.number != number:
            raise NotPrepared
        for file in (self._folder / "prepared").glob(f"catalogue-{version.sha256}*"):
            file.replace(self._folder / file.name)
        put_in_force(self._folder / f"catalogue-{version.sha256}.sqlite", self._folder)
        self._record(number, state="in_force", in_force_at=self._clock.now(), in_force_by=by)

    def go_back(self, by: str) -> None:
        """Put the version before in force again; the one in force becomes the one before. Raises NotPrepared."""
        if not self.can_go_back:
            raise NotPrepared
        sha256 = roll_back(self._folder).stem.removeprefix("catalogue-")
        with self._database.write() as session:
            session.execute(
                update(_versions)
                .where(_versions.c.sha256 == sha256)
                .values(in_force_at=self._clock.now(), in_force_by=by, state="in_force")
            )

    def _make(self, number: int, supplement: Supplement) -> None:
        """Build apart, compare with the version in force, and say how it went; nothing in force changes."""
        prepared = self._folder / "prepared"
        try:
            shutil.rmtree(prepared, ignore_errors=True)
            report = self._rebuild(supplement, prepared)
            simulation = self._simulated(Catalogue.open(report.path))
        except (CatalogueError, OSError) as error:
            log().error("catalogue_not_prepared", error=type(error).__name__)
            self._record(number, state="failed", report=json.dumps({"error": str(error)}, ensure_ascii=False))
            return
        said = {"kept": report.kept, "refused": len(report.refused), "merged": report.merged, "simulation": simulation}
        self._record(number, state="prepared", sha256=report.sha256, report=json.dumps(said, ensure_ascii=False))

    def _rebuild(self, supplement: Supplement, into: Path) -> BuildReport:
        today = self._clock.now().date()
        return rebuild_catalogue(self._folder, into, supplement=supplement, places=self._places, today=today)

    def _simulated(self, after: Catalogue) -> dict[str, Any]:
        before = self._catalogue()
        known = before.thematiques() | after.thematiques()
        needs = [need for need in all_needs() if need in known]
        people = made_up_profiles(self._places, self._departement, needs, at=self._clock.now(), count=self._profiles)
        return simulate(before, after, people, places=self._places).as_json()

    def _record(self, number: int, **values: Any) -> None:
        with self._database.write() as session:
            session.execute(update(_versions).where(_versions.c.number == number).values(**values))

    def _held(self) -> frozenset[int]:
        """Numbers of the changes that the version in force holds."""
        in_force = [one for one in self.list() if one.in_force_at and one.sha256 == self._catalogue().sha256]
        return max(in_force, key=lambda one: one.in_force_at or one.at).changes if in_force else frozenset()

    def _prepared(self, sha256: str) -> Path:
        return self._folder / "prepared" / f"catalogue-{sha256}.sqlite"

    def _version(self, row: CatalogueVersionRow) -> Version:
        killed = row.state == "preparing" and row.at + _BUILD_LASTS < self._clock.now()
        return Version(
            number=row.number or 0,
            at=row.at,
            by=row.by,
            state="failed" if killed else row.state,
            sha256=row.sha256,
            changes=frozenset(json.loads(row.changes)),
            report=json.loads(row.report),
            in_force_at=row.in_force_at,
            in_force_by=row.in_force_by,
        )
