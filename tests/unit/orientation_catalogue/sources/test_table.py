"""The coordinator's table: French headers in, complements out, each bad cell named in plain French."""

import csv
import datetime
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orientation_catalogue.errors import BadSource
from orientation_catalogue.model import Complement, complement_json
from orientation_catalogue.sources.reading import Read
from orientation_catalogue.sources.table import COLUMNS, table_rows, template_csv

WHOLE = Complement.of(
    {
        "min_age": 18, "max_age": 25, "welcome": "preferential", "languages": ["fr", "ar", "snk"],
        "capacity": "waiting",
        "for_whom": [{"publics": ["femmes"], "min_age": 18}, {"publics": ["familles"], "not_publics": ["etudiants"]}],
        "closures": [{"from": "2026-08-01", "to": "2026-08-31", "reason": "congés"}, {"from": "2026-12-24"}],
        "delay_days": 15, "checked_on": "2026-11-10", "confidential_address": True, "accepts_summary": True,
        "documents": {"fr": "=une pièce", "en": "a paper"}, "levels": ["N1", "N2"], "rank": 3, "regions": ["53"],
        "referral_contact": {"name": "-Équipe", "role": "accueil", "email": "a@example.org", "phone": "0199000001"},
        "backup_contact": {"name": "Relais"}, "card": {"fr": "Une fiche.", "ar": "بطاقة"},
    }
)  # fmt: skip


def read(tmp_path: Path, text: str, name: str = "table.csv") -> list[Read]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return list(table_rows(path))


def one(tmp_path: Path, **cells: str) -> list[Read]:
    out = io.StringIO()
    table = csv.writer(out, delimiter=";")
    table.writerow(["Identifiant du service", *cells])
    table.writerow(["dora--a1", *cells.values()])
    return read(tmp_path, out.getvalue())


def complement(read: Read) -> Complement:
    assert read.problem is None, read.problem
    return Complement.of({name: value for name, value in read.value.items() if name != "id"})


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    rows = read(tmp_path, template_csv([("dora--a1", "=Colis", complement_json(WHOLE)), ("dora--a2", "Repas", {})]))

    assert [row.value["id"] for row in rows] == ["dora--a1", "dora--a2"]
    assert complement(rows[0]) == WHOLE
    assert complement(rows[1]) == Complement()


def test_no_cell_that_is_written_is_a_formula(tmp_path: Path) -> None:
    text = template_csv([("dora--a1", "=cmd()", complement_json(WHOLE))])

    cells = [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("âge minimum", "dix-huit", "écrivez un nombre entier de 0 à 120, par exemple 18"),
        ("âge minimum", "200", "écrivez un nombre entier de 0 à 120"),
        ("accueil", "ouvert", "écrivez inconditionnel, préférentiel ou exclusif"),
        ("places", "peut-être", "écrivez oui, attente, non ou inconnu"),
        ("vérifié le", "hier", "écrivez une date comme 31/08/2026"),
        ("vérifié le", "31/02/2026", "cette date n'existe pas"),
        ("fermetures", "en août", "écrivez par exemple « du 01/08/2026 au 31/08/2026 : congés »"),
        ("fermetures", "du 31/08/2026 au 01/08/2026", "la fin est avant le début"),
        ("langues parlées", "klingon parlé", "langue inconnue « klingon parlé »"),
        ("niveaux", "N9", "niveau inconnu « N9 »"),
        ("rang", "0", "écrivez un nombre entier de 1 à 5"),
        ("fiche", "a" * 281, "la fiche a 281 caractères, 280 au plus"),
        ("contact : courriel", "Yvette Dupont", "ce n'est pas une adresse de courriel"),
        ("pour qui", "les gentils", "« les gentils » : écrivez par exemple"),
        ("adresse confidentielle", "x", "écrivez oui ou non"),
    ],
)
def test_a_bad_cell_is_told_with_its_line_and_column(tmp_path: Path, column: str, cell: str, said: str) -> None:
    problem = one(tmp_path, **{column: cell})[0].problem

    assert problem is not None
    assert problem.reason.startswith(f"ligne 2, colonne « {column} » : ")
    assert said in problem.reason
    assert "Yvette" not in f"{problem.value}{problem.reason}"


