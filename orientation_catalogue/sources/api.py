"""data·inclusion's API: every structure and service, page by page, kept on the disk until all are there.

The API has no "what changed since": all pages are read again each time. What is refreshed is told by comparing with
the rows of the time before. A refresh that was cut goes on from its last page; one that would lose half of the rows,
or that does not add up, changes nothing. The token is sent in a header only, to the one configured address.
"""

import ipaddress
import json
import os
import shutil
import socket
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from orientation_catalogue.errors import ApiAway, ApiRefused, BadSource
from orientation_catalogue.sources.reading import MAX_ROW_CHARS, MAX_ROWS, Row, lines_of

RESOURCES = ("structures", "services")

#: Rows asked for at once; the API gives 10 000 at most.
PAGE_SIZE = 1_000
MAX_PAGE_BYTES = 128 * 1024**2
#: Seconds: to connect, between two pieces of an answer, for a whole page.
_CONNECT, _READ, _PAGE = 10.0, 60.0, 300.0
#: Pages of a refresh that was cut are used again for this long: the API loads its data every hour of the day.
_CUT_LASTS = 6 * 3600
_ATTEMPTS = 6
_LONGEST_WAIT = 60.0
#: The data moved under the pages: begin again, but not for ever.
_BEGINNINGS = 3
#: Fewer rows than this say nothing by their number.
_FEW = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """Where data·inclusion answers, and with which token."""

    url: str
    token: str = field(repr=False)
    #: An address that is not public, or not https: a copy of one's own, a test.
    allow_private: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """What a refresh brought, against the one before."""

    added: int
    changed: int
    unchanged: int
    removed: int

    def __str__(self) -> str:
        return f"{self.added} new, {self.changed} changed, {self.unchanged} unchanged, {self.removed} removed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Refreshed:
    """A source folder, and what is new in it."""

    folder: Path
    changes: Mapping[str, Changes]


class _Later(Exception):
    """This may work if it is asked again."""

    def __init__(self, problem: str, wait: float | None = None) -> None:
        self.problem = problem
        self.wait = wait
        super().__init__(problem)


class _Moved(Exception):
    """The rows changed while their pages were read."""


def refresh(
    api: Api,
    folder: Path,
    *,
    page_size: int = PAGE_SIZE,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.time,
) -> Refreshed:
    """Bring every row and give the folder to import. Raises ApiRefused, ApiAway or BadSource; nothing changes then."""
    check_address(api)
    folder.mkdir(parents=True, exist_ok=True)
    pages = _Pages(folder / "pages", api.url, page_size, now())
    timeout = httpx2.Timeout(_READ, connect=_CONNECT)
    headers = {"Authorization": f"Bearer {api.token}", "Accept": "application/json", "User-Agent": "passerelle"}
    # No redirect is followed and no proxy taken from the environment: the token goes to one place.
    with httpx2.Client(timeout=timeout, headers=headers, follow_redirects=False, trust_env=False) as client:
        asking = _Asking(client, api.url.rstrip("/"), sleep)
        for resource in RESOURCES:
            _bring(resource, asking, pages)
    return _put_together(folder, pages, now())


