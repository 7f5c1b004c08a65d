"""A published picture, smaller. What says in the file that it was generated stays in it."""

from __future__ import annotations

from tryon.core.encoding import Encoded, encode_webp
from tryon.core.images import CROPS, decode_rgba
from tryon.core.provenance import read_mark
from tryon.core.sizing import fit_within, resize


def smaller(data: bytes, width: int, quality: int = 82) -> Encoded:
    """WebP of at most that width, in pixels, with the picture's own transparency and mark.

    data: a PNG or WebP. Raises ImageRejected for anything else."""
    pixels, known = decode_rgba(data, CROPS), read_mark(data)
    height, across = pixels.shape[:2]
    small = resize(pixels, fit_within(across, height, width, height))
    opaque = small[..., :3] if (small[..., 3] == 255).all() else small
    return encode_webp(opaque, quality, ai_generated=known or False)
