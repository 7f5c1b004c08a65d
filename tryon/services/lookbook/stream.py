"""Live logs as server-sent events.

A stream asks the log again and again, so it sees what any process wrote. What it has sent is told by the position of
the last event alone: a reader who comes back with that goes on there, without gap or double. It never holds more than
one page of events, and asks for the next one when the reader has taken this one.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from weakref import WeakSet

from anyio import CapacityLimiter, to_thread

from tryon.core.errors import StoreError, UnknownUpload
from tryon.core.lookbook import event_facts, events_since
from tryon.core.pipeline import Pipeline
from tryon.core.words import check_id
from tryon.services.front import ServiceError

T = TypeVar("T")
PAGE = 200


@dataclass(frozen=True)
class Pace:
    """Seconds. first, last: between two looks at the log, which double while nothing happens. heartbeat: after so long
    without a word, a reader, or something on the way to it, takes the line for dead. again: what a browser waits before
    it connects again. streams: at once; each has a place in memory and asks the log."""

    first: float = 0.25
    last: float = 2.0
    heartbeat: float = 15.0
    again: float = 2.0
    streams: int = 200


@dataclass
class Reader:
    """One stream. position: of the last event that was sent."""

    user: str
    ordinal: int
    position: int


class _Place:
    """Of an open stream."""


class Streams:
    """All streams of an app. They wait for the log in threads of their own, so that a log that is away holds up
    nobody else."""

    def __init__(self, pipeline: Pipeline, pace: Pace = Pace(), threads: int = 4) -> None:
        self._pipeline, self._pace = pipeline, pace
        self._limiter, self._places = CapacityLimiter(threads), WeakSet[_Place]()

    @property
    def open_now(self) -> int:
        return len(self._places)

    async def open(
        self, user: str, after: int | None, stopping: asyncio.Event | None = None
    ) -> AsyncIterator[str]:
        """after: None begins now. stopping: ends the stream. Raises UnknownUpload, InvalidId, StoreError before
        anything is sent."""
        if self.open_now >= self._pace.streams:
            said = f"{self.open_now} streams are open; read /users/{user}/logs, or come back later"
            raise ServiceError(503, "busy", said, {"Retry-After": "5"})
        # Taken before the wait: others come meanwhile.
        place = _Place()
        self._places.add(place)
        try:
            reader = await self._wait(partial(self._begin, user, after))
        except BaseException:
            self._places.discard(place)
            raise
        return self._held(place, reader, stopping or asyncio.Event())

    def _begin(self, user: str, after: int | None) -> Reader:
        known = self._pipeline.offered_user(check_id(user, "user id"))
        if after is None:
            after = max((position for position, _ in self._pipeline.log.latest(1, user)), default=0)
        return Reader(user, known.ordinal, after)

    async def _held(self, place: _Place, reader: Reader, stopping: asyncio.Event) -> AsyncIterator[str]:
        """One that never begins has no end either: its place goes with it."""
        try:
            async for text in self._texts(reader, stopping):
                yield text
        finally:
            self._places.discard(place)

    async def _texts(self, reader: Reader, stopping: asyncio.Event) -> AsyncIterator[str]:
        # Whoever loses the line before the first event goes on from here too.
        yield f"retry: {round(1000 * self._pace.again)}\nid: {reader.position}\n\n"
        pause, said = self._pace.first, time.monotonic()
        while not stopping.is_set():
            try:
                text, full = await self._wait(partial(self._news, reader))
            except UnknownUpload as error:
                yield _named("gone", str(error))
                return
            except StoreError as error:
                yield _named("away", f"the log does not answer now: {type(error).__name__}")
                return
            if not text and time.monotonic() - said >= self._pace.heartbeat:
                text = ": alive\n\n"
            if text:
                yield text
                said = time.monotonic()
            pause = self._pace.first if text else min(2 * pause, self._pace.last)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), 0 if full else pause)

    def _news(self, reader: Reader) -> tuple[str, bool]:
        """What to send next, and whether there may be more."""
        events = events_since(self._pipeline, reader.user, reader.ordinal, reader.position, PAGE)
        if events:
            reader.position = events[-1][0]
        texts = (f"id: {event[0]}\ndata: {json.dumps(event_facts(event))}\n\n" for event in events)
        return "".join(texts), len(events) == PAGE

    async def _wait(self, work: Callable[[], T]) -> T:
        return await to_thread.run_sync(work, limiter=self._limiter)


def _named(name: str, message: str) -> str:
    """An event that is no step, after which the stream ends."""
    return f"event: {name}\ndata: {json.dumps({'message': message})}\n\n"
