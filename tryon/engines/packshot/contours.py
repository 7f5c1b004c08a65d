"""What can be measured on a garment's outline, and how a part is set upright before it is measured.

`Contour` tells whether it is a garment, and of which category; by the `Outline` of silhouettes.py the garments of one
photo are told apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.areas import Area
from tryon.core.ports import Pixels

TILT = 14
"""Degrees: a garment that lies further askew may be taken for another."""

HOOK = 0.12
"""Of the garment's width: what is narrower at its top is a hanger's hook; straps and necks are wider apart."""


TOP, AT_ONCE, BELOW, STRAIGHT = 0.04, 0.16, 0.45, 0.08
"""Of the width: depths of the top (its corners are round, or a little askew), of shoulders and of armpits; less
widening than STRAIGHT tells nothing."""


@dataclass(frozen=True, slots=True)
class Contour:
    """Of one part. flat_top: extent near its top over the extent below. filled_top: without straps or a neck.

    convex: share of its hull, round: of the circle around it, rectangular: of the rectangle around it.
    slender: height over its narrowest middle row. pinch: how much wider it is both above and below that row.
    shoulders: of what it widens below its top, the share that comes at once, as from a collar to the shoulders; a skirt
    widens evenly.
    """

    flat_top: float
    filled_top: float
    convex: float
    round: float
    rectangular: float
    slender: float
    pinch: float
    shoulders: float


def levelled(mask: Area) -> Area:
    """The part alone, turned upright by up to TILT degrees (garments are symmetric), without a hanger's hook."""
    crop = cropped(mask)
    small = padded(crop, min(1.0, 128 / crop.shape[0]))
    angles = range(-TILT, TILT + 1, 2)
    # Level is as good as a hundredth better, so that round and boxy things stay.
    best = max(angles, key=lambda angle: symmetry(turned(small, angle)) + (0.01 if angle == 0 else 0))
    upright = crop if best == 0 else cropped(turned(padded(crop, 1.0), best) > 127)
    extents = row_extents(upright)
    return upright[int(np.argmax(extents >= HOOK * extents.max())) :]


def contour(mask: Area) -> Contour:
    """Measure one part; mask: boolean [h, w], not empty."""
    crop = cropped(mask)
    height = crop.shape[0]
    widths, extents = crop.sum(1), row_extents(crop)
    near_top = slice(int(0.02 * height), int(0.05 * height) + 1)
    first, last = int(0.25 * height), int(0.6 * height) + 1
    middle = first + int(np.argmin(widths[first:last]))
    narrowest = max(int(widths[middle]), 1)
    least = min(widths[: middle + 1].max(), widths[middle:].max())
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    points = np.concatenate(contours)
    area, sides = int(mask.sum()), cv2.minAreaRect(points)[1]
    return Contour(
        flat_top=float(extents[near_top].mean() / extents[int(0.15 * height) : int(0.3 * height) + 1].max()),
        filled_top=float(widths[near_top].sum() / extents[near_top].sum()),
        convex=min(1.0, area / max(cv2.contourArea(cv2.convexHull(points)), 1.0)),
        round=area / (np.pi * cv2.minEnclosingCircle(points)[1] ** 2),
        rectangular=area / ((sides[0] + 1) * (sides[1] + 1)),
        slender=height / narrowest,
        pinch=ramp(1 - narrowest / least, 0.0, 0.25),
        shoulders=_shoulders(extents),
    )


def _shoulders(extents: NDArray[np.int64]) -> float:
    """Depths are shares of the upper third's width, since tops and skirts have any length."""
    wide = int(extents[: int(0.35 * len(extents)) + 1].max())
    top, at_once, below = (
        float(extents[min(round(depth), len(extents) - 1)])
        for depth in (TOP * wide, AT_ONCE * wide, BELOW * wide)
    )
    return (at_once - top) / max(below - top, STRAIGHT * wide)


def cropped(mask: Area, area: Area | None = None) -> Area:
    """`area` (or the mask itself) within the mask's box."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return (mask if area is None else area)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, and evenly between."""
    return float(np.clip((value - low) / (high - low), 0, 1))


def padded(crop: Area, scale: float) -> Pixels:
    """0 and 255, with room to turn."""
    small = cv2.resize(np.where(crop, np.uint8(255), np.uint8(0)), None, fx=scale, fy=scale)
    pad = max(small.shape) // 4
    return np.asarray(np.pad(small, pad), np.uint8)


def turned(grey: Pixels, angle: float) -> Pixels:
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)
    return np.asarray(cv2.warpAffine(grey, turn, (width, height)), np.uint8)


def symmetry(grey: Pixels) -> float:
    """Overlap over union with its mirror image."""
    crop = cropped(grey > 127)
    mirrored = crop[:, ::-1]
    return np.count_nonzero(crop & mirrored) / np.count_nonzero(crop | mirrored)


def row_extents(crop: Area) -> NDArray[np.int64]:
    """Of each row, from the first filled pixel to the last; an empty row has 1."""
    first, last = crop.argmax(1), crop.shape[1] - crop[:, ::-1].argmax(1)
    return np.where(crop.any(1), last - first, 1).astype(np.int64)
