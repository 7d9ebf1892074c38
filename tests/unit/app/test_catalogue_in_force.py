"""Over a catalogue of an earlier version the demonstration makes it again; an operator's is never touched."""

import pytest

from orientation_catalogue.errors import BrokenCatalogue
from passerelle.app.compose import compose
from passerelle.foundation.config import Settings


def old_catalogue(settings: Settings) -> None:
    folder = settings.var / "catalogue"
    folder.mkdir(parents=True)
    (folder / "catalogue-of-last-year.sqlite").write_bytes(b"another format")
    (folder / "current").write_text("catalogue-of-last-year.sqlite\n", encoding="utf-8")


def test_the_demonstration_makes_its_catalogue_again(tmp_path):
    settings = Settings(var=tmp_path / "var")
    old_catalogue(settings)
    parts = compose(settings)
    parts.prepare()

    assert len(parts.catalogue().offers) > 100
    parts.close()


def test_an_operator_is_told_and_nothing_is_replaced(tmp_path):
    settings = Settings(
        var=tmp_path / "var",
        demonstration=False,
        secret="a-secret-of-the-test-only",
        twilio_tokens="a-token-of-the-test",
    )
    old_catalogue(settings)

    with pytest.raises(BrokenCatalogue):
        compose(settings).prepare()
    assert (settings.var / "catalogue" / "current").read_text(encoding="utf-8") == "catalogue-of-last-year.sqlite\n"
