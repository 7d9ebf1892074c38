"""What leaves as data·inclusion is read by data·inclusion, comes back the same, and keeps no secret address."""

import csv
import datetime
import json
from pathlib import Path

import pytest
from data_inclusion.schema import v1
from synthetic_territory import TODAY, Territory, write_territory

from orientation_catalogue.build import build_catalogue
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.errors import CannotWrite
from orientation_catalogue.export.data_inclusion import FORMS, export_files
from orientation_catalogue.export.published import WHERE, Publication
from orientation_catalogue.territory.places import Places


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory, places: Places) -> Catalogue:
    """Six hundred services made up on real communes."""
    folder = tmp_path_factory.mktemp("territory")
    source = write_territory(Territory(places, seed=5).houses(600), folder / "source")
    return Catalogue.open(build_catalogue([source], folder / "built", places=places, today=TODAY).path)


@pytest.fixture(scope="module")
def publication(catalogue: Catalogue) -> Publication:
    return Publication.of(catalogue)


def test_every_row_is_accepted_by_the_schema_of_data_inclusion(publication: Publication) -> None:
    services = [v1.Service(**published.service) for published in publication.services()]
    structures = [v1.Structure(**row) for row in publication.structures()]

    assert len(services) > 200
    assert {service.structure_id for service in services} == {structure.id for structure in structures}


@pytest.mark.parametrize("form", FORMS)
def test_what_was_exported_is_imported_the_same(
    publication: Publication, form: str, tmp_path: Path, places: Places
) -> None:
    files = export_files(publication, tmp_path / "out", form, day=TODAY)
    built = build_catalogue([tmp_path / "out"], tmp_path / "again", places=places, today=TODAY)
    again = Publication.of(Catalogue.open(built.path))

    assert [file.name for file in files] == [
        f"structures-2026-11-22.{form}",
        f"services-2026-11-22.{form}",
        "complements-2026-11-22.csv",
    ]
    assert built.refused == ()
    assert list(again.services()) == list(publication.services())


def test_a_secret_address_never_leaves_nor_that_of_its_house(catalogue: Catalogue, publication: Publication) -> None:
    secret = [offer.id for offer in catalogue.offers.values() if offer.complement.confidential_address]
    houses = {catalogue.detail(offer)["structure"]["id"] for offer in secret}
    hidden = [published for published in publication.services() if published.structure["id"] in houses]

    assert secret
    assert {published.service["id"] for published in hidden} >= set(secret)
    assert not any(WHERE & (published.service.keys() | published.structure.keys()) for published in hidden)


def test_a_cell_that_a_spreadsheet_would_run_stays_words(tmp_path: Path, places: Places) -> None:
    structure = {"source": "made-up", "id": "made-up--1", "nom": "Maison inventée", "date_maj": "2026-10-01"}
    service = structure | {
        "id": "made-up--a1", "structure_id": "made-up--1", "nom": "=cmd()|' /C calc'!A0",
        "description": "Repas chauds.", "telephone": "+33199000001",
        "thematiques": ["equipement-et-alimentation--alimentation"],
    }  # fmt: skip
    for name, row in (("structures", structure), ("services", service)):
        (tmp_path / f"{name}.json").write_text(json.dumps([row]), encoding="utf-8")
    built = build_catalogue([tmp_path], tmp_path / "built", places=places, today=TODAY)
    *_, written, _ = export_files(Publication.of(Catalogue.open(built.path)), tmp_path / "out", "csv", day=TODAY)

    cells = next(csv.DictReader(written.open(encoding="utf-8")))
    assert cells["nom"] == "'=cmd()|' /C calc'!A0"
    assert cells["telephone"] == "+33199000001"
    again = build_catalogue([tmp_path / "out"], tmp_path / "again", places=places, today=TODAY)
    assert Catalogue.open(again.path).offers["made-up--a1"].name["fr"] == service["nom"]


def test_an_empty_catalogue_is_an_empty_list(tmp_path: Path) -> None:
    structures, *_ = export_files(
        Publication.of(Catalogue((), sha256="empty")), tmp_path, "json", day=datetime.date(2026, 11, 22)
    )

    assert json.loads(structures.read_text(encoding="utf-8")) == []


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(publication: Publication, tmp_path: Path) -> None:
    (tmp_path / "structures-2026-11-22.json").mkdir()

    with pytest.raises(CannotWrite, match=r"structures-2026-11-22\.json"):
        export_files(publication, tmp_path, "json", day=TODAY)
    assert [path.name for path in tmp_path.iterdir()] == ["structures-2026-11-22.json"]
