"""How much, how often and how long one may ask."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tryon.services.front.errors import ServiceError

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """body: bytes of a request with files. seconds: until its answer begins; a stream may go on after that.
    per_minute: requests of one key. text: bytes of any other request, which is read into objects many times its size.
    """

    body: int = 64 * MEGABYTE
    seconds: float = 600.0
    per_minute: int = 1200
    text: int = MEGABYTE

    def of(self, headers: Headers) -> int:
        """Bytes that this request may have."""
        files = headers.get("content-type", "").lower().startswith("multipart/form-data")
        return self.body if files else min(self.body, self.text)


class Rates:
    """A bucket of requests for each key, refilled steadily."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._full, self._clock, self._lock = float(per_minute), clock, threading.Lock()
        self._buckets: dict[int, tuple[float, float]] = {}

    def wait(self, key: int) -> float:
        """Take one request: 0.0, or the seconds until there is one to take."""
        with self._lock:
            now = self._clock()
            left, since = self._buckets.get(key, (self._full, now))
            left = min(self._full, left + (now - since) * self._full / 60)
            self._buckets[key] = (left - 1 if left >= 1 else left, now)
            return 0.0 if left >= 1 else (1 - left) * 60 / self._full


def bounded(receive: Receive, most: int) -> Receive:
    """Raises ServiceError 413 from the byte on that is too many, however the request announced itself."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise too_large(most)
        return message

    return counted


def too_large(most: int) -> ServiceError:
    said = f"the request has more than {most // MEGABYTE} MB; send a smaller picture, or fewer at a time"
    return ServiceError(413, "too_large", said, {"Connection": "close"})


async def in_time(app: ASGIApp, scope: Scope, receive: Receive, send: Send, seconds: float) -> bool:
    """False when the answer had not begun in time. The task is told to end, but not waited for: a thread in it cannot
    be ended, and the caller has waited long enough."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    timer = loop.call_later(seconds, _end, over)

    async def sending(message: Message) -> None:
        timer.cancel()
        if not given_up:
            await send(message)

    given_up, task = False, asyncio.ensure_future(app(scope, receive, sending))
    task.add_done_callback(lambda done: _end(over))
    try:
        await over
        given_up = not task.done()
        if not given_up:
            await task
        return not given_up
    finally:
        timer.cancel()
        if not task.done():
            task.add_done_callback(_forget)
            task.cancel()


def _end(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)


def _forget(task: asyncio.Future[None]) -> None:
    """What came of a task that was given up; unasked, asyncio would complain of it."""
    if not task.cancelled():
        task.exception()