@pytest.mark.parametrize(
    ("column", "cell", "field", "value"),
    [
        ("Age Minimum", "18 ans", "min_age", 18),
        ("âge maximum", "25.0", "max_age", 25),
        ("langues parlées", "Français, arabe ; uk", "languages", ("fr", "ar", "uk")),
        ("vérifié le", "2026-11-10", "checked_on", datetime.date(2026, 11, 10)),
        ("places", "OUI", "capacity", "yes"),
        ("contact : téléphone", "199000001", "referral_contact", {"phone": "0199000001"}),
    ],
)
def test_the_usual_ways_of_writing_are_read(tmp_path: Path, column: str, cell: str, field: str, value: Any) -> None:
    assert getattr(complement(one(tmp_path, **{column: cell})[0]), field) == value


@pytest.mark.parametrize(
    ("cell", "end"),
    [
        ("le 24/12/2026", "2026-12-24"),
        ("à partir du 24/12/2026 : travaux", None),
        ("24/12/2026 - 02/01/2027", "2027-01-02"),
    ],
)
def test_closures_as_people_say_them(tmp_path: Path, cell: str, end: str | None) -> None:
    closure = complement(one(tmp_path, fermetures=cell)[0]).closures[0]

    assert closure.start == datetime.date(2026, 12, 24)
    assert closure.end == (datetime.date.fromisoformat(end) if end else None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nom;âge minimum\nx;18\n", "la colonne « identifiant du service » manque"),
        ("identifiant du service;couleur\nx;bleu\n", "la colonne « couleur » n'est pas connue"),
    ],
)
def test_a_bad_header_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadSource, match=said):
        read(tmp_path, text)


def test_a_line_without_its_service_is_told(tmp_path: Path) -> None:
    problem = read(tmp_path, "identifiant du service;rang\n;3\n")[0].problem

    assert problem is not None
    assert "l'identifiant du service manque" in problem.reason


@given(cells=st.lists(st.text(max_size=30), min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_any_cell_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, cells: list[str]) -> None:
    """Whatever is typed, the answer is a complement, or a sentence that names a column."""
    out = io.StringIO()
    table = csv.writer(out, delimiter=";")
    table.writerow(["identifiant du service", *(column.header for column in COLUMNS)])
    table.writerow(["dora--a1", *(cell.replace("\0", "").encode("utf-8", "ignore").decode() for cell in cells)])
    for row in read(tmp_path_factory.mktemp("cells"), out.getvalue()):
        if row.problem is None:
            complement(row)
        else:
            assert "colonne «" in row.problem.reason


def xlsx(path: Path, rows: list[list[Any]]) -> Path:
    """The smallest workbook that a spreadsheet program would open."""
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    lines = "".join(f"<row>{''.join(map(_xlsx_cell, row))}</row>" for row in rows)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
        )
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        for name, kind, target in (
            ("_rels/.rels", "officeDocument", "xl/workbook.xml"),
            ("xl/_rels/workbook.xml.rels", "worksheet", "worksheets/sheet1.xml"),
        ):
            relation = f'<Relationship Id="r1" Type="{relations}/{kind}" Target="{target}"/>'
            packed.writestr(name, f'<Relationships xmlns="{package}">{relation}</Relationships>')
        packed.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
            '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        packed.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>'
        )
    return path


def _xlsx_cell(value: Any) -> str:
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def ods(path: Path, rows: list[list[Any]]) -> Path:
    """The same for LibreOffice."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(
            "META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"></manifest:manifest>'
        )
        packed.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
            f'xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet><table:table table:name="a">{lines}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return path


def _ods_cell(value: Any) -> str:
    number = isinstance(value, int | float)
    kind = f'office:value-type="float" office:value="{value}"' if number else 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"


@pytest.mark.parametrize("write", [xlsx, ods])
def test_a_spreadsheet_is_read_as_the_table_is(tmp_path: Path, write: Any) -> None:
    header = ["identifiant du service", "âge minimum", "langues parlées", "vérifié le"]
    lines = [["dora--a1", 18.0, "français", "10/11/2026"], ["", "", "", ""], ["dora--a2", "dix", "", ""]]
    path = write(tmp_path / f"table.{write.__name__}", [header, *lines])
    rows = list(table_rows(path))

    assert complement(rows[0]) == Complement.of({"min_age": 18, "languages": ["fr"], "checked_on": "2026-11-10"})
    assert rows[1].problem is not None
    assert rows[1].problem.reason.startswith("ligne 4, colonne « âge minimum » :")


def test_a_file_that_is_no_spreadsheet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    path.write_bytes(b"PK\x03\x04 rien")

    with pytest.raises(BadSource, match="ce n'est pas un classeur"):
        list(table_rows(path))
