"""A data·inclusion API on the loopback: pages, a token, and everything that may go wrong with it.

`plan` holds what to do for the next requests, one after the other: a status, "cut" (half an answer), "bomb" (a small
answer that unfolds into a huge one), "lie" (a wrong total), "nan", "redirect", "deep"; nothing left means to answer.
"""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "jeton-d-essai"


class FakeDataInclusion:
    """What the API holds, what it was asked, and what it does next."""

    def __init__(self, structures: list[dict[str, Any]], services: list[dict[str, Any]]) -> None:
        self.rows = {"structures": structures, "services": services}
        self.plan: list[int | str] = []
        #: Every request line and its Authorization header.
        self.asked: list[tuple[str, str | None]] = []
        self.url = ""

    def answer(self, target: str, token: str | None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one request."""
        self.asked.append((target, token))
        if token != f"Bearer {TOKEN}":
            return 403, {}, b'{"detail":"Not allowed"}'
        step = self.plan.pop(0) if self.plan else ""
        if isinstance(step, int):
            return step, {"Retry-After": "7"} if step == 429 else {}, b"{}"
        return self._odd(step, self._page(target, lies=step == "lie"))

    def _odd(self, step: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        odd: dict[str, tuple[int, dict[str, str], bytes]] = {
            "bomb": (
                200,
                {"Content-Encoding": "gzip"},
                gzip.compress(b" " * 200 * 1024**2, 9) if step == "bomb" else b"",
            ),
            "nan": (200, {}, b'{"items":[],"total":NaN,"page":1}'),
            "deep": (200, {}, b"[" * 100_000),
            "redirect": (302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""),
            "cut": (200, {"Content-Length": str(len(body))}, body[: len(body) // 2]),
        }
        return odd.get(step, (200, {}, body))

    def _page(self, target: str, *, lies: bool) -> bytes:
        address = urlsplit(target)
        asked = parse_qs(address.query)
        page, size = int(asked["page"][0]), int(asked["size"][0])
        rows = self.rows[address.path.rsplit("/", 1)[-1]]
        items = rows[(page - 1) * size : page * size]
        total = len(rows) + (3 if lies else 0)
        told = {"items": items, "total": total, "page": page, "size": len(items), "pages": -(-total // size)}
        return json.dumps(told).encode()


@contextmanager
def serving(fake: FakeDataInclusion) -> Iterator[FakeDataInclusion]:
    """The API on a free port of the loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = fake.answer(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            # A body shorter than it said: the connection is gone.
            self.close_connection = "Content-Length" in headers

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
