"""One application and one bot for all journeys; a journey that moves the clock gets a house of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest
from journeys import Journey
from live_house import LiveHouse, open_live_house


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory: pytest.TempPathFactory, real_bot: SimpleNamespace) -> Iterator[LiveHouse]:
    """The house of the journeys for which the time stands still."""
    with open_live_house(tmp_path_factory.mktemp("journeys"), real_bot) as house:
        yield house


@pytest.fixture
def house_for(
    tmp_path: Path, request: pytest.FixtureRequest, real_bot: SimpleNamespace
) -> Iterator[Callable[[Journey], LiveHouse]]:
    """The house a journey is replayed in."""
    with ExitStack() as stack:

        def choose(journey: Journey) -> LiveHouse:
            if journey.moves_the_clock:
                return stack.enter_context(open_live_house(tmp_path, real_bot))
            return request.getfixturevalue("shared_house")

        yield choose
