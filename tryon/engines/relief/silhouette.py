"""The person's outline: cleaned, judged, put on a grid of cells, and inflated."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.core.words import Refused

Floats = NDArray[np.float32]
Box = tuple[slice, slice]
"""Rows and columns of a picture."""

SWEEPS, RADIUS = 15, 0.995
"""Sweeps per level, and the spectral radius of Jacobi's method that Chebyshev's acceleration assumes. Off the solved
equation by 0.7 % of a person's half-thickness on the mean; 60 sweeps without acceleration: 2.8 %."""
COARSE_INSIDE = 0.75
"""The share of a coarse cell that must be inside. A coarse outline lies half a cell too far out: with .5 a disc of
radius 110 is 4 % too thick, with .9 2 % too thin, with .75 within 1 %."""
MIN_HEIGHT_PX, MIN_AREA, MAX_AREA = 64, 0.01, 0.9
"""Below 64 rows or 1 % of the picture a head is some 8 px wide; above 90 % the mask is the picture itself."""
SPECK = 0.02
"""Parts below this share of the largest one are the parser's noise; a shoe or a hand is larger."""


def keep_body(mask: Pixels) -> Pixels:
    """uint8 0/1 [H, W]: the largest part of `mask` and every part that is no speck beside it."""
    found = np.zeros(mask.shape, np.uint8)
    if not mask.any():
        return found
    box = box_of(mask)
    _, names, stats, _ = cv2.connectedComponentsWithStats((mask[box] > 0).astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA]
    found[box] = np.append(False, areas >= SPECK * areas.max())[names]
    return found


def box_of(mask: Pixels) -> Box:
    """Rows and columns that hold what is not 0, of which there is some."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def judge_silhouette(body: Pixels) -> Refused | None:
    """Why this silhouette (0/1) cannot be inflated, or None."""
    area, rows = float(body.mean()), np.flatnonzero(body.any(axis=1))
    if rows.size == 0:
        return Refused("no_silhouette", "No person was found in the look.")
    height = int(rows[-1] - rows[0] + 1)
    if area < MIN_AREA or height < MIN_HEIGHT_PX:
        return Refused(
            "silhouette_too_small",
            f"The person covers {area:.2%} of the picture and is {height} px tall;"
            f" at least {MIN_AREA:.0%} and {MIN_HEIGHT_PX} px are needed.",
        )
    if area > MAX_AREA or all(edge.any() for edge in (body[0], body[-1], body[:, 0], body[:, -1])):
        return Refused("silhouette_fills_picture", f"The person covers {area:.0%} and touches every edge.")
    return None


def shrink(body: Pixels, stride: float) -> Pixels:
    """The 0/1 mask on cells of `stride` pixels: a cell is inside when more than half of it is."""
    size = (max(1, round(body.shape[1] / stride)), max(1, round(body.shape[0] / stride)))
    cells = cv2.resize(body * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    return (cells > 127).astype(np.uint8)


def rim_of(inside: Pixels) -> Pixels:
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return (inside - cv2.erode(inside, cross, borderValue=0)).astype(np.uint8)


def inflate(inside: Pixels, upright: Floats | None = None) -> Floats:
    """h >= 0, float32 [rows, columns] in cells squared: h_xx + upright * h_yy = -4 inside (1), 0 outside.

    upright: float32 of the same shape, 0..1, 1 when None; with little of it every row is a tube of its own.
    Coarse to fine: each level starts from the one of half its size, so few sweeps spread the far boundary.
    """
    levels = max(0, int(math.log2(min(inside.shape))) - 2)
    below, right = (-size % (1 << levels) for size in inside.shape)
    solid = np.pad(inside, ((0, below), (0, right))).astype(np.float32)
    weight = (
        np.ones_like(solid) if upright is None else np.pad(upright, ((0, below), (0, right)), mode="edge")
    )
    h: Floats = np.zeros((1, 1), np.float32)
    for level in range(levels, -1, -1):
        size = (solid.shape[1] >> level, solid.shape[0] >> level)
        held = (cv2.resize(solid, size, interpolation=cv2.INTER_AREA) > COARSE_INSIDE).astype(np.float32)
        h = np.asarray(cv2.resize(h, size), np.float32) * 4 * held  # one coarser cell is two of these
        h = relax(h, held, np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), np.float32))
    return np.maximum(h[: inside.shape[0], : inside.shape[1]], 0)


def relax(h: Floats, held: Floats, upright: Floats) -> Floats:
    """SWEEPS of Jacobi's method, each cell the mean of its neighbours by weight, with Chebyshev's acceleration (Golub
    and Varga, 1961): a sweep starts where the one before it did and goes further.
    """
    share = held / (2 + 2 * upright)
    down, constant = upright * share, 4 * share
    before, now = np.zeros_like(h), h
    step = 1.0
    for sweep in range(SWEEPS):
        before, now = now, before + np.float32(step) * (_jacobi(now, share, down, constant) - before)
        step = 1 / (1 - RADIUS**2 * (step / 4 if sweep else 0.5))
    return now


def _jacobi(h: Floats, share: Floats, down: Floats, constant: Floats) -> Floats:
    """share * (left + right) + down * (above + below) + constant; beyond the grid h is 0."""
    around = cv2.copyMakeBorder(h, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    mean = around[1:-1, :-2] + around[1:-1, 2:]
    mean *= share
    mean += down * (around[:-2, 1:-1] + around[2:, 1:-1])
    mean += constant
    return np.asarray(mean, np.float32)
