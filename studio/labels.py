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
from studio.pose import HEAD_PIVOT
from studio.posture import bend

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

# Points of the face relative to the head's centre, on the head of studio.head, and the way they look.
_FACE: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "nose": ((0.0, -0.032, 0.105), (0.0, 0.0, 1.0)),
    "right_eye": ((-0.031, 0.004, 0.083), (0.0, 0.0, 1.0)),
    "left_eye": ((0.031, 0.004, 0.083), (0.0, 0.0, 1.0)),
    "right_ear": ((-0.080, -0.004, -0.010), (-1.0, 0.0, 0.0)),
    "left_ear": ((0.080, -0.004, -0.010), (1.0, 0.0, 0.0)),
    "chin": ((0.0, -0.108, 0.066), (0.0, 0.0, 1.0)),
}
# A point of the face is seen up to this cosine between the way it looks and the way to the camera.
_SEEN = -0.30


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
    if body.pose.from_behind:
        # Ears and nape of somebody who shows their back are no face; ATR has no class for the back of a head.
        labels[labels == FACE] = HAIR
    return labels


def _skin_labels(points: Array, body: Body) -> NDArray[np.uint8]:
    """The part of the body [n] nearest to points [n, 3]: bones, less the usual thickness there."""
    h, j = body.shape.height, body.joints
    tips = [j[arm, 2] + body.hands[arm, 1] * 0.10 * h for arm in (at.LEFT_ARM, at.RIGHT_ARM)]
    # Radii as fractions of the height: head and neck, upper leg, arm.
    bones = [
        (FACE, [np.array([0.0, 0.76, 0.0]) * h, body.head], 0.050),
        (LEFT_LEG, list(j[at.LEFT_LEG]), 0.045),
        (RIGHT_LEG, list(j[at.RIGHT_LEG]), 0.045),
        (LEFT_ARM, [*j[at.LEFT_ARM], tips[0]], 0.025),
        (RIGHT_ARM, [*j[at.RIGHT_ARM], tips[1]], 0.025),
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
    """[19, 3]: x, y in pixels and a score, in the order of KEYPOINTS.

    The score is 1, or 0 outside the picture. Joints behind another part of the body keep their score, as
    annotators mark them; points of the face that look away from the camera score 0.
    """
    j, figure = body.joints, body.figure
    points: dict[str, Array] = {}
    seen: dict[str, bool] = {}
    for name, (offset, look) in _FACE.items():
        points[name] = _on_head(np.array(offset), body)
        way = turned(body.head_rows.T @ np.array(look), figure)
        seen[name] = bool(way[2] > _SEEN)
    for side, arm, leg in (("left", at.LEFT_ARM, at.LEFT_LEG), ("right", at.RIGHT_ARM, at.RIGHT_LEG)):
        points |= {f"{side}_{n}": j[arm, i] for i, n in enumerate(("shoulder", "elbow", "wrist"))}
        points |= {f"{side}_{n}": j[leg, i] for i, n in enumerate(("hip", "knee", "ankle"))}
    points["neck"] = 0.5 * (points["left_shoulder"] + points["right_shoulder"])
    world = [turned(_bent(points[name], figure), figure) for name in KEYPOINTS]
    xy = camera.project(np.array(world))
    inside = ((xy >= 0.0) & (xy < np.array(camera.size))).all(axis=1)
    score = inside & np.array([seen.get(name, True) for name in KEYPOINTS])
    return np.column_stack([xy, score]).astype(np.float32)


def turned(point: Array, figure: Array) -> Array:
    """A point or direction [3] of the person, in the room: turned with the whole person."""
    s, c = figure[at.TURN_SIN], figure[at.TURN_COS]
    return np.array([point[0] * c + point[2] * s, point[1], point[2] * c - point[0] * s])


def _bent(point: Array, figure: Array) -> Array:
    """A point [3] of the straight body, where the bent one has it."""
    x, y, z = point
    return np.array(bend(x, y, z, figure), dtype=np.float64)


def _on_head(offset: Array, body: Body) -> Array:
    """The point [3] of the straight body at `offset` [3] in the coordinates of studio.head.head_point."""
    pivot = np.array(HEAD_PIVOT)
    return np.asarray(body.head + (body.head_rows.T @ (offset - pivot) + pivot) * body.head_scale)
