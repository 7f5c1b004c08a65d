"""Which cells of an outline are arms: what hangs beside a standing person's torso."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels

HEIGHTS, CHEST = (0.15, 0.68), (0.2, 0.5)
"""Where arms hang, and where the middle line is read, over the height from crown (0) to sole (1)."""

BESIDE = 0.085
"""In statures: a run of pixels that stays further than this from the middle line is an arm."""

SIDEWAYS, WAIST = 0.12, 0.42
"""In statures: above the WAIST what is further from the middle line is a sleeve; a torso's half-width is 0.11 with
clothes. Below it a skirt may be as wide."""

OVERLAP = 0.045
"""In statures: so far an arm reaches into the torso; of the two the one that is further in front is seen."""


def find_arms(inside: Pixels) -> Pixels:
    """uint8 0/1 of the same shape; inside: the box of a whole standing person."""
    rows, columns = inside.shape
    height = (np.arange(rows)[:, None] + 0.5) / rows
    chest = inside * ((height > CHEST[0]) & (height < CHEST[1]))
    middle = np.median(np.nonzero(chest)[1]) if chest.any() else columns / 2
    away = np.abs(np.arange(columns)[None] - middle) / rows
    central = runs_within(inside, away < BESIDE)
    beside = ~central & (height > HEIGHTS[0]) & (height < HEIGHTS[1])
    sleeve = (away > SIDEWAYS) & (height > HEIGHTS[0]) & (height < WAIST)
    return np.asarray(inside * (beside | sleeve), np.uint8)


def runs_within(inside: Pixels, zone: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The cells of every unbroken run of a row that enters the zone."""
    starts = np.diff(np.pad(inside, ((0, 0), (1, 0))).astype(np.int8), axis=1) == 1
    run = np.cumsum(starts.ravel()).reshape(inside.shape) * inside
    enters = np.zeros(int(run.max(initial=0)) + 1, bool)
    enters[np.unique(run[(inside > 0) & zone])] = True
    found: NDArray[np.bool_] = enters[run] & (inside > 0)
    return found


def reach_in(arms: Pixels, inside: Pixels) -> Pixels:
    """The arms with the cells of the person beside them."""
    reach = 2 * round(OVERLAP * len(inside)) + 1
    return np.asarray(cv2.dilate(arms, np.ones((1, reach), np.uint8)) * inside, np.uint8)
