"""Fetches what an address of a user names."""

from __future__ import annotations

import re
import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import httpcore
import httpx

from tryon.core.errors import FetchFailed, UrlRejected
from tryon.core.images import UPLOADS, Limits, Photo, decode
from tryon.stores.fetch.connecting import Deadline, PublicOnly, Resolve, is_allowed, system_resolve
from tryon.stores.patience import is_busy

REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
LONGEST = 8192
"""Characters of an address; signed ones have about 1000."""
HOST = re.compile(rb"[A-Za-z0-9_.-]+|[0-9A-Fa-f:.]+(%25[A-Za-z0-9]+)?")
"""A name (international ones are encoded by then), an IPv4 or an IPv6 address. httpx takes anything for a host."""
MOVED = frozenset({301, 302, 303, 307, 308})
AGENT = b"fashion-assets"


@dataclass(frozen=True, slots=True)
class Fetched:
    """data: the file as it came. photo: what the one decoder made of it."""

    data: bytes
    photo: Photo


class Fetcher:
    """seconds: for everything: looking up names, connecting, redirects, the last byte. allowed: "host:port" that may
    be anywhere and on any port, exactly as an address names them: the project's own storage, and peers of tests.
    resolve: the system's, unless a test decides what names mean. Safe to use from many threads.
    """

    def __init__(
        self, *, seconds: float = 30.0, allowed: Collection[str] = (), resolve: Resolve = system_resolve
    ) -> None:
        self._seconds, self._allowed, self._resolve = seconds, frozenset(allowed), resolve

    def photo(self, url: str, limits: Limits = UPLOADS) -> Fetched:
        """A picture. Raises UrlRejected, FetchFailed or ImageRejected."""
        data = self.get(url, limits.max_bytes)
        return Fetched(data, decode(data, limits))

    def get(self, url: str, max_bytes: int) -> bytes:
        """Any file. Raises UrlRejected or FetchFailed."""
        deadline = Deadline(self._seconds)
        backend = PublicOnly(deadline, self._allowed, self._resolve)
        with _named(deadline), httpcore.ConnectionPool(_tls(), network_backend=backend) as pool:
            at = self._checked(url)
            for _ in range(REDIRECTS + 1):
                with pool.stream("GET", _target(at), headers=_headers(at)) as answer:
                    if answer.status not in MOVED:
                        return _body(answer, max_bytes)
                    at = self._checked(_location(answer, at))
        raise UrlRejected("redirects", f"the address is redirected more than {REDIRECTS} times")

    def _checked(self, text: str) -> httpx.URL:
        """What can be told before anything is looked up; where it leads is checked when the connection is made."""
        url = _parsed(text)
        if url.scheme not in PORTS:
            raise UrlRejected("scheme", "the address begins with neither https:// nor http://")
        if url.userinfo:
            raise UrlRejected("credentials", "the address holds a user name or password; give one without")
        port = url.port or PORTS[url.scheme]
        if port not in PORTS.values() and not is_allowed(url.host, port, self._allowed):
            raise UrlRejected("port", "the address names another port than 80 and 443")
        return url


def _parsed(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text.strip()) if len(text) <= LONGEST else httpx.URL("")
    except (httpx.InvalidURL, ValueError):  # ValueError: a host that is no legal name in IDNA.
        url = httpx.URL("")
    if not url.scheme or (url.scheme in PORTS and not HOST.fullmatch(url.raw_host)):
        raise UrlRejected(
            "malformed", "this is no address of a file; it looks like https://example.com/photo.jpg"
        )
    return url


def _target(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _headers(url: httpx.URL) -> list[tuple[bytes, bytes]]:
    """identity: a few compressed bytes could become many."""
    return [
        (b"Host", url.netloc),
        (b"User-Agent", AGENT),
        (b"Accept", b"image/*,*/*;q=0.1"),
        (b"Accept-Encoding", b"identity"),
        (b"Connection", b"close"),
    ]


def _location(answer: httpcore.Response, at: httpx.URL) -> str:
    found = _header(answer, b"location")
    if not found:
        raise UrlRejected("redirects", "the address is redirected, but not to anywhere")
    try:
        return str(at.join(found))
    except (httpx.InvalidURL, ValueError):
        raise UrlRejected("redirects", "the address is redirected to something that is no address") from None


def _body(answer: httpcore.Response, max_bytes: int) -> bytes:
    if is_busy(answer.status):
        raise FetchFailed(f"the address's server answers {answer.status}; try again later")
    if answer.status != 200:
        raise UrlRejected("status", f"the address's server answers {answer.status}; check it in a browser")
    if _header(answer, b"content-encoding").lower() not in ("", "identity"):
        raise UrlRejected(
            "encoding", "the address's server sends the file compressed, though it was not asked to"
        )
    too_large = UrlRejected("too_large", f"the file at the address has more than {max_bytes} bytes")
    length = _header(answer, b"content-length")
    if length.isdecimal() and int(length) > max_bytes:
        raise too_large
    data = bytearray()
    for piece in answer.iter_stream():
        data += piece
        if len(data) > max_bytes:
            raise too_large
    return bytes(data)


def _header(answer: httpcore.Response, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in answer.headers if key.lower() == name), "")


@contextmanager
def _named(deadline: Deadline) -> Iterator[None]:
    """What is raised is raised outside of the handlers: httpcore's errors may quote addresses."""
    found: Exception
    try:
        yield
        return
    except httpcore.TimeoutException:
        found = deadline.passed()
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ConnectionNotAvailable) as error:
        kind = type(error).__name__
        found = FetchFailed(
            f"the address's server cannot be read ({kind}); check the address, or try again later"
        )
    raise found


@cache
def _tls() -> ssl.SSLContext:
    """Read once: certificates take longer than a fetch."""
    return httpx.create_ssl_context(trust_env=False)
