"""The person's outline: cleaned, judged, put on a grid of cells, and inflated."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.core.words import Refused

Floats = NDArray[np.float32]

SWEEPS, COARSE_INSIDE = 60, 0.75
"""Jacobi sweeps per level, and the share of a coarse cell that must be inside. A coarse outline lies half a
cell too far out: with .5 a disc of radius 110 is 4 % too thick, with .9 2 % too thin, with .75 within 1 %."""
MIN_HEIGHT_PX, MIN_AREA, MAX_AREA = 64, 0.01, 0.9
"""Below 64 rows or 1 % of the picture a head is some 8 px wide; above 90 % the mask is the picture itself."""
SPECK = 0.02
"""Parts below this share of the largest one are the parser's noise; a shoe or a hand is larger."""


def keep_body(mask: Pixels) -> Pixels:
    """uint8 0/1 [H, W]: the largest part of `mask` and every part that is no speck beside it."""
    _, names, stats, _ = cv2.connectedComponentsWithStats((mask > 0).astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA]
    kept = np.append(False, areas >= SPECK * areas.max(initial=0))
    found: Pixels = kept[names].astype(np.uint8)
    return found


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
    return h[: inside.shape[0], : inside.shape[1]]


def relax(h: Floats, held: Floats, upright: Floats) -> Floats:
    """SWEEPS of Jacobi's method, each cell the mean of its neighbours by weight."""
    across = np.array([[0, 0, 0], [1, 0, 1], [0, 0, 0]], np.float32)
    share = held / (2 + 2 * upright)
    down, constant = upright * share, 4 * share
    for _ in range(SWEEPS):
        beside = cv2.filter2D(h, -1, across, borderType=cv2.BORDER_CONSTANT)
        above = cv2.filter2D(h, -1, across.T, borderType=cv2.BORDER_CONSTANT)
        h = np.asarray(beside * share + above * down + constant, np.float32)
    return h
