"""Product photos in which somebody wears the garment: a head on a neck, with skin on it and further down, or bare arms.

The figures are measured on what wrong_photo.py names.
"""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.areas import Area
from tryon.core.ports import Pixels
from tryon.engines.backdrop import to_lab
from tryon.engines.packshot.contours import cropped

HEAD_BULGE, HEAD_WIDTH, HEAD_SKIN, REST_SKIN, SKIN_REGIONS = 1.2, 0.55, 0.2, 0.02, 2
"""A head: at least so many times as wide as the neck, at most so many times as the shoulders, at least so much
of it skin; and so much of the rest is skin, in so many regions with the face.

72 people have 1.35 or more, 0.44 or less, 0.37, 0.04, and 3; no garment has the first two together.
"""


LONG_HAIR = 0.1, 0.45, 0.5, 3
"""Hair over the shoulders hides the neck. Then the highest tenth is at most so many times as wide as the shoulders, so
much of it skin or hair of its colours, in so many regions with hands and legs. One colour all over is one region.
"""


OUTER, ARM, ALIKE, MOST_SKIN = 0.25, 0.03, 0.6, 0.4
"""Arms: regions of skin whose middle lies so far out, of the width; each at least so much of what stands out, the
smaller so much of the larger, and all skin together no more than that: bare arms have 0.07 each, clothes of skin's
colours are mostly that."""


def is_worn(image: Pixels, mask: Area) -> bool:
    """image: uint8 [H, W, 3] RGB; mask: boolean [h, w] of what stands out, at the photo's size or smaller."""
    crop = cropped(mask)
    skin = cropped(mask, _skin_coloured(image, mask))
    height, widths = crop.shape[0], crop.sum(1)
    first, last = int(0.06 * height), int(0.22 * height) + 1
    neck = first + int(np.argmin(widths[first:last]))
    head, shoulders = widths[: neck + 1].max(), widths[neck : int(0.35 * height) + 1].max()
    if neck > 0 and HEAD_BULGE * widths[neck] <= head <= HEAD_WIDTH * shoulders:
        return _has_skin(crop, skin, neck, HEAD_SKIN, SKIN_REGIONS)
    share, width, least, regions = LONG_HAIR
    top = max(1, int(share * height))
    narrow = widths[:top].max() <= width * widths[top : int(0.35 * height) + 1].max(initial=0)
    return narrow and _has_skin(crop, skin, top, least, regions)


def shows_arms(image: Pixels, mask: Area) -> bool:
    """Whether two bare arms hang beside it: where the photo ends below the head, no neck tells. As for is_worn."""
    skin = cropped(mask, _skin_coloured(image, mask))
    _, _, stats, centres = cv2.connectedComponentsWithStats(skin.astype(np.uint8))
    share = stats[1:, cv2.CC_STAT_AREA] / np.count_nonzero(mask)
    place = centres[1:, 0] / skin.shape[1]
    sides = place < OUTER, place > 1 - OUTER
    left, right = (float(share[side].max(initial=0.0)) for side in sides)
    return share.sum() <= MOST_SKIN and min(left, right) >= max(ARM, ALIKE * max(left, right))


def _has_skin(crop: Area, skin: Area, neck: int, least: float, regions: int) -> bool:
    """Above the row `neck` and below it. crop, skin: boolean [h, w] of what stands out and of its skin."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(skin.astype(np.uint8))
    found = np.count_nonzero(stats[1:, cv2.CC_STAT_AREA] >= 0.003 * crop.sum())
    return bool(
        skin[:neck].sum() >= least * crop[:neck].sum()
        and skin[neck:].sum() >= REST_SKIN * crop[neck:].sum()
        and found >= regions
    )


def _skin_coloured(image: Pixels, mask: Area) -> Area:
    """Skin is orange in every shade, and never vivid."""
    small = cv2.resize(image, mask.shape[::-1], interpolation=cv2.INTER_AREA)
    light, a, b = cv2.split(to_lab(np.asarray(small, np.uint8)))
    hue, chroma = np.degrees(np.arctan2(b, a)), np.hypot(a, b)
    skin = mask & (hue > 25) & (hue < 75) & (chroma > 10) & (chroma < 45) & (light > 12) & (light < 92)
    return cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(bool)
