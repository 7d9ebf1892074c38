"""A coordinator in front of their pages: a catalogue of its own, so that versions may be put in force."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from html import unescape
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from fakes import FakeBot, FixedClock
from fastapi import FastAPI
from houses import open_parts
from httpx2 import Response
from starlette.testclient import TestClient

from orientation_catalogue.build import build_catalogue
from passerelle.app.compose import CATALOGUE_DATA, Parts
from passerelle.app.web import build_web
from passerelle.foundation.config import Settings
from passerelle.portal.coordinator.versions import Versions

CODE, OTHER_CODE, TEAM_CODE = "camille-has-a-code", "dominique-has-one", "a-long-team-code"

#: Made-up people of a simulation: enough to ask every need, few enough for a test.
PROFILES = 80

#: The national schema compares days with the real one: a row made in a test must not be of tomorrow.
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

#: A dispositif of the demonstration.
CCAS = "demo--ccas-rennes-accueil"


@cache
def _built() -> Path:
    folder = Path(mkdtemp(prefix="passerelle-tests-")) / "catalogue"
    build_catalogue([CATALOGUE_DATA / "national", CATALOGUE_DATA / "demonstration"], folder)
    return folder


@contextmanager
def open_coordinator_parts(var: Path) -> Iterator[Parts]:
    """The demonstration with its own catalogue and territory, on a Friday; versions are made at once."""
    shutil.copytree(_built(), var / "catalogue")
    settings = Settings(
        var=var, coordinators=f"camille={CODE},dominique={OTHER_CODE}", teams=f"camille={TEAM_CODE}", port=8000
    )
    parts = open_parts(var, settings=settings, bot=FakeBot(), clock=FixedClock(moment=FRIDAY))
    for shared in ("catalogue", "territory"):
        parts.__dict__.pop(shared, None)
    parts.__dict__["catalogue_versions"] = Versions(
        database=parts.database,
        clock=parts.clock,
        folder=var / "catalogue",
        catalogue=parts.catalogue,
        places=parts.places,
        departement=parts.territory.departement,
        changes=parts.register_changes,
        in_background=False,
        profiles=PROFILES,
    )
    yield parts
    parts.close()


class Coordinator:
    """A browser at the coordinator's pages."""

    def __init__(self, app: FastAPI) -> None:
        self.client = TestClient(app, base_url="http://localhost:8000")
        self.page: Response = self.client.get("/coordination")

    @classmethod
    def of(cls, parts: Parts) -> "Coordinator":
        """In front of a Passerelle."""
        return cls(build_web(parts, with_workers=False))

    def enters(self, code: str = CODE) -> "Coordinator":
        """Give a code at the door."""
        self.page = self.client.post("/coordination", data={"code": code})
        return self

    def opens(self, path: str, **query: str) -> str:
        """Read a page."""
        self.page = self.client.get(f"/coordination/{path}", params=query)
        return self.text

    def posts(self, path: str, **fields: Any) -> str:
        """Send a form of the page read last."""
        data = {"form_token": self.token, **fields}
        self.page = self.client.post(f"/coordination/{path}", data=data)
        return self.text

    @property
    def token(self) -> str:
        """The form token of the page read last."""
        found = re.search(r'name="form_token" value="([^"]+)"', self.page.text)
        return found[1] if found else ""

    @property
    def text(self) -> str:
        """What the page says."""
        return " ".join(unescape(self.page.text).split())
