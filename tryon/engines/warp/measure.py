"""How this person differs from the average body, measured in the label map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tryon.core.ports import Pixels
from tryon.engines.warp.arrays import Flags, Points, run_at
from tryon.engines.warp.figure import ARM_AT, ARM_RADII, LEG_AT, LEG_RADII, Figure
from tryon.engines.warp.warps import axis_coordinates, box_around

_ARMS, _LEGS = (14, 15), (12, 13)
_HIPS = (5, 6, 12, 13)
# Fewer pixels of a bare limb say nothing about its thickness.
_FEWEST = 150
# Trousers are a little wider than the hips in them.
_TROUSER_EASE = 1.06


def fitted(figure: Figure, labels: Pixels) -> Figure:
    """The figure with its factors from labels [H, W]; 1 where nothing can be measured."""
    arms, legs = (figure.shoulders, figure.elbows, figure.wrists), (figure.hips, figure.knees, figure.ankles)
    return replace(
        figure,
        arm_factor=_limbs(np.isin(labels, _ARMS), arms, np.array([ARM_AT, ARM_RADII]), figure.trunk),
        leg_factor=_limbs(np.isin(labels, _LEGS), legs, np.array([LEG_AT, LEG_RADII]), figure.trunk),
        hip_factor=_hips(figure, labels),
    )


def _limbs(bare: Flags, chain: tuple[Points, ...], table: Points, trunk: float) -> float:
    """Mean thickness of a pair of bare limbs over the average one; table: shares along and radii [2, M]."""
    found = [_thickness(bare, np.stack([joint[side] for joint in chain]), table, trunk) for side in (0, 1)]
    known = [value for value in found if value is not None]
    return float(np.clip(np.mean(known), 0.85, 1.4)) if known else 1.0


def _thickness(limb: Flags, joints: Points, table: Points, trunk: float) -> float | None:
    """Of one limb: a strip filled evenly to its edges has a mean distance of half its radius from the axis."""
    if np.isnan(joints).any():
        return None
    box = box_around(joints, 1.6 * float(table[1].max()) * trunk, (limb.shape[0], limb.shape[1]))
    if box is None:
        return None
    along, off = axis_coordinates(joints, box)
    length = float(np.hypot(*np.diff(joints, axis=0).T).sum())
    share, reached = np.abs(off) / (np.interp(along / length, *table) * trunk), along / length
    # Away from the trunk, where the limb's label merges with others, and from hands and feet.
    bare = limb[box.slices] & (reached > 0.25) & (reached < 0.97) & (share < 1.6)
    return float(2 * share[bare].mean()) if bare.sum() > _FEWEST else None


def _hips(figure: Figure, labels: Pixels) -> float:
    """Width of what covers the hips over the average hips, where it is seen below the top and beside the arms."""
    ratios = []
    for share in np.arange(0.78, 1.16, 0.02):
        x, y = figure.at(0.0, share * figure.trunk)
        row = labels[int(y)] if 0 <= int(y) < labels.shape[0] else labels[0] * 0
        run = run_at(np.isin(row, _HIPS), x)
        if run is None or row[max(run[0] - 2, 0)] != 0 or row[min(run[1] + 1, len(row) - 1)] != 0:
            continue
        ratios.append(
            (run[1] - run[0]) / 2 / float(replace(figure, hip_factor=1.0).half_width(share * figure.trunk))
        )
    # A flared skirt is widest low down: the narrow rows are the hips.
    return float(np.clip(np.percentile(ratios, 25) / _TROUSER_EASE, 0.85, 1.3)) if ratios else 1.0
