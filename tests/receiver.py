"""A webhook receiver on a loopback socket that records what it is sent, and can misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PASSWORD = "T00/B00/s3cr3t"
"""Part of the address, as chat services do it."""


class Receiver(ThreadingHTTPServer):
    """posts: (path, message) of everything; accepted: the messages that were answered 200.

    mode: `ok`, `hang` (accepts and never answers), or a status such as `500` or `302` (to /elsewhere)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mode = "ok"
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.accepted: list[dict[str, Any]] = []
        self.closing = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{PASSWORD}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        mode = self.server.mode
        self.server.posts.append((self.path, message))
        if mode == "ok":
            self.server.accepted.append(message)
        if mode == "hang":
            self.server.closing.wait(60)
            return
        self.send_response(200 if mode == "ok" else int(mode))
        if mode.startswith("3"):
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """A test's output is for the test."""


@contextmanager
def listening() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.closing.set()
            receiver.shutdown()
            thread.join()
