"""Array types and the few mask helpers that every file of the warp engine uses."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels

Floats = NDArray[np.float32]
"""float32 images: [H, W], [H, W, 3] or [H, W, 4], 0..255 for colours and 0..1 for coverage."""

Points = NDArray[np.float64]
"""float64 [..., 2] pixel positions (x, y)."""

Flags = NDArray[np.bool_]


def runs(row: Flags) -> list[tuple[int, int]]:
    """Stretches of True in a row [W], as (first, past the last)."""
    edges = np.diff(np.concatenate([[0], row.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))


def run_at(row: Flags, x: float) -> tuple[int, int] | None:
    """The stretch of True that contains x, or None."""
    return next((run for run in runs(row) if run[0] <= x < run[1]), None)


def across_run(mask: Flags, at: Points, across: Points, widest: float) -> tuple[float, float] | None:
    """Ends of the mask's run through `at` [2], as distances along the unit vector `across` [2], in pixels.

    None when it is wider than `widest` or ends outside the picture.
    """
    reach = np.arange(-int(widest), int(widest) + 1)
    spots = np.round(at + reach[:, None] * across).astype(int)
    inside = ((spots >= 0) & (spots < np.array(mask.shape[::-1]))).all(1)
    line = np.zeros(len(reach), np.bool_)
    line[inside] = mask[spots[inside, 1], spots[inside, 0]]
    run = run_at(line, float(np.argmin(np.abs(reach))))
    if run is None or run[1] - run[0] > widest or run[0] == 0 or run[1] == len(line):
        return None
    return float(reach[run[0]]) - 0.5, float(reach[run[1] - 1]) + 0.5


def disk(radius: float) -> Pixels:
    """A round structuring element [2r+1, 2r+1]."""
    size = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def grow(mask: Flags, radius: float) -> Flags:
    """Every pixel within `radius` pixels of the mask."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disk(radius)), np.bool_)


def shrink(mask: Flags, radius: float) -> Flags:
    """The mask without the pixels within `radius` pixels of its edge."""
    return np.asarray(cv2.erode(mask.astype(np.uint8), disk(radius)), np.bool_)


def soft(mask: Flags, sigma: float) -> Floats:
    """The mask as coverage 0..1 with an edge blurred by `sigma` pixels."""
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma), np.float32)


def mix(under: Floats, over: Floats | Points, coverage: Floats) -> Floats:
    """`over` ([H, W, 3] or one colour [3]) painted on `under` [H, W, 3] with coverage [H, W]."""
    return np.asarray(under + (over - under) * coverage[..., None], np.float32)
