"""Colours of the cells: the front's from the photo without its backdrop, the back's carried round from the sides."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.engines.relief.silhouette import Floats, rim_of

CLEAN = 0.003
"""Of the mask's height: pixels so near to the outline are mixed with the backdrop and lend no colour."""

REACHES = ((0.01, 0.004), (0.12, 0.006))
"""Of the mask's height: how far the colours of the sides spread across the back and along it, the nearer ones first, so
that both sides blend in the middle. Hems and waistbands stay in place."""

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
    known = np.asarray(weight > 0.5, np.float32)
    near = spread(np.dstack([inner * known[..., None], known]), (1.5, 1.5))
    borrowed, reached = near[..., :3] / np.maximum(near[..., 3:], 1e-3), near[..., 3] > 1e-3
    if (inside * ~reached).any():
        borrowed = np.where(reached[..., None], borrowed, averaged(image, body, inside.shape)[0])
    return np.clip(np.where(known[..., None] > 0, inner, borrowed), 0, 1).astype(np.float32)


def averaged(image: Pixels, body: Pixels, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Mean colours of the body's pixels in each cell of a grid, and the share of the cell that they are."""
    size = (shape[1], shape[0])
    weight = cv2.resize(body * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    cut = cv2.resize(cv2.bitwise_and(image, image, mask=body), size, interpolation=cv2.INTER_AREA)
    return np.asarray(cut / np.maximum(weight, 1)[..., None], np.float32), np.asarray(
        weight / 255, np.float32
    )


def carried_round(colors: Floats, inside: Pixels, arms: Pixels, whole: bool) -> Floats:
    """float32 [rows, columns, 3]: what the sides' colours give when they meet behind; no print, no face.

    whole: the first row is the crown, so that hair can cover the back of the head.
    """
    trunk, rows = inside - arms, len(inside)
    behind = meet(colors, rim_of(trunk))
    if arms.any():
        behind = np.where(arms[..., None] > 0, meet(colors, rim_of(inside) * arms), behind)
    if whole:
        top, nape = max(2, round(CROWN * rows)), round(NAPE * rows)
        crown = colors[:top][inside[:top] > 0].mean(axis=0)
        fade = np.interp((np.arange(nape) + 0.5) / rows, (0.75 * NAPE, NAPE), (1.0, 0.0))[:, None, None]
        behind[:nape] = crown * fade + behind[:nape] * (1 - fade)
    return behind


def meet(colors: Floats, rim: Pixels) -> Floats:
    """The colours of the rim's cells everywhere, the nearest first; on half of the grid, as the back is seen."""
    source = halved(colors, rim.astype(np.float32))
    total = np.zeros_like(source)
    for order, (across, along) in enumerate(REACHES):
        total += spread(source, (across * len(source), along * len(source))) * np.float32(_FAR**order)
    mixed = np.clip(total[..., :3] / np.maximum(total[..., 3:], 1e-15), 0, 1)
    return np.asarray(cv2.resize(mixed, rim.shape[::-1]), np.float32)


def halved(colors: Floats, weight: Floats) -> Floats:
    """Colours times weight, and weight, [rows / 2, columns / 2, 4]."""
    size = (-(-weight.shape[1] // 2), -(-weight.shape[0] // 2))
    stacked = np.dstack([colors * weight[..., None], weight])
    return np.asarray(cv2.resize(stacked, size, interpolation=cv2.INTER_AREA), np.float32)


def spread(weighed: NDArray[np.floating], sigma: tuple[float, float]) -> Floats:
    """Blur colours times weight, and weight, [rows, columns, 4]; a wide blur is made on a smaller grid.

    sigma: cells across and down, at least half a cell is used.
    """
    rows, columns = weighed.shape[:2]
    across, down = (max(1, int(width / 2)) for width in sigma)
    small = cv2.resize(weighed, (-(-columns // across), -(-rows // down)), interpolation=cv2.INTER_AREA)
    wide, tall = max(sigma[0] / across, 0.5), max(sigma[1] / down, 0.5)
    blurred = cv2.GaussianBlur(small, (0, 0), sigmaX=wide, sigmaY=tall, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(cv2.resize(blurred, (columns, rows)), np.float32)
