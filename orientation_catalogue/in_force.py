"""The catalogue in force, for a program that never stops: a new one is used as soon as the pointer names it."""

import threading
from pathlib import Path

from orientation_catalogue.catalogue import CURRENT, Catalogue
from orientation_catalogue.errors import BrokenCatalogue, NoCatalogue


class CatalogueInForce:
    """Gives the catalogue to use now; whoever holds the one before keeps it to the end of their turn."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opening = threading.Lock()
        self._seen: tuple[str, Catalogue] | None = None
        self._refused: tuple[str, BrokenCatalogue | NoCatalogue] | None = None

    def __call__(self) -> Catalogue:
        """The catalogue to use now; a broken new one leaves the one before in force."""
        named = self._named()
        seen = self._seen
        if seen is None or named not in {seen[0], self._refused and self._refused[0]}:
            seen = self._open(named)
        return seen[1]

    @property
    def trouble(self) -> str:
        """Why the catalogue that the pointer names is not the one in use; empty when it is."""
        self()
        return str(self._refused[1]) if self._refused and self._refused[0] == self._named() else ""

    def _open(self, named: str) -> tuple[str, Catalogue]:
        with self._opening:
            # Opened by another thread meanwhile.
            if self._seen is not None and self._seen[0] == named:
                return self._seen
            try:
                self._seen = (named, Catalogue.open(self._folder / named if named else self._folder))
                self._refused = None
            except (BrokenCatalogue, NoCatalogue) as error:
                if self._seen is None:
                    raise
                self._refused = (named, error)
            return self._seen

    def _named(self) -> str:
        try:
            return (self._folder / CURRENT).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""
