"""Cloudinary's SDK and its connection.

The SDK's errors carry neither the status (several statuses share a class, some have none) nor the headers, so a
Retry-After would be lost; and left to itself urllib3 sleeps as long as a server's Retry-After says, without a bound.
The connection below is the SDK's, asked once per call, and remembers for each thread what was answered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, TypeVar

from tryon.core.errors import PackageMissing, StoreError, StoreUnusable
from tryon.stores.patience import AlreadyThere, Busy, NotThere, is_busy, retry_after

if TYPE_CHECKING:
    import urllib3

T = TypeVar("T")

CONNECTIONS = 16
"""Kept open; the gate writes 8 blobs at a time."""


class Wire:
    """As much of urllib3.PoolManager as the SDK uses."""

    def __init__(self) -> None:
        import urllib3

        self._pool = urllib3.PoolManager(maxsize=CONNECTIONS)
        self._answers = threading.local()

    def request(self, method: str, url: str, **facts: object) -> urllib3.BaseHTTPResponse:
        self.forget()
        answer = self._pool.request(method, url, retries=False, **facts)  # type: ignore[arg-type]
        self._answers.status, self._answers.headers = answer.status, dict(answer.headers)
        return answer

    def forget(self) -> None:
        """Status 0: no answer, or not a whole one."""
        self._answers.status, self._answers.headers = 0, {}

    @property
    def status(self) -> int:
        return int(self._answers.status)

    @property
    def headers(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self._answers.headers
        return found


@cache
def sdk() -> SimpleNamespace:
    """uploader, api, utils: the SDK's modules. wire: what both of them talk through from now on."""
    try:
        # By name, since the SDK has no types.
        found = {name: import_module(f"cloudinary.{name}") for name in ("uploader", "api", "utils")}
    except ModuleNotFoundError:
        raise PackageMissing(
            "masks in Cloudinary need the package cloudinary; run `pip install 'fashion-assets[cloud]'`"
        ) from None
    wire = Wire()
    vars(found["uploader"])["_http"] = wire
    vars(import_module("cloudinary.api_client.call_api"))["_http"] = wire
    return SimpleNamespace(**found, wire=wire)


def ask(call: Callable[[], T]) -> T:
    """One call of the SDK. Raises Busy, NotThere, AlreadyThere, StoreUnusable or StoreError."""
    wire = sdk().wire
    wire.forget()
    with _named(wire):
        answer = call()
        if is_busy(wire.status):  # The SDK takes any JSON object without "error" for success.
            raise ValueError(wire.status)
        return answer


@contextmanager
def _named(wire: Wire) -> Iterator[None]:
    """What is raised is raised outside of the handler: the SDK's errors quote what was sent. That SDK raises bare
    Exception for statuses it does not know."""
    try:
        yield
        return
    except Exception as error:  # noqa: BLE001 - the SDK raises just that; everything is named below
        said = str(error).lower()
    raise named(wire.status, said, wire.headers)


def named(status: int, said: str, headers: Mapping[str, str]) -> Exception:
    """said: the error's message in lower case; it may quote a name and goes no further."""
    if status == 0 or status == 200:
        return Busy("Cloudinary cannot be reached, or its answer cannot be read; check the network")
    if is_busy(status):
        return Busy(f"Cloudinary answers {status}", retry_after(headers))
    if "stale request" in said:
        return StoreUnusable("Cloudinary finds our requests an hour old; set this machine's clock")
    if status in (401, 403):
        return StoreUnusable(f"Cloudinary refuses the key or the cloud ({status}); check CLOUDINARY_URL")
    if status == 404:
        return NotThere()
    if status == 409 or "already exists" in said:
        return AlreadyThere()
    if status == 413 or "too large" in said:
        return StoreUnusable("Cloudinary does not take a file of this size; the account's plan limits it")
    return StoreError(f"Cloudinary does not accept the request: {status}")
