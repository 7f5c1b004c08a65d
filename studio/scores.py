"""How good labels, keypoints and depths are. No torch here: the tests score the ONNX file with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.labels import (
    BACKGROUND,
    DRESS,
    FACE,
    HAIR,
    LEFT_ARM,
    LEFT_LEG,
    LEFT_SHOE,
    PANTS,
    RIGHT_ARM,
    RIGHT_LEG,
    RIGHT_SHOE,
    SKIRT,
    UPPER_CLOTHES,
)

NAMES = {
    BACKGROUND: "background",
    HAIR: "hair",
    UPPER_CLOTHES: "upper_clothes",
    SKIRT: "skirt",
    PANTS: "pants",
    DRESS: "dress",
    LEFT_SHOE: "left_shoe",
    RIGHT_SHOE: "right_shoe",
    FACE: "face",
    LEFT_LEG: "left_leg",
    RIGHT_LEG: "right_leg",
    LEFT_ARM: "left_arm",
    RIGHT_ARM: "right_arm",
}
CLOTHES = (UPPER_CLOTHES, SKIRT, PANTS, DRESS)


@dataclass(frozen=True)
class Scores:
    """iou: by name of label, over all pictures; clothes_iou: of what is any garment against what is not;
    keypoints_px: mean error of the keypoints in the picture, in pixels of one 1024 high; depth_correlation: Pearson's,
    over each person, on average.
    """

    iou: dict[str, float]
    clothes_iou: float
    keypoints_px: float
    depth_correlation: float


@dataclass(frozen=True)
class Parses:
    """labels: [n, h, w]; points: [n, 19, 3], x and y in pixels and a score; depth: [n, h, w], in any unit."""

    labels: NDArray[Any]
    points: NDArray[Any]
    depth: NDArray[Any]


def score(found: Parses, true: Parses) -> Scores:
    """What was found in pictures against the truth."""
    each = {name: _iou(found.labels == label, true.labels == label) for label, name in NAMES.items()}
    off = np.linalg.norm(found.points[..., :2] - true.points[..., :2], axis=-1)[true.points[..., 2] > 0]
    people = zip(found.depth, true.depth, true.labels > 0, strict=True)
    alike = [np.corrcoef(a[person], b[person])[0, 1] for a, b, person in people if person.any()]
    return Scores(
        iou={name: round(value, 4) for name, value in each.items()},
        clothes_iou=round(_iou(np.isin(found.labels, CLOTHES), np.isin(true.labels, CLOTHES)), 4),
        keypoints_px=round(float(off.mean()) * 1024.0 / found.labels.shape[1], 2),
        depth_correlation=round(float(np.mean(alike)), 4),
    )


def _iou(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    """Intersection over union; 1 when both are empty."""
    union = int((found | true).sum())
    return float((found & true).sum()) / union if union else 1.0
