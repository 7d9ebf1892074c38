"""The published dump in its four spellings gives the same catalogue; what it spells oddly is known."""

import datetime
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orientation_catalogue.build import BuildReport, build_catalogue, rebuild_catalogue, roll_back, validate
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.errors import BadSource, NoCatalogue
from orientation_catalogue.sources.spelling import as_v1, list_of
from orientation_catalogue.supplement import Supplement
from orientation_catalogue.territory.places import Places

TODAY = datetime.date(2026, 11, 22)
FOOD = "equipement-et-alimentation--alimentation"
STRUCTURE: dict[str, Any] = {
    "source": "dora", "id": "dora--s1", "nom": "L'épicerie inventée", "date_maj": "2026-11-01", "code_insee": "35238",
    "code_postal": "35000", "latitude": 48.11, "longitude": -1.68, "reseaux_porteurs": ["ccas-cias"],
}  # fmt: skip
SERVICE: dict[str, Any] = {
    "source": "dora", "structure_id": "dora--s1", "id": "dora--a1", "nom": "Colis", "date_maj": "2026-11-02",
    "description": "Un colis, « = bien » rempli,\navec le sourire.",
    "thematiques": [FOOD, "remobilisation--lien-social"],
    "publics": ["familles", "jeunes"], "zone_eligibilite": ["35238", "35"], "nombre_semaines": 3, "score_qualite": 0.5,
    "modes_accueil": ["en-presentiel"], "frais": "payant", "telephone": "+33199000001",
}  # fmt: skip
BARE: dict[str, Any] = {**{k: SERVICE[k] for k in ("source", "structure_id", "nom", "description", "date_maj")},
                        "id": "dora--a2", "thematiques": [FOOD]}  # fmt: skip


def write_json(path: Path, rows: list[dict[str, Any]]) -> None:
    """As pandas writes it: dates in milliseconds, null for what is missing, numbers as floats."""
    path.write_text(json.dumps([_as_pandas(row) for row in rows], ensure_ascii=False), encoding="utf-8")


def _as_pandas(row: dict[str, Any]) -> dict[str, Any]:
    moment = datetime.datetime.fromisoformat(f"{row['date_maj']}T00:00:00+00:00")
    weeks = row.get("nombre_semaines")
    return {
        **row,
        "date_maj": int(moment.timestamp() * 1000),
        "nombre_semaines": float(weeks) if weeks else None,
        "siret": None,
    }


def write_ndjson(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """As pandas writes it: a list is spelled as Python does, a gap in a column of numbers makes them floats."""
    import csv

    names = sorted({name for row in rows for name in row})
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(names)
        for row in rows:
            given = {**row, "nombre_semaines": float(row["nombre_semaines"])} if row.get("nombre_semaines") else row
            table.writerow(["" if given.get(name) is None else str(given.get(name)) for name in names])


def write_parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    lines = path.with_suffix(".lines")
    names = sorted({name for row in rows for name in row})
    write_ndjson(lines, [{name: row.get(name) for name in names} for row in rows])
    duckdb.sql(f"COPY (SELECT * FROM read_json('{lines}', format='newline_delimited')) TO '{path}' (FORMAT parquet)")
    lines.unlink()


WRITERS = {"json": write_json, "ndjson": write_ndjson, "csv": write_csv, "parquet": write_parquet}


def dump(folder: Path, form: str, services: list[dict[str, Any]] | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    WRITERS[form](folder / f"structures-inclusion-2026-11-16.{form}", [STRUCTURE])
    WRITERS[form](folder / f"services-inclusion-2026-11-16.{form}", services or [SERVICE, BARE])
    return folder


def build(source: Path, into: Path, places: Places, **more: Any) -> BuildReport:
    return build_catalogue([source], into, places=places, today=TODAY, **more)


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_the_four_spellings_of_the_dump_give_the_same_catalogue(tmp_path: Path, places: Places, form: str) -> None:
    lines = build(dump(tmp_path / "ndjson", "ndjson"), tmp_path / "a", places)
    other = build(dump(tmp_path / form, form), tmp_path / "b", places)

    assert (other.refused, other.noted, other.kept) == ((), (), 2)
    assert other.sha256 == lines.sha256
    detail = Catalogue.open(other.path).detail("dora--a1")
    assert detail == {"service": SERVICE, "structure": STRUCTURE}


def test_single_files_are_read_whatever_their_order_and_name(tmp_path: Path, places: Places) -> None:
    dump(tmp_path / "one", "csv")
    services = (tmp_path / "one" / "services-inclusion-2026-11-16.csv").rename(tmp_path / "bretagne.csv")
    structures = (tmp_path / "one" / "structures-inclusion-2026-11-16.csv").rename(tmp_path / "lieux.csv")

    report = build_catalogue([services, structures], tmp_path / "built", places=places, today=TODAY)

    assert (report.kept, report.refused) == (2, ())


def test_a_semicolon_and_a_byte_order_mark_are_those_of_a_french_spreadsheet(tmp_path: Path, places: Places) -> None:
    folder = dump(tmp_path / "csv", "ndjson")
    (folder / "services-inclusion-2026-11-16.ndjson").unlink()
    (folder / "services.csv").write_text(
        "\ufeffsource;structure_id;id;nom;description;date_maj;thematiques\r\n"
        'dora;dora--s1;dora--a9;"Colis; le lundi";Un colis inventé.;2026-11-02;'
        f'"{FOOD}, remobilisation--lien-social"\r\n',
        encoding="utf-8",
    )

    offer = Catalogue.open(build(folder, tmp_path / "built", places).path).offers["dora--a9"]

    assert (offer.name["fr"], offer.thematiques) == ("Colis; le lundi", (FOOD, "remobilisation--lien-social"))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("['a', \"l'été\"]", ["a", "l'été"]),
        ('["a", "b"]', ["a", "b"]),
        ("{a,b}", ["a", "b"]),
        ("a, b", ["a", "b"]),
        ("a", ["a"]),
        ("[__import__('os')]", "[__import__('os')]"),
        ("[" * 5000, "[" * 5000),
    ],
)
def test_a_list_in_a_cell_is_read_and_never_run(text: str, read: Any) -> None:
    assert list_of(text) == read


