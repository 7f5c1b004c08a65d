"""A photo of a person from a caller -> the masks that were asked for, in the size and format that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

import numpy as np

from tryon.core.depot import Made
from tryon.core.encoding import Encoded, encode_png, encode_webp_lossless
from tryon.core.images import Limits, decode_mask
from tryon.core.ports import Pixels
from tryon.core.sizing import resize_mask
from tryon.core.stages.masks import MaskStage
from tryon.core.words import MaskKind, Refused

OURS = Limits(formats=("PNG",), min_side=1, max_aspect=float("inf"))
"""Of masks that the stage has just made; the photo itself was within the limits."""


class Size(StrEnum):
    SOURCE = "source"
    PORTRAIT = "768x1024"

    @property
    def pixels(self) -> tuple[int, int] | None:
        """(width, height); None: the photo's own."""
        return None if self is Size.SOURCE else (768, 1024)


class Format(StrEnum):
    PNG = "png"
    WEBP = "webp"


def masks(
    stage: MaskStage,
    image: Pixels,
    kinds: Sequence[MaskKind],
    size: Size = Size.SOURCE,
    form: Format = Format.PNG,
) -> Mapping[MaskKind, Made | Refused]:
    """By the kinds that were asked for, in their order. image: [h, w, 3]."""
    ((_, *verdicts),) = stage.work([image])
    made = dict(zip(MaskKind, verdicts, strict=True))
    return {kind: _finished(made[kind], kind, size, form) for kind in dict.fromkeys(kinds)}


def _finished(made: Made | Refused, kind: MaskKind, size: Size, form: Format) -> Made | Refused:
    if isinstance(made, Refused) or (size is Size.SOURCE and form is Format.PNG):
        return made
    mask = decode_mask(made.encoded.data, OURS)
    if size.pixels is not None:
        mask = letterbox(mask, size.pixels)
        if not mask.any():
            return Refused("empty_mask", f"the {kind} mask has no pixel left at {size}; ask for size source")
    return replace(made, encoded=_encoded(mask, form))


def letterbox(mask: Pixels, size: tuple[int, int]) -> Pixels:
    """The whole mask uint8 [h, w] inside exactly `size` (width, height), its aspect kept, in the middle, with 0 around
    it. By the nearest pixel, so 0 and 255 stay the only values. A photo that is fitted in the same way lies under it:

        scale = min(768 / width, 1024 / height)
        left, top = (768 - round(width * scale)) // 2, (1024 - round(height * scale)) // 2
    """
    height, width = mask.shape
    scale = min(size[0] / width, size[1] / height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    canvas = np.zeros((size[1], size[0]), np.uint8)
    canvas[top : top + inner[1], left : left + inner[0]] = resize_mask(mask, inner)
    return canvas


def _encoded(mask: Pixels, form: Format) -> Encoded:
    return encode_png(mask) if form is Format.PNG else encode_webp_lossless(mask)
