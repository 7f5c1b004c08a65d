"""A model hub on loopback sockets that answers as huggingface.co does, and can misbehave.

tests/contract/test_hub_peer.py holds it to huggingface_hub, the real client.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 1000
"""Bytes from which a file lies in the large file storage, behind a redirect to another address."""
PIECE = 16 * 1024


@dataclass(frozen=True)
class Request:
    server: str
    path: str
    range: str | None
    authorization: str | None


@dataclass
class Faults:
    """status: answers by the end of a path. cut: bytes after which a transfer breaks off, as often as `cuts` says.
    lie: sends other bytes than it declares. no_ranges: sends the whole file whatever was asked. short: forgets the
    last byte, and its length agrees. endless: goes on after the last byte, and gives no length. pace: seconds between
    pieces of 16 kB. token: what alone opens the hub."""

    status: dict[str, int] = field(default_factory=dict)
    cut: int | None = None
    cuts: int = 10**9
    lie: bool = False
    no_ranges: bool = False
    short: bool = False
    endless: bool = False
    pace: float = 0.0
    token: str | None = None


class HubPeer:
    """files: repo -> path -> bytes, of COMMIT, which is main. plain: path -> bytes, files at addresses of their own."""

    def __init__(
        self, files: Mapping[str, Mapping[str, bytes]], plain: Mapping[str, bytes] | None = None
    ) -> None:
        self.files = {repo: dict(found) for repo, found in files.items()}
        self.plain = dict(plain or {})
        self.refs = {"main": COMMIT}
        self.faults = Faults()
        self.requests: list[Request] = []
        self.servers: dict[str, ThreadingHTTPServer] = {}

    @property
    def endpoint(self) -> str:
        return self.address("hub")

    def address(self, server: str) -> str:
        return f"http://127.0.0.1:{self.servers[server].server_port}"

    def downloads(self, path: str) -> list[str | None]:
        """The ranges that were asked for of a file, where its bytes are."""
        asked = [r for r in self.requests if r.path.endswith(path) and not r.path.startswith("/api/")]
        stored = [r.range for r in asked if r.server == "storage"]
        return stored or [r.range for r in asked]

    def stop(self) -> None:
        for server in self.servers.values():
            server.shutdown()
            server.server_close()
        self.servers = {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    peer: HubPeer
    name: str

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        path, faults = unquote(urlsplit(self.path).path), self.peer.faults
        said = self.headers.get("Authorization")
        self.peer.requests.append(Request(self.name, path, self.headers.get("Range"), said))
        status = next((code for end, code in faults.status.items() if path.endswith(end)), None)
        if faults.token and self.name == "hub" and said != f"Bearer {faults.token}":
            status = 401
        if status is not None:
            return self._send(status, {"Retry-After": "0"})
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/revision/([^/]+)", path):
            return self._info(found[1], found[2])
        if found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self._resolve(found[1], found[2], found[3], body)
        data = self._stored(path)
        return self._send(404) if data is None else self._file(data, body, {})

    def _stored(self, path: str) -> bytes | None:
        if self.name == "hub":
            return self.peer.plain.get(path)
        found = re.fullmatch(r"/([^/]+/[^/]+)/(.+)", path)
        return self.peer.files[found[1]][found[2]] if found else None

    def _commit(self, repo: str, revision: str) -> str | None:
        commit = self.peer.refs.get(revision, revision)
        return commit if repo in self.peer.files and commit in self.peer.refs.values() else None

    def _info(self, repo: str, revision: str) -> None:
        commit = self._commit(repo, revision)
        if commit is None:
            return self._send(404, {"X-Error-Code": "RepoNotFound"})
        siblings = [_sibling(path, data) for path, data in self.peer.files[repo].items()]
        facts = {"id": repo, "modelId": repo, "sha": commit, "private": False, "tags": [], "downloads": 0}
        return self._file(json.dumps({**facts, "siblings": siblings}).encode(), True, {}, honest=True)

    def _resolve(self, repo: str, revision: str, path: str, body: bool) -> None:
        commit = self._commit(repo, revision)
        data = self.peer.files[repo].get(path) if commit else None
        if commit is None or data is None:
            return self._send(404, {"X-Error-Code": "EntryNotFound"})
        headers = {"X-Repo-Commit": commit}
        if len(data) < LARGE:
            return self._file(data, body, {**headers, "ETag": f'"{_blob(data)}"'})
        linked = {"X-Linked-Size": str(len(data)), "X-Linked-Etag": f'"{sha256(data).hexdigest()}"'}
        location = f"{self.peer.address('storage')}/{repo}/{path}?signed=1"
        return self._send(302, {**headers, **linked, "Location": location})

    def _file(self, data: bytes, body: bool, headers: Mapping[str, str], honest: bool = False) -> None:
        faults = self.peer.faults
        if not honest:
            data = data[:-1] if faults.short else data
            data = bytes(byte ^ 1 for byte in data) if faults.lie else data
        asked = None if faults.no_ranges else re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        start = int(asked[1]) if asked else 0
        if start >= len(data) > 0:
            return self._send(416, {"Content-Range": f"bytes */{len(data)}"})
        span = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if asked else {}
        length = {"Content-Length": str(len(data) - start), "Accept-Ranges": "bytes"}
        if faults.endless and not honest:
            data, span, length, self.close_connection = data + bytes(10**6), {}, {}, True
        self._head(206 if asked else 200, {**headers, **span, **length})
        if body:
            self._pour(data[start:], cut=None if honest else faults.cut)
        return None

    def _pour(self, data: bytes, cut: int | None) -> None:
        if cut is not None and self.peer.faults.cuts > 0 and len(data) > cut:
            self.peer.faults.cuts -= 1
            self.close_connection = True
            data = data[:cut]
        for at in range(0, len(data), PIECE):
            self.wfile.write(data[at : at + PIECE])
            time.sleep(self.peer.faults.pace)

    def _send(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        self._head(status, {"Content-Length": "0", **(headers or {})})

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """A test's output is for the test."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed, or that stopped reading, is what tests are about."""


def _sibling(path: str, data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": _blob(data)}
    if len(data) >= LARGE:
        found["lfs"] = {"sha256": sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
    return found


def _blob(data: bytes) -> str:
    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@contextmanager
def hub_peer(
    files: Mapping[str, Mapping[str, bytes]], plain: Mapping[str, bytes] | None = None
) -> Iterator[HubPeer]:
    """Two servers: the hub, and the storage that it redirects to."""
    peer = HubPeer(files, plain)
    with ExitStack() as stack:
        for name in ("hub", "storage"):
            handler = type(f"{name.title()}Handler", (_Handler,), {"peer": peer, "name": name})
            server = _Server(("127.0.0.1", 0), handler)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            stack.callback(thread.join)
            peer.servers[name] = server
        stack.callback(peer.stop)
        yield peer
