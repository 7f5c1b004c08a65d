"""HTTP on a loopback socket that can misbehave: what the peers of stores on the network have in common."""

from __future__ import annotations

import random
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.peers.serving import Closing

Kind = Literal["slow", "reset", "busy", "truncated", "lost"]
KINDS: tuple[Kind, ...] = ("slow", "reset", "busy", "truncated", "lost")


@dataclass(frozen=True)
class Asked:
    """headers: names in lower case. path: decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """slow: waits `seconds`, then answers. reset: the connection is reset before anything is done. busy: answers
    `status` with Retry-After `after`, and does nothing. truncated: does it, and half of the answer arrives. lost: does
    it, and says `status`; with status 0 the connection is reset.
    method: only of requests with this one; path: whose path has this in it."""

    kind: Kind
    status: int = 503
    after: float | None = None
    seconds: float = 0.05
    method: str = ""
    path: str = ""

    def hits(self, asked: Asked) -> bool:
        return self.method in ("", asked.method) and self.path in asked.path


class Peer(Closing, ABC):
    """asked: every request, in order. fault_rate: how many requests of one are hit by a random fault. hit: how many
    were."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.fault_rate, self.hit = 0.0, 0
        self.closing = threading.Event()
        self.before: Callable[[Asked], None] = lambda asked: None
        """Called before a request is carried out: where a test does what another process would."""
        self._planned: deque[Fault] = deque()
        self._random, self._choosing = random.Random(7), threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def plan(self, *faults: Fault) -> None:
        """Each hits the next request that it fits."""
        self._planned.extend(faults)

    @property
    def planned(self) -> int:
        """Faults that hit nothing yet."""
        return len(self._planned)

    @abstractmethod
    def answer(self, asked: Asked) -> Reply: ...

    @abstractmethod
    def refusal(self, status: int) -> Reply:
        """What this service says with such a status."""

    def fault_of(self, asked: Asked) -> Fault | None:
        with self._choosing:
            self.asked.append(asked)
            found = next((fault for fault in self._planned if fault.hits(asked)), None)
            if found:
                self._planned.remove(found)
            elif self._random.random() < self.fault_rate:
                found = Fault(self._random.choice(KINDS), self._random.choice((429, 500, 503)), after=0.01)
            self.hit += found is not None
            return found


class _Handler(BaseHTTPRequestHandler):
    server: Peer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, unquote(parts.path), dict(parse_qsl(parts.query, True)), headers, body)
        fault = self.server.fault_of(asked)
        kind = fault.kind if fault else None
        if fault and kind == "slow":
            self.server.closing.wait(fault.seconds)
        if fault and kind == "busy":
            return self._send(_later(self.server.refusal(fault.status), fault.after))
        if kind == "reset":
            return self._reset()
        self.server.before(asked)
        reply = self.server.answer(asked)
        if fault and kind == "lost":
            return self._send(self.server.refusal(fault.status)) if fault.status else self._reset()
        return self._send(reply, cut=kind == "truncated")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve

    def _send(self, reply: Reply, cut: bool = False) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if cut:
            self.close_connection = True
        if self.command != "HEAD":
            self.wfile.write(reply.body[: len(reply.body) // 2] if cut else reply.body)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def handle(self) -> None:
        """A client that gave up is no error of a test."""
        try:
            super().handle()
        except (OSError, ValueError):
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """A test's output is for the test."""


def _later(reply: Reply, after: float | None) -> Reply:
    headers = {} if after is None else {"Retry-After": f"{after:g}"}
    return Reply(reply.status, reply.body, {**reply.headers, **headers})
