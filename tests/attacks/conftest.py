"""One desk per attack."""

import pytest
from desk_house import open_desk_house


@pytest.fixture
def house(tmp_path):
    with open_desk_house(tmp_path) as house:
        yield house
