"""The data in force, read once for all tests of the room."""

from pathlib import Path

import pytest

from passerelle.foundation.texts import Texts
from passerelle.screening.questions import Questionnaire
from passerelle.screening.rules import RuleSet

LOCALE = Path(__file__).parents[3] / "locale"


@pytest.fixture(scope="session")
def questionnaire() -> Questionnaire:
    return Questionnaire.load()


@pytest.fixture(scope="session")
def ruleset() -> RuleSet:
    return RuleSet.load()


@pytest.fixture(scope="session")
def texts() -> Texts:
    return Texts.load(LOCALE)
