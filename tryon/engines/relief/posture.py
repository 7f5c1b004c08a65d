"""How a person who stands facing the camera is deep: the middle of the body, its front and its back, by height.

An outline does not tell depth, but people are alike: the chin is in front of the neck, the chest in front of the
shoulder line, the toes a shoe's length in front of the heel. The figures of the middle and the front are fitted on
30 renders of the studio (seeds 700 to 729) and rounded, those of the back are read off a plumb line.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.engines.relief.limbs import HEIGHTS, reach_in
from tryon.engines.relief.silhouette import Floats, inflate

Wide = NDArray[np.float64]
Curve = tuple[tuple[float, ...], tuple[float, ...]]

MIDDLE: Curve = (
    (0.00, 0.06, 0.09, 0.12, 0.14, 0.16, 0.18, 0.20, 0.23, 0.26, 0.30, 0.35, 0.40, 0.45, 0.50, 0.60, 0.65,
     0.70, 0.75, 0.80, 0.85, 0.91, 0.95, 0.97, 1.00),
    (-0.035, -0.024, -0.026, -0.027, -0.018, -0.014, -0.020, -0.016, 0.002, 0.020, 0.007, -0.012, -0.001,
     0.005, 0.000, -0.006, -0.019, -0.029, -0.025, -0.015, -0.005, 0.001, -0.004, -0.022, -0.087),
)  # fmt: skip
"""Depth at the outline in statures, away from the camera positive, over the height from crown (0) to sole (1)."""

FRONT: Curve = (
    (0.00, 0.06, 0.09, 0.12, 0.14, 0.16, 0.18, 0.20, 0.23, 0.26, 0.30, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60,
     0.65, 0.70, 0.75, 0.80, 0.85, 0.88, 0.93, 0.95, 0.97, 1.00),
    (1.22, 1.30, 1.20, 0.90, 0.64, 0.49, 0.50, 0.68, 1.05, 1.30, 1.15, 0.97, 1.10, 1.09, 0.97, 0.91, 0.92,
     0.81, 0.75, 0.94, 1.12, 1.35, 1.45, 1.30, 1.40, 1.63, 1.65),
)  # fmt: skip
"""How far the front bulges, over the half-thickness of a round body of that outline."""

BACK: Curve = (
    (0.0, 0.10, 0.14, 0.16, 0.20, 0.30, 0.35, 0.40, 0.48, 0.55, 0.80, 0.92),
    (1.5, 1.5, 1.6, 1.2, 0.95, 0.50, 0.73, 0.80, 0.90, 1.2, 1.3, 1.1),
)
"""The same of the back: it is flatter than the front."""

HEEL: Curve = ((0.93, 0.95, 1.0), (-0.06, 0.018, 0.03))
"""Least depth of the back in statures: shoes reach from toe to heel, whatever their outline."""

ARM: Curve = (
    (0.15, 0.20, 0.30, 0.40, 0.50, 0.60, 0.68),
    (-0.014, -0.013, 0.007, 0.001, -0.020, -0.033, -0.046),
)
"""The middle of hanging arms: elbows beside the body, hands before it."""

CAP = 0.118
"""Half-thickness saturates (tanh) here, in statures: a torso is an ellipse, not a cylinder."""

LEGS: Curve = ((0.45, 0.50, 0.58, 0.70), (1.00, 0.78, 0.52, 0.45))
"""Share of the cap by height: legs that touch, and skirts, are as wide as a torso but not as deep."""

UPRIGHT, HEAD = 0.06, 0.13
"""Share of the vertical coupling below the HEAD: hems and cuffs end at their full thickness, a crown is round."""

LIMB = 0.7
"""Inflating a long limb gives sqrt(2) times its radius; 0.7 of that makes its cross-section round."""

SEAM = 0.008
"""In statures: the middle of the body and that of an arm blend over this much, so that normals turn smoothly."""

BLUR = 0.008
"""In statures: what a net sees of depth is this fine."""

THINNEST = 1e-4
"""Metres: front and back never meet, so that every cell has a direction."""


@dataclass(frozen=True, slots=True)
class Depths:
    """float32 [rows, columns], metres: `middle` from the person's plane, also beside the person; `front` and `back`
    are the thicknesses from there, 0 outside."""

    middle: Floats
    front: Floats
    back: Floats


def depths_of(inside: Pixels, arms: Pixels, cell: float, whole: bool) -> Depths:
    """inside, arms: uint8 0/1, the person's box; cell: metres a cell; whole: from crown to sole, so that heights are
    known. A part of a person is inflated evenly.
    """
    stature, height = len(inside) * cell, (np.arange(len(inside))[:, None] + 0.5) / len(inside)
    if not whole:
        even = inflated(inside, cell, CAP * stature)
        return Depths(np.zeros_like(even), even, even)
    coupling = np.where(height < HEAD, 1.0, UPRIGHT).astype(np.float32)
    cap = as_floats(CAP * stature * at(LEGS, height))
    trunk = inflated(inside - arms, cell, cap, np.repeat(coupling, inside.shape[1], axis=1))
    arm = np.zeros_like(trunk)
    rows = slice(*(round(share * len(inside)) for share in HEIGHTS))
    arm[rows] = inflated(reach_in(arms, inside)[rows], cell, CAP * stature)
    return union(trunk, arm, height, stature)


def moved_to(seen: Floats, inside: Pixels, depths: Depths) -> Depths:
    """The same thicknesses around another middle, so that the front lies where it was seen to within BLUR.

    seen: metres [rows, columns] on the person, from any plane. The finer relief stays the inflated one's: what is seen
    is smooth over several cells.
    """
    off = seen - (depths.middle - depths.front)
    share = inside.astype(np.float32)
    off -= float((off * share).sum() / share.sum())
    blur = max(BLUR * len(inside), 0.5)
    near = cv2.GaussianBlur(off * share, (0, 0), blur) / np.maximum(
        cv2.GaussianBlur(share, (0, 0), blur), 1e-3
    )
    return Depths(as_floats(depths.middle + near), depths.front, depths.back)


def union(trunk: Floats, arm: Floats, height: Wide, stature: float) -> Depths:
    """Half-thicknesses [rows, columns] of both, 0 where a part is not: the nearer front, the further back."""
    middle, at_arm = at(MIDDLE, height) * stature, at(ARM, height) * stature
    rear = np.maximum(middle + at(BACK, height) * trunk, at(HEEL, height) * stature)
    fronts = np.stack([middle - at(FRONT, height) * trunk, at_arm - arm])
    absent = np.stack([trunk, arm]) <= 0
    before = np.where(absent, np.inf, fronts).min(axis=0)
    behind = np.where(absent, -np.inf, np.stack([rear, at_arm + arm])).max(axis=0)
    armed = np.asarray((arm > 0) & (fronts[1] <= before), np.float32)
    share = cv2.GaussianBlur(armed, (0, 0), max(SEAM * len(height), 0.5))
    between = middle * (1 - share) + at_arm * share
    thick, deep = (np.maximum(depth, THINNEST) for depth in (between - before, behind - between))
    outside = absent.all(axis=0)
    return Depths(
        *(as_floats(part) for part in (between, np.where(outside, 0, thick), np.where(outside, 0, deep)))
    )


def inflated(inside: Pixels, cell: float, cap: float | Floats, upright: Floats | None = None) -> Floats:
    """Half-thickness in metres, saturated at `cap`, or at each row's."""
    round_half = LIMB * np.sqrt(inflate(inside, upright)) * cell
    return np.asarray(cap * np.tanh(round_half / cap), np.float32)


def as_floats(values: NDArray[np.floating]) -> Floats:
    return np.asarray(values, np.float32)


def at(curve: Curve, height: Wide) -> Wide:
    return np.asarray(np.interp(height, *curve), np.float64)
