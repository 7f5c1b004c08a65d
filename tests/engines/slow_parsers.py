"""What the published parsers' pre- and post-processing does to single pixels and numbers, in loops and float64: the
slow, independent reading of their papers and code that the engine's fast steps are compared with."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def sample(image: NDArray[np.generic], x: float, y: float, outside: float | None = None) -> Values:
    """The bilinear value at (x, y), counted from the first pixel's centre. outside: what lies beyond the image; None:
    its nearest pixel."""
    left, top = math.floor(x), math.floor(y)
    total = np.zeros(image.shape[2:], np.float64)
    for row, down in ((top, 1 - (y - top)), (top + 1, y - top)):
        for column, across in ((left, 1 - (x - left)), (left + 1, x - left)):
            total += down * across * _pixel(image, column, row, outside)
    return total


def _pixel(image: NDArray[np.generic], column: int, row: int, outside: float | None) -> Values:
    height, width = image.shape[:2]
    if outside is not None and not (0 <= column < width and 0 <= row < height):
        return np.full(image.shape[2:], outside, np.float64)
    found = image[min(max(row, 0), height - 1), min(max(column, 0), width - 1)]
    return np.asarray(found, np.float64)


def yolox_pixel(image: NDArray[np.uint8], column: int, row: int) -> Values:
    """B, G, R of one pixel of YOLOX's input."""
    height, width = image.shape[:2]
    ratio = min(640 / height, 640 / width)
    inner = int(width * ratio), int(height * ratio)
    if column >= inner[0] or row >= inner[1]:
        return np.full(3, 114.0)
    x, y = (column + 0.5) * width / inner[0] - 0.5, (row + 0.5) * height / inner[1] - 0.5
    return sample(image, x, y)[::-1]


def yolox_boxes(answer: NDArray[np.float32], ratio: float) -> list[tuple[list[float], list[float]]]:
    """Every row as a box and its 80 scores."""
    found, row = [], 0
    for stride in (8, 16, 32):
        for y in range(640 // stride):
            for x in range(640 // stride):
                values = [float(value) for value in answer[row]]
                middle = (values[0] + x) * stride, (values[1] + y) * stride
                wide, high = math.exp(values[2]) * stride, math.exp(values[3]) * stride
                corners = [
                    middle[0] - wide / 2,
                    middle[1] - high / 2,
                    middle[0] + wide / 2,
                    middle[1] + high / 2,
                ]
                found.append(
                    ([value / ratio for value in corners], [values[4] * score for score in values[5:]])
                )
                row += 1
    return found


def suppressed(boxes: list[list[float]], scores: list[float]) -> list[int]:
    """Greedy non-maximum suppression with areas that count the last pixel."""
    left = sorted(
        (index for index in range(len(boxes)) if scores[index] > 0.1), key=lambda index: -scores[index]
    )
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [index for index in left if iou(boxes[best], boxes[index]) <= 0.45]
    return kept


def iou(first: list[float], second: list[float]) -> float:
    wide = min(first[2], second[2]) - max(first[0], second[0]) + 1
    high = min(first[3], second[3]) - max(first[1], second[1]) + 1
    common = max(wide, 0) * max(high, 0)
    areas = [(box[2] - box[0] + 1) * (box[3] - box[1] + 1) for box in (first, second)]
    return common / (sum(areas) - common)


def pose_window(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Centre and size of the crop: the box times 1.25, then grown to 3:4."""
    centre = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    wide, high = (box[2] - box[0]) * 1.25, (box[3] - box[1]) * 1.25
    if wide > high * 0.75:
        high = wide / 0.75
    else:
        wide = high * 0.75
    return *centre, wide, high


def pose_pixel(
    image: NDArray[np.uint8], box: tuple[float, float, float, float], column: int, row: int
) -> Values:
    """R, G, B of one pixel of the pose net's input, normalised. The window's middle is input pixel (144, 192)."""
    x, y, wide, high = pose_window(box)
    place = (column - 144) * wide / 288 + x, (row - 192) * high / 384 + y
    mean, deviation = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])
    return np.asarray((sample(image, *place, outside=0) - mean) / deviation)


def pose_point(
    across: NDArray[np.float32], down: NDArray[np.float32], box: tuple[float, float, float, float]
) -> tuple[float, float, float]:
    """One point, x and y from the photo's corner, and its score."""
    x, y, wide, high = pose_window(box)
    column, row = ([*bins].index(max(bins)) for bins in (across, down))
    score = min(float(across[column]), float(down[row]))
    if score <= 0:
        return 0.0, 0.0, 0.0
    place = column / 2 / 288 * wide + x - wide / 2, row / 2 / 384 * high + y - high / 2
    return place[0] + 0.5, place[1] + 0.5, min(score, 1.0)


def schp_pixel(image: NDArray[np.uint8], side: int, column: int, row: int) -> Values:
    """B, G, R of one pixel of SCHP's input, normalised. The middle of the photo is the middle of the input."""
    height, width = image.shape[:2]
    step = max(width - 1, height - 1) / (side - 1)
    x, y = (
        (place - (side - 1) / 2) * step + (size - 1) / 2 for place, size in ((column, width), (row, height))
    )
    value = sample(image, x, y, outside=0)[::-1] / 255
    return np.asarray((value - np.array([0.406, 0.456, 0.485])) / np.array([0.225, 0.224, 0.229]))


def schp_value(
    logits: NDArray[np.float32], side: int, size: tuple[int, int], column: int, row: int
) -> Values:
    """Every class at one pixel of a photo of `size` = (width, height): from the cells to the input's pixels with
    aligned corners, from there to the photo. logits: [cells, cells, classes]."""
    cells, (width, height) = len(logits), size
    step = (side - 1) / max(width - 1, height - 1)
    x = (column - (width - 1) / 2) * step + (side - 1) / 2
    y = (row - (height - 1) / 2) * step + (side - 1) / 2
    total = np.zeros(logits.shape[2])
    for high, down in ((math.floor(y), 1 - (y - math.floor(y))), (math.floor(y) + 1, y - math.floor(y))):
        for wide, across in (
            (math.floor(x), 1 - (x - math.floor(x))),
            (math.floor(x) + 1, x - math.floor(x)),
        ):
            there = (
                min(wide, side - 1) * (cells - 1) / (side - 1),
                min(high, side - 1) * (cells - 1) / (side - 1),
            )
            total += down * across * sample(logits, *there)
    return total
