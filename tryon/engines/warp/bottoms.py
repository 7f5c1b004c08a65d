"""Landmarks of trousers, shorts and skirts, read row by row."""

from __future__ import annotations

import numpy as np

from tryon.core.words import Refused
from tryon.engines.warp.arrays import Flags, Points, runs
from tryon.engines.warp.marks import SkirtMarks, TrouserMarks

# The waistband is measured a little below the top edge, the leg ends a little above theirs: corners are round.
_WAIST, _END = 0.02, 0.985
# Heights between waistband and crotch where trousers are measured.
_HIPS = (0.0, 0.35, 0.7, 1.0)
# A leg is at least this share of the garment's width; thinner stretches are straps and noise.
_LEG = 0.08
# A hem wider than this times the row at mid length flares; two thighs side by side are this much wider than the waist.
_FLARE, _THIGHS = 1.04, 1.34
# Heights where the sides of a skirt are measured.
_LEVELS = (0.02, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 0.98)


def find_bottom(mask: Flags) -> TrouserMarks | SkirtMarks | Refused:
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
    return SkirtMarks(edges, _straight(edges))


def _straight(edges: Points) -> bool:
    """Whether the edges are those of shorts whose legs touch: wider than the waist by two thighs, then straight.

    A skirt either flares out down to its hem or is no wider than the hips.
    """
    width = edges[:, 1, 0] - edges[:, 0, 0]
    return bool(width[-1] < _FLARE * np.median(width[4:6]) and width[4:].mean() > _THIGHS * width[0])


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
