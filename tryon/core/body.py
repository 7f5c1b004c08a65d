"""A parsed body as bytes, and at another size."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import cv2
import numpy as np

from tryon.core.errors import BlobCorrupted
from tryon.core.ports import Body

LABELS = 18
KEYPOINTS = (19, 3)

_UNREADABLE = (
    *(OSError, ValueError, KeyError, EOFError, TypeError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, struct.error),
)
"""What zipfile and numpy raise on bytes that are not an NPZ, or a damaged one."""


def pack_body(body: Body) -> bytes:
    """One NPZ with `labels` and `keypoints`; equal bodies give equal bytes (numpy writes no time)."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, labels=body.labels, keypoints=body.keypoints)
    return buffer.getvalue()


def unpack_body(data: bytes) -> Body:
    """What pack_body wrote. Raises BlobCorrupted naming what is wrong; nothing in the bytes is executed."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            body = Body(labels=arrays["labels"], keypoints=arrays["keypoints"])
    except _UNREADABLE as error:
        raise BlobCorrupted(
            f"{len(data)} bytes are no packed body ({error}); parse the photo again"
        ) from error
    wrong = _fault(body)
    if wrong:
        raise BlobCorrupted(f"a packed body has {wrong}; parse the photo again")
    return body


def scale_body(body: Body, size: tuple[int, int]) -> Body:
    """The body in a photo resized to `size` = (width, height): labels by nearest pixel, keypoints with it.

    Keypoints are measured from the photo's corner, so x becomes x * width / old_width.
    """
    height, width = body.labels.shape
    labels = cv2.resize(body.labels, size, interpolation=cv2.INTER_NEAREST_EXACT)
    keypoints = body.keypoints.copy()
    keypoints[:, 0] *= size[0] / width
    keypoints[:, 1] *= size[1] / height
    return Body(labels=np.asarray(labels, np.uint8), keypoints=keypoints)


def _fault(body: Body) -> str | None:
    if body.labels.dtype != np.uint8 or body.labels.ndim != 2 or not body.labels.size:
        return f"labels of {body.labels.dtype} {body.labels.shape} instead of uint8 [H, W]"
    if body.labels.max() >= LABELS:
        return f"label {body.labels.max()}, but ATR-18 ends at {LABELS - 1}"
    if body.keypoints.dtype != np.float32 or body.keypoints.shape != KEYPOINTS:
        return f"keypoints of {body.keypoints.dtype} {body.keypoints.shape} instead of float32 {KEYPOINTS}"
    return None if np.isfinite(body.keypoints).all() else "keypoints that are not finite"
