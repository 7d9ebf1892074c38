"""Build one immutable catalogue file from its sources; a bad row is reported and left out, never repaired.

The rows that were kept stay beside the catalogue (`catalogue-….rows`), with what the import said of the others
(`catalogue-….report.json`): a coordinator's changes are compiled into the next catalogue from there.
"""

import datetime
import fcntl
import gc
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orientation_catalogue.catalogue import CURRENT, PREVIOUS
from orientation_catalogue.compiling import SUPPLEMENT, Compiling
from orientation_catalogue.errors import BadSource, NoCatalogue
from orientation_catalogue.file import sync, verify, write_catalogue
from orientation_catalogue.intake import Intake, Judge
from orientation_catalogue.report import BuildReport, Noted, Refused
from orientation_catalogue.sources.folders import reads_of
from orientation_catalogue.supplement import Supplement
from orientation_catalogue.territory.places import Places

__all__ = [
    "BuildReport", "Noted", "Refused", "build_catalogue", "put_in_force", "rebuild_catalogue", "roll_back", "validate",
]  # fmt: skip

_NOTHING_TOLD: Mapping[str, Any] = {"refused": [], "problems": 0, "noted": []}


def build_catalogue(
    sources: Sequence[Path],
    into: Path,
    *,
    places: Places | None = None,
    today: datetime.date | None = None,
    supplement: Supplement | None = None,
    form: str | None = None,
    base: Path | None = None,
) -> BuildReport:
    """Read the sources (folders or files), write the catalogue named by its hash in `into`, and put it in force.

    `form` says how the sources are written when their names do not. Sources that only complete services complete those
    of the catalogue in force in `base` (`into` when absent). Raises BadSource; nothing is changed then.
    """
    judge = _judge(places, today)
    with _alone(into), _apart(into) as path:
        with Intake(path, judge) as intake:
            for source in sources:
                intake.take(reads_of(source, judge.places, form=form))
            if intake.only_completes():
                intake.take_over(_kept_rows(base or into))
                intake.tell_again(last_report(base or into) or _NOTHING_TOLD, but=SUPPLEMENT)
            _refuse_nothing_kept(intake)
            return _compile(intake, into, judge, supplement or Supplement())


def rebuild_catalogue(
    folder: Path,
    into: Path,
    *,
    supplement: Supplement,
    places: Places | None = None,
    today: datetime.date | None = None,
) -> BuildReport:
    """The catalogue in force in `folder`, compiled again into `into` with other words of the coordinator's."""
    rows = _kept_rows(folder)
    judge = _judge(places, today)
    with _alone(into), _apart(into) as path:
        shutil.copyfile(rows, path)
        with Intake(path, judge, new=False) as intake:
            intake.tell_again(last_report(folder) or _NOTHING_TOLD, but=SUPPLEMENT)
            return _compile(intake, into, judge, supplement)


def validate(
    sources: Sequence[Path],
    *,
    places: Places | None = None,
    today: datetime.date | None = None,
    form: str | None = None,
    base: Path | None = None,
) -> BuildReport:
    """What an import would keep and leave out; nothing is written but in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="passerelle-validate-") as folder:
        return build_catalogue(sources, Path(folder), places=places, today=today, form=form, base=base)


def put_in_force(path: Path, into: Path) -> None:
    """Switch the pointer by a rename; the catalogue before it stays, and is named by `previous`."""
    current = into / CURRENT
    before = current.read_text(encoding="utf-8").strip() if current.is_file() else ""
    if before == path.name:
        return
    if before:
        _whole(into / PREVIOUS, before + "\n")
    _whole(current, path.name + "\n")
    sync(into)


def roll_back(into: Path) -> Path:
    """Put the catalogue before in force again; the one in force becomes the one before. Raises NoCatalogue."""
    pointer = into / PREVIOUS
    if not pointer.is_file():
        raise NoCatalogue(path=pointer)
    previous = into / pointer.read_text(encoding="utf-8").strip()
    if not previous.is_file():
        raise NoCatalogue(path=previous)
    # It is read whole and its hash compared before anything changes.
    verify(previous)
    put_in_force(previous, into)
    return previous


def last_report(folder: Path) -> Mapping[str, Any] | None:
    """What the import of the catalogue in force said of its rows; None when that was not kept."""
    path = _in_force(folder).with_suffix(".report.json")
    if not path.is_file():
        return None
    report: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def _compile(intake: Intake, into: Path, judge: Judge, supplement: Supplement) -> BuildReport:
    compiling = Compiling(intake, judge, supplement)
    with _no_cycles():
        compiling.read()
        path, sha256 = write_catalogue(compiling.rows(), into)
    intake.finish()
    report = BuildReport(
        path=path,
        sha256=sha256,
        kept=len(compiling.offers),
        merged=compiling.merged,
        refused=tuple(intake.refused),
        problems=intake.problems,
        noted=intake.noted,
    )
    intake.path.replace(path.with_suffix(".rows"))
    _whole(path.with_suffix(".report.json"), json.dumps(report.as_json(), ensure_ascii=False))
    put_in_force(path, into)
    return report


def _refuse_nothing_kept(intake: Intake) -> None:
    """A source whose every service is refused is a source misread: the catalogue in force stays."""
    if intake.services_given and not intake.keeps_a_service():
        first = intake.refused[0]
        raise BadSource(path=first.file, problem=f"none of its services can be kept; the first: {first}")


def _judge(places: Places | None, today: datetime.date | None) -> Judge:
    return Judge(places or Places.load(), today or datetime.datetime.now(datetime.UTC).date())


@contextmanager
def _alone(into: Path) -> Iterator[None]:
    """One build at a time in a folder: two would take each other's catalogue for the one before."""
    into.mkdir(parents=True, exist_ok=True)
    with (into / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BadSource(path=into, problem="another import is under way there") from error
        yield


@contextmanager
def _apart(into: Path) -> Iterator[Path]:
    """A file for the rows, gone again unless it was moved to its place."""
    for left in (*into.glob(".rows-*"), *into.glob(".building-*")):
        # We are alone here: a build that was killed left it.
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=".rows-", dir=into)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def _no_cycles() -> Iterator[None]:
    """A hundred thousand offers hold no cycle: looking for some again and again would take half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _kept_rows(folder: Path) -> Path:
    rows = _in_force(folder).with_suffix(".rows")
    if not rows.is_file():
        raise BadSource(path=rows, problem="the rows of the catalogue in force are not there: import it again")
    return rows


def _in_force(folder: Path) -> Path:
    pointer = folder / CURRENT
    if not pointer.is_file():
        raise NoCatalogue(path=folder)
    return folder / pointer.read_text(encoding="utf-8").strip()


def _whole(path: Path, text: str) -> None:
    """Write a small file so that a reader sees all of it or none."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    sync(temporary)
    temporary.replace(path)
