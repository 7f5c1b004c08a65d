"""Garments that lie askew or upside down in their photo: the dresser takes what is at the top for neck or waistband.

The figures are measured on 175 tops and dresses and 53 bottoms of the studio, as they are, turned and upside down.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tryon.core.areas import Area
from tryon.core.words import Category, Refused
from tryon.engines.packshot.contours import cropped, levelled, padded, row_extents, symmetry, turned
from tryon.engines.reasons import of_product

ASKEW = 8
"""Degrees of the garment's own axis from which it lies askew, within one; those turned by 3 have at most 4."""

FURTHEST, COARSE = 48, 4
"""Degrees that are looked at, and the first steps; a skirt turned by 90 is as symmetric as before."""

ALIKE, GAIN = 0.85, 0.08
"""Least likeness of the two halves on that axis (garments have 0.91 or more), and how much more that must be than on
the upright one: of a garment with two unlike halves no axis is known."""

OVER_TOPS, OVER_BOTTOMS, OVER_LONG = -0.3, -0.15, -0.45
"""A garment with less in `upright` is upside down. Right ones have at least -0.17 (the other tops 0.19, bottoms 0.16);
turned over, 172 of 175 tops and dresses have less, and 39 of 53 bottoms. Slim trousers whose legs touch narrow to the
ankles, so of long ones without a gap only a wide flare tells."""

LONG = 1.7
"""Height over width."""

BAND = 0.025, 0.1
"""Depths, in heights, between which the ends are compared: the corners of a waistband are round."""

NEAR, DEEP = 0.03, 0.2
"""Depths, in widths of the body: a hem is as wide near its end as deep inside; shoulders widen from the neck."""

SLEEVES, LEGS = 10.0, 3.0
"""Weights of the gaps beside the sleeves, a share of the square of the width, and between the legs, a share of the
height: trousers may taper, and legs may nearly touch."""


def check_lying(mask: Area, category: Category) -> Refused | None:
    """Why a garment lies so that it cannot be worn, if so; mask: boolean [h, w] of a top, a dress or bottoms."""
    angle, alike, level = own_axis(mask)
    if alike < ALIKE:
        return None
    if abs(angle) >= ASKEW and alike - level >= GAIN:
        return of_product("askew", degrees=abs(angle))
    return of_product("upside_down") if upright(mask, category) < _least(mask, category) else None


def own_axis(mask: Area) -> tuple[int, float, float]:
    """(degrees that would set the garment upright, likeness of its halves then, and as it lies), likeness 0..1."""
    crop = cropped(mask)
    small = padded(crop, min(1.0, 128 / max(crop.shape)))
    level = symmetry(small)
    coarse = _best(small, range(-FURTHEST, FURTHEST + 1, COARSE))
    angle = _best(small, range(coarse - COARSE + 1, coarse + COARSE))
    return angle, symmetry(turned(small, angle)), level


def upright(mask: Area, category: Category) -> float:
    """Above 0 for a garment with its neck or waistband at the top, below for one upside down, 0 where nothing tells."""
    level = levelled(mask)
    between, beside = _gaps(level)
    if category is Category.BOTTOMS:
        return _widening(level) + LEGS * between
    return _widening(level) + _hemmed(level[::-1]) - _hemmed(level) + SLEEVES * beside


def _least(mask: Area, category: Category) -> float:
    if category is not Category.BOTTOMS:
        return OVER_TOPS
    height, width = cropped(mask).shape
    return OVER_LONG if height > LONG * width else OVER_BOTTOMS


def _best(small: NDArray[np.uint8], angles: range) -> int:
    return max(angles, key=lambda angle: symmetry(turned(small, angle)))


def _widening(level: Area) -> float:
    """Logarithm of the lower end's extent over the upper one's."""
    wide = row_extents(level)
    first, last = (max(1, round(depth * len(wide))) for depth in BAND)
    upper, lower = wide[first : last + 1].mean(), wide[::-1][first : last + 1].mean()
    return math.log(lower / upper)


def _hemmed(level: Area) -> float:
    """How wide the body is near its upper end, over its width further down: 1 for a hem, 0.3 to 0.5 for a neck."""
    height = len(level)
    body = float(np.median([_body(row) for row in level[int(0.35 * height) : int(0.65 * height) + 1]]))
    near, deep = (_body(level[min(round(depth * body), height - 1)]) for depth in (NEAR, DEEP))
    return near / max(deep, 1)


def _body(row: Area) -> int:
    """Length of the run through the middle, without sleeves beside it; an open neck or front in the middle counts."""
    middle = len(row) // 2
    edges = np.flatnonzero(np.diff(np.r_[False, row, False]))
    first, last = edges[::2], edges[1::2]
    if row[middle]:
        at = int(np.searchsorted(first, middle, "right")) - 1
        return int(last[at] - first[at])
    left, right = first[last <= middle], last[first > middle]
    return int((right[0] if len(right) else middle) - (left[-1] if len(left) else middle))


def _gaps(level: Area) -> tuple[float, float]:
    """(in the middle, beside it): gaps in the rows with cloth above them and none below, less those the other way."""
    left, right = np.maximum.accumulate(level, 1), np.maximum.accumulate(level[:, ::-1], 1)[:, ::-1]
    above, below = np.maximum.accumulate(level, 0), np.maximum.accumulate(level[::-1], 0)[::-1]
    gap = left & right & ~level
    downwards, upwards = gap & above & ~below, gap & below & ~above
    wide = level.shape[1]
    middle = np.zeros(wide, bool)
    middle[3 * wide // 8 : wide - 3 * wide // 8] = True
    rows = [float((way & middle).any(1).mean()) for way in (downwards, upwards)]
    areas = [float((way & ~middle).sum()) / wide**2 for way in (downwards, upwards)]
    return rows[0] - rows[1], areas[0] - areas[1]
