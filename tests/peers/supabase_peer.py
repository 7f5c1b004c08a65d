"""Supabase Storage on a loopback socket: its wire as seen on server 1.11.2, and listing by name as of 1.2x.

Every error has HTTP status 400 and its real code in the body. Signed addresses are verified and expire. Keys are
JWTs; what is not the service role's sees an empty bucket, as row-level security has it.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from pydantic import SecretStr

from tests.peers.faulty import Asked, Peer, Reply
from tests.peers.multipart import NotMultipart, read_multipart
from tests.peers.serving import serving

SECRET = "the-jwt-secret-of-the-supabase-peer-0123456789"
PREFIX = "/storage/v1"
KEY = re.compile(r"[\w/!\-.*'() &$@=;:+,?]+", re.ASCII)
"""Characters of an object's name (the server's own rule)."""


def key_of(role: str) -> SecretStr:
    return SecretStr(jwt.encode({"role": role, "iss": "supabase"}, SECRET, "HS256"))


@dataclass(frozen=True)
class Stored:
    name: str
    data: bytes
    type: str
    created_at: datetime
    updated_at: datetime
    version: int

    def row(self) -> dict[str, Any]:
        """Times in milliseconds, as the server's language has them."""
        times = {"created_at": self.created_at, "updated_at": self.updated_at}
        told = {k: t.isoformat(timespec="milliseconds").replace("+00:00", "Z") for k, t in times.items()}
        facts = {"size": len(self.data), "mimetype": self.type, "eTag": f'"{self.version}"'}
        return {
            "id": f"00000000-0000-4000-8000-{self.version:012}",
            "name": self.name,
            "metadata": facts,
            **told,
        }


class Denied(Exception):
    def __init__(self, status: int, error: str, message: str, code: str) -> None:
        super().__init__(message)
        self.body = {"statusCode": str(status), "error": error, "message": message, "code": code}


NO_OBJECT = Denied(404, "not_found", "Object not found", "NoSuchKey")
NO_BUCKET = Denied(404, "Bucket not found", "Bucket not found", "NoSuchBucket")
DUPLICATE = Denied(409, "Duplicate", "The resource already exists", "KeyAlreadyExists")


