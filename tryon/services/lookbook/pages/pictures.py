"""Pictures that only the pages show: small ones, the person's own photo, a garment's crop."""

from __future__ import annotations

from fastapi import Request, Response

from tryon.core.encoding import Encoded
from tryon.core.lookbook import Picked, crop_image, image, person_photo
from tryon.core.lookbook.thumbnail import smaller
from tryon.core.pipeline import Pipeline
from tryon.services.pictures import Kept


class Pictures:
    """Drawn once; whether they may be shown is asked each time."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline, self._kept = pipeline, Kept()

    def crop(self, request: Request, user: str, garment: str) -> Response:
        """Of the garment worn alone, whose id is the garment's own."""
        return self._small(request, crop_image(self._pipeline, user, garment, garment), 240)

    def photo(self, request: Request, user: str) -> Response:
        found = person_photo(self._pipeline, user)
        if _has(request, found.tag):
            return _unchanged(found.tag)
        made = self._kept.get(found.tag, lambda: Encoded(found.read(), "webp", found.media_type))
        return _answer(found.tag, made.data, made.media_type)

    def small(self, request: Request, user: str, outfit: str, width: int) -> Response:
        return self._small(request, image(self._pipeline, user, outfit), width)

    def _small(self, request: Request, file: Picked, width: int) -> Response:
        tag = f"{file.tag}-{width}"
        if _has(request, tag):
            return _unchanged(tag)
        made: Encoded = self._kept.get(tag, lambda: smaller(file.read(), width))
        return _answer(tag, made.data, made.media_type)


def _answer(tag: str, data: bytes, media_type: str) -> Response:
    return Response(data, media_type=media_type, headers={"ETag": f'"{tag}"'})


def _has(request: Request, tag: str) -> bool:
    return request.headers.get("if-none-match") == f'"{tag}"'


def _unchanged(tag: str) -> Response:
    return Response(status_code=304, headers={"ETag": f'"{tag}"'})
