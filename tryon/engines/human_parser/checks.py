"""Which parses cannot be used, each with a sentence to pass on. Feet, legs and any backdrop are welcome: a mask that
needs the legs refuses by itself (tryon.core.masks)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tryon.core import anatomy
from tryon.core.anatomy import HIPS, SEEN, SHOULDERS, Joint
from tryon.core.masks import check_agreement, check_person
from tryon.core.ports import Body
from tryon.core.words import Refused
from tryon.engines.human_parser.yolox import Found
from tryon.engines.reasons import of_person

HEAD = (Joint.NOSE, Joint.RIGHT_EYE, Joint.LEFT_EYE, Joint.RIGHT_EAR, Joint.LEFT_EAR)
TOUCHING = 0.01
"""Of the photo's size: a box as near to an edge as this is cut off by it."""

LEAST_FILLED = 0.05
"""Share of a person's box that the parser labels; people fill 0.3 to 0.7, and with arms stretched out 0.2."""

TORSO_OUT_OF_FRAME = Refused(
    "torso_out_of_frame", "The hips are cut off; use a photo that shows at least head to knees."
)
EMPTY_MASK = Refused(
    "empty_mask", "The person could not be told from the backdrop; use a sharper photo on a plainer one."
)


def check_joints(joints: NDArray[np.float32], person: Found, width: int, height: int) -> Refused | None:
    """joints: float32 [19, 3] in a photo of that size. Refused when head or torso are cut off or not clear."""
    left, top, right, bottom = person.box
    head, hips = (_in_frame(joints, group, width, height) for group in (HEAD, HIPS))
    if not head and top <= TOUCHING * height:
        return of_person("head_out_of_frame")
    if not hips and bottom >= (1 - TOUCHING) * height:
        return TORSO_OUT_OF_FRAME
    sides = (*SHOULDERS, *HIPS)
    touches = left <= TOUCHING * width or right >= (1 - TOUCHING) * width
    if touches and _in_frame(joints, sides, width, height) < len(sides):
        return of_person("person_cut_off")
    return of_person("pose_unclear") if np.mean(joints[list(anatomy.TORSO), 2]) < SEEN else None


def check_labels(body: Body, person: Found) -> Refused | None:
    """Refused when the parser hardly sees the person that the detector found, or two parsers see different clothes."""
    left, top, right, bottom = person.box
    if np.count_nonzero(body.labels) < LEAST_FILLED * (right - left) * (bottom - top):
        return EMPTY_MASK
    return check_person(body) or check_agreement(body)


def _in_frame(joints: NDArray[np.float32], group: Iterable[int], width: int, height: int) -> int:
    """How many of the joints are seen and inside the photo: a pose net also guesses beyond the edge."""
    x, y, score = joints[list(group)].T
    return int(np.count_nonzero((score >= SEEN) & (x >= 0) & (x < width) & (y >= 0) & (y < height)))
