"""The front edge of the neck opening, told from the inner back of the garment that shows above it."""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.ports import Pixels
from tryon.engines.warp.arrays import Flags, Floats, Points
from tryon.engines.warp.marks import Neckline

# Depths tried, as shares of the opening's width: a crew neck is about 0.35, a deep V above 1.
_DEPTHS = np.arange(0.12, 1.5, 0.03)
# Round, in between, V.
_EXPONENTS = (2.5, 2.0, 1.4, 1.0)
# Mean Lab step across the edge below which the opening is taken as closed.
_FAINT = 3.0


def curve(neckline: Neckline, x: Floats | Points) -> Points:
    """Height y of the edge at each x; above the opening's ends it is -inf (nothing is cut)."""
    u = np.abs(np.asarray(x, np.float64) - neckline.centre) / neckline.half
    inside = np.clip(1.0 - np.clip(u, 0.0, 1.0) ** neckline.exponent, 0.0, 1.0) ** (1.0 / neckline.exponent)
    if neckline.exponent <= 1.0:
        inside = np.clip(1.0 - u, 0.0, 1.0)
    return np.where(u < 1.0, neckline.top + neckline.depth * inside, -np.inf)


def find_neckline(mask: Flags, image: Pixels, neck: Points) -> Neckline | None:
    """The curve between the two neck points [2, 2] with the strongest step in colour across it, or None."""
    half, centre = float(neck[1, 0] - neck[0, 0]) / 2, float(neck[:, 0].mean())
    top = float(neck[:, 1].mean())
    if half < 4:
        return None
    lab = cv2.cvtColor(cv2.GaussianBlur(image, (0, 0), 1.0).astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    best: tuple[float, Neckline] | None = None
    for exponent in _EXPONENTS:
        for depth in _DEPTHS:
            line = Neckline(centre, half, top, float(depth) * 2 * half, exponent)
            step = _step_across(lab, mask, line)
            if best is None or step > best[0]:
                best = (step, line)
    return best[1] if best and best[0] > _FAINT else None


def _step_across(lab: Floats, mask: Flags, line: Neckline) -> float:
    """How much brighter or differently coloured the cloth is just below the curve than just above it.

    The inner back lies in the shade of the front, so darker above counts fully and a change of hue less: a
    collar's outer edge is often the stronger step but not a darker one. The lower third of the samples decides,
    because a pattern's edge does not follow the curve all along.
    """
    x = np.linspace(line.centre - 0.8 * line.half, line.centre + 0.8 * line.half, 33)
    y, gap = curve(line, x), max(2.0, 0.06 * line.half)
    columns = x.astype(int)
    high, low = (np.clip(y + shift, 0, mask.shape[0] - 1).astype(int) for shift in (-gap, gap))
    # The cloth must reach clearly above the curve, or its own upper edge would pass for the neckline.
    above = np.clip(y - 2.5 * gap, 0, mask.shape[0] - 1).astype(int)
    both = mask[above, columns] & mask[low, columns]
    if both.mean() < 0.6:
        return 0.0
    step = lab[low, columns] - lab[high, columns]
    return float(np.percentile((step[:, 0] + 0.3 * np.hypot(step[:, 1], step[:, 2]))[both], 35))
