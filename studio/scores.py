"""How good labels and keypoints are. No torch here: the tests score the ONNX file with it."""

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
    keypoints_px: mean error of the keypoints in the picture, in pixels of one 1024 high.
    """

    iou: dict[str, float]
    clothes_iou: float
    keypoints_px: float


def score(
    labels: NDArray[Any], points: NDArray[Any], true_labels: NDArray[Any], true_points: NDArray[Any]
) -> Scores:
    """labels: [n, h, w] against the truth; points: [n, 19, 2 or 3] against [n, 19, 3], in pixels."""
    each = {name: _iou(labels == label, true_labels == label) for label, name in NAMES.items()}
    off = np.linalg.norm(points[..., :2] - true_points[..., :2], axis=-1)[true_points[..., 2] > 0]
    return Scores(
        iou={name: round(value, 4) for name, value in each.items()},
        clothes_iou=round(_iou(np.isin(labels, CLOTHES), np.isin(true_labels, CLOTHES)), 4),
        keypoints_px=round(float(off.mean()) * 1024.0 / labels.shape[1], 2),
    )


def _iou(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    """Intersection over union; 1 when both are empty."""
    union = int((found | true).sum())
    return float((found & true).sum()) / union if union else 1.0
