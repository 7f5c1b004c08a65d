"""Pale garments on pale paper: differences below those of segment.py, where the paper itself is even enough for them.

A shadow is darker than the paper and of its colour. What is lighter, or of another tint, is cloth, however little.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.areas import Area, fill_holes
from tryon.engines.packshot.shadows import DEEPEST

LEAST, MOST = 0.7, 2.0
"""Lab units: the finest difference that counts on perfect paper; paper that needs more shows nothing pale."""

EVEN, STEADY = 1.5, 95.0
"""Differences count from so many times this percentile of the border's own."""

TINT = 0.05
"""A shadow scales the paper's colour; its chroma may differ from that by this share of its darkness more."""

THIN = 11
"""Pixels of the working size: as wide is the steep part of a shadow, and no part of a garment."""

EXPLAINED = 0.88
"""Share of a garment."""

_BLACK = 16.0
"""Lab: L + 16, a and b of a colour shrink alike when its light does."""

STEEP, EDGED = 0.35, 0.6
"""Least change within 3 x 3 pixels of the working size at the edge of cloth, Lab units, and the least share of a part's
rim that has it: paper lit unevenly has none."""


def finest(residual: NDArray[np.float32], border: Area) -> float:
    """The least Lab difference that cloth of this photo can be told by, LEAST to MOST.

    residual: smoothed, from the fitted backdrop [h, w, 3]; border: boolean [h, w], where only paper is expected.
    """
    own = float(np.percentile(np.linalg.norm(residual[border], axis=-1), STEADY))
    return float(np.clip(EVEN * own, LEAST, MOST))


def pale_cloth(residual: NDArray[np.float32], paper: NDArray[np.float32], least: float) -> Area:
    """Boolean [h, w]: lighter than the paper by `least`, or of a tint that no shadow of it has.

    residual: as for finest; paper: the fitted backdrop, Lab [h, w, 3].
    """
    light = residual[..., 0]
    shaded = paper[..., 1:] * (light / (paper[..., 0] + _BLACK))[..., None]
    tint = np.linalg.norm(residual[..., 1:] - shaded, axis=-1)
    found: Area = (light > least) | (tint > least + TINT * np.abs(light))
    return found


def shows_whole(cloth: Area, whole: Area) -> bool:
    """Whether the tint alone shows nearly all of what stands out."""
    return bool(np.count_nonzero(whole & cloth) >= EXPLAINED * np.count_nonzero(whole))


def without_strips(whole: Area, cloth: Area, residual: NDArray[np.float32]) -> Area:
    """The whole without thin dark strips along its outline, which are shadow where that is steep.

    Only where the tint alone shows nearly all of the cloth: elsewhere they may be its own shade.
    """
    if not shows_whole(cloth, whole):
        return whole
    strip = (whole & ~cloth & (residual[..., 0] < 0) & (residual[..., 0] > -DEEPEST)).astype(np.uint8)
    broad = cv2.morphologyEx(strip, cv2.MORPH_OPEN, np.ones((THIN, THIN), np.uint8))
    return fill_holes(whole & ~((strip > 0) & (broad == 0)))


def has_edge(part: Area, residual: NDArray[np.float32]) -> bool:
    """Whether most of a part's rim is a step, as cloth has it, and no slope, as light has it."""
    kernel = np.ones((3, 3), np.uint8)
    steps = [cv2.morphologyEx(channel, cv2.MORPH_GRADIENT, kernel) for channel in cv2.split(residual)]
    rim = cv2.morphologyEx(part.astype(np.uint8), cv2.MORPH_GRADIENT, kernel) > 0
    steep = np.linalg.norm(steps, axis=0) > STEEP
    return bool(steep[rim].mean() > EDGED)
