"""The unprojection check: seen from the camera again, each Gaussian lies at the cell of the grid it came from."""

from __future__ import annotations

import numpy as np

from tryon.core.errors import ModelDamaged
from tryon.core.words import Refused
from tryon.engines.sharp.prune import Cells
from tryon.engines.sharp.unproject import Camera, Floats

MAX_MEDIAN = 2.0
"""Cells. The network moves a Gaussian by a thousandth of half the picture for each unit of its answer: a third of a
cell. A median above this means another order of Gaussians, another focal length or another grid."""
STRAY, MAX_STRAYS = 16.0, 0.05
"""Cells, and the share of Gaussians that may be further away: single ones at a depth edge do no harm."""


def check_landing(positions: Floats, cells: Cells, camera: Camera, grid: int) -> Refused | None:
    """positions: [N, 3] metres. cells: [N] their indices in the network's (layer, row, column).

    Raises ModelDamaged when the Gaussians are not in the order that this engine knows; refuses a picture for which
    too many went astray.
    """
    away = offsets(positions, cells, camera, grid)
    median, strays = float(np.median(away)), float(np.mean(away > STRAY))
    if median > MAX_MEDIAN:
        raise ModelDamaged(
            f"SHARP's Gaussians lie {median:.1f} cells (median) from where they must, at most {MAX_MEDIAN} are"
            " allowed: the package or the checkpoint is not the published one"
        )
    if strays > MAX_STRAYS:
        return Refused(
            "splat_astray",
            f"{strays:.1%} of the splat's points lie more than {STRAY:.0f} cells away from their place in the"
            f" picture; at most {MAX_STRAYS:.0%} may.",
        )
    return None


def offsets(positions: Floats, cells: Cells, camera: Camera, grid: int) -> Floats:
    """[N] distances in cells, the larger of x and y; infinite at or behind the camera."""
    row, column = np.divmod(cells % (grid * grid), grid)
    x, y, z = positions.T
    depth = np.where(z > 0, z, np.nan)
    u = (camera.f_px * x / depth / camera.width + 0.5) * grid - 0.5
    v = (camera.f_px * y / depth / camera.height + 0.5) * grid - 0.5
    away = np.maximum(np.abs(u - column), np.abs(v - row))
    return np.where(np.isnan(away), np.inf, away)
