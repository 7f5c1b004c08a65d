"""GET /health, /users, /users/{user}/coverage"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from tryon.core import lookbook
from tryon.core.pipeline import Pipeline
from tryon.services.lookbook import wire
from tryon.services.lookbook.sending import as_json


def router(pipeline: Pipeline) -> APIRouter:
    routes = APIRouter(tags=["people"])

    @routes.get("/health", operation_id="health")
    async def health() -> wire.Health:
        """Whether the service answers."""
        # Not in a thread: it would wait until those who read stores leave one.
        return wire.Health()

    @routes.get("/users", operation_id="list_users", response_model=wire.People)
    def users(
        after: Annotated[str, Query(max_length=63)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """Whose outfits there are, by id."""
        return as_json(wire.People.model_validate(lookbook.people(pipeline, after, limit).facts()))

    @routes.get("/users/{user}/coverage", operation_id="get_coverage", response_model=wire.Coverage)
    def coverage(user: str, after: Annotated[str, Query(max_length=100)] = "") -> Response:
        """Tops x bottoms, dresses and singles: published, refused, stale or missing, each with the reason."""
        return as_json(wire.Coverage.model_validate(lookbook.coverage_matrix(pipeline, user, after).facts()))

    return routes
