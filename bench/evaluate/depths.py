"""The depth that a splat shows from the camera's place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from tryon.core.splats import Gaussians

CELL = 2
"""Pixels of the picture to a side of one cell of the depth map."""

REACH = 3.0
"""Cells: further from every Gaussian the splat shows nothing."""


def splat_depth(splat: Gaussians, size: tuple[int, int], f_px: float) -> NDArray[np.float64]:
    """Metres [h, w] of the nearest Gaussian, in each cell or the nearest that has one; not a number beyond REACH.

    size: (width, height) of the picture the splat was made of; f_px: its focal length, in pixels.
    """
    width, height = size
    x, y, z = splat.positions.astype(np.float64).T
    front = z > 1e-6
    columns = np.floor((f_px * x[front] / z[front] + width / 2) / CELL).astype(np.intp)
    rows = np.floor((f_px * y[front] / z[front] + height / 2) / CELL).astype(np.intp)
    shape = height // CELL, width // CELL
    inside = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
    depth = np.full(shape, np.inf)
    np.minimum.at(depth, (rows[inside], columns[inside]), z[front][inside])
    away, nearest = distance_transform_edt(~np.isfinite(depth), return_indices=True)
    filled = depth[tuple(nearest)]
    return np.where((away <= REACH) & np.isfinite(filled), filled, np.nan)
