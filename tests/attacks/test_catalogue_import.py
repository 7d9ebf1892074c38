"""A20, A21: hostile files given as a catalogue do no harm, say where they are wrong, and leave the one in force."""

import datetime
import json
import socket
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orientation_catalogue.build import build_catalogue
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.errors import BadSource
from orientation_catalogue.sources import reading
from orientation_catalogue.territory.places import Places

TODAY = datetime.date(2026, 11, 22)
STRUCTURE = {"source": "x", "id": "x--s1", "nom": "Lieu inventé", "date_maj": "2026-11-01"}
SERVICE: dict[str, Any] = {
    "source": "x", "structure_id": "x--s1", "id": "x--a1", "nom": "Colis", "description": "Un colis inventé.",
    "date_maj": "2026-11-01", "thematiques": ["equipement-et-alimentation--alimentation"],
}  # fmt: skip
GOOD = json.dumps(SERVICE)


@pytest.fixture(scope="module")
def places() -> Places:
    return Places.load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "source"
    made.mkdir()
    (made / "structures.json").write_text(json.dumps([STRUCTURE]), encoding="utf-8")
    return made


@pytest.fixture
def bring_in(tmp_path: Path, folder: Path, places: Places) -> Callable[..., Any]:
    """Import a file beside good structures; a good catalogue is in force before and must stay so when it fails."""
    (folder / "services.json").write_text(f"[{GOOD}]", encoding="utf-8")
    before = build_catalogue([folder], tmp_path / "b", places=places, today=TODAY)
    (folder / "services.json").unlink()

    def run(name: str, content: bytes | str) -> Any:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        try:
            return build_catalogue([folder], tmp_path / "b", places=places, today=TODAY)
        except BadSource:
            assert Catalogue.open(tmp_path / "b").sha256 == before.sha256
            raise

    return run


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("services.json", "[" * 100_000, "nested too deep|longer than|not JSON|Expecting|ends"),
        ("services.json", f"[{GOOD}", "services.json"),
        ("services.json", f"[{GOOD}] trailing", "something follows"),
        ("services.json", f"[{GOOD} {GOOD}]", "comma"),
        ("services.json", f'[{GOOD},{{"id": "x--a2", "nom": "' + "a" * 900_000 + '"}]', "longer than|none"),
        ("services.json", b"\x1f\x8b\x08\x00" + b"\0" * 100, "compressed .gzip."),
        ("services.csv", b"PK\x03\x04" + b"\0" * 100, "compressed .zip."),
        ("services.json", "﻿", "not a JSON array"),
        ("services.json", json.dumps([SERVICE]).encode("utf-16"), r"line 1, byte 0 \(0xFF\).*UTF-16"),
        ("services.ndjson", f"{GOOD}\n".encode() + b'{"nom": "caf\xe9"}\n', r"line 2, byte \d+ \(0xE9\) is not UTF-8"),
        ("services.ndjson", f"{GOOD}\n{GOOD[: len(GOOD) // 2]}", "line 2"),
        ("services.csv", "id,id,nom\nx,y,z\n", "the column id is there twice"),
        ("services.csv", "\n", "names no column"),
        ("services.csv", 'id,nom\n"x,y\n', "services.csv"),
        ("services.parquet", "PAR0nothing", "not a Parquet file"),
        ("services.parquet", b"PAR1" + b"\xff" * 100 + b"PAR1", "services.parquet"),
        ("complements.yaml", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "aliases"),
        ("complements.yaml", "!!python/object/apply:os.system ['true']", "complements.yaml"),
        ("complements.yaml", "[" * 50_000, "complements.yaml"),
    ],
)
def test_a_file_that_is_no_source_is_one_sentence_and_changes_nothing(
    bring_in: Any, name: str, content: bytes | str, said: str
) -> None:
    with pytest.raises(BadSource, match=said):
        bring_in(name, content)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (GOOD.replace('"nom": "Colis"', '"nom": "Colis", "nom": "Autre"').replace("x--a1", "x--a2"), "nom"),
        (json.dumps({**SERVICE, "id": "x--a2", "latitude": float("nan"), "longitude": 2.0}), "row"),
        (json.dumps({**SERVICE, "id": "x--a2"})[:-1] + ', "extra": ' + "[" * 50_000 + "]" * 50_000 + "}", "row"),
        (json.dumps({**SERVICE, "id": "x--a2", "latitude": 1e999, "longitude": 2.0}), "row"),
    ],
)
@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_a_row_that_means_two_things_is_told_and_left_out(bring_in: Any, line: str, field: str, form: str) -> None:
    if form == "json" and "[[[" in line:
        pytest.skip("a whole array that nests too deep is refused as a file")
    report = bring_in(f"services.{form}", f"[{GOOD},{line}]" if form == "json" else f"{GOOD}\n{line}\n")

    assert report.kept == 1
    assert [(refused.row, refused.field) for refused in report.refused] == [(2, field)]


