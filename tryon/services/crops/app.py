"""`POST /crop`: the garments of a photo at an address, each as a picture of its own.

GET /, GET /health, GET /debug, POST /crop, GET /guests/crops/{name}. Errors are `{"detail": str}`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response

from tryon.core.depot import Made
from tryon.core.direct.crops import crop
from tryon.core.guests import GuestKind
from tryon.core.words import Category, Refused
from tryon.services.calls import loading
from tryon.services.crops.wire import CropRequest, Debug, Health, OneCrop, SeveralCrops, Status
from tryon.services.engine_room import EngineRoom
from tryon.services.front import detail, new_app
from tryon.services.guest_desk import GuestDesk
from tryon.wiring import Workshop

COMPONENT = "service.crops"
SUMMARY = "Finds the garments of a product photo and gives each as a picture of its own."
Verdicts = Sequence[tuple[Category, Made | Refused]]


@dataclass(frozen=True)
class Diagnosis:
    """For /debug: whether the settings name these, never their values."""

    has_openai_key: bool
    has_supabase_url: bool


def loader(workshop: Workshop, asked: str) -> Callable[[], None]:
    """For its engine room. asked: FASHION_DEVICE."""
    stage = workshop.stages.crop

    def load() -> object:
        stage.warm()
        return stage.detector

    return loading(workshop.journal, COMPONENT, asked, load)


def create_app(workshop: Workshop, room: EngineRoom, diagnosis: Diagnosis) -> FastAPI:
    """room: made with `loader`; opened here, so that loading begins with the service."""
    app = new_app("Garment crops", SUMMARY, detail)
    desk = GuestDesk(workshop, room, GuestKind.CROPS, COMPONENT)
    stage = workshop.stages.crop
    room.open()

    @app.get("/", operation_id="crop_status")
    async def status() -> Status:
        return Status(cropper_available=room.problem is None)

    @app.get("/health", operation_id="crop_health")
    async def health() -> Health:
        return Health()

    @app.get("/debug", operation_id="crop_debug")
    async def debug() -> Debug:
        return Debug(
            cropper_available=room.problem is None,
            cropper_instance=room.state == "ready",
            has_openai_key=diagnosis.has_openai_key,
            has_supabase_url=diagnosis.has_supabase_url,
            error=None if room.problem is None else str(room.problem),
            python_path=sys.path,
            cwd=os.getcwd(),
        )

    @app.post("/crop", operation_id="crop", responses={200: {"headers": HEADERS}})
    async def cropped(asked: CropRequest, request: Request, response: Response) -> OneCrop | SeveralCrops:
        async with desk.logged(request, "crop"):
            photo = await desk.fetch(asked.image_url)
            verdicts, _ = await desk.work(photo, lambda pixels: crop(stage, pixels, asked.categories))
            made = [one for _, one in verdicts if isinstance(one, Made)]
            urls = await desk.keep(request, [one.encoded for one in made])
        refused = [(category.value, one) for category, one in verdicts if isinstance(one, Refused)]
        await desk.refuse(request, refused)
        response.headers.update(_about(verdicts))
        if len(urls) > 1:
            return SeveralCrops(cropped_image_urls=urls)
        return OneCrop(cropped_image_url=urls[0] if urls else asked.image_url)

    desk.add_door(app)
    return app


HEADERS = {
    "X-Crop-Result": {
        "description": "`none`: nothing that was asked for was found, and the address is the photo's own",
        "schema": {"type": "string"},
    },
    "X-Crop-Categories": {
        "description": "the categories of the crops, in their order",
        "schema": {"type": "string"},
    },
    "X-Crop-Refused": {
        "description": "`category=code` of each that could not be cropped",
        "schema": {"type": "string"},
    },
}


def _about(verdicts: Verdicts) -> dict[str, str]:
    """Headers: which crop is which, and why others are missing; the body has no place for either."""
    made = [category.value for category, one in verdicts if isinstance(one, Made)]
    refused = [f"{category}={one.code}" for category, one in verdicts if isinstance(one, Refused)]
    about = {"X-Crop-Categories": ",".join(made), "X-Crop-Refused": ",".join(refused)}
    about["X-Crop-Result"] = "" if made else "none"
    return {name: value for name, value in about.items() if value}
