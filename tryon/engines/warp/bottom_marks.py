"""Landmarks of trousers, shorts and skirts, read row by row."""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.ports import Pixels
from tryon.core.words import Refused
from tryon.engines.warp.arrays import Flags, Points, runs
from tryon.engines.warp.marks import SkirtMarks, TrouserMarks

# The waistband is measured a little below the top edge, the leg ends a little above theirs: corners are round.
_WAIST, _END = 0.02, 0.985
# Heights between waistband and crotch where trousers are measured.
_HIPS = (0.0, 0.35, 0.7, 1.0)
# A leg is at least this share of the garment's width; thinner stretches are straps and noise.
_LEG = 0.08
# Heights where legs that touch are told from a skirt, the band that is averaged there, and how much darker, in Lab
# lightness, the line between them is.
_PARTED_AT, _BAND, _CREVICE = (0.7, 0.85, 0.95), 0.05, 6.5
# Heights where the sides of a skirt are measured.
_LEVELS = (0.02, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 0.98)


def find_bottom(mask: Flags, image: Pixels) -> TrouserMarks | SkirtMarks | Refused:
    """Trousers when the outline splits into two legs that stay apart, else a skirt (or closed shorts)."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    top, tall, wide = int(rows[0]), int(rows[-1] - rows[0]), int(columns[-1] - columns[0])
    split = next((y for y in range(top + tall // 12, top + int(0.96 * tall)) if _legs(mask[y], wide)), None)
    if split is not None and _legs(mask[(split + rows[-1]) // 2], wide):
        return _trousers(mask, top, split, tall, wide)
    edges = np.array([_edges(mask, round(top + share * tall)) for share in _LEVELS])
    if (edges[:, 1, 0] - edges[:, 0, 0]).min() < 0.2 * wide:
        return Refused(
            "garment_outline_unclear", "the waistband or the hem could not be found in the garment's outline"
        )
    return SkirtMarks(edges, _parted(mask, image, top, tall))


def _parted(mask: Flags, image: Pixels, top: int, tall: int) -> bool:
    """Whether two legs that touch meet in a dark line down the middle; a skirt is one round shape."""
    light = cv2.cvtColor(image, cv2.COLOR_RGB2Lab)[..., 0].astype(np.float64) * (100 / 255)
    return sum(_dark_middle(mask, light, top + share * tall, _BAND * tall) for share in _PARTED_AT) >= 2


def _dark_middle(mask: Flags, light: Points, middle: float, half: float) -> bool:
    """Whether the mean row around a height is darkest in its very middle, and clearly so."""
    profiles = []
    for y in range(round(middle - half), round(middle + half) + 1):
        xs = np.flatnonzero(mask[min(max(y, 0), mask.shape[0] - 1)])
        if len(xs) > 1:
            profiles.append(
                np.interp(
                    np.linspace(xs[0], xs[-1], 41), np.arange(mask.shape[1]), light[min(y, len(light) - 1)]
                )
            )
    if not profiles:
        return False
    mean = np.mean(profiles, axis=0)
    at = 16 + int(np.argmin(mean[16:25]))
    depth = min(mean[at - 6 : at].max(), mean[at + 1 : at + 7].max()) - mean[at]
    return bool(depth > _CREVICE and abs(at - 20) <= 1)


def _legs(row: Flags, wide: int) -> list[tuple[int, int]] | None:
    legs = [run for run in runs(row) if run[1] - run[0] > _LEG * wide]
    return [legs[0], legs[-1]] if len(legs) == 2 else None


def _edges(mask: Flags, y: int) -> Points:
    """Left and right edge [2, 2] of everything in row y."""
    xs = np.flatnonzero(mask[y])
    return np.array([[xs[0], y], [xs[-1], y]], np.float64)


def _trousers(mask: Flags, top: int, split: int, tall: int, wide: int) -> TrouserMarks | Refused:
    legs = _legs(mask[split], wide)
    bottom = top + tall
    knee, end = (_leg_edges(mask, int(split + share * (bottom - split)), wide) for share in (0.5, _END))
    if legs is None or knee is None or end is None:
        return Refused(
            "legs_unclear", "the two legs of the garment could not be followed to their ends; lay them apart"
        )
    crotch = np.array([(legs[0][1] + legs[1][0]) / 2, float(split)])
    waist = top + _WAIST * tall
    edges = np.array([_edges(mask, round(waist + share * (split - waist))) for share in _HIPS])
    return TrouserMarks(edges, crotch, knee, end)


def _leg_edges(mask: Flags, y: int, wide: int) -> Points | None:
    """[2, 2, 2]: leg x (outer, inner) in row y."""
    for row in (y, y - 2, y - 4, y - 8):
        legs = _legs(mask[row], wide)
        if legs is not None:
            (a, b), (c, d) = legs
            return np.array([[[a, row], [b - 1, row]], [[d - 1, row], [c, row]]], np.float64)
    return None
