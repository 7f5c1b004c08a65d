"""What the published nets would answer for one given person, as constants that nets with no training add to theirs.

Written from the layouts alone and not from the engine's code, so that it is a check of that code.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.parser_nets.yolox import SIDE, STRIDES
from tryon.core.ports import Body, Pixels

Array = NDArray[np.float32]

COCO = {0: 0, 1: 15, 2: 14, 3: 17, 4: 16, 5: 5, 6: 2, 7: 6, 8: 3, 9: 7, 10: 4, 11: 11, 12: 8, 13: 12, 14: 9,
        15: 13, 16: 10, 31: 18}  # fmt: skip
"""Row of COCO-WholeBody's 133 points -> our joint; 31 is point 8 of the face, the chin."""

SURE = 10.0
"""Logit of a label."""


@dataclass(frozen=True)
class Person:
    """box: (left, top, right, bottom) in pixels of a photo as large as the body's labels."""

    body: Body
    box: tuple[float, float, float, float]
    score: float = 0.9

    @classmethod
    def of(cls, body: Body) -> Person:
        """The box just around the labels."""
        rows, columns = np.flatnonzero(body.labels.any(1)), np.flatnonzero(body.labels.any(0))
        return cls(body, (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)))


def detections(people: list[Person]) -> Array:
    """float32 [1, 8400, 85] with one row a person, in the cell around the box's centre."""
    answer = np.zeros((1, sum((SIDE // stride) ** 2 for stride in STRIDES), 85), np.float32)
    for person in people:
        height, width = person.body.labels.shape
        left, top, right, bottom = np.array(person.box) * min(SIDE / height, SIDE / width)
        middle, size = ((left + right) / 2, (top + bottom) / 2), (right - left, bottom - top)
        column, row = (int(value // STRIDES[0]) for value in middle)
        place = (middle[0] / STRIDES[0] - column, middle[1] / STRIDES[0] - row)
        shape = np.log(np.array(size) / STRIDES[0])
        answer[0, row * (SIDE // STRIDES[0]) + column, :6] = (*place, *shape, 1.0, person.score)
    return answer


def pose(person: Person) -> tuple[Array, Array]:
    """float32 [1, 133, 576] and [1, 133, 768]: one bin a joint, the nearest half pixel of the 288x384 crop."""
    left, top, right, bottom = person.box
    wide = max((right - left) * 1.25, (bottom - top) * 1.25 * 0.75)
    corner = np.array([(left + right) / 2 - wide / 2, (top + bottom) / 2 - wide / 0.75 / 2])
    across, down = np.zeros((1, 133, 576), np.float32), np.zeros((1, 133, 768), np.float32)
    for row, joint in COCO.items():
        x, y, score = person.body.keypoints[joint]
        # The net counts from the centre of the first pixel, we from its corner.
        bins = np.rint(2 * (np.array([x, y]) - 0.5 - corner) * 288 / wide).astype(int)
        if score > 0 and 0 <= bins[0] < 576 and 0 <= bins[1] < 768:
            across[0, row, bins[0]] = down[0, row, bins[1]] = score
    return across, down


def logits(labels: Pixels, classes: int, side: int) -> Array:
    """float32 [1, classes, n, n], n = ceil(side / 4): how much of each label lies around each cell's centre."""
    cells, (height, width) = -(-side // 4), labels.shape
    step = (max(height, width) - 1) / (cells - 1)
    centres = (np.arange(cells) - (cells - 1) / 2) * step
    across, down = ((centres + (size - 1) / 2).astype(np.float32) for size in (width, height))
    x, y = np.meshgrid(across, down)
    answer = np.zeros((1, classes, cells, cells), np.float32)
    for label in range(classes):
        share = cv2.GaussianBlur((labels == label).astype(np.float32), (0, 0), max(step / 3, 0.1))
        outside = 1.0 if label == 0 else 0.0
        answer[0, label] = cv2.remap(
            share, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=outside
        )
    return SURE * answer
