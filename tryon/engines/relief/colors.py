"""Colours of the cells: the front's from the photo without its backdrop, the back's carried round from the sides."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.engines.relief.silhouette import Floats, rim_of

CLEAN = 0.003
"""Of the mask's height: pixels so near to the outline are mixed with the backdrop and lend no colour."""

REACHES = (0.01, 0.03, 0.09)
"""Of the mask's height: how far the colours of the sides spread over the back, the nearer ones first."""

CROWN, NAPE = 0.03, 0.12
"""Over the height from the crown: a head's back has the colour above CROWN, fading to the neck's at NAPE."""

_FAR = 1e-3
"""What a further side colour counts, over a nearer one."""


def cell_colors(image: Pixels, body: Pixels, inside: Pixels) -> Floats:
    """float32 [rows, columns, 3]: the body's mean colour in each cell, without what is mixed with the backdrop.

    Cells at the outline borrow from their inner neighbours; what is too thin to have any keeps its own colour.
    """
    edge = max(1, round(CLEAN * int(np.count_nonzero(body.any(axis=1)))))
    pure = cv2.erode(body, np.ones((2 * edge + 1,) * 2, np.uint8), borderValue=0)
    inner, weight = averaged(image, np.asarray(pure, np.uint8), inside.shape)
    own, _ = averaged(image, body, inside.shape)
    known = np.asarray(weight > 0.5, np.float32)
    near = spread(inner, known, 1.5)
    borrowed = np.where(near[..., 3:] > 1e-3, near[..., :3] / np.maximum(near[..., 3:], 1e-3), own)
    return np.clip(np.where(known[..., None] > 0, inner, borrowed), 0, 1).astype(np.float32)


def averaged(image: Pixels, body: Pixels, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Mean colours of the body's pixels in each cell of a grid, and the share of the cell that they are."""
    size = (shape[1], shape[0])
    weight = cv2.resize(body * np.uint8(255), size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    cut = cv2.resize(cv2.bitwise_and(image, image, mask=body), size, interpolation=cv2.INTER_AREA)
    return np.asarray(cut / (255 * np.maximum(weight, 1 / 255))[..., None], np.float32), weight


def carried_round(colors: Floats, inside: Pixels, whole: bool) -> Floats:
    """float32 [rows, columns, 3]: what the sides' colours give when they meet behind; no print, no face.

    whole: the first row is the crown, so that hair can cover the back of the head.
    """
    rim, rows = rim_of(inside).astype(np.float32), len(inside)
    total = np.zeros((*inside.shape, 4), np.float32)
    for order, reach in enumerate(REACHES):
        total += spread(colors, rim, max(reach * rows, 1.0)) * np.float32(_FAR**order)
    behind = total[..., :3] / np.maximum(total[..., 3:], 1e-12)
    if whole:
        crown = colors[: max(2, round(CROWN * rows))][inside[: max(2, round(CROWN * rows))] > 0].mean(axis=0)
        fade = np.interp((np.arange(rows) + 0.5) / rows, (0.75 * NAPE, NAPE), (1.0, 0.0))[:, None, None]
        behind = crown * fade + behind * (1 - fade)
    return np.clip(behind, 0, 1).astype(np.float32)


def spread(colors: NDArray[np.floating], weight: Floats, sigma: float) -> Floats:
    """float32 [rows, columns, 4]: colours times weight, and weight, blurred; a wide blur is made on a smaller grid."""
    stacked = np.dstack([colors * weight[..., None], weight]).astype(np.float32)
    step = max(1, int(sigma / 2))
    size = (-(-weight.shape[1] // step), -(-weight.shape[0] // step))
    small = cv2.resize(stacked, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(cv2.resize(small, weight.shape[::-1]), np.float32)