class SupabasePeer(Peer):
    """buckets: by name, objects by name. public: names of buckets that anybody may read. open: those that a policy lets
    every signed role read. ahead: how far its clock is ahead of the machine's. most: bytes of a file.
    page_limit: the most entries that a page has, whatever was asked. no_rows: removals do not tell what was removed."""

    def __init__(self, *buckets: str) -> None:
        super().__init__()
        self.buckets: dict[str, dict[str, Stored]] = {name: {} for name in buckets}
        self.ahead, self.most, self.page_limit = timedelta(0), 50 * 1024 * 1024, 1000
        self.public, self.open = set[str](), set[str]()
        self._versions, self._lock = itertools.count(1), threading.RLock()

    @property
    def key(self) -> SecretStr:
        return key_of("service_role")

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def refusal(self, status: int) -> Reply:
        """Of the gateway in front of it."""
        return Reply(status, b"<html>the gateway</html>", {"Content-Type": "text/html"})

    def answer(self, asked: Asked) -> Reply:
        try:
            with self._lock:
                return self._answer(asked)
        except Denied as denied:
            return _json(denied.body, 400)

    def lay(self, bucket: str, name: str, data: bytes, type: str = "image/png") -> None:
        """As somebody's upload; also under a name that only the database's owner could give."""
        with self._lock:
            self._keep(bucket, name, data, type)

    def _answer(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix(PREFIX)
        if asked.method == "GET" and (found := re.fullmatch(r"/object/sign/([^/]+)/(.+)", path)):
            return self._signed(found[1], found[2], asked.query.get("token", ""))
        if found := re.fullmatch(r"/object/public/([^/]+)/(.+)", path):
            if found[1] not in self.public:
                raise NO_BUCKET
            return self._get(asked, found[1], found[2])
        sees_all = self._role(asked) == "service_role"
        for method, pattern, do in self._routes():
            if asked.method == method and (found := re.fullmatch(pattern, path)):
                bucket = found.groupdict().get("bucket") or json.loads(asked.body)["bucketId"]
                if bucket not in self.buckets:
                    raise NO_BUCKET
                seen = sees_all or (asked.method == "GET" and bucket in self.open)
                return do(asked, bucket if seen else "", found.groupdict().get("name", ""))
        raise Denied(404, "Error", f"Route {asked.method}:{path} not found", "NotFound")

    def _routes(self) -> list[tuple[str, str, Callable[[Asked, str, str], Reply]]]:
        bucket, name = r"(?P<bucket>[^/]+)", r"(?P<name>.+)"
        return [
            ("GET", f"/object/info/{bucket}/{name}", self._info),
            ("POST", f"/object/sign/{bucket}/{name}", self._sign),
            ("POST", f"/object/list-v2/{bucket}", self._list),
            ("POST", "/object/copy", self._copy),
            ("POST", "/object/move", self._move),
            ("DELETE", f"/object/{bucket}", self._remove),
            ("GET", f"/object/{bucket}/{name}", self._get),
            ("POST", f"/object/{bucket}/{name}", self._upload),
        ]

    def _role(self, asked: Asked) -> str:
        said = asked.headers.get("authorization", "")
        try:
            claims = jwt.decode(said.removeprefix("Bearer "), SECRET, ["HS256"])
        except jwt.PyJWTError as error:
            raise Denied(403, "Unauthorized", str(error), "AccessDenied") from None
        if asked.headers.get("apikey") != said.removeprefix("Bearer "):
            raise Denied(403, "Unauthorized", "apikey and Authorization differ", "AccessDenied")
        return str(claims["role"])

    def _find(self, bucket: str, name: str) -> Stored:
        if bucket == "" or name not in self.buckets[bucket]:
            raise NO_OBJECT
        return self.buckets[bucket][name]

    def _store(self, bucket: str, name: str, data: bytes, type: str, upsert: bool) -> Stored:
        if not KEY.fullmatch(name):
            raise Denied(400, "InvalidKey", f"Invalid key: {name}", "InvalidKey")
        if name in self.buckets[bucket] and not upsert:
            raise DUPLICATE
        return self._keep(bucket, name, data, type)

    def _keep(self, bucket: str, name: str, data: bytes, type: str) -> Stored:
        before, now = self.buckets[bucket].get(name), self.now()
        created = before.created_at if before else now
        self.buckets[bucket][name] = Stored(name, data, type, created, now, next(self._versions))
        return self.buckets[bucket][name]

    def _upload(self, asked: Asked, bucket: str, name: str) -> Reply:
        if bucket == "":
            raise Denied(403, "Unauthorized", "new row violates row-level security policy", "AccessDenied")
        try:
            parts = read_multipart(asked.headers.get("content-type", ""), asked.body)
            data, _ = parts["file"], int(parts["cacheControl"])
        except (NotMultipart, KeyError, ValueError) as error:
            raise Denied(400, "InvalidRequest", f"not an upload: {error}", "InvalidRequest") from None
        if len(data) > self.most:
            raise Denied(413, "Payload too large", "The object exceeded the maximum size", "EntityTooLarge")
        found = re.search(rb'name="file".*?\r\nContent-Type: ([^\r]+)', asked.body, re.DOTALL)
        stored = self._store(
            bucket, name, data, found[1].decode() if found else "", asked.headers.get("x-upsert") == "true"
        )
        return _json({"Key": f"{bucket}/{name}", "Id": stored.row()["id"]})

    def _get(self, asked: Asked, bucket: str, name: str) -> Reply:
        stored = self._find(bucket, name)
        return Reply(200, stored.data, {"Content-Type": stored.type})

    def _info(self, asked: Asked, bucket: str, name: str) -> Reply:
        stored = self._find(bucket, name)
        return _json({**stored.row(), "size": len(stored.data), "content_type": stored.type})

    def _sign(self, asked: Asked, bucket: str, name: str) -> Reply:
        self._find(bucket, name)
        until = self.now() + timedelta(seconds=int(json.loads(asked.body)["expiresIn"]))
        claims = {"url": f"{bucket}/{name}", "exp": int(until.timestamp())}
        return _json(
            {"signedURL": f"/object/sign/{bucket}/{name}?token={jwt.encode(claims, SECRET, 'HS256')}"}
        )

    def _signed(self, bucket: str, name: str, token: str) -> Reply:
        try:
            claims = jwt.decode(token, SECRET, ["HS256"], options={"verify_exp": False})
        except jwt.PyJWTError as error:
            raise Denied(400, "InvalidJWT", str(error), "InvalidJWT") from None
        if claims.get("url") != f"{bucket}/{name}":
            raise Denied(400, "InvalidSignature", "Invalid signature", "InvalidSignature")
        if claims["exp"] < self.now().timestamp():
            raise Denied(400, "InvalidJWT", '"exp" claim timestamp check failed', "InvalidJWT")
        stored = self._find(bucket, name)
        return Reply(200, stored.data, {"Content-Type": stored.type})

    def _list(self, asked: Asked, bucket: str, name: str) -> Reply:
        """Names in bytewise order. `_` and `%` in a prefix are wildcards, as in SQL's LIKE."""
        body = json.loads(asked.body)
        limit = min(int(body.get("limit", 1000)), self.page_limit)
        cursor = base64.b64decode(body.get("cursor", "")).decode().removeprefix("l:")
        like = "".join({"_": ".", "%": ".*"}.get(c, re.escape(c)) for c in body.get("prefix", ""))
        objects = self.buckets.get(bucket, {})
        names = sorted(n for n in objects if re.match(like, n) and n > cursor)
        page = names[:limit]
        more = {"nextCursor": base64.b64encode(f"l:{page[-1]}".encode()).decode()} if names[limit:] else {}
        rows = [objects[n].row() for n in page]
        return _json({"hasNext": bool(more), "folders": [], "objects": rows, **more})

    def _remove(self, asked: Asked, bucket: str, name: str) -> Reply:
        objects, names = self.buckets.get(bucket, {}), json.loads(asked.body)["prefixes"]
        return _json([objects.pop(name).row() for name in names if name in objects])

    def _copy(self, asked: Asked, bucket: str, name: str) -> Reply:
        body = json.loads(asked.body)
        source = self._find(bucket, body["sourceKey"])
        self._store(bucket, body["destinationKey"], source.data, source.type, upsert=False)
        return _json({"Key": f"{bucket}/{body['destinationKey']}"})

    def _move(self, asked: Asked, bucket: str, name: str) -> Reply:
        body = json.loads(asked.body)
        source = self._find(bucket, body["sourceKey"])
        moved = self._store(bucket, body["destinationKey"], source.data, source.type, upsert=False)
        self.buckets[bucket][moved.name] = replace(moved, created_at=source.created_at)
        del self.buckets[bucket][source.name]
        return _json({"message": "Successfully moved"})


def _json(body: Mapping[str, Any] | list[Any], status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json; charset=utf-8"})


@contextmanager
def supabase_peer(*buckets: str) -> Iterator[SupabasePeer]:
    with serving(SupabasePeer(*(buckets or ("fashion",)))) as peer:
        yield peer
