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

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from tryon.core.encoding import Encoded
from tryon.core.errors import FashionError
from tryon.core.pictures import OF_PAIRS, Place, draw, find_picture
from tryon.core.pipeline import Pipeline
from tryon.services.errors import answer_error, refuse
from tryon.services.loopback import Access, Loopback

HOST = "127.0.0.1"
KEPT_BYTES = 16 * 1024 * 1024
"""Of drawn pictures in memory: about a thousand partitions."""


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
    # Without pages that list what there is.
    app = FastAPI(title="pictures", docs_url=None, redoc_url=None, openapi_url=None)
    kept = Kept()

    def answer(request: Request, place: Place) -> Response:
        picture = find_picture(pipeline, place)
        etag = f'"{picture.tag}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"ETag": etag})
        made = kept.get(picture.tag, lambda: draw(pipeline, picture))
        return Response(made.data, media_type=made.media_type, headers={"ETag": etag})

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

    app.add_exception_handler(FashionError, _failed)
    app.add_exception_handler(HTTPException, _unknown)
    return Loopback(app, tell)


def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, FashionError), "registered for nothing else"
    ids = {name: request.path_params.get(name) for name in ("user", "item")}
    return answer_error(error, **ids)


def _unknown(request: Request, error: Exception) -> Response:
    """No such route, or another method than GET."""
    assert isinstance(error, HTTPException), "registered for nothing else"
    allowed = "/health, /pictures/items/ITEM/product_crops.webp, /pictures/users/USER/user_masks.webp"
    pairs = f"/pictures/users/USER/items/ITEM/ASSET.webp with one of {', '.join(OF_PAIRS)}"
    return refuse(error.status_code, "not_found", f"there is only GET of {allowed} and {pairs}")
