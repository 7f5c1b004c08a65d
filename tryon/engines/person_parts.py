"""What the checks of person photos read from a parse: the person's area, the head's area, and how sure joints are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tryon.core.anatomy import Atr, Joint
from tryon.core.areas import Area, labelled
from tryon.core.ports import Body

HEAD_JOINTS = (Joint.NOSE, Joint.RIGHT_EYE, Joint.LEFT_EYE, Joint.CHIN)


def person_area(body: Body) -> Area:
    """Pixels [H, W] of the person and their clothes, without a bag."""
    area: Area = (body.labels > 0) & (body.labels != Atr.BAG)
    return area


def head_area(body: Body) -> Area:
    """Pixels [H, W] of hat, hair and face."""
    return labelled(body.labels, Atr.HAT, Atr.HAIR, Atr.FACE)


def mean_score(body: Body, joints: Sequence[int]) -> float:
    """0..1, of seen and unseen joints alike."""
    return float(np.mean(body.keypoints[list(joints), 2]))
