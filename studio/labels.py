"""ATR-18 labels and OpenPose-18 keypoints (plus the chin) of a rendered person. No numba here.

ATR is the 18-class palette of the human parsing nets: background, hat, hair, sunglasses, upper clothes,
skirt, pants, dress, belt, left shoe, right shoe, face, left leg, right leg, left arm, right arm, bag, scarf.
Left and right are the person's own.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from studio import layout as at
from studio.body import Array, Body
from studio.camera import Camera

BACKGROUND, HAIR, UPPER_CLOTHES, SKIRT, PANTS, DRESS = 0, 2, 4, 5, 6, 7
LEFT_SHOE, RIGHT_SHOE, FACE, LEFT_LEG, RIGHT_LEG, LEFT_ARM, RIGHT_ARM = 9, 10, 11, 12, 13, 14, 15
CLASSES = 18
CLOTH_LABEL = {"top": UPPER_CLOTHES, "dress": DRESS, "trousers": PANTS, "skirt": SKIRT}

KEYPOINTS = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow",
    "left_wrist", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
    "right_eye", "left_eye", "right_ear", "left_ear", "chin",
)  # fmt: skip
# The same points of the mirrored person, for flipped training pictures.
MIRRORED_KEYPOINTS = (0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16, 18)
# The same classes of the mirrored person, indexed by label.
MIRRORED_LABELS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 9, 11, 13, 12, 15, 14, 16, 17)

# Points of the face relative to the head's centre, on the head of studio.figure.
_FACE = {
    "nose": (0.0, -0.022, 0.105),
    "right_eye": (-0.031, 0.006, 0.085),
    "left_eye": (0.031, 0.006, 0.085),
    "right_ear": (-0.082, 0.002, -0.005),
    "left_ear": (0.082, 0.002, -0.005),
    "chin": (0.0, -0.110, 0.060),
}


def atr_labels(
    material: NDArray[np.int64], where: Array, body: Body, upper: str | None, lower: str | None
) -> NDArray[np.uint8]:
    """ATR label [n] of samples, from material [n] and position [n, 3]; upper, lower: garment kinds."""
    labels = np.zeros(material.shape, dtype=np.uint8)
    labels[material == at.HAIR] = HAIR
    if upper is not None:
        labels[material == at.UPPER_CLOTH] = CLOTH_LABEL[upper]
    if lower is not None:
        labels[material == at.LOWER_CLOTH] = CLOTH_LABEL[lower]
    between = 0.5 * (body.joints[at.LEFT_LEG, 2, 0] + body.joints[at.RIGHT_LEG, 2, 0])
    shoe = material == at.SHOE
    labels[shoe] = np.where(where[shoe, 0] > between, LEFT_SHOE, RIGHT_SHOE)
    skin = material == at.SKIN
    labels[skin] = _skin_labels(where[skin], body)
    return labels


def _skin_labels(points: Array, body: Body) -> NDArray[np.uint8]:
    """The part of the body [n] nearest to points [n, 3]: bones, less the usual thickness there."""
    h, j = body.shape.height, body.joints
    hands = [2.0 * arm[2] - arm[1] for arm in (j[at.LEFT_ARM], j[at.RIGHT_ARM])]
    # Radii as fractions of the height: head and neck, upper leg, arm.
    bones = [
        (FACE, [np.array([0.0, 0.76, 0.0]) * h, body.head], 0.050),
        (LEFT_LEG, list(j[at.LEFT_LEG]), 0.045),
        (RIGHT_LEG, list(j[at.RIGHT_LEG]), 0.045),
        (LEFT_ARM, [*j[at.LEFT_ARM], hands[0]], 0.025),
        (RIGHT_ARM, [*j[at.RIGHT_ARM], hands[1]], 0.025),
    ]
    far = np.stack([_to_polyline(points, line) - radius * h for _, line, radius in bones])
    names = np.array([label for label, _, _ in bones], dtype=np.uint8)
    return np.asarray(names[far.argmin(axis=0)])


def _to_polyline(points: Array, line: list[Array]) -> Array:
    """Distance [n] of points [n, 3] to a polyline."""
    nearest = np.full(len(points), np.inf)
    for a, b in pairwise(line):
        t = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0.0, 1.0)
        nearest = np.minimum(nearest, np.linalg.norm(points - a - t[:, None] * (b - a), axis=1))
    return nearest


def keypoints(body: Body, camera: Camera) -> NDArray[np.float32]:
    """[19, 3]: x, y in pixels and a score of 1, or 0 outside the picture, in the order of KEYPOINTS."""
    j = body.joints
    points = {name: body.head + np.array(offset) * body.head_scale for name, offset in _FACE.items()}
    for side, arm, leg in (("left", at.LEFT_ARM, at.LEFT_LEG), ("right", at.RIGHT_ARM, at.RIGHT_LEG)):
        points |= {f"{side}_{n}": j[arm, i] for i, n in enumerate(("shoulder", "elbow", "wrist"))}
        points |= {f"{side}_{n}": j[leg, i] for i, n in enumerate(("hip", "knee", "ankle"))}
    points["neck"] = 0.5 * (points["left_shoulder"] + points["right_shoulder"])
    xy = camera.project(np.array([points[name] for name in KEYPOINTS]))
    inside = ((xy >= 0.0) & (xy < np.array(camera.size))).all(axis=1)
    return np.column_stack([xy, inside]).astype(np.float32)
