"""`passerelle catalogue …`: what is offered, from which sources, and back again."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orientation_catalogue.sources import FORMS
from passerelle.app.plainly import plainly
from passerelle.foundation.clock import PARIS
from passerelle.foundation.config import ROOT
from passerelle.foundation.errors import BadInput

if TYPE_CHECKING:
    from orientation_catalogue.report import BuildReport, Noted, Refused
    from passerelle.app.compose import Parts
    from passerelle.portal.coordinator.changes import Change

#: A terminal shows this much at once; the rest is in the report.
_SHOWN = 20
#: The forms that are written, of data·inclusion and HSDS; kept here so that the help needs not load the catalogue.
_EXPORTED = ("json", "ndjson", "csv", "hsds")
#: The kinds of dispositif that exist everywhere: every catalogue holds them.
NATIONAL = ROOT / "orientation_catalogue" / "data" / "national"

#: The source that is no file.
_API = "api"

app = typer.Typer(help="The catalogue of dispositifs: import, check, put back.", no_args_is_help=True)

_Sources = Annotated[
    list[str],
    typer.Argument(
        help="Folders or files of data·inclusion (JSON, NDJSON, CSV, Parquet, v1 or v0), HSDS 3.0, complements; "
        "or `api`: data·inclusion's own."
    ),
]
_Form = Annotated[str, typer.Option("--format", help=f"How the files are written: {', '.join(FORMS)}.")]
_Departement = Annotated[str, typer.Option(help="Code of the département; the territory's own when absent.")]
_AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of CSV.")]
_Into = Annotated[Path | None, typer.Option(help="Folder of the catalogue; the one this program uses when absent.")]
_Report = Annotated[Path | None, typer.Option(help="File to write every refused row to, as JSON lines.")]


class UnknownForm(BadInput):
    """--format: {form!r} is none of {forms}."""


class NoToken(BadInput):
    """PASSERELLE_DATA_INCLUSION_TOKEN is empty: data·inclusion gives a token on request."""


class NotWritten(BadInput):
    """{path}: {reason}"""


@app.command()
@plainly
def build(context: typer.Context) -> None:
    """Build from the data of the repository and put in force."""
    parts = _parts(context)
    parts.build_catalogue(_changed_by_coordinators(parts))
    print(f"{len(parts.catalogue().offers)} dispositifs in force.")


@app.command("import")
@plainly
def import_(
    context: typer.Context, sources: _Sources, form: _Form = "", into: _Into = None, report: _Report = None
) -> None:
    """Import sources, with the national dispositifs and what coordinators wrote, and put them in force."""
    from orientation_catalogue.build import build_catalogue
    from passerelle.portal.coordinator.changes import supplement_of
    from passerelle.portal.coordinator.versions import record_import

    parts = _parts(context)
    # A catalogue made elsewhere holds what its sources say, and nothing of this house.
    changes = () if into else _changed_by_coordinators(parts)
    told = build_catalogue(
        [NATIONAL, *_paths(parts, sources)],
        into or _folder(parts),
        places=parts.places,
        supplement=supplement_of(changes),
        form=_checked(form),
        base=_folder(parts),
    )
    if changes:
        record_import(parts.database, parts.clock, told, changes)
    _tell(told, report)
    print(f"{told.kept} dispositifs in force ({told.merged} duplicates merged, {told.problems} problems).")


@app.command("validate")
@plainly
def validate_(context: typer.Context, sources: _Sources, form: _Form = "", report: _Report = None) -> None:
    """Say what an import would leave out; nothing is changed. Exit status 2 when a row would be left out."""
    from orientation_catalogue.build import validate

    parts = _parts(context)
    told = validate(_paths(parts, sources), places=parts.places, form=_checked(form), base=_folder(parts))
    _tell(told, report)
    print(f"{told.kept} dispositifs would be kept ({told.merged} duplicates merged, {told.problems} problems).")
    if told.problems:
        raise typer.Exit(2)


@app.command()
@plainly
def rollback(context: typer.Context, into: _Into = None) -> None:
    """Put the catalogue before in force again."""
    from orientation_catalogue.build import roll_back
    from orientation_catalogue.catalogue import Catalogue

    path = roll_back(into or _folder(_parts(context)))
    print(f"{len(Catalogue.open(path).offers)} dispositifs in force again ({path.name}).")


@app.command()
@plainly
def export(
    context: typer.Context,
    into: Annotated[Path, typer.Argument(help="Folder to write to.")],
    form: Annotated[str, typer.Option("--format", help=f"How to write: {', '.join(_EXPORTED)}.")] = "json",
) -> None:
    """Write the local dispositifs in force as data·inclusion v1, with what it has no place for, or as HSDS 3.0.

    A secret address never leaves. National kinds of dispositif have no structure: they stay.
    """
    from orientation_catalogue.export.data_inclusion import export_files
    from orientation_catalogue.export.hsds import Hsds, export_services
    from orientation_catalogue.export.published import Publication

    if form not in _EXPORTED:
        raise UnknownForm(form=form, forms=", ".join(_EXPORTED))
    parts = _parts(context)
    publication = Publication.of(parts.catalogue())
    today = parts.clock.now().astimezone(PARIS).date()
    if form == "hsds":
        print(export_services(publication, into, Hsds(places=parts.places, today=today)))
        return
    for path in export_files(publication, into, form, day=today):
        print(path)


@app.command()
@plainly
def template(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to write, .csv; a spreadsheet program opens it.")],
    departement: Annotated[str, typer.Option(help="Services of this département only, e.g. 35.")] = "",
) -> None:
    """Write the table a coordinator completes (ages, languages, closures…), with the services of the catalogue."""
    from orientation_catalogue.sources.table import template_csv
    from orientation_catalogue.sources.template import services_to_complete

    parts = _parts(context)
    rows = services_to_complete(parts.catalogue(), departement or None)
    if file.exists():
        raise NotWritten(path=file, reason="it is there already, and is not written over")
    try:
        file.write_text(template_csv(rows), encoding="utf-8")
    except OSError as error:
        raise NotWritten(path=file, reason=error.strerror or "it cannot be written") from None
    print(f"{len(rows)} services written to {file}.")


@app.command()
@plainly
def coverage(
    context: typer.Context,
    departement: _Departement = "",
    everything: Annotated[bool, typer.Option("--all", help="What is covered too.")] = False,
    as_json: _AsJson = False,
) -> None:
    """Needs × intercommunalités with no dispositif, or only for some communes."""
    from passerelle.app.keeping_true import coverage_table

    print(coverage_table(_parts(context), departement, everything=everything, as_json=as_json))


@app.command()
@plainly
def freshness(context: typer.Context, as_json: _AsJson = False) -> None:
    """How old what each source says is."""
    from passerelle.app.keeping_true import freshness_table

    print(freshness_table(_parts(context), as_json=as_json))


@app.command()
@plainly
def simulate(
    context: typer.Context,
    candidate: Annotated[
        Path | None, typer.Argument(help="A catalogue file; the coordinators' waiting changes when absent.")
    ] = None,
    departement: _Departement = "",
    profiles: Annotated[int, typer.Option(help="How many made-up people.", min=1, max=100_000)] = 300,
    seed: Annotated[int, typer.Option(help="The same seed makes the same people.")] = 1,
) -> None:
    """Who, among made-up people, would lose every local answer or the first one (JSON)."""
    from passerelle.app.keeping_true import simulation_of

    print(simulation_of(_parts(context), candidate, departement, count=profiles, seed=seed))


def _parts(context: typer.Context) -> "Parts":
    parts: Parts = context.obj()
    return parts


def _folder(parts: "Parts") -> Path:
    return parts.settings.var / "catalogue"


def _changed_by_coordinators(parts: "Parts") -> "tuple[Change, ...]":
    """What coordinators corrected and added holds over every import."""
    from passerelle.app.tables import migrate
    from passerelle.portal.coordinator.changes import OF_THE_CATALOGUE

    migrate(parts.database)
    return parts.register_changes.live(OF_THE_CATALOGUE)


def _paths(parts: "Parts", sources: Sequence[str]) -> list[Path]:
    return [_refreshed(parts) if source == _API else Path(source) for source in sources]


def _refreshed(parts: "Parts") -> Path:
    """The rows of data·inclusion's API, brought up to date."""
    from orientation_catalogue.sources.api import Api, refresh

    settings = parts.settings
    token = settings.data_inclusion_token.get_secret_value()
    if not token:
        raise NoToken
    api = Api(url=settings.data_inclusion_url, token=token, allow_private=settings.data_inclusion_private)
    refreshed = refresh(api, settings.var / "data-inclusion")
    for resource, changes in refreshed.changes.items():
        print(f"data·inclusion, {resource}: {changes}.")
    return refreshed.folder


def _checked(form: str) -> str | None:
    if form and form not in FORMS:
        raise UnknownForm(form=form, forms=", ".join(FORMS))
    return form or None


def _tell(told: "BuildReport", report: Path | None) -> None:
    """The first problems in the terminal, all of them in the report."""
    everything: list[Refused | Noted] = [*told.refused, *told.noted]
    for one in everything[:_SHOWN]:
        print(one, file=sys.stderr)
    if len(everything) > _SHOWN and report is None:
        print(f"… and {len(everything) - _SHOWN} more: --report FILE writes them all.", file=sys.stderr)
    if report is not None:
        try:
            with report.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(one.as_json(), ensure_ascii=False) + "\n" for one in everything)
        except OSError as error:
            raise NotWritten(path=report, reason=error.strerror or "it cannot be written") from None
