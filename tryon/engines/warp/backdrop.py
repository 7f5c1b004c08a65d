"""What stands behind the person: a smooth surface fitted to the backdrop that can be seen."""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.ports import Pixels
from tryon.engines.warp.arrays import Flags, Floats

# The surface is smooth from side to side; up and down there may be a floor. The picture is made this much smaller.
_ACROSS, _DOWN = 8, 2
# The smooth fit needs no more rows than this many times fewer still.
_COARSE = 4
# Grey levels: differences below are backdrop texture; far above, something that stands in front.
_NOISE = 4.0
# Grey levels from the smooth surface, and share of the picture's height, from which something is worn and no shadow.
_WORN, _TALL = 18.0, 0.06


def estimate(person: Pixels, labels: Pixels) -> Floats:
    """The backdrop behind the whole photo, float32 [h, w, 3], 0..255, smaller than it; `at_size` enlarges it.

    A cubic in x and y, fitted robustly, plus what is left of the picture on both sides of the person, row by row:
    that carries floors, shadows and gradients on behind them.
    """
    height, width = labels.shape
    size = (max(8, width // _ACROSS), max(8, height // _DOWN))
    small = cv2.resize(person, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    body = cv2.resize((labels > 0).astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    seen = ~np.asarray(
        cv2.dilate(body.astype(np.uint8), np.ones((2 * _ACROSS // _DOWN + 1, 3), np.uint8)), np.bool_
    )
    if seen.sum() < 40:
        return np.full(small.shape, np.median(small.reshape(-1, 3), axis=0), np.float32)
    rows = slice(_COARSE // 2, None, _COARSE)
    surface = _fit(small[rows], seen[rows].astype(np.float32))
    surface = np.asarray(cv2.resize(surface, size, interpolation=cv2.INTER_CUBIC), np.float32)
    rest = small - surface
    return np.asarray(surface + _carried(rest, seen & ~_flare(rest, body)), np.float32)


def _flare(rest: Floats, body: Flags) -> Flags:
    """What the base wears beyond the labels [h, w]: it stands off the backdrop, at the person, and ends in the picture.

    A floor goes on to the picture's sides, and a shadow on it is flat.
    """
    off = (np.linalg.norm(rest, axis=-1) > _WORN) & ~body
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(off.astype(np.uint8))
    kept = stats[:, cv2.CC_STAT_HEIGHT] > _TALL * len(body)
    kept[np.r_[0, pieces[:, 0], pieces[:, -1]]] = False
    near = cv2.dilate(body.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    touching = np.zeros(len(kept), np.bool_)
    touching[np.unique(pieces[near])] = True
    return np.asarray(
        cv2.dilate((kept & touching)[pieces].astype(np.uint8), np.ones((3, 3), np.uint8)), np.bool_
    )


def _carried(rest: Floats, seen: Flags) -> Floats:
    """`rest` [h, w, 3] where it is seen [h, w], and from one side to the other where it is not."""
    # The mean of a few neighbours: one pixel's noise would become a streak.
    weight = seen.astype(np.float32)
    total = cv2.blur(weight, (3, 3))[..., None]
    smooth = cv2.blur(rest * weight[..., None], (3, 3)) / np.maximum(total, 1e-6)
    columns = np.arange(seen.shape[1])
    carried = np.zeros_like(rest)
    for y in range(len(rest)):
        known = np.flatnonzero(seen[y])
        if len(known):
            carried[y] = np.stack([np.interp(columns, known, smooth[y, known, c]) for c in range(3)], -1)
    return carried


def at_size(small: Floats, shape: tuple[int, int]) -> Floats:
    """The backdrop [H, W, 3] of a photo of shape (H, W)."""
    return np.asarray(cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def _fit(image: Floats, seen: Floats) -> Floats:
    """The cubic [h, w, 3]; what stands in front of the backdrop counts little."""
    height, width = seen.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([x**i * y**j for i in range(4) for j in range(4 - i)], -1).reshape(height * width, -1)
    values, trust = image.reshape(-1, 3), seen.ravel()
    for _ in range(5):
        root = np.sqrt(trust)[:, None]
        solution = np.linalg.lstsq(terms * root, values * root, rcond=None)[0]
        off = np.linalg.norm(values - terms @ solution, axis=1)
        trust = seen.ravel() / (1.0 + (off / _NOISE) ** 4)
    return np.asarray((terms @ solution).reshape(image.shape), np.float32)
