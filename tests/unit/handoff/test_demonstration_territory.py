"""The register of the demonstration territory always finds somebody, and nobody real."""

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from data_inclusion.schema import v1
from opening_hours import OpeningHours

import passerelle.handoff
from passerelle.handoff.territory import Area, Territory

FILE = Path(passerelle.handoff.__file__).parent / "data" / "demonstration" / "territory.yaml"

RENNES = Area(commune="35238", epci="243500139", departement="35")
SAINT_MALO = Area(commune="35288", epci="243500782", departement="35")
VITRE = Area(commune="35360", epci="200039022", departement="35")
#: In no zone that the register names but the département's.
COMBOURG = Area(commune="35085", epci="243500733", departement="35")

KINDS = {"N2": "first_line", "N3": "referent", "N4": "complex_situations"}
HOME_HELP = "equipement-et-alimentation--aide-menagere"
RIGHTS = "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"
RENT = "logement-hebergement--reduire-les-impayes-de-loyer"
VIOLENCE = "famille--surmonter-conflits-separation-violence"


@pytest.fixture(scope="module")
def territory() -> Territory:
    return Territory.load(FILE)


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("area", [RENNES, SAINT_MALO, VITRE, COMBOURG], ids=lambda area: area.commune)
def test_somebody_receives_each_need_at_each_level(territory: Territory, area: Area) -> None:
    for need, level in itertools.product([item.value for item in v1.Thematique], KINDS):
        recipient = territory.designate(area=area, needs=[need], level=level)

        assert recipient is not None
        assert level in recipient.levels, (need, level, recipient.id)


def test_somebody_else_receives_what_a_first_recipient_declined(territory: Territory) -> None:
    first = territory.designate(area=RENNES, needs=[HOME_HELP, RIGHTS], level="N3")
    assert first is not None

    second = territory.designate(area=RENNES, needs=[HOME_HELP, RIGHTS], level="N3", declined=[first.id])

    assert second is not None
    assert second.id != first.id


@pytest.mark.parametrize(
    ("area", "needs", "level", "expected"),
    [
        (RENNES, [HOME_HELP, RIGHTS], "N3", "ref-rennes"),
        (RENNES, [HOME_HELP], "N3", "ref-rennes-autonomie"),
        (RENNES, [RENT], "N3", "ref-rennes-logement"),
        (SAINT_MALO, [RENT], "N2", "ccas-saint-malo"),
        (SAINT_MALO, [VIOLENCE], "N3", "ref-violences"),
        (COMBOURG, [RENT], "N3", "ref-departement"),
        (COMBOURG, [RENT], "N2", "accueil-departement"),
        (VITRE, [RENT], "N4", "dac-departement"),
    ],
)
def test_the_nearest_person_who_names_the_need_is_designated(
    territory: Territory, area: Area, needs: list[str], level: str, expected: str
) -> None:
    recipient = territory.designate(area=area, needs=needs, level=level)

    assert recipient is not None
    assert recipient.id == expected


def test_each_level_has_its_kind_of_recipient(data: dict[str, Any]) -> None:
    for level, kind in KINDS.items():
        assert any(row["kind"] == kind and level in row["levels"] for row in data["referents"])
    assert set(data["territorial_levels"]) == {"U", "C", "N0", "N1", "N2", "N3", "N4"}


def test_a_backup_is_always_somebody_else(territory: Territory) -> None:
    for recipient in territory.recipients():
        assert territory.recipient(recipient.backup).id != recipient.id


def test_needs_are_thematiques_or_categories(territory: Territory) -> None:
    known = {item.value for item in v1.Thematique} | {item.value for item in v1.Categorie}
    for recipient in territory.recipients():
        assert recipient.needs <= known, recipient.id


def test_desks_say_the_hours_they_keep(territory: Territory, data: dict[str, Any]) -> None:
    assert territory.desk_for(RENNES).id == "desk-rennes"
    assert territory.desk_for(COMBOURG).id == territory.desk_for(None).id == "desk-departement"
    for desk in data["desks"]:
        OpeningHours(desk["hours"])
        assert set(desk["hours_text"]) == {"fr", "en"}


def test_nobody_real_is_called_or_written_to() -> None:
    text = FILE.read_text(encoding="utf-8")

    assert set(re.findall(r"@([\w.-]+\w)", text)) == {"example.org"}
    assert all(re.fullmatch(r"\+3319900\d{4}", phone) for phone in re.findall(r"\+\d+", text))


def test_instances_have_members_by_role_and_a_calendar(data: dict[str, Any]) -> None:
    assert {row["level"] for row in data["instances"]} == {"local", "departement", "region"}
    for row in data["instances"]:
        assert row["purpose"]
        assert row["members"]
        assert row["calendar"]
