"""The lookbook's app: one router for each kind of thing that it answers with.

Routes are plain functions, so that whatever waits for a store does so in a thread.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import Response

from tryon.core.errors import OutfitRefused
from tryon.core.lookbook import Forecast
from tryon.core.pipeline import Pipeline
from tryon.services.front import ServiceError, envelope, new_app
from tryon.services.front.apps import answer
from tryon.services.lookbook import files, logs, outfits, people, work
from tryon.services.lookbook.pages import add_pages
from tryon.services.lookbook.sog import Convert, SogFiles, splat_transform
from tryon.services.lookbook.stream import Pace, Streams


def create_app(
    pipeline: Pipeline, dagster_url: str = "", convert: Convert = splat_transform, pace: Pace | None = None
) -> FastAPI:
    """dagster_url: where Dagster shows runs, without a slash at its end; empty: answers have no links to runs.
    convert: makes a SOG file of a PLY. pace: of live logs."""
    app = new_app(
        "lookbook", "Every outfit of every person: images, provenance, splats and live logs.", envelope
    )
    forecast = Forecast(pipeline)
    for router in (
        people.router(pipeline),
        outfits.router(pipeline, dagster_url),
        files.router(pipeline, SogFiles(convert)),
        work.router(pipeline, forecast),
        logs.router(pipeline, Streams(pipeline, pace or Pace())),
    ):
        app.include_router(router)
    add_pages(app, pipeline, forecast, dagster_url)
    app.add_exception_handler(OutfitRefused, _refused)
    return app


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, OutfitRefused), "registered for nothing else"
    ids: dict[str, str | None] = {name: str(value) for name, value in request.path_params.items()}
    return answer(envelope, ServiceError(409, "refused", str(error), None, reason=error.code, **ids))
