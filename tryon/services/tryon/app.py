"""Its routes.

GET  /health        200 when the models are loaded, 503 until then
POST /api/try-on    a person's photo and a garment's photo -> a picture
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from tryon.core.direct import tryons
from tryon.core.encoding import Encoded
from tryon.core.errors import OutOfMemory
from tryon.core.events import Journal
from tryon.core.pipeline import Stages
from tryon.core.words import Refused
from tryon.services.calls import Caller, Logged, loading
from tryon.services.engine_room import EngineRoom
from tryon.services.front import ServiceError, detail, new_app
from tryon.services.sent_files import read_cloth, read_mask, read_photo
from tryon.services.steps import written
from tryon.services.threads import ERRANDS, Threads
from tryon.services.tryon.wire import (
    ClothImage,
    ClothType,
    Guidance,
    Health,
    Kind,
    MaskUrl,
    PersonImage,
    Seed,
    Steps,
    TryOn,
)

COMPONENT = "service.tryon"
DONE = "Try-on completed successfully"
RANDOM = -1
SEEDS = 2**32


def loader(stages: Stages, journal: Journal, asked: str) -> Callable[[], None]:
    """For its engine room. asked: FASHION_DEVICE."""

    def load() -> object:
        tryons.warm(stages)
        return stages.tryon.dresser

    return loading(journal, COMPONENT, asked, load)


Fetch = Callable[[str], Awaitable[bytes]]


def create_app(stages: Stages, room: EngineRoom, journal: Journal, fetch: Fetch) -> FastAPI:
    """room: made with `loader`; opened here, so that loading begins with the service. fetch: the file at an address
    that a caller names; raises UrlRejected, FetchFailed."""
    app = new_app("Try-on service", "A person in a garment", detail)
    errands = Threads(ERRANDS, COMPONENT)
    room.open()

    @app.get("/health", operation_id="health", summary="Whether the models are loaded")
    async def health() -> Health:
        room.check_ready()
        return Health(status="healthy", message="Service is ready")

    @app.post(
        "/api/try-on",
        operation_id="try_on",
        summary="Put a garment on a person",
        response_model=TryOn,
        responses={200: {"headers": {"X-Seed": {"description": "the seed that was used", "schema": _WHOLE}}}},
    )
    async def try_on(
        request: Request,
        person_image: PersonImage,
        cloth_image: ClothImage,
        cloth_type: Kind = ClothType.UPPER,
        num_inference_steps: Steps = 50,
        guidance_scale: Guidance = 2.5,
        seed: Seed = 42,
        mask_url: MaskUrl = None,
    ) -> Response:
        room.check_room()
        person, cloth = await person_image.read(), await cloth_image.read()
        used = secrets.randbelow(SEEDS) if seed == RANDOM else seed
        caller, mask = Caller.of(request), None
        if mask_url:
            told = journal.step(caller.user_id, COMPONENT, "mask", caller.run_id)
            async with written(told, errands):
                mask = await fetch(mask_url)
        step = Logged(journal, COMPONENT, "try-on", caller)

        def work() -> Encoded | Refused:
            photo = read_photo("person_image", person).pixels
            wish = tryons.Wish(
                photo,
                read_cloth("cloth_image", cloth),
                cloth_type.kind,
                num_inference_steps,
                guidance_scale,
                used,
                read_mask("mask_url", mask, photo) if mask else None,
            )
            return step.run(lambda: tryons.try_on(stages, wish))

        picture = await _made(room, work)
        return await run_in_threadpool(_answer, picture, used)

    return app


_WHOLE = {"type": "integer"}


async def _made(room: EngineRoom, work: Callable[[], Encoded | Refused]) -> Encoded:
    """Raises ServiceError for what was refused, and when memory is full."""
    try:
        found = await room.run(work)
    except OutOfMemory as error:
        said = f"GPU out of memory. Image may be too large. Error: {error}"
        raise ServiceError(503, "out_of_memory", said) from error
    if isinstance(found, Refused):
        raise ServiceError(422, found.code, found.message)
    return found


def _answer(picture: Encoded, seed: int) -> Response:
    """Two million characters: not on the event loop."""
    text = base64.b64encode(picture.data).decode()
    body = json.dumps({"success": True, "imageBase64": text, "message": DONE}).encode()
    return Response(body, media_type="application/json", headers={"X-Seed": str(seed)})
