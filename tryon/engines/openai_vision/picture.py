"""The photo as the model gets it: small, upright, without metadata, inside the request and never behind a URL.

A model that fetches a URL times out on some hosts, and the photo would have to be public.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from io import BytesIO

import numpy as np
from PIL import Image

from tryon.core.ports import Pixels
from tryon.core.sizing import fit_within, resize

DETAIL = "high"
LONG_SIDE, SHORT_SIDE = 2048, 768
"""Pixels. With detail "high" the service shrinks a picture to these itself (OpenAI, guide "Images and vision"), so more
would be sent and not seen."""
QUALITY = 90
"""Of the JPEG. Its chroma is halved (4:2:0), as in most product photos."""


def photo_digest(image: Pixels) -> str:
    """sha256 (hex) of the size and the pixels as they were decoded: no encoder decides what is the same photo."""
    head = f"{image.shape[1]}x{image.shape[0]}:".encode()
    return sha256(head + np.ascontiguousarray(image).tobytes()).hexdigest()


def working_size(width: int, height: int) -> tuple[int, int]:
    """(width, height): the long side at most LONG_SIDE and the short one at most SHORT_SIDE; it never grows.

    >>> working_size(3000, 4000), working_size(400, 300), working_size(1000, 8000)
    ((768, 1024), (400, 300), (256, 2048))
    """
    if width >= height:
        return fit_within(width, height, LONG_SIDE, SHORT_SIDE)
    return fit_within(width, height, SHORT_SIDE, LONG_SIDE)


def as_jpeg(image: Pixels) -> bytes:
    """image: uint8 [H, W, 3] RGB."""
    small = resize(image, working_size(image.shape[1], image.shape[0]))
    file = BytesIO()
    Image.fromarray(small).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def data_uri(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{b64encode(jpeg).decode('ascii')}"
