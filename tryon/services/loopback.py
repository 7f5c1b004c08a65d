"""What every answer of a loopback service goes through: who may ask, what may be kept, what is logged.

A service on 127.0.0.1 is reachable by every web page that is open on this machine. So a name that merely resolves
to the loopback (DNS rebinding) is refused by its Host header, and a page of another site that embeds a picture by
the marks that browsers put on such requests. There is no CORS header, so no script reads an answer.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tryon.core.words import ID_RULE
from tryon.services.errors import refuse

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
KEPT_NOWHERE = {
    "Cache-Control": "no-store, private",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
Access = Callable[[Mapping[str, object]], None]


class Loopback:
    """tell: hears one line for each request: ids, status and milliseconds, never an address or a header."""

    def __init__(self, app: ASGIApp, tell: Access) -> None:
        self._app, self._tell = app, tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(KEPT_NOWHERE)
            await send(message)

        fault = _fault(Headers(scope=scope))
        try:
            await (refuse(403, *fault) if fault else self._app)(scope, receive, guarded)
        finally:
            took = round(1000 * (time.perf_counter() - started), 1)
            self._tell({**_ids(scope), "status": status, "duration_ms": took})


def _fault(headers: Headers) -> tuple[str, str] | None:
    """Code and message of what is wrong with who asks."""
    if _name(f"//{headers.get('host', '')}") not in LOOPBACK:
        return "not_loopback", "ask this service by its loopback address, as in http://127.0.0.1:3001"
    elsewhere = headers.get("sec-fetch-site") == "cross-site"
    if elsewhere and _name(headers.get("referer", "")) not in LOOPBACK:
        return "other_site", "pictures are shown in pages of this machine only"
    return None


def _name(url: str) -> str | None:
    """The host of a URL; None for what is no URL."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _ids(scope: Scope) -> dict[str, object]:
    """What the route took out of the path, if it is an id: anything else a caller made up stays out of the log."""
    parts: Mapping[str, str] = scope.get("path_params", {})
    named = {name: parts.get(name, "") for name in ("user", "item", "asset")}
    return {name: value if re.fullmatch(ID_RULE, value) else None for name, value in named.items()}
