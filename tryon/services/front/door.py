"""The front door of a service: every request passes it, and every answer."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tryon.services.front import requests
from tryon.services.front.access import Access, failure, ids, template, to_stderr
from tryon.services.front.apps import answer
from tryon.services.front.errors import ServiceError
from tryon.services.front.heads import head
from tryon.services.front.keys import Keys, uses_password
from tryon.services.front.limits import Limits, Rates, bounded, in_time, too_large
from tryon.services.front.metrics import Metrics
from tryon.services.front.shapes import Shape
from tryon.services.front.sites import from_elsewhere, not_loopback

USUAL: Mapping[str, str] = {
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer, unless its route says otherwise."""

SHOWN = (
    "ETag",
    "Retry-After",
    "X-Crop-Categories",
    "X-Crop-Refused",
    "X-Crop-Result",
    "X-Request-ID",
    "X-Seed",
)
"""Headers that scripts of listed origins may read."""

TAKEN = (
    "Authorization",
    "Content-Type",
    "If-None-Match",
    "Last-Event-ID",
    "X-API-Key",
    "X-Request-ID",
    "X-User-Id",
)


@dataclass(frozen=True)
class Front:
    """name: of the service. public: paths that are read without a key. given: how paths begin whose rest nobody can
    guess, so that whoever was given the address may read it. origins: pages that may call it from a browser.
    tell: hears the access log, one line a request."""

    name: str
    shape: Shape
    keys: Keys = field(default_factory=lambda: Keys(()))
    origins: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    public: frozenset[str] = frozenset({"/", "/health"})
    given: tuple[str, ...] = ()
    tell: Access = to_stderr
    metrics: Metrics | None = None


def behind(front: Front, app: ASGIApp) -> ASGIApp:
    guarded: ASGIApp = _Guard(front, app)
    if front.origins:
        guarded = CORSMiddleware(
            guarded, allow_origins=front.origins, allow_methods=["GET", "POST"], allow_headers=TAKEN,
            expose_headers=SHOWN,
        )  # fmt: skip
    return _Watch(front, guarded)


class _Watch:
    """Request id, usual headers, access log, metrics; and what happens when something fails that nobody foresaw."""

    def __init__(self, front: Front, app: ASGIApp) -> None:
        self._front, self._app = front, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        called, started, status = requests.mark(scope), time.perf_counter(), 500
        facts: dict[str, object] = {}

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete(MutableHeaders(scope=message), called)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - the app has answered 500; the line says where
            facts = failure(error)
        finally:
            self._note(scope, called, status, time.perf_counter() - started, facts)

    def _note(self, scope: Scope, called: str, status: int, seconds: float, facts: dict[str, object]) -> None:
        front, route = self._front, template(scope)
        if front.metrics:
            front.metrics.asked(route, scope["method"], status, seconds)
        line = {"event": "request", "service": front.name, "request_id": called, "method": scope["method"]}
        took = {"status": status, "duration_ms": round(1000 * seconds, 1)}
        front.tell({**line, "route": route, **ids(scope), **took, **facts})


def _complete(headers: MutableHeaders, called: str) -> None:
    headers["X-Request-ID"] = called
    for name, value in USUAL.items():
        headers.setdefault(name, value)


class _Guard:
    """Refuses what may not come in, and gives up what takes too long."""

    def __init__(self, front: Front, app: ASGIApp) -> None:
        self._front, self._app = front, app
        self._rates = Rates(front.limits.per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope["method"], scope["path"], Headers(scope=scope))
        except ServiceError as error:
            await answer(self._front.shape, error)(scope, receive, send)
            return
        if scope["path"] == "/metrics" and self._front.metrics:
            body, media_type = self._front.metrics.render()
            await Response(body, media_type=media_type)(scope, receive, send)
            return
        limits = self._front.limits
        most = limits.of(Headers(scope=scope))
        app = partial(head, self._app) if scope["method"] == "HEAD" else self._app
        if not await in_time(app, scope, bounded(receive, most), send, limits.seconds):
            said = f"there was no answer within {limits.seconds:g} seconds; try again, or send less at a time"
            late = ServiceError(504, "too_slow", said, {"Connection": "close"})
            await answer(self._front.shape, late)(scope, receive, send)

    def _check(self, method: str, path: str, headers: Headers) -> None:
        """Raises ServiceError."""
        front = self._front
        if not front.keys and not_loopback(headers):
            raise ServiceError(
                403, "not_loopback", "ask this service by its loopback address, as in http://127.0.0.1"
            )
        by_itself = not front.keys or uses_password(headers)
        if by_itself and from_elsewhere(headers, front.origins):
            raise ServiceError(
                403, "other_site", "pages of other sites may not ask; FASHION_CORS_ORIGINS lists who may"
            )
        is_public = method in ("GET", "HEAD") and (path in front.public or path.startswith(front.given))
        if front.keys and not is_public:
            self._check_key(headers)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > front.limits.of(headers):
            raise too_large(front.limits.of(headers))

    def _check_key(self, headers: Headers) -> None:
        key = self._front.keys.find(headers)
        if key is None:
            said = "show an API key: `Authorization: Bearer KEY` or `X-API-Key: KEY`"
            raise ServiceError(401, "key_required", said, self._front.keys.challenge())
        if seconds := self._rates.wait(key):
            said = (
                f"this key has asked {self._front.limits.per_minute} times within a minute; wait, then go on"
            )
            raise ServiceError(429, "too_many_requests", said, {"Retry-After": str(math.ceil(seconds))})