@pytest.mark.parametrize("told", [1762041600000, 1762041600000.0, "2025-11-02", datetime.date(2025, 11, 2)])
def test_a_date_is_read_however_the_dump_spells_it(told: Any) -> None:
    assert as_v1({"date_maj": told}) == {"date_maj": "2025-11-02"}


def test_an_empty_precision_of_a_fee_says_nothing(tmp_path: Path, places: Places) -> None:
    """data·inclusion's own score raises ValueError on it."""
    report = build(dump(tmp_path / "x", "ndjson", [{**SERVICE, "frais_precisions": " "}]), tmp_path / "b", places)

    assert "frais_precisions" not in Catalogue.open(report.path).detail("dora--a1")["service"]


def test_a_column_that_v1_does_not_have_is_told_once(tmp_path: Path, places: Places) -> None:
    rows = [{**SERVICE, "couleur": "bleu", "_cluster_id": 3}, {**BARE, "couleur": "rouge"}]
    report = build(dump(tmp_path / "x", "ndjson", rows), tmp_path / "b", places)

    assert [(noted.field, noted.rows) for noted in report.noted] == [("couleur", 2)]
    assert "couleur" not in Catalogue.open(report.path).detail("dora--a1")["service"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"latitude": 0.0, "longitude": 0.0}, "latitude"),
        ({"latitude": -1.68, "longitude": 48.11}, "latitude"),
        ({"telephone": "0199"}, "telephone"),
        ({"telephone": "01 99 00 00 01 ou 06 39 98 00 01"}, "telephone"),
        ({"lien_mobilisation": "http://169.254.169.254/latest"}, "lien_mobilisation"),
        ({"lien_mobilisation": "http://[::ffff:127.0.0.1]/"}, "lien_mobilisation"),
        ({"lien_source": "https://caf.fr@example.org/"}, "lien_source"),
        ({"lien_source": "javascript:alert(1)"}, "lien_source"),
        ({"nom": "Colis\u202egratuits"}, "nom"),
        ({"description": "Un colis\x00 inventé."}, "description"),
    ],
)
def test_what_the_schema_lets_through_is_refused(tmp_path: Path, places: Places, changes: Any, field: str) -> None:
    report = build(dump(tmp_path / "x", "ndjson", [BARE, {**SERVICE, **changes}]), tmp_path / "b", places)

    assert [(refused.row, refused.field) for refused in report.refused] == [(2, field)]


@pytest.mark.parametrize(
    ("place", "phone"),
    [("97411", "0262 00 00 00"), ("97411", "+262 262 00 00 00"), ("98818", "+687 25 00 00"), ("35238", "3919")],
)
def test_a_phone_overseas_is_a_phone(tmp_path: Path, places: Places, place: str, phone: str) -> None:
    changes = {"code_insee": place, "telephone": phone} if places.knows_zone(place) else {"telephone": phone}
    assert build(dump(tmp_path / "x", "ndjson", [{**SERVICE, **changes}]), tmp_path / "b", places).refused == ()


def test_the_name_of_a_person_is_never_in_a_report(tmp_path: Path, places: Places) -> None:
    bad = {**SERVICE, "contact_nom_prenom": {"nom": "Yvette"}, "courriel": "yvette.dupont"}
    worse = {**SERVICE, "id": "dora--a3", "courriel": "yvette.dupont@", "zone_eligibilite": []}
    report = build(dump(tmp_path / "x", "ndjson", [BARE, bad, worse]), tmp_path / "b", places)

    told = " ".join(map(str, report.refused)) + json.dumps(report.as_json())
    assert {refused.row for refused in report.refused} == {2, 3}
    assert "Yvette" not in told
    assert "yvette.dupont@" not in told


