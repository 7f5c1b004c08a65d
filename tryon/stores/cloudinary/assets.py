"""Cloudinary's assets through the real SDK: each call once, its errors named, nothing retried.

Assets are of resource type `raw`, so that bytes come back as they were put, and of type `authenticated`, so that no
address works without our signature.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import httpx

from tryon.stores.cloudinary.account import Account
from tryon.stores.cloudinary.wire import ask, named, sdk
from tryon.stores.patience import Busy
from tryon.stores.quiet import keep_out_of_logs

KIND: Mapping[str, str] = {"resource_type": "raw", "type": "authenticated"}
MARK = "put_us"
"""Where an asset's context says when it was put: microseconds since 1970, by the writer's clock."""
READ_SECONDS = 300
"""How long the address works that we read from ourselves."""
CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Asset:
    """put_at: UTC. Its second is the later of Cloudinary's (`version`, when it was last uploaded) and the writer's
    clock; its microseconds are the writer's, so that two puts never look alike."""

    name: str
    mark: int
    put_at: datetime

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Asset:
        context = found.get("context") or {}
        mark = int(context.get("custom", context).get(MARK, 0))
        second = max(int(found["version"]), mark // 1_000_000)
        put_at = datetime.fromtimestamp(second, UTC) + timedelta(microseconds=mark % 1_000_000)
        return cls(found["public_id"], mark, put_at)


class Assets:
    """Safe to use from many threads. Nothing is imported or connected before the first call. Every method raises Busy
    where asking again may help, StoreUnusable where somebody has to do something first, and NotThere or AlreadyThere
    (tryon.stores.patience)."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._reader: httpx.Client | None = None
        self._lock = threading.Lock()

    def upload(self, path: str, data: bytes, overwrite: bool) -> bool:
        """False when it was there and was left alone."""
        context = {MARK: str(time.time_ns() // 1000)}
        facts = self._ask(
            "uploader", "upload", BytesIO(data), public_id=path, overwrite=overwrite, context=context
        )
        return not facts.get("existing", False)

    def destroy(self, path: str) -> bool:
        """With the copies that the delivery network keeps. False when it was not there."""
        return bool(self._ask("uploader", "destroy", path, invalidate=True)["result"] == "ok")

    def rename(self, path: str, to: str) -> None:
        """In one step; raises AlreadyThere."""
        self._ask("uploader", "rename", path, to, overwrite=False, invalidate=True)

    def look(self, path: str) -> Asset:
        return Asset.of(self._ask("api", "resource", path))

    def page(self, prefix: str, limit: int, cursor: str | None) -> tuple[tuple[Asset, ...], str | None]:
        asked = {"prefix": prefix, "max_results": limit, "context": True, "next_cursor": cursor}
        found = self._ask("api", "resources", **{name: value for name, value in asked.items() if value})
        return tuple(Asset.of(one) for one in found["resources"]), found.get("next_cursor")

    @contextmanager
    def stream(self, path: str) -> Iterator[Iterator[bytes]]:
        """From the API and not from the delivery network, which may still know what was deleted."""
        answer: httpx.Response
        found: Exception
        try:
            with self._client().stream("GET", self._download_url(path)) as answer:
                if answer.is_error:
                    said = answer.read().decode(errors="replace").lower()
                    raise named(answer.status_code, said, answer.headers)
                yield answer.iter_bytes(CHUNK)
                return
        except httpx.TimeoutException:
            found = Busy(f"Cloudinary did not answer within {self._account.timeout:g} s")
        except httpx.HTTPError as error:
            found = Busy(f"Cloudinary cannot be reached ({type(error).__name__}); check the network")
        raise found

    def delivery_url(self, path: str) -> str:
        url, _ = sdk().utils.cloudinary_url(path, sign_url=True, **KIND, **self._account.options)
        return str(url)

    def _download_url(self, path: str) -> str:
        until = int(time.time()) + READ_SECONDS
        options = {**KIND, **self._account.options}
        return str(sdk().utils.private_download_url(path, "", expires_at=until, **options))

    def _ask(self, module: str, call: str, *args: object, **facts: object) -> Mapping[str, Any]:
        do: Callable[..., Mapping[str, Any]] = getattr(getattr(sdk(), module), call)
        return ask(lambda: do(*args, **facts, **KIND, **self._account.options))

    def _client(self) -> httpx.Client:
        with self._lock:
            if self._reader is None:
                keep_out_of_logs(self._account.api)
                self._reader = httpx.Client(
                    timeout=self._account.timeout, follow_redirects=True, trust_env=False
                )
                # Nobody closes a store; its connections go with it.
                weakref.finalize(self, self._reader.close)
            return self._reader
