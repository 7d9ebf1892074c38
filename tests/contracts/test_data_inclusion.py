"""The data·inclusion v1 schema as we rely on it: what it accepts, what it refuses, the codes we name."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from data_inclusion.schema import v1
from pydantic import ValidationError

import orientation_catalogue
from orientation_catalogue.catalogue import FIRST_LINE_NETWORKS
from orientation_catalogue.weights import Weights

DATA = Path(orientation_catalogue.__file__).parent / "data"
SERVICE = {
    "source": "x",
    "structure_id": "x--s",
    "id": "x--a",
    "nom": "Un service",
    "description": "Un service inventé.",
    "date_maj": "2026-01-01",
}


def test_the_schema_has_the_fields_we_read() -> None:
    """20 and 33 fields: a new version that adds or drops one must be read before it is adopted."""
    assert len(v1.Structure.model_fields) == 20
    assert len(v1.Service.model_fields) == 33


def test_the_schema_has_the_needs_and_publics_we_name() -> None:
    assert (len(v1.Thematique), len(v1.Public)) == (69, 14)
    assert set(FIRST_LINE_NETWORKS) <= {network.value for network in v1.ReseauPorteur}
    weights = Weights.load()
    named = {
        *weights.publics_by_age,
        *weights.publics_excluded_by,
        *frozenset().union(*weights.publics_excluded_by.values()),
    }
    assert named <= {public.value for public in v1.Public}


@pytest.mark.parametrize(
    "changes",
    [
        {"horaires_accueil": "lundi 9h"},
        {"telephone": "abc"},
        {"latitude": 999},
        {"zone_eligibilite": ["00"]},
        {"thematiques": []},
    ],
)
def test_the_schema_still_lets_through_what_our_checks_refuse(changes: dict[str, Any]) -> None:
    """When one of these fails, the schema has learnt it and our own check can go."""
    v1.Service.model_validate({**SERVICE, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"thematiques": ["mobilite"]},
        {"publics": ["tous-publics", "femmes"]},
        {"zone_eligibilite": []},
        {"code_postal": "2A004"},
    ],
)
def test_the_schema_refuses_what_we_leave_to_it(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        v1.Service.model_validate({**SERVICE, **changes})


def test_the_demonstration_is_valid_data_inclusion() -> None:
    for name, schema in (("structures", v1.Structure), ("services", v1.Service)):
        for row in json.loads((DATA / "demonstration" / f"{name}.json").read_text(encoding="utf-8")):
            schema.model_validate(row)


def test_the_national_cards_name_needs_of_the_schema() -> None:
    known = {thematique.value for thematique in v1.Thematique}
    for card in yaml.safe_load((DATA / "national" / "cards.yaml").read_text(encoding="utf-8")):
        assert set(card["thematiques"]) <= known
