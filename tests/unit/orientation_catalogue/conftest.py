"""The territory, read once for all tests of the catalogue."""

from collections.abc import Callable

import pytest

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.matching import Matching, match
from orientation_catalogue.model import Offer
from orientation_catalogue.profile import Profile
from orientation_catalogue.territory.places import Places


@pytest.fixture(scope="session")
def places() -> Places:
    """The real communes of France."""
    return Places.load()


@pytest.fixture
def run(places: Places) -> Callable[..., Matching]:
    """Match a profile with a few offers."""

    def matched(profile: Profile, *offers: Offer) -> Matching:
        return match(Catalogue(offers, sha256="test"), profile, places=places)

    return matched
