"""YOLOX-L, which finds people (Ge et al. 2021, arXiv 2107.08430), as DWPose publishes and calls it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.engines.human_parser.models import DETECTOR, DWPOSE
from tryon.engines.human_parser.nets import Array, Layout

SIDE = 640
"""Pixels of the net's square input."""

STRIDES = (8, 16, 32)
PAD = 114
"""Grey below and beside the photo, which lies in the top left corner; as YOLOX was trained."""

SEEN, OVERLAP = 0.3, 0.45
"""Least score of a person, and the most IoU of two; DWPose's own. It lets boxes from 0.1 on compete first, but no box
ever suppresses a better one, so the result is the same."""

PERSON = 0
"""Of COCO's 80 classes."""

LAYOUT = Layout(DWPOSE, DETECTOR, (1, 3, SIDE, SIDE), ((1, 8400, 85),))


@dataclass(frozen=True, slots=True)
class Found:
    """box: (left, top, right, bottom) in the photo's pixels; it may reach beyond the photo. score: 0..1."""

    box: tuple[float, float, float, float]
    score: float


def prepare(image: Pixels) -> Array:
    """uint8 [H, W, 3] RGB -> float32 [1, 3, 640, 640], 0..255, in the order BGR that YOLOX was trained in."""
    height, width = image.shape[:2]
    ratio = min(SIDE / height, SIDE / width)
    size = max(1, int(width * ratio)), max(1, int(height * ratio))
    canvas = np.full((SIDE, SIDE, 3), PAD, np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(canvas[..., ::-1].transpose(2, 0, 1)[None], np.float32)


def find_people(answer: Array, width: int, height: int) -> list[Found]:
    """The net's answer [1, 8400, 85] on a photo of that size -> people, the surest first."""
    boxes, scores = decode(answer[0], min(SIDE / height, SIDE / width))
    person = scores[:, PERSON]
    return [Found(_four(boxes[index]), float(min(person[index], 1))) for index in suppress(boxes, person)]


def _four(box: Array) -> tuple[float, float, float, float]:
    left, top, right, bottom = box.tolist()
    return left, top, right, bottom


def decode(rows: Array, ratio: float) -> tuple[Array, Array]:
    """Rows (x, y, w, h, objectness, 80 classes) of cells -> boxes [N, 4] (left, top, right, bottom) and scores [N, 80].

    Cells run along x first, then y, then the strides 8, 16, 32. x and y are offsets from the cell's corner and w and
    h logarithms, in strides; ratio: the net's pixels over the photo's.
    """
    corners, strides = _cells()
    centres = (rows[:, :2] + corners) * strides
    sizes = np.exp(rows[:, 2:4]) * strides
    boxes = np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1) / ratio
    return boxes.astype(np.float32), np.asarray(rows[:, 4:5] * rows[:, 5:], np.float32)


def suppress(boxes: Array, scores: Array) -> list[int]:
    """Indices of the seen boxes of one class that no better box overlaps, best first."""
    left = np.flatnonzero(scores > SEEN)
    left = left[np.argsort(-scores[left], kind="stable")]
    kept: list[int] = []
    while len(left):
        best, left = int(left[0]), left[1:]
        kept.append(best)
        left = left[overlaps(boxes[best], boxes[left]) <= OVERLAP]
    return kept


def overlaps(box: Array, others: Array) -> Array:
    """IoU of a box with others [N, 4]; sides count both their first and last pixel, as in Fast R-CNN."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    common = np.maximum(high - low + 1, 0).prod(1)
    areas = (others[:, 2:] - others[:, :2] + 1).prod(1)
    return np.asarray(common / ((box[2:] - box[:2] + 1).prod() + areas - common), np.float32)


def _cells() -> tuple[Array, Array]:
    """Corners [8400, 2] of all cells, in strides, and their strides [8400, 1]."""
    grids: Sequence[NDArray[np.int64]] = [
        np.stack(np.meshgrid(np.arange(SIDE // s), np.arange(SIDE // s)), -1).reshape(-1, 2) for s in STRIDES
    ]
    strides = [np.full((len(grid), 1), stride) for grid, stride in zip(grids, STRIDES, strict=True)]
    return np.concatenate(grids).astype(np.float32), np.concatenate(strides).astype(np.float32)
