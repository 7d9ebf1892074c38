"""F24: an import killed at each of its writes leaves the catalogue in force whole, and the next import goes through."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from orientation_catalogue.build import build_catalogue
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.territory.places import Places

CRASH = Path(__file__).with_name("crash_at.py")
STRUCTURE = {"source": "x", "id": "x--s1", "nom": "Lieu inventé", "date_maj": "2026-01-01"}
SERVICE = {
    "source": "x", "structure_id": "x--s1", "id": "x--a1", "nom": "Colis", "description": "Un colis inventé.",
    "date_maj": "2026-01-01", "thematiques": ["equipement-et-alimentation--alimentation"],
}  # fmt: skip
IMPORT = """
import sys
from pathlib import Path
from orientation_catalogue.build import build_catalogue
build_catalogue([Path(sys.argv[1])], Path(sys.argv[2]))
"""


def source(folder: Path, *services: dict[str, object]) -> Path:
    folder.mkdir()
    (folder / "structures.json").write_text(json.dumps([STRUCTURE]), encoding="utf-8")
    (folder / "services.json").write_text(json.dumps(services), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("function", "new_in_force"),
    [
        ("orientation_catalogue.build:write_catalogue:before:1", False),
        ("orientation_catalogue.build:write_catalogue:after:1", False),
        ("orientation_catalogue.build:_whole:before:1", False),
        ("orientation_catalogue.build:put_in_force:before:1", False),
        # The pointer to the catalogue before is written first.
        ("orientation_catalogue.build:_whole:before:3", False),
        ("orientation_catalogue.build:_whole:after:3", True),
    ],
)
def test_a_killed_import_leaves_a_whole_catalogue_in_force(tmp_path: Path, function: str, new_in_force: bool) -> None:
    into = tmp_path / "built"
    places = Places.load()
    before = build_catalogue([source(tmp_path / "one", SERVICE)], into, places=places)
    changed = source(tmp_path / "two", SERVICE, {**SERVICE, "id": "x--a2"})
    script = tmp_path / "import.py"
    script.write_text(IMPORT, encoding="utf-8")

    killed = subprocess.run([sys.executable, CRASH, function, script, changed, into], capture_output=True, check=False)

    assert killed.returncode == -9, killed.stderr
    in_force = Catalogue.open(into)
    assert (in_force.sha256 != before.sha256, len(in_force.offers)) == (new_in_force, 2 if new_in_force else 1)
    again = build_catalogue([changed], into, places=places)
    assert Catalogue.open(into).sha256 == again.sha256
    assert not list(into.glob(".building-*")) + list(into.glob(".rows-*"))
