"""What the crop and the mask service do alike for a photo at an address: fetch it, have it worked on, keep what was
made, say where it is, and log each step. All of it off the event loop, which goes on answering.

Where the store has no web address (files of this machine), the service itself gives the results out, at
`GET /guests/{kind}/{name}`, under the address that it was asked by.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TypeVar

from fastapi import FastAPI, Request, Response

from tryon.core.encoding import Encoded
from tryon.core.errors import BlobMissing
from tryon.core.events import EventKind, LogEvent
from tryon.core.guests import GuestKind, Guests
from tryon.core.images import UPLOADS, decode
from tryon.core.ports import Pixels
from tryon.core.words import Refused
from tryon.services.engine_room import Busy, EngineRoom
from tryon.services.front import ServiceError, request_id, user_id
from tryon.services.steps import written
from tryon.services.threads import DOWNLOADS, ERRANDS, READS, Threads
from tryon.wiring import Workshop

T = TypeVar("T")

TURN_SECONDS = 0.25
"""Until a batch asks again for a place that single requests have taken."""
KEPT = {"Cache-Control": "private, max-age=86400", "Content-Security-Policy": "default-src 'none'; sandbox"}
"""Of what is given out: its address names its bytes, so a browser may keep it; nobody on the way may."""


class GuestDesk:
    """One for each service. component: names the service in the log."""

    def __init__(self, workshop: Workshop, room: EngineRoom, kind: GuestKind, component: str) -> None:
        self._workshop, self._room, self._kind, self._component = workshop, room, kind, component
        self._guests = Guests(workshop.blobs)
        self._downloads = Threads(DOWNLOADS, f"{component} downloads")
        self._errands = Threads(ERRANDS, component)
        self._reads = Threads(READS, f"{component} reads")
        self._turn = asyncio.Lock()

    async def fetch(self, url: str, in_turn: bool = False) -> bytes:
        """The photo's file: its pixels take five times as much memory, and so are there only while they are worked on.
        Raises UrlRejected or FetchFailed; and at once what keeps the engine from starting, or Busy where the room is
        full. in_turn: for `work_in_turn`, which waits for a place."""
        try:
            self._room.check_room()
        except Busy:
            if not in_turn:
                raise
        fetcher = self._workshop.fetcher
        return await self._downloads.run(lambda: fetcher.get(url, UPLOADS.max_bytes))

    async def work(self, photo: bytes, make: Callable[[Pixels], T]) -> tuple[T, float]:
        """What the engine made of the pixels uint8 [h, w, 3], and the seconds of its work alone, without the wait for
        it. Raises Busy or ImageRejected."""
        return await self._room.run(lambda: _timed(lambda: make(decode(photo).pixels)))

    async def work_in_turn(self, photo: bytes, make: Callable[[Pixels], T]) -> tuple[T, float]:
        """For the photos of a batch: all of them together take one place among those who wait, however many they are,
        and none is refused because others were faster."""
        async with self._turn:
            while True:
                try:
                    return await self.work(photo, make)
                except Busy:
                    await asyncio.sleep(TURN_SECONDS)

    async def keep(self, request: Request, made: Sequence[Encoded]) -> list[str]:
        """Their addresses, in order. Raises StoreError."""
        base = str(request.base_url)
        kept = (self._errands.run(partial(self._keep, base, one)) for one in made)
        return list(await asyncio.gather(*kept))

    def _keep(self, base: str, made: Encoded) -> str:
        return self._guests.address(self._guests.keep(self._kind, made), base)

    def logged(self, request: Request, step: str) -> AbstractAsyncContextManager[None]:
        journal = self._workshop.journal
        told = journal.step(user_id(request), self._component, step, request_id(request))
        return written(told, self._errands)

    async def refuse(self, request: Request, refused: Sequence[tuple[str, Refused]]) -> None:
        """Log what could not truthfully be made, each under its name: a category, or a kind of mask."""
        journal = self._workshop.journal
        now, user, run = journal.timestamp(), user_id(request), request_id(request)
        events = [
            LogEvent(
                now, user, None, self._component, name, EventKind.REFUSED, run, None, None, why.message,
                {"code": why.code},
            )
            for name, why in refused
        ]  # fmt: skip
        if events:
            await self._errands.run(lambda: journal.write(events))

    def add_door(self, app: FastAPI) -> None:
        """The route under which this service gives out what it has kept."""

        @app.get(
            f"/guests/{self._kind}/{{name}}",
            operation_id=f"get_guest_{self._kind}",
            summary="A result that this service has stored",
            response_class=Response,
            responses={200: {"content": {"image/png": {}, "image/webp": {}}, "description": "The picture"}},
        )
        async def guest(name: str) -> Response:
            try:
                found = await self._reads.run(lambda: self._guests.read(self._kind, name))
            except BlobMissing as error:
                raise ServiceError(404, "not_found", str(error)) from None
            return Response(found.data, media_type=found.media_type, headers=KEPT)


def _timed(make: Callable[[], T]) -> tuple[T, float]:
    begun = time.perf_counter()
    return make(), time.perf_counter() - begun
