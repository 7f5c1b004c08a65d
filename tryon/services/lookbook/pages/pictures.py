"""Pictures that only the pages show: small ones, and the person's own photo."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request, Response

from tryon.core.encoding import Encoded
from tryon.core.lookbook import Picked, crop_image, image, person_photo
from tryon.core.lookbook.thumbnail import smaller
from tryon.core.pipeline import Pipeline
from tryon.services.lookbook.sending import send
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
        return self._sent(request, found.tag, lambda: Encoded(found.read(), "webp", found.media_type))

    def small(self, request: Request, user: str, outfit: str, width: int) -> Response:
        return self._small(request, image(self._pipeline, user, outfit), width)

    def _small(self, request: Request, file: Picked, width: int) -> Response:
        return self._sent(request, f"{file.tag}-{width}", lambda: smaller(file.read(), width))

    def _sent(self, request: Request, tag: str, make: Callable[[], Encoded]) -> Response:
        return send(request, tag, "image/webp", lambda: self._kept.get(tag, make).data)
