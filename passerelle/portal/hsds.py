"""The catalogue for other programs to read: Open Referral HSDS 3.0, without a key, nothing of what is asked kept."""

import datetime
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse, Response, StreamingResponse

from orientation_catalogue.catalogue import Catalogue
from orientation_catalogue.export.hsds import Hsds, organization, taxonomies, terms, terms_of, uuid_of
from orientation_catalogue.export.published import Publication, Published, Row
from orientation_catalogue.territory.places import Places
from passerelle.foundation.clock import PARIS, Clock
from passerelle.foundation.text import fold

#: Where the specification of the format is.
PROFILE = "https://docs.openreferral.org/en/3.0/"
OPENAPI = "https://raw.githubusercontent.com/openreferral/specification/3.0/schema/openapi.json"

#: Any page may read it: it holds no secret and takes no cookie (UK profile of Open Referral).
_HEADERS = {"Access-Control-Allow-Origin": "*"}

T = TypeVar("T")
Format = Literal["json", "ndjson"]
Page = Annotated[int, Query(ge=1, le=10_000_000, description="Page, from 1.")]
PerPage = Annotated[int, Query(ge=1, le=1000, description="Things a page.")]
Search = Annotated[str, Query(max_length=200, description="Words that all stand in the name or the description.")]


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """What a filter looks at, of one service; the service itself is read when it is shown."""

    id: str
    service_id: str
    organization: str
    words: str
    terms: frozenset[str]
    modified: datetime.date


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What is asked of the list of services; all of it must hold."""

    search: str = ""
    taxonomy_term_id: str = ""
    taxonomy_id: str = ""
    organization_id: str = ""
    modified_after: datetime.date | None = None

    def keep(self, listed: Listed) -> bool:
        """Whether a service is asked for."""
        return (
            all(word in listed.words for word in fold(self.search).split())
            and self.taxonomy_term_id in {"", *listed.terms}
            and (not self.taxonomy_id or not _TERMS_OF.get(self.taxonomy_id, frozenset()).isdisjoint(listed.terms))
            and self.organization_id in {"", listed.organization}
            and (self.modified_after is None or listed.modified >= self.modified_after)
        )


_TERMS_OF = {
    taxonomy["id"]: frozenset(term["id"] for term in terms() if term["taxonomy_id"] == taxonomy["id"])
    for taxonomy in taxonomies()
}


class Directory:
    """The services of the catalogue in force, found by their HSDS id. Read once for each catalogue."""

    def __init__(self, catalogue: Callable[[], Catalogue], *, places: Places, clock: Clock) -> None:
        self._catalogue = catalogue
        self._places = places
        self._clock = clock
        self._lock = threading.Lock()
        self._version = ""
        self._listed: dict[str, Listed] = {}
        self._organizations: dict[str, Row] = {}
        self._publication: Publication | None = None

    def hsds(self) -> Hsds:
        """The writer of today."""
        return Hsds(places=self._places, today=self._clock.now().astimezone(PARIS).date())

    def services(self, filters: Filters) -> list[str]:
        """Ids of the services that are asked for, in the order of the catalogue."""
        self._read()
        return [listed.id for listed in self._listed.values() if filters.keep(listed)]

    def shown(self, service: str, *, full: bool) -> Row | None:
        """One service, with everything it is made of or as in a list."""
        publication = self._read()
        listed = self._listed.get(service)
        published = publication.service(listed.service_id) if listed else None
        if published is None:
            return None
        return self.hsds().service(published) if full else self.hsds().listed_service(published)

    def last_change(self, service: str) -> str:
        """The day on which the source last changed the service."""
        return self._listed[service].modified.isoformat()

    def organizations(self) -> dict[str, Row]:
        """Every structure by its HSDS id."""
        self._read()
        return self._organizations

    def _read(self) -> Publication:
        catalogue = self._catalogue()
        with self._lock:
            if self._publication is None or self._version != catalogue.sha256:
                publication = Publication.of(catalogue)
                self._listed = {listed.id: listed for listed in map(_listed, publication.services())}
                found = map(organization, publication.structures())
                self._organizations = {row["id"]: row for row in found}
                self._publication, self._version = publication, catalogue.sha256
            return self._publication


def _listed(published: Published) -> Listed:
    row = published.service
    return Listed(
        id=uuid_of("service", row["id"]),
        service_id=row["id"],
        organization=uuid_of("organization", published.structure["id"]),
        words=fold(f"{row['nom']} {row['description']}"),
        terms=terms_of(row),
        modified=datetime.date.fromisoformat(str(row["date_maj"])[:10]),
    )


def hsds_router(directory: Directory) -> APIRouter:
    """The addresses under /hsds; plain functions, so that a long list keeps no other page waiting."""
    router = APIRouter(prefix="/hsds", tags=["everyone"])

    @router.get("/")
    def about() -> Response:
        return _said({"version": "3.0", "profile": PROFILE, "openapi_url": OPENAPI})

    @router.get("/services")
    def services(
        search: Search = "",
        page: Page = 1,
        per_page: PerPage = 100,
        format: Format = "json",
        taxonomy_term_id: str = "",
        taxonomy_id: str = "",
        organization_id: str = "",
        modified_after: datetime.datetime | datetime.date | None = None,
        minimal: bool = False,
        full: bool = False,
    ) -> Response:
        asked = Filters(
            search=search,
            taxonomy_term_id=taxonomy_term_id,
            taxonomy_id=taxonomy_id,
            organization_id=organization_id,
            modified_after=_day(modified_after),
        )

        def show(ids: Iterable[str]) -> Iterator[Row]:
            for service in ids:
                if minimal:
                    yield {"id": service, "modified_date": directory.last_change(service)}
                elif row := directory.shown(service, full=full):
                    yield row

        return _listing(directory.services(asked), show, page=page, per_page=per_page, format=format)

    @router.get("/services/{service_id}")
    def service(service_id: str) -> Response:
        return _found(directory.shown(service_id, full=True), "service")

    @router.get("/organizations")
    def organizations(
        search: Search = "", page: Page = 1, per_page: PerPage = 100, format: Format = "json"
    ) -> Response:
        rows = directory.organizations().values()
        return _listing(_searched(rows, search), iter, page=page, per_page=per_page, format=format)

    @router.get("/organizations/{organization_id}")
    def one_organization(organization_id: str) -> Response:
        return _found(directory.organizations().get(organization_id), "organization")

    @router.get("/taxonomies")
    def all_taxonomies(
        search: Search = "", page: Page = 1, per_page: PerPage = 100, format: Format = "json"
    ) -> Response:
        return _listing(_searched(taxonomies(), search), iter, page=page, per_page=per_page, format=format)

    @router.get("/taxonomies/{taxonomy_id}")
    def one_taxonomy(taxonomy_id: str) -> Response:
        return _found(_with_id(taxonomies(), taxonomy_id), "taxonomy")

    @router.get("/taxonomy_terms")
    def all_terms(
        search: Search = "",
        page: Page = 1,
        per_page: PerPage = 100,
        format: Format = "json",
        taxonomy_id: str = "",
        top_only: bool = False,
        parent_id: str = "",
    ) -> Response:
        rows = [
            term
            for term in _searched(terms(), search)
            if taxonomy_id in ("", term["taxonomy_id"])
            and parent_id in ("", term.get("parent_id"))
            and not (top_only and "parent_id" in term)
        ]
        return _listing(rows, iter, page=page, per_page=per_page, format=format)

    @router.get("/taxonomy_terms/{term_id}")
    def one_term(term_id: str) -> Response:
        return _found(_with_id(terms(), term_id), "taxonomy term")

    return router


def _listing(
    things: Sequence[T], show: Callable[[Iterable[T]], Iterator[Row]], *, page: int, per_page: int, format: Format
) -> Response:
    """One page of them; all of them, a line each, as NDJSON."""
    if format == "ndjson":
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in show(things))
        return StreamingResponse(lines, media_type="application/x-ndjson", headers=_HEADERS)
    pages = max(1, -(-len(things) // per_page))
    rows = list(show(things[(page - 1) * per_page : page * per_page]))
    return _said(
        {
            "total_items": len(things),
            "total_pages": pages,
            "page_number": page,
            "size": len(rows),
            "first_page": page == 1,
            "last_page": page == pages,
            "empty": not rows,
            "contents": rows,
        }
    )


def _searched(rows: Iterable[Row], search: str) -> list[Row]:
    words = fold(search).split()
    return [row for row in rows if all(word in fold(f"{row['name']} {row['description']}") for word in words)]


def _with_id(rows: Iterable[Row], key: str) -> Row | None:
    return next((row for row in rows if row["id"] == key), None)


def _day(given: datetime.datetime | datetime.date | None) -> datetime.date | None:
    return given.date() if isinstance(given, datetime.datetime) else given


def _found(row: Row | None, kind: str) -> Response:
    if row is None:
        raise HTTPException(404, detail=f"No {kind} has this id.", headers=_HEADERS)
    return _said(row)


def _said(content: Row) -> Response:
    return JSONResponse(content, headers=_HEADERS)
