"""Cloudinary's upload and admin API on a loopback socket. Every signature is verified (version 2), with its hour."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import md5, sha1
from typing import Any

from pydantic import SecretStr

from tests.peers.faulty import Asked, Peer, Reply
from tests.peers.multipart import NotMultipart, read_multipart
from tests.peers.serving import serving

CLOUD, KEY, SECRET = "Demo-cloud", "123456789012345", "the_Secret-of-the-cloudinary-peer"
UNSIGNED = ("file", "cloud_name", "resource_type", "api_key", "signature")
HOUR = 3600


@dataclass(frozen=True)
class Kept:
    """version: the second of its last upload."""

    name: str
    data: bytes
    version: int
    context: Mapping[str, str]

    def facts(self, with_context: bool) -> dict[str, Any]:
        told: dict[str, Any] = {
            "public_id": self.name, "version": self.version, "resource_type": "raw", "type": "authenticated",
            "bytes": len(self.data), "etag": md5(self.data, usedforsecurity=False).hexdigest(),
        }  # fmt: skip
        return {**told, "context": {"custom": dict(self.context)}} if with_context and self.context else told


class Denied(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class CloudinaryPeer(Peer):
    """assets: authenticated raw assets by name. ahead: seconds that its clock is ahead of the machine's.
    page_limit: the most entries of a page. admin: calls of the admin API. invalidated: names, as they were."""

    def __init__(self) -> None:
        super().__init__()
        self.assets: dict[str, Kept] = {}
        self.ahead, self.page_limit, self.admin = 0.0, 500, 0
        self.invalidated: list[str] = []
        self._lock = threading.RLock()

    @property
    def url(self) -> SecretStr:
        return SecretStr(f"cloudinary://{KEY}:{SECRET}@{CLOUD}")

    def now(self) -> int:
        return int(time.time() + self.ahead)

    def refusal(self, status: int) -> Reply:
        return _json({"error": {"message": f"what went wrong ({status})"}}, status)

    def answer(self, asked: Asked) -> Reply:
        try:
            with self._lock:
                return self._answer(asked)
        except Denied as denied:
            return _json({"error": {"message": str(denied)}}, denied.status)

    def _answer(self, asked: Asked) -> Reply:
        found = re.fullmatch(r"/v1_1/([^/]+)/(.+)", asked.path)
        if not found or found[1] != CLOUD:
            raise Denied(401, f"Invalid cloud_name {found[1] if found else ''}")
        what = found[2]
        if asked.method == "GET" and what.startswith("resources/raw/authenticated"):
            self._check_admin(asked)
            name = what.removeprefix("resources/raw/authenticated").lstrip("/")
            return _json(self._find(name).facts(True)) if name else self._list(asked.query)
        if asked.method == "GET" and what == "raw/download":
            return self._download(self._signed(asked.query))
        if asked.method == "POST" and what in ("raw/upload", "raw/destroy", "raw/rename"):
            parts = self._parts(asked)
            params = self._signed({name: data.decode() for name, data in parts.items() if name != "file"})
            if params.get("type") != "authenticated":
                raise Denied(400, "this peer keeps authenticated assets only")
            return _json(getattr(self, f"_{what.removeprefix('raw/')}")(params, parts.get("file")))
        raise Denied(404, f"Resource not found - {what}")

    def _parts(self, asked: Asked) -> Mapping[str, bytes]:
        try:
            return read_multipart(asked.headers.get("content-type", ""), asked.body)
        except NotMultipart as error:
            raise Denied(400, f"not a form: {error}") from None

    def _signed(self, params: Mapping[str, str]) -> Mapping[str, str]:
        if params.get("api_key") != KEY:
            raise Denied(401, "Unknown API key")
        signed = sorted(f"{k}={v}".replace("&", "%26") for k, v in params.items() if k not in UNSIGNED and v)
        digest = sha1(f"{'&'.join(signed)}{SECRET}".encode(), usedforsecurity=False).hexdigest()
        if params.get("signature") != digest:
            raise Denied(401, f"Invalid Signature. String to sign - '{'&'.join(signed)}'.")
        if int(params.get("timestamp", 0)) < self.now() - HOUR:
            raise Denied(400, "Stale request - reported time is more than 1 hour ago")
        return params

    def _check_admin(self, asked: Asked) -> None:
        self.admin += 1
        expected = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {expected}":
            raise Denied(401, "Invalid credentials")

    def _find(self, name: str) -> Kept:
        if name not in self.assets:
            raise Denied(404, f"Resource not found - {name}")
        return self.assets[name]

    def _upload(self, params: Mapping[str, str], data: bytes | None) -> Mapping[str, Any]:
        name = params.get("public_id", "")
        if data is None or not name:
            raise Denied(400, "Missing required parameter - file or public_id")
        if params.get("overwrite") == "0" and name in self.assets:
            return {**self.assets[name].facts(False), "existing": True}
        context = dict(pair.split("=", 1) for pair in params.get("context", "").split("|") if pair)
        self.assets[name] = Kept(name, data, self.now(), context)
        return self.assets[name].facts(True)

    def _destroy(self, params: Mapping[str, str], data: bytes | None) -> Mapping[str, Any]:
        name = params["public_id"]
        if params.get("invalidate") == "1":
            self.invalidated.append(name)
        return {"result": "ok" if self.assets.pop(name, None) else "not found"}

    def _rename(self, params: Mapping[str, str], data: bytes | None) -> Mapping[str, Any]:
        kept, to = self._find(params["from_public_id"]), params["to_public_id"]
        if to in self.assets and params.get("overwrite") != "1":
            raise Denied(400, f"to_public_id ({to}) already exists")
        self.assets[to] = replace(self.assets.pop(kept.name), name=to)
        return self.assets[to].facts(True)

    def _download(self, params: Mapping[str, str]) -> Reply:
        if int(params.get("expires_at", 0)) < self.now():
            raise Denied(401, "Request expired")
        if params.get("type") != "authenticated":
            raise Denied(404, "Resource not found")
        return Reply(200, self._find(params["public_id"]).data, {"Content-Type": "application/octet-stream"})

    def _list(self, query: Mapping[str, str]) -> Reply:
        """With a prefix in order of names; without one, of uploads, which would change while pages are read."""
        prefix, limit = query.get("prefix", ""), min(int(query.get("max_results", 10)), self.page_limit)
        if not prefix:
            raise Denied(400, "this peer lists by prefix only")
        behind = base64.b64decode(query.get("next_cursor", "")).decode()
        names = sorted(name for name in self.assets if name.startswith(prefix) and name > behind)
        page = [self.assets[name] for name in names[:limit]]
        more = {"next_cursor": base64.b64encode(page[-1].name.encode()).decode()} if names[limit:] else {}
        with_context = query.get("context", "").lower() == "true"
        return _json({"resources": [one.facts(with_context) for one in page], **more})


def _json(body: Mapping[str, Any], status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json; charset=utf-8"})


@contextmanager
def cloudinary_peer() -> Iterator[CloudinaryPeer]:
    with serving(CloudinaryPeer()) as peer:
        yield peer