def test_a_source_of_which_nothing_can_be_kept_changes_nothing(tmp_path: Path, places: Places) -> None:
    before = build(dump(tmp_path / "x", "ndjson"), tmp_path / "b", places)

    with pytest.raises(BadSource, match=r"none of its services can be kept.*thematiques"):
        build(dump(tmp_path / "y", "ndjson", [{**SERVICE, "thematiques": []}]), tmp_path / "b", places)
    assert Catalogue.open(tmp_path / "b").sha256 == before.sha256
    assert not list((tmp_path / "b").glob(".rows-*"))


def test_the_catalogue_before_can_be_put_back_and_forth(tmp_path: Path, places: Places) -> None:
    first = build(dump(tmp_path / "x", "ndjson"), tmp_path / "b", places)
    second = build(dump(tmp_path / "y", "ndjson", [SERVICE]), tmp_path / "b", places)

    assert roll_back(tmp_path / "b") == first.path
    assert Catalogue.open(tmp_path / "b").sha256 == first.sha256
    assert roll_back(tmp_path / "b") == second.path


def test_there_is_nothing_to_go_back_to_at_first(tmp_path: Path, places: Places) -> None:
    build(dump(tmp_path / "x", "ndjson"), tmp_path / "b", places)

    with pytest.raises(NoCatalogue):
        roll_back(tmp_path / "b")


def test_two_imports_at_once_do_not_mix(tmp_path: Path, places: Places) -> None:
    import fcntl

    (tmp_path / "b").mkdir()
    with (tmp_path / "b" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BadSource, match="another import is under way"):
            build(dump(tmp_path / "x", "ndjson"), tmp_path / "b", places)


def test_validating_writes_nothing(tmp_path: Path, places: Places) -> None:
    source = dump(tmp_path / "x", "ndjson", [BARE, {**SERVICE, "telephone": "abc"}])
    before = sorted(tmp_path.rglob("*"))

    report = validate([source], places=places, today=TODAY)

    assert (report.kept, report.problems) == (1, 1)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_word_of_a_coordinator_is_compiled_without_the_sources(tmp_path: Path, places: Places) -> None:
    source = dump(tmp_path / "x", "ndjson")
    build(source, tmp_path / "b", places)
    for file in source.iterdir():
        file.unlink()
    supplement = Supplement(
        services=({**BARE, "id": "passerelle-local--1", "nom": "Ajouté ici"},),
        corrections={"dora--a1": {"nom": "Colis corrigé", "telephone": None}, "dora--a2": {"telephone": "abc"}},
        complements={"dora--a1": {"min_age": 18}},
    )

    report = rebuild_catalogue(tmp_path / "b", tmp_path / "next", supplement=supplement, places=places, today=TODAY)

    catalogue = Catalogue.open(report.path)
    assert catalogue.offers["dora--a1"].complement.min_age == 18
    assert catalogue.detail("dora--a1")["service"]["nom"] == "Colis corrigé"
    assert catalogue.detail("dora--a1")["source_values"] == {"nom": "Colis", "telephone": "+33199000001"}
    assert catalogue.offers["passerelle-local--1"].name["fr"] == "Ajouté ici"
    assert [(refused.file, refused.id, refused.field) for refused in report.refused] == [
        ("supplement", "dora--a2", "telephone")
    ]
    assert catalogue.detail("dora--a2")["service"] == BARE
    withdrawn = Supplement(withdrawn=frozenset({"dora--a1"}))
    last = rebuild_catalogue(tmp_path / "next", tmp_path / "last", supplement=withdrawn, places=places, today=TODAY)
    assert set(Catalogue.open(last.path).offers) == {"dora--a2"}


def test_what_the_import_refused_is_still_told_after_a_coordinators_change(tmp_path: Path, places: Places) -> None:
    lost = {**BARE, "id": "dora--a4", "structure_id": "dora--nowhere"}
    source = dump(tmp_path / "x", "ndjson", [BARE, {**SERVICE, "telephone": "abc", "couleur": "bleu"}, lost])
    first = build(source, tmp_path / "b", places)
    bad = Supplement(corrections={"dora--a2": {"telephone": "abc"}})

    second = rebuild_catalogue(tmp_path / "b", tmp_path / "c", supplement=bad, places=places, today=TODAY)
    third = rebuild_catalogue(tmp_path / "c", tmp_path / "d", supplement=Supplement(), places=places, today=TODAY)

    assert [refused.id for refused in first.refused] == ["dora--a1", "dora--a4"]
    assert [refused.id for refused in second.refused] == ["dora--a1", "dora--a4", "dora--a2"]
    assert (third.refused, third.problems, third.sha256) == (first.refused, 2, first.sha256)
