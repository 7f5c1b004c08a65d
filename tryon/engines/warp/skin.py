"""The person's skin colour and how the light of the photo shades a rounded limb."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.core.words import Refused
from tryon.engines.warp.arrays import Flags, Floats, Points, shrink

_FACE, _LIMBS = 11, (12, 13, 14, 15)
_FEWEST = 60
# Limbs and face of one person differ by less in sRGB, by the light that falls on them.
_SAME_SKIN = 60.0

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Skin:
    """shades: float64 [3, 3], colour = shades[0] + u * shades[1] + u^2 * shades[2] at u = -1 (left) .. 1 (right)."""

    shades: Points

    @property
    def colour(self) -> Points:
        """The mean colour [3] of a facing surface."""
        return np.asarray(self.shades[0] + self.shades[2] / 3)

    def shaded(self, u: Floats) -> Floats:
        """Colours [..., 3] across a limb, u from -1 at its left edge to 1 at its right."""
        u = np.clip(u, -1.0, 1.0)[..., None]
        return np.asarray(self.shades[0] + u * self.shades[1] + u * u * self.shades[2], np.float32)


def read_skin(person: Pixels, labels: Pixels, limbs: tuple[int, ...]) -> Skin | Refused:
    """Learn the shading from these bare limbs, whose shape is the one to be painted, else from others, else the face.

    Other limbs may be under a new garment that the labels do not know: they must have the colour of the face.
    """
    face = shrink(labels == _FACE, 1)
    others = tuple(label for label in _LIMBS if label not in limbs)
    for mask in (np.isin(labels, limbs), np.isin(labels, others), labels == _FACE):
        inner = shrink(mask, 1)
        if inner.sum() >= _FEWEST and _alike(person, inner, face):
            return _fit(person, mask, inner)
    return Refused(
        "skin_not_visible",
        "no face, arms or legs are visible, so bare skin cannot be painted; use another photo",
    )


def _alike(person: Pixels, mask: Flags, face: Flags) -> bool:
    """Whether two masks [H, W] show skin of the same person; without a face there is nothing to compare with."""
    if face.sum() < _FEWEST:
        return True
    first, second = (np.median(person[part], axis=0) for part in (mask, face))
    return bool(np.linalg.norm(first - second) < _SAME_SKIN)


def _fit(person: Pixels, mask: Flags, inner: Flags) -> Skin:
    """Robust quadratic of the colour over the position across each limb, row by row."""
    rows, columns = np.nonzero(inner)
    u = _across(mask)[rows, columns]
    values = person[rows, columns].astype(np.float64)
    terms = np.stack([np.ones_like(u), u, u * u], -1)
    weights = np.ones(len(u))
    for _ in range(4):
        root = np.sqrt(weights)[:, None]
        shades = np.linalg.lstsq(terms * root, values * root, rcond=None)[0]
        # 20 grey levels: lips, eyes and nails are further off than that, shading is not.
        weights = 1.0 / (1.0 + (np.linalg.norm(values - terms @ shades, axis=1) / 20.0) ** 2)
    # Light may fall towards the edges but a limb is never brighter there than facing the camera.
    return Skin(np.stack([shades[0], shades[1], np.minimum(shades[2], 0.0)]))


def _across(mask: Flags) -> Points:
    """-1..1 across each horizontal run of the mask [H, W]."""
    count: Counts = np.cumsum(mask, axis=1)
    start = np.maximum.accumulate(np.where(mask, 0, count), axis=1)
    index: Counts = count - start
    back = mask[:, ::-1]
    later: Counts = np.cumsum(back, axis=1)
    end: Counts = (later - np.maximum.accumulate(np.where(back, 0, later), axis=1))[:, ::-1]
    return np.where(mask, (index - end) / np.maximum(index + end, 1), 0.0)
