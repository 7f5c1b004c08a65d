"""The tone of painted skin: that of the bare skin which it meets, so that no seam shows."""

from __future__ import annotations

import cv2
import numpy as np

from tryon.engines.warp.arrays import Flags, Floats

# Fewer pixels of bare skin tell no tone.
_FEWEST = 60
# The mean tone of the skin is carried on this many times as far as its details.
_FAR = 6.0


def match(canvas: Floats, painted: Floats, person: Floats, bare: Flags, reach: float) -> None:
    """Give painted skin (coverage [H, W]) in `canvas` the tone of the bare skin that it meets, in place.

    The difference to the person's own pixels, where `bare` [H, W], is carried on: all of it near the seam, over about
    `reach` pixels, and its mean further away.
    """
    known = (bare & (painted > 0.9)).astype(np.float32)
    if known.sum() < _FEWEST:
        return
    rows, columns = np.flatnonzero(painted.any(1)), np.flatnonzero(painted.any(0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    seen = known[box]
    off = (person[box] - canvas[box]) * seen[..., None]
    tone = _spread(off, seen, _FAR * reach)
    tone += _spread(off - tone * seen[..., None], seen, reach)
    canvas[box] += tone * painted[box][..., None]


def _spread(weighted: Floats, weights: Floats, sigma: float) -> Floats:
    """Local weighted mean [h, w, 3], fading to 0 far from any weight; on a picture small enough for the blur."""
    step = max(1, int(sigma / 3))
    size = max(1, weights.shape[1] // step), max(1, weights.shape[0] // step)
    top, bottom = (cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (weighted, weights))
    top, bottom = (cv2.GaussianBlur(part, (0, 0), sigma / step) for part in (top, bottom))
    mean = top / (bottom + 0.02)[..., None]
    return np.asarray(cv2.resize(mean, weights.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
