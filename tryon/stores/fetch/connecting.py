"""Connections to public servers only, within one deadline.

A name is resolved once, every address it has is checked, and the connection goes to a checked address, as a literal:
there is no second look-up that could answer otherwise. Host header, SNI and certificate stay those of the name.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import httpcore

from tryon.core.errors import FetchFailed, UrlRejected
from tryon.stores.fetch.addresses import is_public

Resolve = Callable[[str, int], Sequence[str]]
"""Of a host and port: its literal addresses. Raises OSError."""


def system_resolve(host: str, port: int) -> Sequence[str]:
    """Also spellings of an address that only the system knows (127.1, 0x7f.1, 2130706433)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Deadline:
    """One for everything that a fetch does."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._at = seconds, time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, more than 0. Raises FetchFailed."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> FetchFailed:
        return FetchFailed(f"the address did not give its file within {self._seconds:g} s; try again later")


class PublicOnly(httpcore.NetworkBackend):
    """allowed: "host:port" that may be anywhere, exactly as an address names them."""

    def __init__(self, deadline: Deadline, allowed: Collection[str], resolve: Resolve) -> None:
        self._deadline, self._allowed, self._resolve = deadline, allowed, resolve
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._look_up(host, port)
        if not is_allowed(host, port, self._allowed) and not all(map(is_public, addresses)):
            raise UrlRejected(
                "forbidden_address", "the address does not lead to a public server; give one on the internet"
            )
        last: Exception | None = None
        for address in addresses:
            try:
                stream = self._inner.connect_tcp(address, port, self._deadline.left(), None, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
            else:
                return _Timed(stream, self._deadline)
        raise last or httpcore.ConnectError("no address")

    def _look_up(self, host: str, port: int) -> Sequence[str]:
        """In a thread: the system's resolver knows no time limit."""
        answer: list[Sequence[str] | Exception] = []

        def ask() -> None:
            try:
                answer.append(self._resolve(host, port))
            except Exception as error:  # noqa: BLE001 - it is named or raised below
                answer.append(error)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(self._deadline.left())
        if not answer:
            raise self._deadline.passed()
        found = answer[0]
        if isinstance(found, Exception):
            raise _named(found)
        if not found:
            raise UrlRejected("host", "the server name in the address has no IP address")
        return found


def _named(error: Exception) -> Exception:
    """UnicodeError: Python's resolver cannot encode the name."""
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return FetchFailed("the address's server name cannot be looked up now; try again later")
    if isinstance(error, (OSError, UnicodeError)):
        return UrlRejected("host", "no server has the name in the address; check its spelling")
    return error


def is_allowed(host: str, port: int, allowed: Collection[str]) -> bool:
    return (f"[{host}]:{port}" if ":" in host else f"{host}:{port}") in allowed


class _Timed(httpcore.NetworkStream):
    """Each step waits for what is left of the deadline, so that a server that drips bytes gains nothing."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _Timed(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
