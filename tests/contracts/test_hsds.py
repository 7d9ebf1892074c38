"""What /hsds gives is HSDS 3.0: the official schemas accept it, and schemathesis, after the official OpenAPI file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator, FormatChecker
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance
from synthetic_territory import TODAY, Territory, write_territory

from orientation_catalogue.build import build_catalogue
from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.territory.places import Places
from passerelle.portal.hsds import Directory, hsds_router

HSDS = Path(__file__).parents[3] / "shared" / "hsds"
official = pytest.mark.skipif(
    not HSDS.is_dir(), reason="the official HSDS 3.0 files are not beside the project (shared/hsds)"
)
#: Lists hold the things themselves; the taxonomies have no file of their own, they stand inside a service.
_FILES = {
    "service": "service",
    "service_list": "service",
    "organization": "organization",
    "organization_list": "organization",
}


class Noon:
    """A clock that stands still."""

    def now(self) -> Any:
        import datetime

        return datetime.datetime.combine(TODAY, datetime.time(12), datetime.UTC)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    places = Places.load()
    folder = tmp_path_factory.mktemp("hsds")
    source = write_territory(Territory(places, seed=8).houses(300), folder / "source")
    catalogue = Catalogue.open(build_catalogue([source], folder / "built", places=places, today=TODAY).path)
    app = FastAPI(openapi_url=None)
    app.include_router(hsds_router(Directory(lambda: catalogue, places=places, clock=Noon())))
    return app


@pytest.fixture(scope="module")
def get(app: FastAPI) -> Callable[..., Any]:
    client = TestClient(app)
    return lambda path, **params: client.get(f"/hsds{path}", params=params)


def schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((HSDS / f"{name}.json").read_text(encoding="utf-8"))
    return read


@official
@pytest.mark.parametrize(("path", "name"), [("/services", "service"), ("/organizations", "organization")])
def test_the_official_schema_accepts_every_thing(get: Callable[..., Any], path: str, name: str) -> None:
    validator = Draft202012Validator(schema(name), format_checker=FormatChecker())
    contents = get(path, per_page=1000, full=True).json()["contents"]

    assert len(contents) > 100
    assert [error.message for thing in contents for error in validator.iter_errors(thing)] == []


def test_a_list_says_where_one_is_in_it(get: Callable[..., Any]) -> None:
    first, last = get("/services", per_page=100).json(), get("/services", per_page=100, page=3).json()

    assert {name: value for name, value in first.items() if name != "contents"} == {
        "total_items": last["total_items"],
        "total_pages": 3,
        "page_number": 1,
        "size": 100,
        "first_page": True,
        "last_page": False,
        "empty": False,
    }
    assert (last["first_page"], last["last_page"], last["size"]) == (False, True, last["total_items"] - 200)


def test_a_service_is_found_again_by_its_id_with_everything_it_is_made_of(get: Callable[..., Any]) -> None:
    listed = get("/services", per_page=1).json()["contents"][0]
    service = get(f"/services/{listed['id']}").json()

    assert listed.items() <= service.items()
    assert service["organization"]["id"] == service["organization_id"]
    assert get(f"/organizations/{service['organization_id']}").json()["name"] == service["organization"]["name"]


def test_filters_add_up(get: Callable[..., Any]) -> None:
    need = next(
        term for term in get("/taxonomy_terms", per_page=1000).json()["contents"]
        if term["code"] == "equipement-et-alimentation--alimentation"
    )  # fmt: skip
    by_need = get("/services", per_page=1000, taxonomy_term_id=need["id"], full=True).json()["contents"]
    owner = by_need[0]["organization_id"]
    both = get("/services", taxonomy_term_id=need["id"], organization_id=owner).json()["contents"]
    later = get("/services", per_page=1000, taxonomy_term_id=need["id"], modified_after="2026-06-01").json()["contents"]

    assert all(need["id"] in {one["taxonomy_term_id"] for one in service["attributes"]} for service in by_need)
    assert {service["id"] for service in both} == {one["id"] for one in by_need if one["organization_id"] == owner}
    assert {one["id"] for one in later} == {one["id"] for one in by_need if one["last_modified"] >= "2026-06-01"}
    assert 0 < len(later) < len(by_need)


def test_words_are_found_without_their_accents(get: Callable[..., Any]) -> None:
    found = get("/taxonomy_terms", search="hebergement").json()["contents"]

    assert any("hébergement" in term["name"] for term in found)


def test_lines_hold_the_whole_list(get: Callable[..., Any]) -> None:
    lines = get("/services", format="ndjson", minimal=True).text.splitlines()

    assert len(lines) == get("/services").json()["total_items"]
    assert set(json.loads(lines[0])) == {"id", "modified_date"}


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/services", {"page": 0}),
        ("/services", {"per_page": 100_000}),
        ("/services", {"modified_after": "yesterday"}),
        ("/services", {"format": "xml"}),
        ("/services/nobody", {}),
        ("/organizations/nobody", {}),
        ("/taxonomy_terms/nobody", {}),
    ],
)
def test_what_cannot_be_answered_is_refused(get: Callable[..., Any], path: str, params: dict[str, Any]) -> None:
    assert get(path, **params).status_code in {404, 422}


def test_any_page_may_read_it(get: Callable[..., Any]) -> None:
    assert get("/").headers["access-control-allow-origin"] == "*"
    assert get("/").json()["version"] == "3.0"


@pytest.fixture(scope="module")
def tried(app: FastAPI) -> Any:
    """The official OpenAPI file, its references pointed at the files beside it, without the paths we do not serve."""
    text = (HSDS / "openapi.json").read_text(encoding="utf-8")
    for name in ("service_list", "service", "organization_list", "organization", "taxonomy_term", "taxonomy"):
        for folder in ("compiled/", ""):
            official = f"https://raw.githubusercontent.com/openreferral/specification/3.0/schema/{folder}{name}.json"
            text = text.replace(f'"{official}"', f'"#/components/schemas/{name}"')
    openapi = json.loads(text)
    term = schema("service")["properties"]["attributes"]["items"]["properties"]["taxonomy_term"]
    openapi["components"]["schemas"] |= {name: schema(file) for name, file in _FILES.items()}
    openapi["components"]["schemas"] |= {"taxonomy_term": term, "taxonomy": term["properties"]["taxonomy_detail"]}
    # With minimal=true the specification asks for these two fields, which its own list schema refuses.
    minimal = {"type": "object", "required": ["id", "modified_date"], "maxProperties": 2}
    openapi["components"]["schemas"]["service_list"] = {"anyOf": [schema("service"), minimal]}
    openapi["paths"] = {
        f"/hsds{path}": value for path, value in openapi["paths"].items() if "service_at_location" not in path
    }
    loaded = schemathesis.openapi.from_dict(openapi)
    loaded.app = app
    return loaded


@official
def test_whatever_is_asked_is_answered_as_the_specification_says(tried: Any) -> None:
    operations = [found.ok() for found in tried.get_all_operations()]

    for operation in operations:

        @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def answers(case: Any) -> None:
            case.call_and_validate(checks=[not_a_server_error, response_schema_conformance])

        answers()
    assert len(operations) == 9
