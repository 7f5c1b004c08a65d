"""DWPose-L, 133 points of one person (Yang et al. 2023, arXiv 2307.15880): its crop, its answer, and our joints."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.anatomy import SEEN, Joint
from tryon.core.ports import Pixels
from tryon.engines.human_parser.models import DWPOSE, POSE
from tryon.engines.human_parser.nets import Array, Layout

WIDTH, HEIGHT, POINTS = 288, 384, 133
PADDING = 1.25
"""The crop over the person's box, in each direction."""

BINS_PER_PIXEL = 2
"""Of SimCC's two lists of scores (Li et al. 2022, arXiv 2107.03332)."""

MEAN = np.array([123.675, 116.28, 103.53], np.float32)
DEVIATION = np.array([58.395, 57.12, 57.375], np.float32)
"""ImageNet's, for R, G, B."""

LAYOUT = Layout(
    DWPOSE,
    POSE,
    (None, 3, HEIGHT, WIDTH),
    ((None, POINTS, BINS_PER_PIXEL * WIDTH), (None, POINTS, BINS_PER_PIXEL * HEIGHT)),
)

COCO = {
    Joint.NOSE: 0, Joint.LEFT_EYE: 1, Joint.RIGHT_EYE: 2, Joint.LEFT_EAR: 3, Joint.RIGHT_EAR: 4,
    Joint.LEFT_SHOULDER: 5, Joint.RIGHT_SHOULDER: 6, Joint.LEFT_ELBOW: 7, Joint.RIGHT_ELBOW: 8,
    Joint.LEFT_WRIST: 9, Joint.RIGHT_WRIST: 10, Joint.LEFT_HIP: 11, Joint.RIGHT_HIP: 12, Joint.LEFT_KNEE: 13,
    Joint.RIGHT_KNEE: 14, Joint.LEFT_ANKLE: 15, Joint.RIGHT_ANKLE: 16, Joint.CHIN: 31,
}  # fmt: skip
"""Rows of COCO-WholeBody (Jin et al. 2020, arXiv 2007.11858): 17 of the body, 6 of the feet, 68 of the face (point 8
of the jaw is the chin), 21 of each hand. It has no neck."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A window of the photo, 3:4, in coordinates that count from the centre of the first pixel, as the net's do."""

    left: float
    top: float
    width: float

    @property
    def scale(self) -> float:
        """The photo's pixels over the net's."""
        return self.width / WIDTH


def crop_around(box: tuple[float, float, float, float]) -> Crop:
    """The smallest window of the net's aspect around the padded box (left, top, right, bottom)."""
    left, top, right, bottom = box
    width = PADDING * max(right - left, (bottom - top) * WIDTH / HEIGHT)
    return Crop((left + right - width) / 2, (top + bottom - width * HEIGHT / WIDTH) / 2, width)


def prepare(image: Pixels, crop: Crop) -> Array:
    """uint8 [H, W, 3] RGB -> float32 [1, 3, 384, 288], bilinear, black beyond the photo."""
    back = np.array([[crop.scale, 0, crop.left], [0, crop.scale, crop.top]])
    window = cv2.warpAffine(image, back, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    normal = (window.astype(np.float32) - MEAN) / DEVIATION
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[None], np.float32)


def decode(across: Array, down: Array, crop: Crop) -> Array:
    """Scores of the bins [133, 576] and [133, 768] -> float32 [133, 3]: x, y in the photo's pixels from its corner,
    score 0..1. A point without a positive score in both is (0, 0, 0)."""
    best = np.stack([across.argmax(1), down.argmax(1)], axis=1) / BINS_PER_PIXEL
    scores = np.minimum(across.max(1), down.max(1))
    # From the first pixel's centre to its corner.
    places = best * crop.scale + (crop.left, crop.top) + 0.5
    points = np.column_stack([places, np.clip(scores, 0, 1)])
    points[scores <= 0] = 0
    return points.astype(np.float32)


def to_joints(points: Array) -> NDArray[np.float32]:
    """[133, 3] -> [19, 3] in the order of Joint. The neck lies between the shoulders and is seen when both are."""
    joints = np.zeros((len(Joint), 3), np.float32)
    for joint, row in COCO.items():
        joints[joint] = points[row]
    shoulders = points[[COCO[Joint.LEFT_SHOULDER], COCO[Joint.RIGHT_SHOULDER]]]
    both = (shoulders[:, 2] > SEEN).all()
    joints[Joint.NECK] = (*shoulders[:, :2].mean(0), 1.0) if both else (0, 0, 0)
    return joints
