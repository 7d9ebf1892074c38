from pathlib import Path

import pytest
import yaml

from passerelle.foundation.text import Normaliser
from passerelle.safety.check import SafetyCheck

ROOT = Path(__file__).parents[3]
SENTENCES = Path(__file__).parent / "sentences"


@pytest.fixture(scope="session")
def safety_check():
    """The check as the app loads it, with whatever spelling tables exist."""
    return SafetyCheck.load(Normaliser.load(ROOT / "nlu_data"))


@pytest.fixture(scope="session")
def sentences():
    """Reads one file of sentences."""
    return lambda name: yaml.safe_load((SENTENCES / f"{name}.yaml").read_text(encoding="utf-8"))
