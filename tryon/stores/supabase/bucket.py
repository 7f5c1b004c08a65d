"""One bucket of Supabase Storage through the real SDK (storage3): each call once, its errors named, nothing retried.

The SDK's high-level client (`supabase.create_client`) would also open the auth, database and realtime clients, which
nothing here needs.
"""

from __future__ import annotations

import ssl
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from pydantic import SecretStr

from tryon.core.errors import PackageMissing, StoreUnusable
from tryon.stores.blob_paths import content_type
from tryon.stores.patience import Busy
from tryon.stores.quiet import keep_out_of_logs
from tryon.stores.supabase.keys import service_key
from tryon.stores.supabase.problems import Problem

if TYPE_CHECKING:
    from storage3 import SyncStorageClient
    from storage3._sync.file_api import SyncBucketProxy

T = TypeVar("T")

CHUNK = 256 * 1024
"""Bytes that are held at a time while a digest is worked out."""


@dataclass(frozen=True, slots=True)
class Row:
    """One object. updated_at, created_at: UTC, by the database's clock, in whole milliseconds. size: bytes.
    etag: another one for other bytes."""

    name: str
    updated_at: datetime
    created_at: datetime
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Page:
    """rows: in order of their names (bytewise). cursor: of the next page; None on the last."""

    rows: tuple[Row, ...]
    cursor: str | None


class Bucket:
    """Safe to use from many threads. Nothing is imported or connected before the first call.

    Every method raises Busy where asking again may help, StoreUnusable where somebody has to do something first,
    and NotThere or AlreadyThere (tryon.stores.patience).
    """

    def __init__(self, url: str, key: SecretStr, name: str, timeout: float) -> None:
        self.name = name
        self._url, self._key, self._timeout = f"{url.strip().rstrip('/')}/storage/v1", key, timeout
        self._sdk: SyncStorageClient | None = None
        self._lock = threading.Lock()

    def upload(self, path: str, data: bytes, seconds: int, upsert: bool) -> None:
        """Create-only unless `upsert`. seconds: how long a cache may keep it."""
        options = {
            "content-type": content_type(path),
            "cache-control": str(seconds),
            "x-upsert": "true" if upsert else "false",
        }
        self._ask(lambda bucket: bucket.upload(path, data, options))  # type: ignore[arg-type]

    def download(self, path: str) -> bytes:
        return self._ask(lambda bucket: bucket.download(path))

    @contextmanager
    def stream(self, path: str) -> Iterator[Iterator[bytes]]:
        """The bytes in pieces, which the SDK cannot do: its own connection, asked directly."""
        sdk = self._open()
        url = f"{self._url}/object/{self.name}/{path}"
        with self._named(), sdk.session.stream("GET", url, headers=sdk._headers) as answer:
            if answer.is_error:
                answer.read()
                raise Problem.of_answer(answer).named(self.name)
            yield answer.iter_bytes(CHUNK)

    def info(self, path: str) -> None:
        """Raises NotThere."""
        self._ask(lambda bucket: bucket.info(path))

    def page(self, prefix: str, limit: int, cursor: str | None = None) -> Page:
        """By name and not by number: what is written or removed meanwhile moves no entry to another page."""
        asked = {"prefix": prefix, "limit": limit, **({"cursor": cursor} if cursor else {})}
        found = self._ask(lambda bucket: bucket.list_v2(asked))  # type: ignore[arg-type]
        if found.hasNext and found.nextCursor in (None, cursor):
            raise Busy("Supabase Storage says that a listing goes on, but not where")
        rows = tuple(_row(one.model_dump(mode="json")) for one in found.objects)
        return Page(rows, found.nextCursor if found.hasNext else None)

    def remove(self, path: str) -> Row | None:
        """What was removed, as it was at that instant; None when there was nothing."""
        rows = self._ask(lambda bucket: [_row(one) for one in bucket.remove([path])])
        return rows[0] if rows else None

    def copy(self, source: str, target: str) -> None:
        """Create-only."""
        self._ask(lambda bucket: bucket.copy(source, target))

    def move(self, source: str, target: str) -> None:
        """Create-only."""
        self._ask(lambda bucket: bucket.move(source, target))

    def sign(self, path: str, seconds: int) -> str:
        found = self._ask(lambda bucket: bucket.create_signed_url(path, seconds))
        return str(found["signedURL"])

    def _ask(self, call: Callable[[SyncBucketProxy], T]) -> T:
        sdk = self._open()
        with self._named():
            return call(sdk.from_(self.name))

    @contextmanager
    def _named(self) -> Iterator[None]:
        """What is raised is raised outside of the handlers: errors of the SDK hold the request, with its key."""
        from storage3.exceptions import StorageApiError

        found: Exception
        try:
            yield
            return
        except StorageApiError as error:
            found = Problem.of_error(error).named(self.name)
        except httpx.TimeoutException:
            found = Busy(f"Supabase Storage did not answer within {self._timeout:g} s")
        except httpx.HTTPError as error:
            found = Busy(f"Supabase Storage cannot be reached ({type(error).__name__}); check the network")
        except (ValueError, KeyError, TypeError) as error:
            # A whole answer with status 200 that is not JSON, or not the JSON the SDK expects.
            found = Busy(f"Supabase Storage's answer cannot be read ({type(error).__name__})")
        raise found

    def _open(self) -> SyncStorageClient:
        with self._lock:
            if self._sdk is None:
                self._sdk = self._connect()
                # Nobody closes a store; its connections go with it.
                weakref.finalize(self, self._sdk.session.close)
            return self._sdk

    def _connect(self) -> SyncStorageClient:
        """Redirects are not followed: the key and the photo would go to an address that nobody chose."""
        try:
            from storage3 import SyncStorageClient
        except ModuleNotFoundError:
            raise PackageMissing(
                "Supabase Storage needs the package storage3; run `pip install 'fashion-assets[cloud]'`"
            ) from None
        if not self._url.startswith(("https://", "http://")):
            raise StoreUnusable(
                "NEXT_PUBLIC_SUPABASE_URL is no http or https address; copy it from the project"
            )
        key = service_key(self._key)
        keep_out_of_logs(self._url)
        client = httpx.Client(verify=tls(), timeout=self._timeout, follow_redirects=False, trust_env=False)
        headers = {"apikey": key, "Authorization": f"Bearer {key}"}
        return SyncStorageClient(f"{self._url}/", headers, http_client=client)


@cache
def tls() -> ssl.SSLContext:
    """Read once: certificates take longer than a call."""
    return httpx.create_ssl_context(trust_env=False)


def _row(found: Mapping[str, Any]) -> Row:
    facts = found.get("metadata") or {}
    updated, created = (
        datetime.fromisoformat(found[f"{what}_at"]).astimezone(UTC) for what in ("updated", "created")
    )
    return Row(found["name"], updated, created, int(facts.get("size", 0)), str(facts.get("eTag", "")))
