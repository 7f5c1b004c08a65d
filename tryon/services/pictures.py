"""Thumbnails for Dagster's UI, on the loopback: what a partition shows now, or why there is nothing to show.

GET /pictures/items/{item}/product_crops.webp
GET /pictures/users/{user}/user_masks.webp
GET /pictures/users/{user}/items/{item}/{asset}.webp    garment_tryons, outfit_tryons, outfit_splats
GET /health
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from tryon.core.encoding import Encoded
from tryon.core.pictures import OF_PAIRS, Place, draw, find_picture
from tryon.core.pipeline import Pipeline
from tryon.services.front import Front, ServiceError, behind, envelope, new_app
from tryon.services.front.access import Access
from tryon.services.front.apps import answer as answer_error

HOST = "127.0.0.1"
KEPT_BYTES = 16 * 1024 * 1024
"""Of drawn pictures in memory: about a thousand partitions."""
EMBEDDED = {"Cross-Origin-Resource-Policy": "cross-origin"}
"""Dagster's pages have another port, and perhaps another name of this machine. The front refuses all other pages."""


class Kept:
    """Drawn pictures by their tag; the longest unused ones go first."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most, self._bytes, self._lock = most, 0, threading.Lock()
        self._pictures: OrderedDict[str, Encoded] = OrderedDict()

    def get(self, tag: str, make: Callable[[], Encoded]) -> Encoded:
        """Drawn outside of the lock: two that ask at once may both draw, and nobody waits for another picture."""
        with self._lock:
            if tag in self._pictures:
                self._pictures.move_to_end(tag)
                return self._pictures[tag]
        made = make()
        with self._lock:
            if tag not in self._pictures:
                self._bytes += len(made.data)
                self._pictures[tag] = made
            while self._bytes > self._most:
                self._bytes -= len(self._pictures.popitem(last=False)[1].data)
        return made


def create_app(pipeline: Pipeline, tell: Access) -> ASGIApp:
    """tell: hears the access log, one line a request."""
    app = new_app("pictures", "Thumbnails for Dagster's UI.", envelope, listed=False)
    kept = Kept()

    def answer(request: Request, place: Place) -> Response:
        picture = find_picture(pipeline, place)
        etag = f'"{picture.tag}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"ETag": etag, **EMBEDDED})
        made = kept.get(picture.tag, lambda: draw(pipeline, picture))
        return Response(made.data, media_type=made.media_type, headers={"ETag": etag, **EMBEDDED})

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "healthy"}

    @app.get("/pictures/items/{item}/product_crops.webp")
    def crops(request: Request, item: str) -> Response:
        return answer(request, Place("product_crops", None, item))

    @app.get("/pictures/users/{user}/user_masks.webp")
    def masks(request: Request, user: str) -> Response:
        return answer(request, Place("user_masks", user, None))

    @app.get("/pictures/users/{user}/items/{item}/{asset}.webp")
    def pair(request: Request, user: str, item: str, asset: str) -> Response:
        if asset not in OF_PAIRS:
            raise HTTPException(404)
        return answer(request, Place(asset, user, item))

    app.add_exception_handler(HTTPException, _unknown)
    return behind(Front("pictures", envelope, tell=tell), app)


def _unknown(request: Request, error: Exception) -> Response:
    """No such route, or another method than GET."""
    assert isinstance(error, HTTPException), "registered for nothing else"
    allowed = "/health, /pictures/items/ITEM/product_crops.webp, /pictures/users/USER/user_masks.webp"
    pairs = f"/pictures/users/USER/items/ITEM/ASSET.webp with one of {', '.join(OF_PAIRS)}"
    said = f"there is only GET of {allowed} and {pairs}"
    return answer_error(envelope, ServiceError(error.status_code, "not_found", said))
