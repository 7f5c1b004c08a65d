"""Its routes.

GET  /                what it is
GET  /health          200 with the device when the model is loaded, 503 until then
POST /predict         one picture -> Gaussians as lists of numbers
POST /predict/ply     one picture -> a PLY file
POST /predict/batch   several pictures -> one answer each
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from tryon import VERSION
from tryon.core.direct.splats import MOST_LISTED
from tryon.core.events import Journal
from tryon.core.ports import Splatter, device_of, load_now
from tryon.services.calls import Caller, in_pieces, loading
from tryon.services.engine_room import EngineRoom
from tryon.services.front import ServiceError, detail, new_app
from tryon.services.splats.making import Maker, as_bytes, check_count, joined
from tryon.services.splats.wire import (
    MOST_FILES,
    Batch,
    FocalPx,
    Health,
    Info,
    MaxListed,
    MaxWritten,
    Picture,
    Pictures,
    Splat,
)

COMPONENT = "service.splats"
ENDPOINTS = ("GET /health", "POST /predict", "POST /predict/ply", "POST /predict/batch")
PLY = "application/octet-stream"


def loader(splatter: Splatter, journal: Journal, asked: str) -> Callable[[], None]:
    """For its engine room. asked: FASHION_DEVICE."""

    def load() -> object:
        load_now(splatter)
        return splatter

    return loading(journal, COMPONENT, asked, load)


def create_app(splatter: Splatter, room: EngineRoom, journal: Journal) -> FastAPI:
    """splatter: for pictures of anything (tryon.core.ports.scenic). room: made with `loader`; opened here, so that
    loading begins with the service."""
    app = new_app("Splat service", "A picture as 3D Gaussians", detail)
    room.open()

    def maker(request: Request) -> Maker:
        return Maker(splatter, room, journal, Caller.of(request))

    @app.get("/", operation_id="info", summary="What this is")
    async def info() -> Info:
        return Info(service="splats", version=VERSION, endpoints=[*ENDPOINTS])

    @app.get("/health", operation_id="health", summary="Whether the model is loaded, and where")
    async def health() -> Health:
        room.check_ready()
        return Health(status="healthy", device=device_of(splatter))

    @app.post("/predict", operation_id="predict", summary="Gaussians as JSON", response_model=Splat)
    async def predict(
        request: Request, file: Picture, f_px: FocalPx = None, max_gaussians: MaxListed = MOST_LISTED
    ) -> Response:
        check_count(max_gaussians)
        made = await maker(request).one(await file.read(), f_px)
        data = await run_in_threadpool(lambda: as_bytes(made.listing(max_gaussians)))
        return in_pieces(data, "application/json")

    @app.post(
        "/predict/ply",
        operation_id="predict_ply",
        summary="Gaussians as a PLY file",
        response_class=Response,
        responses={200: {"content": {PLY: {"schema": {"type": "string", "format": "binary"}}}}},
    )
    async def ply(
        request: Request, file: Picture, f_px: FocalPx = None, max_gaussians: MaxWritten = None
    ) -> Response:
        made = await maker(request).one(await file.read(), f_px)
        data = await run_in_threadpool(made.ply, max_gaussians)
        return in_pieces(data, PLY, {"Content-Disposition": 'attachment; filename="splat.ply"'})

    @app.post(
        "/predict/batch", operation_id="predict_batch", summary="Several pictures", response_model=Batch
    )
    async def batch(
        request: Request, files: Pictures, f_px: FocalPx = None, max_gaussians: MaxListed = MOST_LISTED
    ) -> Response:
        check_count(max_gaussians)
        made = await maker(request).several(await _read(files), f_px, max_gaussians)
        return in_pieces(await run_in_threadpool(joined, made), "application/json")

    return app


async def _read(files: list[UploadFile]) -> list[bytes]:
    if len(files) > MOST_FILES:
        said = f"file: {len(files)} files; send at most {MOST_FILES} at a time"
        raise ServiceError(400, "bad_request", said)
    return [await file.read() for file in files]
