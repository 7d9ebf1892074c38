"""A bot that answers nonsense, late, or not at all, over real HTTP on loopback."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GOOD = {
    "intent": "greet",
    "confidence": 0.9,
    "entities": [],
    "needs": [],
    "danger": {"kind": "none", "score": 0.01},
    "medical": False,
    "action": "action_greet",
}


class StubBot(ThreadingHTTPServer):
    """Answers as `mode` says."""

    daemon_threads = True
    mode = "good"
    asked = 0


class _Handler(BaseHTTPRequestHandler):
    server: StubBot

    def do_POST(self) -> None:
        self.server.asked += 1
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        answer = {
            "status 500": (500, b'{"error": "made to fail"}'),
            "html": (200, b"<html>It works!</html>"),
            "empty list": (200, b"[]"),
            "null": (200, b"null"),
            "truncated": (200, json.dumps(GOOD).encode()[:20]),
            "wrong types": (200, b'{"intent": 3, "confidence": "high", "entities": 1, "needs": [7], "action": null}'),
            "half a document": (200, b'{"intent": "greet"}'),
            "unknown action": (200, json.dumps(GOOD | {"action": "action_fly"}).encode()),
        }
        if self.server.mode == "hangs":
            time.sleep(3)
        if self.server.mode == "closes":
            self.connection.close()
            return
        status, body = answer.get(self.server.mode, (200, json.dumps(GOOD).encode()))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.mode == "drips":
            for byte in body:
                time.sleep(0.05)
                self.wfile.write(bytes([byte]))
            return
        self.wfile.write(body)

    def handle(self) -> None:
        """Serve, and take it well when the client hangs up."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def stub_bot() -> Iterator[StubBot]:
    """A stub on a free port of loopback."""
    server = StubBot(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
