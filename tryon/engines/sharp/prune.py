"""Which of the network's Gaussians belong to the person."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels

LAYERS = 2
"""The front, and what the network invents behind it."""
COVERAGE = 0.5
"""Of a cell that must be person."""

Cells = NDArray[np.intp]


def person_cells(body: Pixels, grid: int) -> Cells:
    """body: uint8 0/1 [H, W] over the whole picture. -> ascending indices into (LAYERS, grid, grid)."""
    share = cv2.resize(body.astype(np.float32), (grid, grid), interpolation=cv2.INTER_AREA)
    front = np.flatnonzero(share >= COVERAGE)
    return np.concatenate([front + layer * grid * grid for layer in range(LAYERS)])


def every_cell(grid: int) -> Cells:
    return np.arange(LAYERS * grid * grid)
