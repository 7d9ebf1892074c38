"""Exports of data·inclusion v0: read as v1, and what v1 cannot say is named."""

from typing import Any

import pytest
import yaml
from data_inclusion.schema import v1

from orientation_catalogue.sources.v0 import DATA, from_v0, is_v0
from orientation_catalogue.territory.places import Places

SERVICE: dict[str, Any] = {
    "source": "dora", "id": "42", "structure_id": "7", "nom": "Colis", "presentation_detail": "Un colis inventé.",
    "date_maj": "2024-05-01", "thematiques": ["equipement-et-alimentation--alimentation"], "types": ["aide-materielle"],
}  # fmt: skip


def read(places: Places, **changes: Any) -> tuple[dict[str, Any], list[str]]:
    row, dropped = from_v0({**SERVICE, **changes}, "service", places)
    return row, [f"{lost.field}={lost.value}" for lost in dropped]


def test_a_row_of_the_old_version_is_recognised() -> None:
    assert is_v0(SERVICE)
    assert not is_v0({"id": "dora--42", "publics": ["femmes"], "type": "atelier"})


def test_every_value_of_the_tables_is_one_of_v1() -> None:
    tables = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    for name, known in (
        ("thematiques", v1.Thematique), ("profils", v1.Public), ("frais", v1.Frais), ("typologie", v1.ReseauPorteur),
        ("labels_nationaux", v1.ReseauPorteur),
    ):  # fmt: skip
        values = {value for found in tables[name].values() for value in found}
        assert values <= {item.value for item in known}, name
    assert set(tables["types"].values()) <= {item.value for item in v1.TypeService}


def test_a_whole_service(places: Places) -> None:
    row, dropped = read(
        places,
        profils=["femmes", "beneficiaires-rsa"], frais=["adhesion"], frais_autres="10 euros",
        pre_requis=["Être inscrit"],
        justificatifs=["Pièce d'identité"], modes_orientation_beneficiaire=["telephoner"],
        modes_orientation_accompagnateur=["envoyer-un-mail"], formulaire_en_ligne="https://example.org/f",
        zone_diffusion_type="region", zone_diffusion_code="53", recurrence="Mo 09:00-12:00",
        date_suspension="2025-01-01",
    )  # fmt: skip

    v1.Service.model_validate(row)
    assert (row["id"], row["structure_id"]) == ("dora--42", "dora--7")
    assert row["zone_eligibilite"] == ["22", "29", "35", "56"], "53 is a région here, not Mayenne"
    assert row["publics"] == ["femmes", "beneficiaires-des-minimas-sociaux"]
    assert (row["frais"], row["frais_precisions"], row["type"]) == ("payant", "10 euros", "aide-materielle")
    assert row["conditions_acces"] == "Être inscrit\nPièce d'identité"
    assert row["modes_mobilisation"] == ["envoyer-un-courriel", "telephoner", "utiliser-lien-mobilisation"]
    assert row["mobilisable_par"] == ["usagers", "professionnels"]
    assert dropped == ["date_suspension=2025-01-01"]


def test_a_public_that_v1_lacks_shuts_nobody_out(places: Places) -> None:
    """ "Femmes" and "adultes": naming only the women would refuse the men."""
    row, dropped = read(places, profils=["femmes", "adultes"])

    assert "publics" not in row
    assert row["publics_precisions"] == "Adultes"
    assert dropped == ["profils=adultes"]


def test_a_tenant_is_a_condition_and_no_public(places: Places) -> None:
    row, dropped = read(places, profils=["locataires"])

    assert ("publics" in row, row["conditions_acces"], dropped) == (False, "Il faut être locataire.", [])


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        (["mobilite--preparer-un-permis-de-conduire"], ["mobilite--preparer-un-permis"], []),
        (["famille--garde-denfants"], ["famille--garde-denfants"], []),
        (["inventee--rien"], None, ["thematiques=inventee--rien"]),
    ],
)
def test_needs_are_those_of_today(places: Places, old: list[str], new: Any, lost: list[str]) -> None:
    row, dropped = read(places, thematiques=old)

    assert (row.get("thematiques"), dropped) == (new, lost)


def test_lists_of_a_csv_of_that_time_are_read(places: Places) -> None:
    assert read(places, profils="['femmes']", thematiques='["famille--garde-denfants"]')[0]["publics"] == ["femmes"]


def test_a_structure(places: Places) -> None:
    row, _ = from_v0(
        {"source": "dora", "id": "7", "nom": "Mairie " * 40, "date_maj": "2024-05-01", "typologie": "CCAS",
         "labels_nationaux": ["unccas", "france-service", "apec"], "presentation_resume": "Une mairie.", "rna": "W1"},
        "structure", places,
    )  # fmt: skip

    v1.Structure.model_validate(row)
    assert row["reseaux_porteurs"] == ["ccas-cias", "france-service"]
    assert len(row["nom"]) == 150
