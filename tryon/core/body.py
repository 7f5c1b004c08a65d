"""A parsed body as bytes, and at another size."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import numpy as np

from tryon.core.errors import BlobCorrupted
from tryon.core.ports import Body
from tryon.core.sizing import resize_mask

LABELS, LIP_LABELS = 18, 20
KEYPOINTS = (19, 3)

_UNREADABLE = (
    *(OSError, ValueError, KeyError, EOFError, TypeError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, struct.error),
)
"""What zipfile and numpy raise on bytes that are not an NPZ, or a damaged one."""


def pack_body(body: Body) -> bytes:
    """One NPZ with `labels`, `keypoints` and, where there is one, `lip`; equal bodies give equal bytes (numpy writes
    no time)."""
    buffer = io.BytesIO()
    lip = {} if body.lip is None else {"lip": body.lip}
    np.savez_compressed(buffer, allow_pickle=False, labels=body.labels, keypoints=body.keypoints, **lip)
    return buffer.getvalue()


def unpack_body(data: bytes) -> Body:
    """What pack_body wrote. Raises BlobCorrupted naming what is wrong; nothing in the bytes is executed."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            lip = arrays["lip"] if "lip" in arrays.files else None
            body = Body(labels=arrays["labels"], keypoints=arrays["keypoints"], lip=lip)
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
    keypoints = body.keypoints.copy()
    keypoints[:, 0] *= size[0] / width
    keypoints[:, 1] *= size[1] / height
    lip = None if body.lip is None else resize_mask(body.lip, size)
    return Body(labels=resize_mask(body.labels, size), keypoints=keypoints, lip=lip)


def _fault(body: Body) -> str | None:
    if body.labels.dtype != np.uint8 or body.labels.ndim != 2 or not body.labels.size:
        return f"labels of {body.labels.dtype} {body.labels.shape} instead of uint8 [H, W]"
    if body.labels.max() >= LABELS:
        return f"label {body.labels.max()}, but ATR-18 ends at {LABELS - 1}"
    if body.lip is not None and (body.lip.dtype != np.uint8 or body.lip.shape != body.labels.shape):
        return f"LIP labels of {body.lip.dtype} {body.lip.shape} instead of uint8 {body.labels.shape}"
    if body.lip is not None and body.lip.max() >= LIP_LABELS:
        return f"LIP label {body.lip.max()}, but LIP-20 ends at {LIP_LABELS - 1}"
    if body.keypoints.dtype != np.float32 or body.keypoints.shape != KEYPOINTS:
        return f"keypoints of {body.keypoints.dtype} {body.keypoints.shape} instead of float32 {KEYPOINTS}"
    return None if np.isfinite(body.keypoints).all() else "keypoints that are not finite"
