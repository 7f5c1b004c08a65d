"""Whether the camera was upright: photos on their side, upside down, or tilted.

Ranges are what the committed net gives on 225 good renders of people, on 216 turned and 288 tilted ones, and on 53
pictures of garments, clouds and nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tryon.core import anatomy
from tryon.core.anatomy import SEEN, Atr, Joint
from tryon.core.areas import Area, Point, labelled
from tryon.core.ports import Body
from tryon.core.words import Refused
from tryon.engines.person_parts import HEAD_JOINTS, head_area, mean_score
from tryon.engines.reasons import of_person

SURE, UNSURE, CLEARER = 0.8, 0.8, 0.2
"""Clarity (see there): upright people have at least 0.90 and turned ones at most 0.54, things that are no person 0.45.
Below UNSURE it is worth looking at the photo turned; a turn that has SURE and is CLEARER by this much is the truth.
UNSURE was 0.9, which cost three looks at some good photos and could change nothing: no turn is clearer than 1."""

MOST_TILTED = 9.0
"""Degrees between the torso and the vertical: up to 2.6 on people. Photos tilted by 5 degrees read as 2.5 to 8.3, nine
in ten of those by 12 as 10 to 14.3, three of 144 as 8 to 9."""


def clarity(body: Body) -> float:
    """How sure the net is of a person who stands upright, 0..1: the lower score of head and torso."""
    return min(mean_score(body, HEAD_JOINTS), mean_score(body, anatomy.TORSO))


def check_turned(upright: float, turned: Sequence[float]) -> Refused | None:
    """Whether the photo lies on its side or head. The clarity as it is, and turned by 90, 180, 270 degrees.

    A net that knows only standing people puts plausible joints on an inverted body too, but is never sure of them.
    """
    best = int(np.argmax(turned))
    if turned[best] < max(SURE, upright + CLEARER):
        return None
    if best == 1:
        return of_person("upside_down")
    return of_person("sideways")


def check_upright(body: Body) -> Refused | None:
    """By the labels: head over clothes over shoes, whatever the joints say."""
    worn = _centre(labelled(body.labels, Atr.UPPER, Atr.SKIRT, Atr.PANTS, Atr.DRESS))
    legs = labelled(body.labels, Atr.LEFT_SHOE, Atr.RIGHT_SHOE, Atr.LEFT_LEG, Atr.RIGHT_LEG)
    downs = [worn - _centre(head_area(body)), _centre(legs) - worn]
    downs = [down for down in downs if not np.isnan(down).any()]
    if any(abs(down[0]) > abs(down[1]) for down in downs):
        return of_person("sideways")
    if any(down[1] < 0 for down in downs):
        return of_person("upside_down")
    return None


def check_tilt(body: Body) -> Refused | None:
    """All joints of the torso count, unsure ones too: of two hips the seen one alone would lean the axis."""
    hips = np.mean(body.keypoints[list(anatomy.HIPS), :2], axis=0)
    right, down = hips - body.keypoints[Joint.NECK, :2]
    unclear = mean_score(body, anatomy.TORSO) < SEEN
    if unclear or down <= 0 or abs(np.degrees(np.arctan2(right, down))) <= MOST_TILTED:
        return None
    return of_person("tilted")


def _centre(area: Area) -> Point:
    """The centroid (x, y); not a number when the area is empty."""
    rows, columns = area.sum(1), area.sum(0)
    total = float(rows.sum()) or np.nan
    return np.array([columns @ np.arange(len(columns)), rows @ np.arange(len(rows))]) / total
