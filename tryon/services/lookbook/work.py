"""GET /progress"""

from __future__ import annotations

from fastapi import APIRouter, Response

from tryon.core.lookbook import Forecast, progress
from tryon.core.pipeline import Pipeline
from tryon.services.lookbook import wire
from tryon.services.lookbook.sending import as_json


def router(pipeline: Pipeline, forecast: Forecast) -> APIRouter:
    routes = APIRouter(tags=["work"])

    @routes.get("/progress", operation_id="get_progress", response_model=wire.Progress)
    def running() -> Response:
        """Who works now, what it cost so far, and what is left."""
        return as_json(wire.Progress.model_validate(progress(pipeline, forecast).facts()))

    return routes
