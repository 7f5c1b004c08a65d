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
from tryon.engines.relief.silhouette import Floats, rim_of, shrink

BACK_STEP = 2
"""The back has one Gaussian per 2 x 2 cells: it is never seen from the front and holds no detail."""
SIDES_PER_CELL = 7
"""The rim, which a grid cannot sample, gets so many Gaussians a cell on the mean, from the front to the back."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The silhouette on a grid of square cells, `stride` pixels wide; every array is [rows, columns, ...].

    inside: uint8 0/1; colors, around: float32 sRGB 0..1 of the front and of what is carried round to the back;
    depths: metres. Outside the person's box all is 0.
    """

    stride: float
    inside: Pixels
    colors: Floats
    around: Floats
    depths: Depths


def make_sheet(image: Pixels, view: PersonView, metres_per_px: float, limit: int, whole: bool) -> Sheet:
    """image: uint8 [H, W, 3]; view: with a mask of 0 and 1; limit: most Gaussians in all layers together.

    whole: the person is seen from crown to sole.
    """
    body = view.mask
    stride = choose_stride(body, limit)
    inside = shrink(body, stride)
    box = box_of(inside)
    colors = cell_colors(image, body, inside)
    person = inside[box]
    arms = find_arms(person) if whole else np.zeros_like(person)
    around = placed(carried_round(colors[box], person, arms, whole), inside, box)
    depths = depths_of(person, arms, stride * metres_per_px, whole)
    if view.depth is not None:
        seen = cv2.resize(view.depth, inside.shape[::-1], interpolation=cv2.INTER_AREA)[box]
        depths = moved_to(np.asarray(seen, np.float32) * np.float32(metres_per_px), person, depths)
    return Sheet(stride, inside, colors, around, placed_depths(depths, inside, box))


def box_of(inside: Pixels) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def placed(part: Floats, inside: Pixels, box: tuple[slice, slice]) -> Floats:
    """The part in its box, 0 around it."""
    whole = np.zeros(inside.shape + part.shape[2:], np.float32)
    whole[box] = part
    return whole


def placed_depths(depths: Depths, inside: Pixels, box: tuple[slice, slice]) -> Depths:
    return Depths(*(placed(part, inside, box) for part in (depths.middle, depths.front, depths.back)))


def choose_stride(body: Pixels, limit: int) -> float:
    """Pixels per cell, at least 1: the finest grid whose Gaussians stay within `limit`, to 1 %.

    Cells within go down with the stride's square, those at the rim with the stride.
    """
    if count(body) <= limit:
        return 1.0
    rim = SIDES_PER_CELL * float(rim_of(body).sum())
    area = (1 + 1 / BACK_STEP**2) * float(body.sum())
    stride = (rim + math.sqrt(rim * rim + 4 * limit * area)) / (2 * limit)
    while count(shrink(body, stride)) <= limit:
        stride *= 0.98
    while count(shrink(body, stride)) > limit:
        stride *= 1.01
    return stride


def count(inside: Pixels) -> int:
    back = inside[::BACK_STEP, ::BACK_STEP]
    return int(inside.sum()) + int(back.sum()) + int(rim_of(inside).sum()) * SIDES_PER_CELL
