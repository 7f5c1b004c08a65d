"""GET /users/{user}/person, /users/{user}/outfits/{outfit}/image, .../splat, .../crops/{garment}"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from tryon.core import lookbook
from tryon.core.lookbook import Picked
from tryon.core.pipeline import Pipeline
from tryon.core.records import BlobFacts
from tryon.services.lookbook.sending import send
from tryon.services.lookbook.sog import SogFiles

BINARY = {"schema": {"type": "string", "format": "binary"}}
UNCHANGED = {"description": "The caller has it: its If-None-Match names it"}
IMAGE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The verified bytes", "content": {"image/webp": BINARY, "image/png": BINARY}},
    304: UNCHANGED,
}
SPLAT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The verified bytes", "content": {"application/octet-stream": BINARY}},
    304: UNCHANGED,
}


def router(pipeline: Pipeline, sogs: SogFiles) -> APIRouter:
    routes = APIRouter(tags=["files"], default_response_class=Response)
    outfit_path = "/users/{user}/outfits/{outfit}"

    @routes.get("/users/{user}/person", operation_id="get_person_photo", responses=IMAGE)
    def person(request: Request, user: str) -> Response:
        """The person's own photo, at the size of the try-ons."""
        return _sent(request, lookbook.person_photo(pipeline, user))

    @routes.get(f"{outfit_path}/image", operation_id="get_image", responses=IMAGE)
    def image(request: Request, user: str, outfit: str) -> Response:
        """The try-on, marked as AI-generated. Never another picture in its place."""
        return _sent(request, lookbook.image(pipeline, user, outfit))

    @routes.get(f"{outfit_path}/crops/{{garment}}", operation_id="get_crop", responses=IMAGE)
    def crop(request: Request, user: str, outfit: str, garment: str) -> Response:
        """The garment that the outfit's image was made from."""
        return _sent(request, lookbook.crop_image(pipeline, user, outfit, garment))

    @routes.get(f"{outfit_path}/splat", operation_id="get_splat", responses=SPLAT)
    def splat(request: Request, user: str, outfit: str, format: Literal["ply", "sog"] = "ply") -> Response:
        """The outfit's 3D Gaussians: the published PLY, or a SOG file that is made of it."""
        found = lookbook.splat_file(pipeline, user, outfit)
        return _sent(request, found if format == "ply" else _sog(found, user, outfit))

    def _sog(found: Picked, user: str, outfit: str) -> Picked:
        record = lookbook.splat_record(pipeline, user, outfit)
        assert isinstance(record.result, BlobFacts), "a refusal was raised"
        count = int(str(record.facts["gaussians"]))
        return Picked(f"{found.tag}-sog", found.media_type, lambda: sogs.get(found.tag, found.read, count))

    return routes


def _sent(request: Request, file: Picked) -> Response:
    return send(request, file.tag, file.media_type, file.read)
