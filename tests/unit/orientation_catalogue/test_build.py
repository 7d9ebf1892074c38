"""Building: one immutable file, bad rows told and left out, the pointer switched at once."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from orientation_catalogue.build import BuildReport, build_catalogue
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.errors import BadSource, BrokenCatalogue, NoCatalogue
from orientation_catalogue.territory.places import Places

FOOD = "equipement-et-alimentation--alimentation"
TODAY = datetime.date(2026, 11, 22)


def structure(**changes: Any) -> dict[str, Any]:
    row = {"source": "made-up", "id": "made-up--s1", "nom": "Structure inventée", "date_maj": "2026-11-01"}
    return {**row, "code_insee": "35238", "latitude": 48.11, "longitude": -1.68, **changes}


def service(**changes: Any) -> dict[str, Any]:
    row = {
        "source": "made-up",
        "structure_id": "made-up--s1",
        "id": "made-up--a1",
        "nom": "Repas inventés",
        "description": "Des repas inventés pour les essais.",
        "date_maj": "2026-11-01",
        "thematiques": [FOOD],
        "zone_eligibilite": ["35238"],
    }
    return {**row, **changes}


def write(folder: Path, services: list[dict[str, Any]], structures: list[dict[str, Any]] | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "structures.json").write_text(json.dumps(structures or [structure()]), encoding="utf-8")
    (folder / "services.json").write_text(json.dumps(services), encoding="utf-8")
    return folder


@pytest.fixture
def build(tmp_path: Path, places: Places) -> Any:
    def run(*services: dict[str, Any], structures: list[dict[str, Any]] | None = None) -> BuildReport:
        source = write(tmp_path / "source", list(services), structures)
        return build_catalogue([source], tmp_path / "built", places=places, today=TODAY)

    return run


def test_a_good_row_is_kept_and_read_back(build: Any) -> None:
    report = build(service())

    catalogue = Catalogue.open(report.path)
    assert (report.kept, report.refused) == (1, ())
    assert catalogue.sha256 == report.sha256
    assert catalogue.offers["made-up--a1"].departement == "35"
    assert catalogue.detail("made-up--a1")["structure"]["nom"] == "Structure inventée"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"horaires_accueil": "lundi 9h"}, "horaires_accueil"),
        ({"telephone": "abc"}, "telephone"),
        ({"latitude": 999, "longitude": 2}, "latitude"),
        ({"latitude": 48.1}, "longitude"),
        ({"zone_eligibilite": ["00"]}, "zone_eligibilite"),
        ({"code_insee": "35999"}, "code_insee"),
        ({"thematiques": []}, "thematiques"),
        ({"thematiques": ["mobilite"]}, "thematiques"),
        ({"structure_id": "made-up--nobody"}, "structure_id"),
        ({"date_maj": "2999-01-01"}, "date_maj"),
    ],
)
def test_a_bad_row_is_told_and_left_out(build: Any, changes: dict[str, Any], field: str) -> None:
    """The data·inclusion schema itself accepts most of these."""
    report = build(service(), service(id="made-up--bad", **changes))

    assert report.kept == 1
    refused = report.refused[0]
    assert (refused.row, refused.id) == (2, "made-up--bad")
    assert refused.field.startswith(field)
    assert "services.json, row 2" in str(refused)


@pytest.mark.parametrize(
    "phone", ["+33199000001", "01 99 00 00 01", "3939", "115", "+33 1 99 00 00 01", "0 805 000 000"]
)
def test_the_usual_ways_of_writing_a_phone_are_accepted(build: Any, phone: str) -> None:
    assert build(service(telephone=phone)).refused == ()


def test_the_same_sources_give_the_same_file_whatever_their_order(tmp_path: Path, places: Places) -> None:
    rows = [service(id=f"made-up--{number}") for number in range(5)]
    one = build_catalogue([write(tmp_path / "one", rows)], tmp_path / "a", places=places, today=TODAY)
    other = build_catalogue([write(tmp_path / "two", rows[::-1])], tmp_path / "b", places=places, today=TODAY)

    assert one.sha256 == other.sha256
    assert one.path.read_bytes() == other.path.read_bytes()


def test_the_catalogue_before_is_kept_and_named(build: Any) -> None:
    first = build(service())
    second = build(service(nom="Repas changés"))

    folder = second.path.parent
    assert first.path.is_file()
    assert (folder / "current").read_text(encoding="utf-8").strip() == second.path.name
    assert (folder / "previous").read_text(encoding="utf-8").strip() == first.path.name
    assert Catalogue.open(folder).sha256 == second.sha256
    assert not list(folder.glob(".building-*"))


def test_building_the_same_again_changes_nothing(build: Any) -> None:
    first = build(service())

    assert build(service()) == first
    assert not (first.path.parent / "previous").exists()


def test_a_changed_file_is_not_opened(build: Any) -> None:
    path = build(service()).path
    path.write_bytes(path.read_bytes() + b"x")

    with pytest.raises(BrokenCatalogue):
        Catalogue.open(path)


def test_no_catalogue_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoCatalogue, match="There is no readable catalogue"):
        Catalogue.open(tmp_path)


@pytest.mark.parametrize("text", ["{", "{}", "[1]"])
def test_an_unreadable_source_changes_nothing(build: Any, tmp_path: Path, places: Places, text: str) -> None:
    before = build(service())
    (tmp_path / "source" / "services.json").write_text(text, encoding="utf-8")

    with pytest.raises(BadSource, match=r"services\.json"):
        build_catalogue([tmp_path / "source"], tmp_path / "built", places=places, today=TODAY)
    assert Catalogue.open(tmp_path / "built").sha256 == before.sha256


def test_ndjson_and_complements_are_read(tmp_path: Path, places: Places) -> None:
    source = tmp_path / "lines"
    source.mkdir()
    (source / "structures.ndjson").write_text(json.dumps(structure()) + "\n\n", encoding="utf-8")
    (source / "services.ndjson").write_text(json.dumps(service()) + "\n", encoding="utf-8")
    (source / "complements.yaml").write_text(
        "made-up--a1: {rank: 3, regions: ['53']}\nx: {rank: 7}\n", encoding="utf-8"
    )

    report = build_catalogue([source], tmp_path / "built", places=places, today=TODAY)

    offer = Catalogue.open(report.path).offers["made-up--a1"]
    assert offer.rank == 3
    assert offer.zone == {"35238", "22", "29", "35", "56"}
    assert [refused.field for refused in report.refused] == ["rank"]


def test_an_old_zone_code_becomes_the_one_of_today(build: Any) -> None:
    offer = Catalogue.open(build(service(zone_eligibilite=["35313"])).path).offers["made-up--a1"]

    assert offer.zone == {"35288"}


def test_a_confidential_address_never_enters_the_index(build: Any, tmp_path: Path, places: Places) -> None:
    build(service())
    source = tmp_path / "source"
    (source / "complements.yaml").write_text("made-up--a1: {confidential_address: true}\n", encoding="utf-8")

    report = build_catalogue([source], tmp_path / "built", places=places, today=TODAY)

    offer = Catalogue.open(report.path).offers["made-up--a1"]
    assert (offer.commune, offer.latitude, offer.longitude) == (None, None, None)
