"""GET /users/{user}/logs, /users/{user}/logs/stream"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from tryon.core.lookbook import log_page
from tryon.core.pipeline import Pipeline
from tryon.services.front import ServiceError
from tryon.services.lookbook import wire
from tryon.services.lookbook.sending import as_json
from tryon.services.lookbook.stream import Streams
from tryon.services.stopping import stopping

MOST_POSITION = 2**53 - 1
Position = Annotated[int | None, Query(ge=0, le=MOST_POSITION)]
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `data` is an event as in get_logs, `id` its position",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class _Events(StreamingResponse):
    """Closes its stream whenever the line is cut, even before the first word."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            assert isinstance(self.body_iterator, AsyncGenerator), "made by Streams"
            await self.body_iterator.aclose()


def router(pipeline: Pipeline, streams: Streams) -> APIRouter:
    routes = APIRouter(tags=["logs"])

    @routes.get("/users/{user}/logs", operation_id="get_logs", response_model=wire.Logs)
    def logs(user: str, after: Position = None, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> Response:
        """The events after a position, oldest first; without `after`, the newest ones."""
        return as_json(wire.Logs.model_validate(log_page(pipeline, user, after, limit).facts()))

    @routes.get(
        "/users/{user}/logs/stream",
        operation_id="stream_logs",
        responses=STREAM,
        response_class=StreamingResponse,
    )
    async def stream(
        request: Request,
        user: str,
        after: Position = None,
        last_event_id: Annotated[str | None, Header(max_length=20)] = None,
    ) -> StreamingResponse:
        """Each step as it happens. Goes on after Last-Event-ID, else after `after`, else from now on."""
        begin = _position(last_event_id) if last_event_id else after
        return _Events(
            await streams.open(user, begin, stopping(request.scope)), media_type="text/event-stream"
        )

    return routes


def _position(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > MOST_POSITION:
        raise ServiceError(400, "bad_request", "Last-Event-ID: not the id of an event of this stream")
    return int(text)
