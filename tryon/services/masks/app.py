"""`POST /`: masks of the person in a photo at an address; `POST /batch`: of up to 64 photos.

GET /, GET /health, GET /guests/masks/{name}. Errors are `{"status": "error", "error": {"code", "message"}}`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from fastapi import FastAPI, Request

from tryon.core.depot import Made
from tryon.core.direct.masks import masks
from tryon.core.errors import FashionError
from tryon.core.guests import GuestKind
from tryon.core.words import MaskKind, Refused
from tryon.services.calls import loading
from tryon.services.engine_room import EngineRoom
from tryon.services.front import ServiceError, new_app, request_id, status_error
from tryon.services.front.errors import of
from tryon.services.guest_desk import GuestDesk
from tryon.services.masks.wire import (
    BatchAnswer,
    BatchRequest,
    Health,
    MaskAnswer,
    MaskFailure,
    MaskRequest,
    Problem,
    Status,
    Timing,
    Wishes,
)
from tryon.wiring import Workshop

COMPONENT = "service.masks"
SUMMARY = "Says which pixels of a photo are a person's upper body, lower body, whole outfit, figure and face."
AT_ONCE = 8
"""Files of all batches that are in memory at a time; the largest one has 30 MB."""


def loader(workshop: Workshop, asked: str) -> Callable[[], None]:
    """For its engine room. asked: FASHION_DEVICE."""
    stage = workshop.stages.mask

    def load() -> object:
        stage.warm()
        return stage.parser

    return loading(workshop.journal, COMPONENT, asked, load)


def create_app(workshop: Workshop, room: EngineRoom) -> FastAPI:
    """room: made with `loader`; opened here, so that loading begins with the service."""
    app = new_app("Masks of people", SUMMARY, status_error)
    maker = _Maker(workshop, GuestDesk(workshop, room, GuestKind.MASKS, COMPONENT))
    room.open()

    @app.get("/", operation_id="mask_status")
    async def status() -> Status:
        return Status(masks_available=room.problem is None)

    @app.get("/health", operation_id="mask_health")
    async def health() -> Health:
        return Health()

    @app.post("/", operation_id="make_masks")
    async def one(asked: MaskRequest, request: Request) -> MaskAnswer:
        return await maker.make(request, asked.user_image_url, asked, "masks")

    @app.post("/batch", operation_id="make_masks_of_many")
    async def many(asked: BatchRequest, request: Request) -> BatchAnswer:
        of_all = [
            maker.attempt(request, url, asked, f"masks {number}")
            for number, url in enumerate(asked.user_image_urls, 1)
        ]
        return BatchAnswer(results=list(await asyncio.gather(*of_all)))

    maker.desk.add_door(app)
    return app


class _Maker:
    def __init__(self, workshop: Workshop, desk: GuestDesk) -> None:
        self._stage, self.desk = workshop.stages.mask, desk
        self._room_for = asyncio.Semaphore(AT_ONCE)

    async def make(
        self, request: Request, url: str, wishes: Wishes, step: str, in_turn: bool = False
    ) -> MaskAnswer:
        """Raises ServiceError 422 for the first mask that cannot be made, and what fetching and storing raise."""
        clock, desk = _Clock(), self.desk
        work = desk.work_in_turn if in_turn else desk.work
        async with desk.logged(request, step):
            photo = await desk.fetch(url, in_turn)
            download = clock.lap()
            made, generate = await work(
                photo, lambda pixels: masks(self._stage, pixels, wishes.kinds, wishes.size, wishes.format)
            )
            waited = clock.lap() - generate
            refused = [(kind, one) for kind, one in made.items() if isinstance(one, Refused)]
            finished = [] if refused else [one.encoded for one in made.values() if isinstance(one, Made)]
            urls = await desk.keep(request, finished)
        if refused:
            await desk.refuse(request, refused)
            raise ServiceError(422, refused[0][1].code, _said(made))
        timing = Timing(
            setup_model_symlinks=round(waited, 3),
            download_image=round(download, 3),
            generate_masks=round(generate, 3),
            upload_masks=round(clock.lap(), 3),
        )
        return MaskAnswer(masks=dict(zip(made, urls, strict=True)), total_time=clock.total(), timing=timing)

    async def attempt(
        self, request: Request, url: str, wishes: Wishes, step: str
    ) -> MaskAnswer | MaskFailure:
        """What is wrong with one photo of a batch is its own answer."""
        async with self._room_for:
            try:
                return await self.make(request, url, wishes, step, in_turn=True)
            except (FashionError, ServiceError) as error:
                found = error if isinstance(error, ServiceError) else of(error)
                return MaskFailure(error=Problem(code=found.code, message=found.message))
            except Exception:  # noqa: BLE001 - the log has it as this step's failure; the other photos go on
                said = f"something failed that nobody foresaw; the log names it by {request_id(request)}"
                return MaskFailure(error=Problem(code="internal", message=said))


class _Clock:
    def __init__(self) -> None:
        self._begun = self._last = time.perf_counter()

    def lap(self) -> float:
        """Seconds since the last lap."""
        before, self._last = self._last, time.perf_counter()
        return self._last - before

    def total(self) -> float:
        return round(time.perf_counter() - self._begun, 3)


def _said(made: Mapping[MaskKind, Made | Refused]) -> str:
    refused = {kind: one for kind, one in made.items() if isinstance(one, Refused)}
    said = " ".join(dict.fromkeys(one.message for one in refused.values()))
    others = [kind for kind in made if kind not in refused]
    return f"{said} Ask for kinds {', '.join(others)} alone." if others else said
