"""Boxes that mean the same thing. Boxes are float32 [N, 4]: left, top, right, bottom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tryon.engines.grounding_dino.scores import Floats

Places = NDArray[np.intp]


def areas(boxes: Floats) -> Floats:
    return np.asarray(np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1), np.float32)


def iou(box: Floats, boxes: Floats) -> Floats:
    """float32 [N]: intersection over union of one box [4] with each; 0 between boxes without area."""
    inner = np.concatenate([np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])], axis=1)
    shared = areas(inner)
    union = areas(box[None]) + areas(boxes) - shared
    return np.asarray(shared / np.where(union > 0, union, 1), np.float32)


def suppress(boxes: Floats, scores: Floats, most: float) -> tuple[list[int], Places]:
    """Non-maximum suppression: from the best score down, each box takes away those that overlap it by more than
    `most`. The boxes that stay, best first, and for each box the one it fell to (itself when it stays).

    Equal scores: the smaller place first, so that the answer does not depend on a sort.
    """
    left = np.argsort(-scores, kind="stable")
    taker = np.arange(len(boxes))
    stay: list[int] = []
    while len(left):
        first = left[0]
        stay.append(int(first))
        same = iou(boxes[first], boxes[left]) > most
        same[0] = True
        taker[left[same]] = first
        left = left[~same]
    return stay, taker
