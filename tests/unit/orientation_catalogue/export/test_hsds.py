"""A catalogue written as HSDS 3.0 is read again by the import; hours, closures and secrets are said as they are."""

import datetime
from pathlib import Path

import pytest
from synthetic_territory import TODAY, Territory, write_territory

from orientation_catalogue.build import build_catalogue
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.export.hsds import Hsds, export_services, terms, uuid_of
from orientation_catalogue.export.published import Publication, Published
from orientation_catalogue.model import Closure, Complement
from orientation_catalogue.territory.places import Places

SERVICE = {
    "source": "made-up", "structure_id": "made-up--1", "id": "made-up--a1", "nom": "Repas",
    "description": "Repas chauds.", "date_maj": "2026-10-01",
}  # fmt: skip
STRUCTURE = {"source": "made-up", "id": "made-up--1", "nom": "Maison inventée", "date_maj": "2026-10-01"}


def written(places: Places, complement: Complement | None = None, **said: object) -> dict[str, object]:
    published = Published(service=SERVICE | said, structure=STRUCTURE, complement=complement or Complement())
    return Hsds(places=places, today=TODAY).service(published)


def test_what_was_written_is_imported_with_its_needs_publics_zones_and_hours(tmp_path: Path, places: Places) -> None:
    source = write_territory(Territory(places, seed=9).houses(300), tmp_path / "source")
    before = Catalogue.open(build_catalogue([source], tmp_path / "a", places=places, today=TODAY).path)
    publication = Publication.of(before)
    file = export_services(publication, tmp_path / "out", Hsds(places=places, today=TODAY))
    built = build_catalogue([file], tmp_path / "b", places=places, today=TODAY)
    after = Catalogue.open(built.path)

    assert (file.name, built.refused) == ("hsds-2026-11-22.ndjson", ())
    for published in publication.services():
        row = published.service
        again = after.offers[f"hsds--{uuid_of('service', row['id'])}"]
        assert (again.name["fr"], set(again.thematiques)) == (row["nom"], set(row.get("thematiques", ())))
        assert again.publics == (frozenset(row["publics"]) if row.get("publics") else None)
        assert (again.complement.min_age, again.complement.languages) == (
            published.complement.min_age,
            published.complement.languages,
        )


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("Mo-We,Fr 09:00-12:00; PH off", [("MO,TU,WE,FR", "09:00", "12:00")]),
        ("Mo 09:00-12:00,14:00-17:00", [("MO", "09:00", "12:00"), ("MO", "14:00", "17:00")]),
        ("Tu 09:00-12:00; Sa 10:00-11:00", [("TU", "09:00", "12:00"), ("SA", "10:00", "11:00")]),
    ],
)
def test_the_hours_of_a_week_are_one_schedule_each(
    places: Places, hours: str, said: list[tuple[str, str, str]]
) -> None:
    schedules = written(places, horaires_accueil=hours)["schedules"]

    assert [(one["byday"], one["opens_at"], one["closes_at"]) for one in schedules] == said  # type: ignore[attr-defined]


@pytest.mark.parametrize("hours", ["Tu[2] 09:00-12:00", "week 1-53/2 Mo 09:00-12:00", "24/7"])
def test_hours_that_hsds_cannot_say_are_kept_as_a_text(places: Places, hours: str) -> None:
    assert written(places, horaires_accueil=hours)["schedules"][0]["description"] == hours  # type: ignore[index]


def test_a_closed_place_says_so_and_until_when(places: Places) -> None:
    closure = Closure(start=datetime.date(2026, 11, 1), end=datetime.date(2026, 11, 30), reason="travaux")
    service = written(places, Complement(closures=(closure,)))

    assert service["status"] == "temporarily closed"
    assert service["alert"] == "Fermé depuis le 01/11/2026 jusqu'au 30/11/2026 : travaux"


def test_the_name_of_a_contact_person_is_not_told(places: Places) -> None:
    assert "Inventée" not in str(written(places, contact_nom_prenom="Paulette Inventée"))


def test_every_need_names_its_family() -> None:
    by_id = {term["id"]: term for term in terms()}
    leaf = by_id[uuid_of("term", "equipement-et-alimentation--alimentation")]

    assert by_id[leaf["parent_id"]]["code"] == "equipement-et-alimentation"
