"""The body that a product photo's garment was cut for: unseen, but its size shows in the garment's landmarks.

All lengths are in trunks (see figure.py) of that body. They were measured on renders of random garments, drawn on
one mannequin: a shoulder seam, a waistband and a pair of armpits vary by a few percent of the trunk, a hem by all of it.
"""

from __future__ import annotations

import numpy as np

from tryon.engines.warp.arrays import Points
from tryon.engines.warp.marks import SkirtMarks, Sleeve, TopMarks, TrouserMarks

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
# The cuff's middle lies this much further along than its outer edge, where the sleeve ends.
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


def sleeve_share(marks: TopMarks, sleeve: Sleeve, joint: Points) -> float:
    """How much of the arm the sleeve covers; one that nearly reaches the wrist reaches it."""
    share = float(np.hypot(*(sleeve.axis[1] - joint))) / (ARM * top_unit(marks)) - _CUFF
    return float(np.clip(share, 0.12, 1.0))
