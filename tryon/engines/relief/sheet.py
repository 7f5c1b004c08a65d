"""The sheet between front and back: per cell of a grid, the depths, the slope and the colours."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from tryon.core.ports import Pixels
from tryon.engines.person_view import PersonView
from tryon.engines.relief.colors import carried_round, cell_colors
from tryon.engines.relief.limbs import find_arms
from tryon.engines.relief.posture import Depths, depths_of, moved_to
from tryon.engines.relief.silhouette import Box, Floats, box_of, rim_of, shrink

BACK_STEP = 2
"""The back has one Gaussian per 2 x 2 cells: it is never seen from the front and holds no detail."""
SIDES_PER_CELL = 7
"""The rim, which a grid cannot sample, gets so many Gaussians a cell on the mean, from the front to the back."""

NEARER = 2
"""Grids tried: the rim of a coarse grid has fewer cells than the stride tells, so the first guesses are off."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The person's box in the picture as a grid of square cells, `stride` pixels wide; arrays are [rows, columns, ...].

    inside: uint8 0/1; colors, around: float32 sRGB 0..1 of the front and of what is carried round to the back;
    depths: metres.
    """

    box: Box
    stride: float
    inside: Pixels
    colors: Floats
    around: Floats
    depths: Depths


def make_sheet(image: Pixels, view: PersonView, metres_per_px: float, limit: int, whole: bool) -> Sheet:
    """image: uint8 [H, W, 3]; view: with a mask of 0 and 1; limit: most Gaussians in all layers together.

    whole: the person is seen from crown to sole.
    """
    box = box_of(view.mask)
    body = np.ascontiguousarray(view.mask[box])
    stride = choose_stride(body, limit)
    inside = shrink(body, stride)
    colors = cell_colors(np.ascontiguousarray(image[box]), body, inside)
    arms = find_arms(inside) if whole else np.zeros_like(inside)
    depths = depths_of(inside, arms, stride * metres_per_px, whole)
    if view.depth is not None:
        seen = cv2.resize(view.depth[box], inside.shape[::-1], interpolation=cv2.INTER_AREA)
        depths = moved_to(np.asarray(seen, np.float32) * np.float32(metres_per_px), inside, depths)
    return Sheet(box, stride, inside, colors, carried_round(colors, inside, arms, whole), depths)


def choose_stride(body: Pixels, limit: int) -> float:
    """Pixels per cell, at least 1: the finest grid whose Gaussians stay within `limit`, to about 1 %.

    Cells within go down with the stride's square, those at the rim with the stride: each grid tells the next one.
    """
    stride, (area, rim) = 1.0, count(body)
    if area + rim <= limit:
        return stride
    for _ in range(NEARER):
        stride = max(1.0, stride * (rim + math.sqrt(rim * rim + 4 * limit * area)) / (2 * limit))
        area, rim = count(shrink(body, stride))
    while sum(count(shrink(body, stride))) > limit:
        stride *= 1.005
    return stride


def count(inside: Pixels) -> tuple[int, int]:
    """Gaussians of front and back, and of the sides."""
    back = inside[::BACK_STEP, ::BACK_STEP]
    sides = int(np.count_nonzero(rim_of(inside))) * SIDES_PER_CELL
    return int(np.count_nonzero(inside)) + int(np.count_nonzero(back)), sides
