"""Arrays to finished picture files."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, PngImagePlugin

from tryon.core.errors import InvalidSetting
from tryon.core.ports import Pixels
from tryon.core.provenance import Mark, mark
from tryon.core.sizing import without_hidden_colour

WEBP_SIDE = 16_383
"""Pixels of a side that the format can hold."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A finished file. suffix: without the dot. Equal pixels and options give equal bytes on one build of
    Pillow and its codecs."""

    data: bytes
    suffix: str
    media_type: str


def encode_png(pixels: Pixels, *, ai_generated: bool | Mark = False) -> Encoded:
    """Lossless. pixels: uint8 [H, W], [H, W, 3] or [H, W, 4] (straight alpha; alpha 0 is written white).

    ai_generated: True, or the Mark that says more, writes the AI-generated mark into the file.
    """
    info = PngImagePlugin.PngInfo()
    packet = _packet(ai_generated)
    if packet is not None:
        info.add_itxt("XML:com.adobe.xmp", packet.decode(), lang="", tkey="", zip=False)
    file = BytesIO()
    _image_of(pixels).save(file, "PNG", compress_level=6, pnginfo=info)
    return Encoded(file.getvalue(), "png", "image/png")


def encode_webp(pixels: Pixels, quality: int = 92, *, ai_generated: bool | Mark = False) -> Encoded:
    """Lossy WebP, 8-bit 4:2:0. pixels as in `encode_png`; grey becomes RGB; alpha itself stays lossless.

    quality: 0..100. A side is 16,383 pixels at most. Raises InvalidSetting beyond either.
    """
    if not 0 <= quality <= 100 or max(pixels.shape[:2]) > WEBP_SIDE:
        raise InvalidSetting(f"WebP cannot hold quality {quality} at {pixels.shape[1]}x{pixels.shape[0]}")
    image = _image_of(pixels)
    image = image.convert("RGB") if image.mode == "L" else image
    packet = _packet(ai_generated)
    file = BytesIO()
    image.save(file, "WEBP", quality=quality, method=4, alpha_quality=100, xmp=packet or b"")
    return Encoded(file.getvalue(), "webp", "image/webp")


def encode_webp_lossless(pixels: Pixels) -> Encoded:
    """Lossless WebP of a mask, uint8 [H, W]. The format knows no grey: the file has three equal channels.

    A side is 16,383 pixels at most; raises InvalidSetting beyond.
    """
    if max(pixels.shape[:2]) > WEBP_SIDE:
        raise InvalidSetting(f"WebP cannot hold {pixels.shape[1]}x{pixels.shape[0]}; ask for PNG")
    file = BytesIO()
    _image_of(pixels).convert("RGB").save(file, "WEBP", lossless=True, quality=100, method=4)
    return Encoded(file.getvalue(), "webp", "image/webp")


def _image_of(pixels: Pixels) -> Image.Image:
    if pixels.dtype != np.uint8 or pixels.size == 0 or pixels.shape[2:] not in ((), (3,), (4,)):
        raise ValueError(f"not uint8 [H, W], [H, W, 3] or [H, W, 4]: {pixels.dtype} {pixels.shape}")
    return Image.fromarray(without_hidden_colour(pixels) if pixels.shape[2:] == (4,) else pixels)


def _packet(ai_generated: bool | Mark) -> bytes | None:
    if isinstance(ai_generated, Mark):
        return mark(ai_generated.source, ai_generated.creator_tool)
    return mark() if ai_generated else None
