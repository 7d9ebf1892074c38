"""The territory, read once for all tests of the catalogue."""

import pytest

from orientation_catalogue.territory.places import Places


@pytest.fixture(scope="session")
def places() -> Places:
    """The real communes of France."""
    return Places.load()
