"""Self-Correction for Human Parsing (Li et al. 2020, arXiv 1910.09777): the net's square input and its answer's way
back to the photo's pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.models import Model
from tryon.core.ports import Pixels
from tryon.engines.human_parser.models import ATR_FILE, LIP_FILE, SCHP_ATR, SCHP_LIP
from tryon.engines.human_parser.nets import Array, Layout

MEAN = np.array([0.406, 0.456, 0.485], np.float32)
DEVIATION = np.array([0.225, 0.224, 0.229], np.float32)
"""ImageNet's, for B, G, R: SCHP was trained on what cv2.imread returns."""

Window = tuple[slice, slice]
"""Rows and columns of the photo."""

REACH = 2
"""Cells from one to any other on which a pixel's enlarged value depends: it lies between two of the input's pixels,
and they between three cells."""

ROUNDING = 1e-4
"""Of the largest logit: what float32 sums may be off by."""


@dataclass(frozen=True)
class Parser:
    """side: pixels of the square input. cells: of the square answer. classes: of its labels."""

    side: int
    cells: int
    classes: int
    model: Model
    file: str

    @property
    def layout(self) -> Layout:
        """Of the outputs parsing, fusion and edges the second one is the result."""
        fusion = (1, self.classes, self.cells, self.cells)
        return Layout(self.model, self.file, (1, 3, self.side, self.side), (fusion,), first=1)


ATR = Parser(512, 128, 18, SCHP_ATR, ATR_FILE)
LIP = Parser(473, 119, 20, SCHP_LIP, LIP_FILE)


def photo_to_input(width: int, height: int, side: int) -> tuple[float, float, float]:
    """(scale, left, top): photo pixel (x, y) is input pixel (x * scale + left, y * scale + top), both counted from the
    first pixel's centre. The photo lies in the middle, and its longer side goes from edge to edge."""
    scale = (side - 1) / max(width - 1, height - 1, 1)
    return scale, (side - 1 - (width - 1) * scale) / 2, (side - 1 - (height - 1) * scale) / 2


def prepare(image: Pixels, side: int) -> Array:
    """uint8 [H, W, 3] RGB -> float32 [1, 3, side, side], bilinear, black around the photo."""
    height, width = image.shape[:2]
    scale, left, top = photo_to_input(width, height, side)
    there = np.array([[scale, 0, left], [0, scale, top]])
    square = cv2.warpAffine(image, there, (side, side), flags=cv2.INTER_LINEAR)[..., ::-1]
    normal = (square.astype(np.float32) / 255 - MEAN) / DEVIATION
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[None], np.float32)


def decode(logits: Array, width: int, height: int, side: int, window: Window) -> Pixels:
    """Logits [classes, cells, cells] -> labels uint8 of the photo's window.

    Each class is enlarged bilinearly to the input's size (corners aligned), then to the photo, and compared with the
    best so far: the argmax over all enlarged classes, the first of equals, without holding them. A class is enlarged
    only where it can win. That is exact: an enlarged value lies between the smallest and largest cell around it.
    """
    down = _enlarger(height, window[0], side, logits.shape[1], max(width, height))
    across = _enlarger(width, window[1], side, logits.shape[2], max(width, height)).T
    best = np.full((down.shape[0], across.shape[1]), -np.inf, np.float32)
    labels = np.zeros(best.shape, np.uint8)
    for label, there in enumerate(_chances(logits)):
        rows, columns = _span(down[:, there.any(1)]), _span(across[there.any(0)].T)
        values = (down[rows] @ logits[label] @ across[:, columns]).astype(np.float32, copy=False)
        part = best[rows, columns]
        labels[rows, columns][values > part] = label
        np.maximum(part, values, out=part)
    return labels


def _chances(logits: Array) -> NDArray[np.bool_]:
    """[classes, cells, cells]: cells around which that class can be the best."""
    kernel = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    highest = np.stack([cv2.dilate(channel, kernel) for channel in logits])
    lowest = np.stack([cv2.erode(channel, kernel) for channel in logits])
    chances: NDArray[np.bool_] = highest >= lowest.max(0) - ROUNDING * np.abs(logits).max()
    return chances


def _span(weights: Array) -> slice:
    """From the first to the last row with a weight."""
    places = np.flatnonzero(weights.any(1))
    return slice(int(places[0]), int(places[-1]) + 1) if len(places) else slice(0, 0)


def _enlarger(size: int, part: slice, side: int, cells: int, longest: int) -> Array:
    """float32 [part of size, cells]: weights of one axis of the way from cells to the input's pixels to the photo's."""
    scale, start, _ = photo_to_input(size, longest, side)
    enlarged = _interpolation(np.linspace(0, cells - 1, side), cells)
    places = np.arange(size, dtype=np.float64)[part] * scale + start
    return (_interpolation(places, side) @ enlarged).astype(np.float32)


def _interpolation(places: NDArray[np.floating], size: int) -> NDArray[np.float64]:
    """[len(places), size]: weights of the two nearest of `size` samples for a value between them."""
    places = np.clip(places, 0, size - 1)
    low = np.minimum(places.astype(int), size - 2)
    weights = np.zeros((len(places), size))
    weights[np.arange(len(places)), low] = 1 - (places - low)
    weights[np.arange(len(places)), low + 1] += places - low
    return weights
