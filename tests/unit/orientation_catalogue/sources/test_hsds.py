"""HSDS 3.0 in: a service with its organisation, places, hours, zone, languages, ages and closures."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from data_inclusion.schema import v1

from orientation_catalogue.build import BuildReport, build_catalogue
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.errors import BadSource
from orientation_catalogue.hours import opening_at
from orientation_catalogue.model import Capacity
from orientation_catalogue.territory.places import Places

FOOD = "equipement-et-alimentation--alimentation"


def term(code: str) -> dict[str, Any]:
    return {"id": "t", "taxonomy_term": {"id": "u", "code": code, "name": code}}


def service(**changes: Any) -> dict[str, Any]:
    return {
        "id": "9b1b", "name": "Colis inventé", "description": "Un colis inventé pour les essais.", "status": "active",
        "url": "https://example.org/colis", "last_modified": "2026-11-02T10:00:00Z", "minimum_age": 18,
        "eligibility_description": "Sur place seulement.", "assured_date": "2026-11-01", "wait_time": "deux jours",
        "organization": {
            "id": "0c0c", "name": "Association inventée", "description": "Elle distribue des colis.",
            "website": "https://example.org", "phones": [{"id": "p", "number": "01 99 00 00 01"}],
            "organization_identifiers": [{"identifier_scheme": "FR-SIRET", "identifier": "123 456 789 01234"}],
        },
        "service_at_locations": [{
            "location": {
                "id": "l", "location_type": "physical", "latitude": 48.11, "longitude": -1.68,
                "addresses": [{"address_1": "1 rue inventée", "city": "Rennes", "postal_code": "35000",
                               "address_type": "physical"}],
                "languages": [{"code": "fra"}, {"code": "ar", "name": "arabe"}],
            },
            "schedules": [{"freq": "WEEKLY", "byday": "MO,WE", "opens_at": "09:00", "closes_at": "12:00:00"}],
        }],
        "schedules": [{"freq": "MONTHLY", "byday": "2TU", "opens_at": "14:00", "closes_at": "16:00"}],
        "service_areas": [{"id": "a", "name": "Ille-et-Vilaine", "extent": "35", "extent_type": "text"},
                          {"id": "b", "uri": "https://rdf.insee.fr/geo/commune/22050"},
                          {"id": "c", "name": "ailleurs"}],
        "languages": [{"code": "en"}],
        "required_documents": [{"document": "Une pièce d'identité"}, {"document": "Un justificatif"}],
        "cost_options": [{"amount": 2, "amount_description": "2 euros le colis"}],
        "attributes": [term(FOOD), term("familles"), term("aide-materielle"), term("BD-1800")],
        **changes,
    }  # fmt: skip


@pytest.fixture
def build(tmp_path: Path, places: Places) -> Any:
    def run(*services: dict[str, Any], page: bool = False, lines: bool = False) -> BuildReport:
        content: Any = {"total_items": 1, "contents": list(services), "empty": False} if page else list(services)
        path = tmp_path / ("hsds.ndjson" if lines else "hsds.json")
        text = "".join(json.dumps(one) + "\n" for one in services) if lines else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return build_catalogue([path], tmp_path / "built", places=places, today=datetime.date(2026, 11, 22))

    return run


def test_a_whole_service(build: Any) -> None:
    report = build(service())

    catalogue = Catalogue.open(report.path)
    offer, detail = catalogue.offers["hsds--9b1b"], catalogue.detail("hsds--9b1b")
    v1.Service.model_validate(detail["service"])
    assert report.refused == ()
    assert (offer.commune, offer.thematiques, offer.publics) == ("35238", (FOOD,), {"familles"})
    assert offer.zone == {"35", "22050"}
    assert (offer.free, detail["service"]["frais_precisions"]) == (False, "2 euros le colis")
    assert offer.complement.languages == ("en", "fr", "ar")
    assert offer.complement.min_age == 18
    assert offer.complement.documents["fr"] == "Une pièce d'identité; Un justificatif"
    assert detail["service"]["publics_precisions"] == "Sur place seulement."
    assert detail["structure"]["siret"] == "12345678901234"
    assert detail["structure"]["telephone"] == "01 99 00 00 01"


def test_its_hours_open_and_close(build: Any) -> None:
    offer = Catalogue.open(build(service()).path).offers["hsds--9b1b"]
    open_at = [
        opening_at(offer.hours, datetime.datetime.fromisoformat(f"{moment}+01:00")).state
        for moment in (
            "2026-11-23T10:00",
            "2026-11-24T15:00",
            "2026-12-08T15:00",
            "2026-11-25T11:59",
            "2026-11-26T10:00",
        )
    ]

    assert open_at == ["open", "closed", "open", "open", "closed"]


def test_what_has_no_place_is_named(build: Any) -> None:
    assert [(noted.field, noted.value) for noted in build(service()).noted] == [
        ("attributes", "'BD-1800'"), ("service_areas", "'ailleurs'"), ("wait_time", "'deux jours'"),
    ]  # fmt: skip


@pytest.mark.parametrize("form", [{"page": True}, {"lines": True}])
def test_a_page_of_an_answer_and_lines_are_read_too(build: Any, form: dict[str, bool]) -> None:
    assert build(service(), **form).kept == 1


@pytest.mark.parametrize("status", ["inactive", "defunct"])
def test_what_is_not_offered_any_more_is_left_out(build: Any, status: str) -> None:
    report = build(service(), service(id="old", status=status))

    assert [(refused.id, refused.field, refused.value) for refused in report.refused] == [
        ("hsds--old", "status", f"'{status}'")
    ]


def test_a_service_closed_for_a_time_is_closed(build: Any) -> None:
    offer = Catalogue.open(build(service(status="temporarily closed", alert="Travaux")).path).offers["hsds--9b1b"]

    assert offer.complement.closures[0].covers(datetime.date(2026, 11, 22))
    assert offer.complement.closures[0].reason == "Travaux"


def test_hours_of_one_season_end_with_it(build: Any) -> None:
    season = {"freq": "WEEKLY", "byday": "SA", "opens_at": "10:00", "closes_at": "12:00"}
    changes = {
        "schedules": [{**season, "valid_from": "2026-12-01", "valid_to": "2026-12-31"}],
        "service_at_locations": [],
    }
    offer = Catalogue.open(build(service(**changes)).path).offers["hsds--9b1b"]

    assert offer.hours == "2026 Dec 01-2026 Dec 31 Sa 10:00-12:00"


@pytest.mark.parametrize(("available", "capacity"), [(3, Capacity.YES), (0, Capacity.NO)])
def test_free_places_of_the_next_version_are_kept(build: Any, available: int, capacity: Capacity) -> None:
    report = build(service(capacities=[{"id": "c", "available": available, "updated": "2026-11-01"}]))

    assert Catalogue.open(report.path).offers["hsds--9b1b"].complement.capacity is capacity


def test_a_service_without_any_need_is_told(build: Any) -> None:
    report = build(service(), service(id="x", attributes=[]))

    assert [(refused.id, refused.field) for refused in report.refused] == [("hsds--x", "thematiques")]


def test_a_file_of_something_else_is_refused(build: Any) -> None:
    with pytest.raises(BadSource, match="no HSDS service"):
        build({"id": "x", "name": "Une organisation"})