def check_address(api: Api) -> None:
    """Refuse an address that could lead the token, or us, somewhere else. Raises BadSource."""
    address = urlsplit(api.url)
    if address.username or address.password or address.query or address.fragment or not address.hostname:
        raise BadSource(path=api.url.partition("?")[0], problem="the address is a plain https://host")
    if api.allow_private:
        return
    if address.scheme != "https":
        raise BadSource(path=api.url, problem="the address begins with https://")
    try:
        found = socket.getaddrinfo(address.hostname, address.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ApiAway(problem="its name is not known here") from error
    for *_, place in found:
        number = ipaddress.ip_address(str(place[0]).partition("%")[0])
        if not (getattr(number, "ipv4_mapped", None) or number).is_global:
            raise BadSource(path=api.url, problem="it leads to an address that is not public")


class _Asking:
    """Asks for pages; tells what may be asked again from what may not."""

    def __init__(self, client: httpx2.Client, url: str, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._url = url
        self._sleep = sleep

    def page(self, resource: str, number: int, size: int) -> Row:
        """One page of the answer, its numbers checked."""
        problem = ""
        for attempt in range(_ATTEMPTS):
            try:
                return _checked(self._once(resource, number, size), number, size)
            except _Later as later:
                problem = f"page {number} of {resource}: {later.problem}"
                if attempt + 1 < _ATTEMPTS:
                    self._sleep(min(later.wait if later.wait is not None else 2.0**attempt, _LONGEST_WAIT))
        raise ApiAway(problem=problem)

    def _once(self, resource: str, number: int, size: int) -> Any:
        parameters = {"page": number, "size": size}
        try:
            with self._client.stream("GET", f"{self._url}/api/v1/{resource}", params=parameters) as response:
                _check_status(response)
                return _json(_body(response))
        except httpx2.HTTPError as error:
            # The text of such an error may hold an address: its kind is enough.
            raise _Later(f"the connection broke ({type(error).__name__})") from error


def _check_status(response: httpx2.Response) -> None:
    status = response.status_code
    if status == httpx2.codes.OK:
        return
    if status == httpx2.codes.TOO_MANY_REQUESTS or status >= httpx2.codes.INTERNAL_SERVER_ERROR:
        raise _Later(f"status {status}", wait=_seconds(response.headers.get("Retry-After")))
    if status in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
        raise ApiRefused(problem=f"status {status}: the token is missing, wrong or not allowed")
    if 300 <= status < 400:
        raise ApiRefused(problem=f"status {status}: it sends elsewhere, and that is not followed")
    raise ApiRefused(problem=f"status {status}")


def _seconds(text: str | None) -> float | None:
    """Retry-After in seconds; its form as a date is not waited for exactly."""
    return float(text) if text and text.isdigit() else None


def _body(response: httpx2.Response) -> bytes:
    """The answer, unfolded piece by piece so that a small one never becomes a huge one."""
    end = time.monotonic() + _PAGE
    body = bytearray()
    for piece in response.iter_bytes(64 * 1024):
        body += piece
        if len(body) > MAX_PAGE_BYTES:
            raise ApiRefused(problem=f"a page has more than {MAX_PAGE_BYTES} bytes")
        if time.monotonic() > end:
            raise _Later("a page takes too long")
    return bytes(body)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _Later("the answer is cut or is no JSON") from error


def _no_constant(text: str) -> Any:
    raise ValueError(text)


def _checked(answer: Any, number: int, size: int) -> Row:
    page = answer if isinstance(answer, dict) else {}
    items, total = page.get("items"), page.get("total")
    if not isinstance(items, list) or not isinstance(total, int) or isinstance(total, bool):
        raise _Later("the answer is no page")
    if page.get("page") != number or len(items) > size or not 0 <= total <= MAX_ROWS:
        raise ApiRefused(
            problem=f"page {number} does not add up (page {page.get('page')}, {len(items)} rows of {total})"
        )
    if any(not isinstance(item, dict) or not isinstance(item.get("id"), str) for item in items):
        raise ApiRefused(problem=f"page {number} has a row without id")
    return page


class _Pages:
    """The pages on the disk: each written whole or not at all, so that a refresh that was cut goes on."""

    def __init__(self, folder: Path, url: str, size: int, now: float) -> None:
        self.folder = folder
        self.size = size
        self._state = folder / "state.json"
        same = self._read_state()
        if same.get("url") != url or same.get("size") != size or not 0 <= now - same.get("since", 0) < _CUT_LASTS:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            _write(self._state, json.dumps({"url": url, "size": size, "since": now}))

    def of(self, resource: str) -> list[Path]:
        """The pages that are there, in order."""
        return sorted(self.folder.glob(f"{resource}-*.json"))

    def keep(self, resource: str, number: int, page: Row) -> None:
        """Write a page down."""
        _write(self.folder / f"{resource}-{number:06d}.json", json.dumps({k: page[k] for k in ("total", "items")}))

    def forget(self, resource: str) -> None:
        """Begin a resource again."""
        for path in self.of(resource):
            path.unlink()

    def rows(self, resource: str) -> Iterator[Row]:
        """The rows of every page."""
        for path in self.of(resource):
            yield from json.loads(path.read_text(encoding="utf-8"))["items"]

    def total(self, resource: str) -> int | None:
        """The number of rows that the first page told."""
        first = next(iter(self.of(resource)), None)
        return int(json.loads(first.read_text(encoding="utf-8"))["total"]) if first else None

    def _read_state(self) -> Row:
        try:
            state: Row = json.loads(self._state.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state


def _bring(resource: str, asking: _Asking, pages: _Pages) -> None:
    for _ in range(_BEGINNINGS):
        try:
            _bring_pages(resource, asking, pages)
            return
        except _Moved:
            pages.forget(resource)
    raise ApiAway(problem=f"the rows of {resource} never add up to the number it says")


def _bring_pages(resource: str, asking: _Asking, pages: _Pages) -> None:
    number, total = len(pages.of(resource)), pages.total(resource)
    while total is None or number * pages.size < total:
        number += 1
        page = asking.page(resource, number, pages.size)
        total = page["total"] if total is None else total
        if page["total"] != total:
            raise _Moved
        pages.keep(resource, number, page)
    if len({row["id"] for row in pages.rows(resource)}) != total:
        raise _Moved


def _put_together(folder: Path, pages: _Pages, now: float) -> Refreshed:
    """Make the source folder of what was brought, compare it with the one before, and let that one go."""
    before = sorted(folder.glob("complete-*"))
    made = folder / f"complete-{int(now * 1000):016d}"
    draft = folder / ".draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    changes = {}
    for resource in RESOURCES:
        known = _marks(before[-1] / f"{resource}.ndjson") if before else {}
        changes[resource] = _write_rows(draft / f"{resource}.ndjson", pages.rows(resource), known)
        _check_removed(resource, changes[resource], len(known), folder)
    _write(draft / "changes.json", json.dumps({name: asdict(change) for name, change in changes.items()}))
    draft.replace(made)
    for old in before:
        shutil.rmtree(old)
    shutil.rmtree(pages.folder)
    return Refreshed(folder=made, changes=changes)


def _marks(path: Path) -> dict[str, int]:
    """A mark for each row of the time before: its content, its date of change with it."""
    if not path.is_file():
        return {}
    return {json.loads(line)["id"]: zlib.crc32(line.encode()) for _, line in lines_of(path)}


def _write_rows(path: Path, rows: Iterator[Row], known: Mapping[str, int]) -> Changes:
    added = changed = unchanged = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            line = json.dumps(row, ensure_ascii=False, sort_keys=True)
            if len(line) > MAX_ROW_CHARS:
                raise ApiRefused(problem=f"a row has more than {MAX_ROW_CHARS} characters")
            mark = known.get(row["id"])
            added += mark is None
            unchanged += mark == zlib.crc32(line.encode())
            changed += mark is not None and mark != zlib.crc32(line.encode())
            file.write(line + "\n")
    return Changes(added=added, changed=changed, unchanged=unchanged, removed=len(known) - changed - unchanged)


def _check_removed(resource: str, changes: Changes, before: int, folder: Path) -> None:
    if before >= _FEW and changes.removed * 2 > before:
        problem = (
            f"{changes.removed} of the {before} {resource} of the last time are not there any more; nothing is "
            f"changed. If that is right, remove {folder} and run again"
        )
        raise BadSource(path="data·inclusion", problem=problem)


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
