"""Finds a garment's landmarks, or says why it cannot be worn."""

from __future__ import annotations

import numpy as np

from tryon.core.ports import Pixels
from tryon.core.words import Category, Refused
from tryon.engines.warp.bottom_marks import find_bottom
from tryon.engines.warp.marks import Marks
from tryon.engines.warp.top_marks import find_top

# Coverage from which a pixel of the crop counts as garment.
OPAQUE = 127
# A crop filled this far is a rectangle, not a cut-out.
_FILLED = 0.97
# Fewer pixels than this cannot show a shape.
_SMALLEST = 400


def find_marks(garment: Pixels, category: Category) -> Marks | Refused:
    """The landmarks of a garment crop [h, w, 4], or why it cannot be worn."""
    mask = garment[..., 3] > OPAQUE
    if mask.sum() < _SMALLEST:
        return Refused(
            "garment_empty", "the garment's cut-out is empty or too small; upload a larger product photo"
        )
    if mask.mean() > _FILLED:
        return Refused(
            "garment_not_cut_out",
            "the garment fills its whole crop, so its outline is unknown; use a plain backdrop",
        )
    if category is Category.BOTTOMS:
        return find_bottom(mask, np.ascontiguousarray(garment[..., :3]))
    return find_top(mask, garment[..., :3])
