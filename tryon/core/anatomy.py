"""Names of labels and joints, and what can be measured on a body: torso, stature, hip line, limbs.

Left and right are the person's. A joint is seen when its score is at least SEEN. Lengths come from the torso
(neck to mid-hip), the one length that survives raised arms, skirts and cropped legs.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import pairwise

import numpy as np

from tryon.core.areas import Area, Point, add_capsule, beyond, shape_of
from tryon.core.ports import Body

SEEN = 0.3
"""Lowest score of a usable keypoint: DWPose's own visibility threshold."""

TORSO_PER_STATURE = 0.30
"""Neck to mid-hip over standing height: 0.818 - 0.52 (Drillis and Contini 1966, segment lengths)."""

TORSO_PER_SHOULDERS = 1.4
"""Neck to mid-hip over the distance of the shoulder joints, same source; used when no hip is seen."""


class Atr(IntEnum):
    HAT, HAIR, SUNGLASSES, UPPER, SKIRT, PANTS, DRESS, BELT = range(1, 9)
    LEFT_SHOE, RIGHT_SHOE, FACE, LEFT_LEG, RIGHT_LEG, LEFT_ARM, RIGHT_ARM, BAG, SCARF = range(9, 18)


class Lip(IntEnum):
    HAT, HAIR, GLOVE, SUNGLASSES, UPPER, DRESS, COAT, SOCKS, PANTS, JUMPSUIT, SCARF, SKIRT = range(1, 13)
    FACE, LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG, LEFT_SHOE, RIGHT_SHOE = range(13, 20)


class Joint(IntEnum):
    NOSE, NECK, RIGHT_SHOULDER, RIGHT_ELBOW, RIGHT_WRIST, LEFT_SHOULDER, LEFT_ELBOW, LEFT_WRIST = range(8)
    RIGHT_HIP, RIGHT_KNEE, RIGHT_ANKLE, LEFT_HIP, LEFT_KNEE, LEFT_ANKLE = range(8, 14)
    RIGHT_EYE, LEFT_EYE, RIGHT_EAR, LEFT_EAR, CHIN = range(14, 19)


SHOULDERS = (Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER)
HIPS = (Joint.RIGHT_HIP, Joint.LEFT_HIP)
KNEES = (Joint.RIGHT_KNEE, Joint.LEFT_KNEE)
ANKLES = (Joint.RIGHT_ANKLE, Joint.LEFT_ANKLE)
TORSO = (Joint.NECK, *SHOULDERS, *HIPS)
ARMS = (
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
    (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
)
LEGS = (
    (Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE),
    (Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE),
)


def seen(body: Body, *joints: int) -> list[Point]:
    """The (x, y) of those joints whose score reaches SEEN."""
    return [_point(body, joint) for joint in joints if body.keypoints[joint, 2] >= SEEN]


def joint(body: Body, index: int) -> Point | None:
    return _point(body, index) if body.keypoints[index, 2] >= SEEN else None


def in_frame(body: Body, index: int) -> bool:
    """Seen, and inside the photo: a pose net also guesses joints beyond the edge."""
    point = joint(body, index)
    height, width = body.labels.shape
    return point is not None and bool(0 <= point[0] < width and 0 <= point[1] < height)


def torso_length(body: Body) -> float:
    """Neck to mid-hip in pixels; from the shoulders when no hip is seen. 0 when neither can be measured."""
    top, bottom = seen(body, Joint.NECK) or seen(body, *SHOULDERS), seen(body, *HIPS)
    if top and bottom:
        return float(np.linalg.norm(np.mean(bottom, axis=0) - np.mean(top, axis=0)))
    shoulders = seen(body, *SHOULDERS)
    if len(shoulders) < 2:
        return 0.0
    return TORSO_PER_SHOULDERS * float(np.linalg.norm(shoulders[0] - shoulders[1]))


def stature(body: Body) -> float:
    """The person's standing height in pixels, also when the legs are cropped."""
    return torso_length(body) / TORSO_PER_STATURE


def below_hips(body: Body, shift: float = 0.0) -> Area:
    """Everything below the line through both hips, moved down by `shift` torso lengths (up when negative).

    The line is level through the seen hip when one is missing or the hips are nearly above each other (a side
    view), and at 55% of the person's height when none is seen.
    """
    point, down = hip_line(body)
    return beyond(shape_of(body.labels), point + down * shift * torso_length(body), down)


def limb(body: Body, chain: tuple[int, ...], diameter: float) -> Area:
    """Capsules of `diameter` pixels between the seen joints of a limb, cut square at wrist or ankle."""
    area: Area = np.zeros(shape_of(body.labels), bool)
    for start, end in pairwise(chain):
        ends = seen(body, start, end)
        if len(ends) == 2:
            add_capsule(area, ends[0], ends[1], diameter / 2)
    ends = seen(body, *chain[-2:])
    if len(ends) == 2:
        area &= ~beyond(shape_of(area), ends[1], ends[1] - ends[0], diameter / 2 + 1)
    return area


def person_box(body: Body) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) of the labelled person without a bag; right and bottom exclusive."""
    person = (body.labels > 0) & (body.labels != Atr.BAG)
    rows, columns = np.flatnonzero(person.any(1)), np.flatnonzero(person.any(0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _point(body: Body, index: int) -> Point:
    return body.keypoints[index, :2].astype(np.float64)


def hip_line(body: Body) -> tuple[Point, Point]:
    """A point on the hip line and its unit normal towards the feet."""
    hips, level = seen(body, *HIPS), np.array([0.0, 1.0])
    if not hips:
        box = person_box(body) or (0, 0, 0, 0)
        return np.array([(box[0] + box[2]) / 2, box[1] + 0.55 * (box[3] - box[1])]), level
    centre, along = np.mean(hips, axis=0), hips[-1] - hips[0]
    # Steeper than about 27 degrees is a person seen from the side, not a tilted pelvis.
    if len(hips) < 2 or abs(along[0]) < 2 * abs(along[1]):
        return centre, level
    normal = np.array([-along[1], along[0]]) * np.sign(along[0])
    return centre, normal / np.linalg.norm(normal)
