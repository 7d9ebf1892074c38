"""The catalogue file: what was damaged is never served, and a new catalogue never stops a running program."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from synthetic_territory import Territory

from orientation_catalogue import file as catalogue_file
from orientation_catalogue.catalogue import CURRENT, Catalogue, Kept
from orientation_catalogue.errors import BrokenCatalogue, NoCatalogue
from orientation_catalogue.file import verify, write_catalogue
from orientation_catalogue.in_force import CatalogueInForce
from orientation_catalogue.model import Complement, Offer
from orientation_catalogue.offers import offer_of_service
from orientation_catalogue.territory.places import Places


@pytest.fixture(scope="module")
def rows(places: Places) -> list[tuple[Offer, dict[str, Any]]]:
    return sorted(_rows(places), key=lambda row: row[0].id)


def _rows(places: Places) -> Iterator[tuple[Offer, dict[str, Any]]]:
    for house in Territory(places, departements=["35"]).houses(300):
        for service in house.services:
            offer = offer_of_service(service, house.structure, Complement(), places)
            yield offer, {"service": service, "structure": house.structure}


@pytest.fixture
def path(rows: list[tuple[Offer, dict[str, Any]]], tmp_path: Path) -> Path:
    return write_catalogue(rows, tmp_path)[0]


@pytest.fixture(params=["small", "large"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A large file is not read whole when it is opened."""
    if request.param == "large":
        monkeypatch.setattr(catalogue_file, "_HASHED_WHEN_OPENED", 0)
    return str(request.param)


def read_all(path: Path) -> None:
    catalogue = Catalogue.open(path)
    for offer_id, offer in catalogue.offers.items():
        assert offer.id == offer_id
        catalogue.detail(offer_id)


def test_a_good_file_is_read_whatever_its_size(path: Path, size: str) -> None:
    read_all(path)
    verify(path)


@pytest.mark.parametrize("kept", [0, 10, 4096, 16384, 100_000])
def test_a_truncated_file_is_refused_when_opened(path: Path, size: str, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(BrokenCatalogue):
        Catalogue.open(path)


def test_a_file_with_something_after_its_end_is_refused_when_opened(path: Path, size: str) -> None:
    path.write_bytes(path.read_bytes() + b"\0" * 16384)

    with pytest.raises(BrokenCatalogue):
        Catalogue.open(path)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.95])
def test_bytes_changed_anywhere_are_never_served(
    path: Path, size: str, share: float, rows: list[tuple[Offer, dict[str, Any]]]
) -> None:
    content = bytearray(path.read_bytes())
    at = int(len(content) * share)
    content[at : at + 64] = bytes(byte ^ 0x5A for byte in content[at : at + 64])
    path.write_bytes(content)

    with pytest.raises(BrokenCatalogue):
        verify(path)
    try:
        catalogue = Catalogue.open(path)
    except BrokenCatalogue:
        return
    for offer, detail in rows:
        with suppress(BrokenCatalogue):
            assert catalogue.offers[offer.id] == offer
        with suppress(BrokenCatalogue):
            assert catalogue.detail(offer.id) == detail


def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    sqlite3.connect(other).execute("CREATE TABLE offers (id TEXT, offer TEXT, detail TEXT)").connection.close()

    with pytest.raises(BrokenCatalogue):
        Catalogue.open(other)


def test_the_rows_can_be_looked_at_with_sqlite(path: Path, rows: list[tuple[Offer, dict[str, Any]]]) -> None:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT o.id, d.detail FROM offers o JOIN details d USING (position)").fetchall()

    assert [row[0] for row in found] == [offer.id for offer, _ in rows]


def test_a_failure_while_writing_leaves_nothing_behind(
    rows: list[tuple[Offer, dict[str, Any]]], tmp_path: Path
) -> None:
    def failing() -> Iterator[tuple[Offer, dict[str, Any]]]:
        yield rows[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_catalogue(failing(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_threads_share_a_catalogue(path: Path, rows: list[tuple[Offer, dict[str, Any]]]) -> None:
    catalogue = Catalogue.open(path)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(catalogue.offers.__getitem__, [offer.id for offer, _ in rows] * 5))

    assert found == [offer for offer, _ in rows] * 5


def test_no_more_offers_are_kept_in_memory_than_said() -> None:
    read: list[int] = []
    kept = Kept(lambda position: read.append(position) or position, size=3)  # type: ignore[arg-type,return-value,func-returns-value]

    assert [kept(position) for position in (1, 2, 1, 3, 1, 4, 5, 4)] == [1, 2, 1, 3, 1, 4, 5, 4]
    assert read == [1, 2, 3, 4, 5]


# --- in force ------------------------------------------------------------------------------------------------------


def put_in_force(path: Path, text: str | None = None) -> None:
    (path.parent / CURRENT).write_text((text or path.name) + "\n", encoding="utf-8")


def test_a_running_program_sees_the_new_catalogue_and_a_turn_keeps_its_own(
    rows: list[tuple[Offer, dict[str, Any]]], tmp_path: Path
) -> None:
    first = write_catalogue(rows, tmp_path)[0]
    put_in_force(first)
    in_force = CatalogueInForce(tmp_path)
    in_turn = in_force()

    put_in_force(write_catalogue([(replace(offer, name={"fr": "Changé"}), row) for offer, row in rows], tmp_path)[0])
    first.unlink()

    assert in_force().offers[rows[0][0].id].name == {"fr": "Changé"}
    assert in_turn.offers[rows[-1][0].id] == rows[-1][0]
    assert in_force() is in_force()
    assert in_force.trouble == ""


def test_a_broken_new_catalogue_leaves_the_one_before_in_force_and_says_so(path: Path) -> None:
    put_in_force(path)
    in_force = CatalogueInForce(path.parent)
    before = in_force()
    broken = path.with_name(f"catalogue-{'0' * 64}.sqlite")
    broken.write_bytes(path.read_bytes()[:50_000])
    put_in_force(broken)

    assert in_force() is before
    assert broken.name in in_force.trouble

    put_in_force(path)
    assert in_force.trouble == ""


def test_a_pointer_that_vanished_leaves_the_catalogue_in_force(path: Path) -> None:
    put_in_force(path)
    in_force = CatalogueInForce(path.parent)
    before = in_force()
    (path.parent / CURRENT).unlink()

    assert in_force() is before
    assert "no readable catalogue" in in_force.trouble


def test_with_nothing_before_a_broken_catalogue_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoCatalogue):
        CatalogueInForce(tmp_path)()


def test_many_threads_open_a_new_catalogue_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_force(path)
    in_force, opened, start = CatalogueInForce(path.parent), [], threading.Barrier(8)
    real = Catalogue.open
    monkeypatch.setattr(Catalogue, "open", lambda file: opened.append(file) or real(file))

    def turn(_: int) -> Catalogue:
        start.wait()
        return in_force()

    with ThreadPoolExecutor(8) as pool:
        found = set(map(id, pool.map(turn, range(8))))

    assert (len(found), len(opened)) == (1, 1)
