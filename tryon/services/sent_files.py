"""Files of a request as pictures. What is wrong names the field that it came in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tryon.core.errors import ImageRejected
from tryon.core.images import UPLOADS, Photo, decode, decode_mask, decode_rgba
from tryon.core.ports import Pixels
from tryon.services.front import ServiceError

T = TypeVar("T")
TOO_LARGE = frozenset({"too_large", "too_many_pixels"})
"""Codes of ImageRejected whose status is 413."""


def read_photo(field: str, data: bytes) -> Photo:
    """Raises ServiceError 400, or 413 for too many bytes or pixels."""
    return _read(field, lambda: decode(data))


def read_cloth(field: str, data: bytes) -> Pixels:
    """uint8 [H, W, 4]. Raises as `read_photo`."""
    return _read(field, lambda: decode_rgba(data, UPLOADS))


def read_mask(field: str, data: bytes, person: Pixels) -> Pixels:
    """uint8 [h, w] of 0 and 255. Raises as `read_photo`, also for a mask of another photo's proportions."""
    mask = _read(field, lambda: decode_mask(data))
    height, width = person.shape[:2]
    if abs(mask.shape[1] * height - mask.shape[0] * width) > max(height, width):
        said = f"{field}: the mask has {mask.shape[1]}x{mask.shape[0]} pixels, the photo {width}x{height}; make it anew"
        raise ServiceError(400, "mask_of_another_photo", said)
    return mask


def _read(field: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except ImageRejected as error:
        status = 413 if error.code in TOO_LARGE else 400
        raise ServiceError(status, f"image_{error.code}", f"{field}: {error}") from None
