"""The mannequin that a product photo's garment was cut for: unseen, but its size shows in the garment's landmarks.

All lengths are in trunks (see figure.py) of that body. They were measured on renders of random garments on
one mannequin: a shoulder seam, a waistband and a pair of armpits vary by a few percent of it, a hem by all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tryon.engines.warp.arrays import Points
from tryon.engines.warp.marks import SkirtMarks, TopMarks, TrouserMarks

SPAN = 0.685
"""Distance of the shoulder joints."""
SEAM, NECK = -0.126, -0.2175
"""Depths of the shoulder seam above the armpit and of the highest point beside the neck."""
ARM, ELBOW = 1.116, 0.541
"""Length of the arm from shoulder to wrist, and the elbow's share of it."""
WAISTBAND, SKIRT_BAND = 0.673, 0.618
"""Depth of the row at which a waistband is measured."""
KNEES, ANKLES = 1.772, 2.604
"""Depth of these joints."""

# Distance of the armpits, as a power of how far the seam lies below the neck, in that distance: under loose cloth the
# shoulders slope less.
_PITS, _SLOPE, _LEAST_PITS, _MOST_PITS = 0.225, -0.54, 0.56, 0.717
# A garment longer than this many distances of its armpits is a dress: cut closer at the chest, by these factors.
_GOWN, _GOWN_PITS, _GOWN_CHEST = 2.5, 0.94, 0.8795
# Without sleeves: width of the garment at this depth.
_BARE_CHEST, _BARE_AT = 0.645, 0.36
# A seam and a neck that put the garment this far apart, in trunks: a collar or a hood stands above the neck.
_COLLAR = 0.06
# Width of the waistband.
_TROUSER_BAND, _SKIRT_BAND_WIDTH = 0.58, 0.547
# A sleeve that covers more of the arm than this hangs free of the trunk. Half widths of sleeves at seam and wrist.
_LONG, _SEAM_HALF, _WRIST_HALF = 0.65, 0.17, 0.1
# The middle of a long cuff, which is cut off square, lies this much of the arm further along than its end on the arm.
_CUFF = 0.02
_WHOLE, _USUAL = 0.78, 0.94


def top_unit(marks: TopMarks) -> float:
    """Garment pixels per trunk."""
    neck, seam = (float(points[:, 1].mean()) for points in (marks.neck, marks.shoulder))
    if marks.sleeves is None:
        return _bare_unit(marks, neck)
    slope = max(seam - neck, 1.0) / marks.width
    pits = float(np.clip(_PITS * slope**_SLOPE, _LEAST_PITS, _MOST_PITS))
    return marks.width / (pits * (_GOWN_PITS if _is_gown(marks) else 1.0))


def _bare_unit(marks: TopMarks, neck: float) -> float:
    """Armholes differ: the width of the chest tells, at the depth that the answer itself gives."""
    edges = np.concatenate([marks.pit[None], marks.sides, marks.hem[None]])
    level, width = edges[..., 1].mean(1), edges[:, 1, 0] - edges[:, 0, 0]
    units = marks.width / np.linspace(0.4, 0.9, 101)
    chest = _BARE_CHEST * (_GOWN_CHEST if _is_gown(marks) else 1.0)
    off = np.interp(neck + (_BARE_AT - NECK) * units, level, width) / units - chest
    return float(units[np.argmin(np.abs(off))])


def _is_gown(marks: TopMarks) -> bool:
    length = float(marks.hem[:, 1].mean() - marks.neck[:, 1].mean())
    return length > _GOWN * marks.width


def seam_row(marks: TopMarks) -> float:
    """Garment row of the mid shoulder joints, by the neck and the seam, or by the seam alone under a collar."""
    unit = top_unit(marks)
    by_neck = float(marks.neck[:, 1].mean()) - NECK * unit
    by_seam = float(marks.shoulder[:, 1].mean()) - SEAM * unit
    if marks.sleeves is None:
        return by_neck
    return by_seam if abs(by_neck - by_seam) > _COLLAR * unit else (by_neck + by_seam) / 2


def bottom_unit(marks: TrouserMarks | SkirtMarks, trousers: bool) -> float:
    """Garment pixels per trunk."""
    band = float(marks.edges[0, 1, 0] - marks.edges[0, 0, 0])
    return band / (_TROUSER_BAND if trousers else _SKIRT_BAND_WIDTH)


def top_places(marks: TopMarks, points: Points) -> Points:
    """Garment positions [..., 2] as (across, down) from the mid shoulders, in trunks."""
    unit, middle = top_unit(marks), marks.pit[:, 0].mean()
    return np.stack([(points[..., 0] - middle) / unit, (points[..., 1] - seam_row(marks)) / unit], -1)


def shoulder_joint(marks: TopMarks, side: int) -> Points:
    """Garment position [2] of the shoulder joint."""
    outwards = (-0.5 if side == 0 else 0.5) * SPAN * top_unit(marks)
    return np.array([marks.pit[:, 0].mean() + outwards, seam_row(marks)])


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
        if share > _WHOLE:
            # Long sleeves end near the wrist: what differs from that is half of it error.
            share = (share + _USUAL) / 2
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
