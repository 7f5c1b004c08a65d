"""GET /progress"""

from __future__ import annotations

from fastapi import APIRouter

from tryon.core.lookbook import Forecast, progress
from tryon.core.pipeline import Pipeline
from tryon.services.lookbook import wire


def router(pipeline: Pipeline, forecast: Forecast) -> APIRouter:
    routes = APIRouter(tags=["work"])

    @routes.get("/progress", operation_id="get_progress")
    def running() -> wire.Progress:
        """Who works now, what it cost so far, and what is left."""
        return wire.Progress.model_validate(progress(pipeline, forecast).facts())

    return routes
