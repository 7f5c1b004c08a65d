"""Which pages of a browser may ask.

A service on 127.0.0.1 is reachable by every web page that is open on this machine. So a name that merely resolves
to the loopback (DNS rebinding) is refused by its Host header, and a page of another site by the marks that browsers
put on such requests, unless its origin is listed.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def not_loopback(headers: Headers) -> bool:
    return host_of(f"//{headers.get('host', '')}") not in LOOPBACK


def from_elsewhere(headers: Headers, origins: Collection[str]) -> bool:
    """Sent by a page that is neither this service's own, nor one of this machine, nor of a listed origin."""
    origin = headers.get("origin")
    if origin is not None:
        return origin not in origins and not _own(origin, headers) and host_of(origin) not in LOOPBACK
    if headers.get("sec-fetch-site") != "cross-site" or headers.get("sec-fetch-mode") == "navigate":
        return False
    page = urlsplit(headers.get("referer", ""))
    listed = f"{page.scheme}://{page.netloc}" in origins
    return not listed and host_of(headers.get("referer", "")) not in LOOPBACK


def _own(origin: str, headers: Headers) -> bool:
    return urlsplit(origin).netloc == headers.get("host")


def host_of(url: str) -> str | None:
    """The host of a URL; None for what is no URL."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