def test_a_formula_stays_a_text(bring_in: Any) -> None:
    names = list(SERVICE)
    cells = {**SERVICE, "nom": "=HYPERLINK(0)", "thematiques": SERVICE["thematiques"][0]}
    report = bring_in("services.csv", ",".join(names) + "\n" + ",".join(f'"{cells[name]}"' for name in names) + "\n")

    assert Catalogue.open(report.path).offers["x--a1"].name["fr"] == "=HYPERLINK(0)"


def test_a_link_to_another_file_is_not_followed(folder: Path, tmp_path: Path, places: Places) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text(f"[{GOOD}]", encoding="utf-8")
    (folder / "services.json").symlink_to(secret)

    with pytest.raises(BadSource, match="it is a link"):
        build_catalogue([folder], tmp_path / "b", places=places, today=TODAY)


def test_a_pipe_and_a_huge_file_are_refused_before_a_byte_is_read(folder: Path, tmp_path: Path, places: Places) -> None:
    import os

    os.mkfifo(folder / "services.json")
    with pytest.raises(BadSource, match="not a plain file"):
        build_catalogue([folder], tmp_path / "b", places=places, today=TODAY)
    (folder / "services.json").unlink()
    with (folder / "services.json").open("wb") as file:
        # Sparse: it holds no data, and says more bytes than any catalogue.
        file.truncate(reading.MAX_FILE_BYTES + 1)
    with pytest.raises(BadSource, match="bytes, "):
        build_catalogue([folder], tmp_path / "b", places=places, today=TODAY)


@pytest.mark.parametrize("bomb", ["one huge value", "many long rows", "a huge list"])
def test_a_parquet_file_that_unfolds_without_end_is_left(bring_in: Any, folder: Path, bomb: str) -> None:
    """Some kilobytes that unfold into gigabytes: the reader dies alone, with its own memory."""
    query = {
        "one huge value": "SELECT repeat('x', 300000000) AS id",
        "many long rows": "SELECT repeat('x', 300000) AS id FROM range(3000)",
        "a huge list": "SELECT 'a' AS id, list_transform(range(5000000), lambda i: 'x') AS thematiques",
    }[bomb]
    path = folder / "bomb"
    duckdb.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    content = path.read_bytes()
    path.unlink()
    assert len(content) < 5_000_000

    with pytest.raises(BadSource, match=r"services\.parquet"):
        bring_in("services.parquet", content)


def test_a_spreadsheet_that_unfolds_without_end_is_left(bring_in: Any, folder: Path) -> None:
    path = folder / "bomb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for number in range(5):
            packed.writestr(f"xl/sheet{number}.xml", b"\0" * 50 * 1024**2)
    content = path.read_bytes()
    path.unlink()
    assert len(content) < 500_000

    with pytest.raises(BadSource, match="se déplie au-delà"):
        bring_in("complements.xlsx", content)


def test_nothing_is_fetched_from_a_row(bring_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("something was looked up")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    link = {
        "lien_source": "https://example.org/a",
        "lien_mobilisation": "https://example.org/b",
        "courriel": "a@example.org",
    }

    assert bring_in("services.ndjson", json.dumps({**SERVICE, **link})).kept == 1


def test_a_long_file_never_stands_in_memory(tmp_path: Path) -> None:
    """30 MB are read with less than 6 in memory."""
    from orientation_catalogue.sources.json_rows import json_array, json_lines

    for name, begin, between, end, read in (
        ("a.json", "[", ",", "]", json_array),
        ("a.ndjson", "", "\n", "\n", json_lines),
    ):
        path = tmp_path / name
        row = json.dumps({**SERVICE, "description": "é" * 3000}, ensure_ascii=False)
        path.write_text(begin + between.join([row] * 5000) + end, encoding="utf-8")
        tracemalloc.start()
        count = sum(1 for _ in read(path))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert count == 5000
        assert peak < 12_000_000, (name, peak)
    assert sys.getrecursionlimit() < 5000
