"""The body that a product photo's garment was cut for: unseen, but its size shows in the garment's landmarks.

All lengths are in trunks (see figure.py) of that body. They were measured on renders of random garments on
one mannequin: a shoulder seam, a waistband and a pair of armpits vary by a few percent of it, a hem by all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tryon.engines.warp.arrays import Points
from tryon.engines.warp.marks import SkirtMarks, TopMarks, TrouserMarks

SPAN = 0.693
"""Distance of the shoulder joints."""
SEAM, STRAP = -0.152, -0.128
"""Depth of the shoulder seam above the armpit, with sleeves and without."""
ARM, ELBOW = 1.142, 0.534
"""Length of the arm from shoulder to wrist, and the elbow's share of it."""
WAISTBAND, SKIRT_BAND = 0.662, 0.606
"""Depth of the row at which a waistband is measured."""
KNEES, ANKLES = 1.8, 2.61
"""Depth of these joints."""

# Distance of the armpits: loose cloth has them further out and lower, under a shoulder seam that falls less.
_PITS, _LEAST_PITS, _MOST_PITS, _BARE_PITS = 0.659, 0.59, 0.73, 0.632
_DROP_TERMS = (-1.173, -0.351, -0.178)
# Width of the waistband.
_TROUSER_BAND, _SKIRT_BAND_WIDTH = 0.588, 0.57
# A sleeve that covers more of the arm than this hangs free of the trunk. Half widths of sleeves at seam and wrist.
_LONG, _SEAM_HALF, _WRIST_HALF = 0.65, 0.18, 0.12
# The middle of a long cuff, which is cut off square, lies this much of the arm further along than its end on the arm.
_CUFF = 0.02


def top_unit(marks: TopMarks) -> float:
    """Garment pixels per trunk."""
    if marks.sleeves is None:
        return marks.width / _BARE_PITS
    neck, seam, pit = (float(points[:, 1].mean()) for points in (marks.neck, marks.shoulder, marks.pit))
    drops = np.log(np.maximum([seam - neck, pit - seam], 1.0) / marks.width)
    pits = float(np.exp(_DROP_TERMS[0] + drops @ _DROP_TERMS[1:]))
    return marks.width / float(np.clip(pits, _LEAST_PITS, _MOST_PITS))


def bottom_unit(marks: TrouserMarks | SkirtMarks, trousers: bool) -> float:
    """Garment pixels per trunk."""
    band = float(marks.edges[0, 1, 0] - marks.edges[0, 0, 0])
    return band / (_TROUSER_BAND if trousers else _SKIRT_BAND_WIDTH)


def top_places(marks: TopMarks, points: Points) -> Points:
    """Garment positions [..., 2] as (across, down) from the mid shoulders, in trunks."""
    unit, seam = top_unit(marks), SEAM if marks.sleeves is not None else STRAP
    middle, top = marks.pit[:, 0].mean(), marks.shoulder[:, 1].mean()
    return np.stack([(points[..., 0] - middle) / unit, (points[..., 1] - top) / unit + seam], -1)


def shoulder_joint(marks: TopMarks, side: int) -> Points:
    """Garment position [2] of the shoulder joint."""
    unit, outwards = top_unit(marks), -0.5 if side == 0 else 0.5
    seam = marks.shoulder[:, 1].mean()
    return np.array([marks.pit[:, 0].mean() + outwards * SPAN * unit, seam - SEAM * unit])


@dataclass(frozen=True, slots=True)
class GhostArm:
    """The arm inside one flat sleeve, in garment pixels.

    joint: [2]; along: unit vector [2]; length: from the joint to the cuff; share: of the whole arm that is; halves:
    half widths of the sleeve at joint and cuff.
    """

    joint: Points
    along: Points
    length: float
    share: float
    halves: tuple[float, float]


def ghost_arm(marks: TopMarks, side: int) -> GhostArm:
    """A long sleeve has the arm in its middle; of a short one, whose inner side ends near the armpit, the outer edge
    tells where the arm is."""
    assert marks.sleeves is not None
    sleeve, unit, joint = marks.sleeves[side], top_unit(marks), shoulder_joint(marks, side)
    middle = sleeve.axis[1] - joint
    share = float(np.hypot(*middle)) / (ARM * unit)
    if share > _LONG:
        share -= _CUFF
        length, off = float(np.hypot(*middle)), float(np.hypot(*(sleeve.cuff_out - sleeve.cuff_in))) / 2
        along = middle / length
    else:
        edge = sleeve.cuff_out - joint
        reach = max(float(np.hypot(*edge)), 1e-6)
        off = min((_SEAM_HALF + (_WRIST_HALF - _SEAM_HALF) * share) * unit, 0.9 * reach)
        length = float(np.sqrt(reach * reach - off * off))
        turn = np.arctan2(off, length) * (-1.0 if side == 0 else 1.0)
        along = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ edge / reach
        share = length / (ARM * unit)
    return GhostArm(joint, along, length, float(np.clip(share, 0.12, 1.0)), (_SEAM_HALF * unit, off))
