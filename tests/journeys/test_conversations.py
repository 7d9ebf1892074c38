"""Every conversation of tests/journeys/conversations, through the real doors, with the real bot."""

from collections.abc import Callable
from pathlib import Path

import pytest
from journeys import Journey, Replay
from live_house import LiveHouse

CONVERSATIONS = sorted((Path(__file__).parent / "conversations").glob("**/*.yaml"))

pytestmark = pytest.mark.bot


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written(path: Path, house_for: Callable[[Journey], LiveHouse]) -> None:
    journey = Journey.read(path)

    Replay(journey, house_for(journey)).run()
