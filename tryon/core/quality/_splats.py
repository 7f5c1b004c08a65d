"""The verdict on one splat, judged against the image it was made from."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.core.quality._arrays import picture_fault
from tryon.core.splats import Gaussians
from tryon.core.words import Refused

MIN_COUNT, MAX_COUNT = 500, 2_000_000
"""Fewer cannot show a person; SHARP makes 1,179,648, and no viewer shows twice that on a phone."""
MAX_SCALE_M = 1.0
"""A Gaussian wider than a person's arm span hides the look from some side."""
UNIT_TOLERANCE = 1e-3
RANGE_TOLERANCE = 1e-6
MIN_INSIDE = 0.95
CELL_PX, BLOCK_PX = 4, 16
"""One Gaussian of each cell stands for what a viewer sees there; colours are compared as means over blocks of cells,
since single Gaussians overlap and blend."""
HALF, OPAQUE = 0.5, 0.999
"""The one at which half of the light that enters a cell is stopped: veils in front of a person, which networks like
to leave, are looked through. No Gaussian counts as more opaque than OPAQUE, whose logarithm is finite."""
MIN_FILL = 0.5
"""Of a block's cells that the splat must cover: at the outline a sliver of skin is compared with backdrop."""
MAX_MEDIAN, MAX_BLOCK, MAX_BAD = 0.06, 0.10, 0.08
"""sRGB 0..1, mean over channels, and the share of blocks that may be further off than MAX_BLOCK. Over 40 looks of
the catalogue's four people the relief measured at most .005 and .016 on its own image; another look of the same
person has at least .168 of its blocks off, another person .615."""
_WIDTHS = {"positions": 3, "scales": 3, "rotations": 4, "opacities": 0, "colors": 3}

Floats = NDArray[np.floating]


def judge_splat(gaussians: Gaussians, image: Pixels, f_px: float) -> Refused | None:
    """image: uint8 [H, W, 3] RGB, what the splat was made from; f_px: its focal length in pixels.

    Codes: splat_dtype, splat_shape, splat_count, splat_focal, splat_not_finite, splat_scale,
    splat_rotation, splat_range, splat_out_of_view, splat_wrong_image.
    """
    fault = _shape_fault(gaussians) or picture_fault(image, 3, "splat", "image")
    if fault is not None:
        return fault
    if not (np.isfinite(f_px) and f_px > 0):
        return Refused("splat_focal", f"The focal length is {f_px} px; it must be above 0.")
    return _value_fault(gaussians) or _view_fault(gaussians, image, f_px)


def _shape_fault(g: Gaussians) -> Refused | None:
    count = len(g.positions) if isinstance(g.positions, np.ndarray) and g.positions.ndim else 0
    for name, width in _WIDTHS.items():
        value: object = getattr(g, name)
        if not isinstance(value, np.ndarray) or value.dtype != np.float32:
            kind = value.dtype if isinstance(value, np.ndarray) else type(value).__name__
            return Refused("splat_dtype", f"{name} must be a float32 array, not {kind}.")
        wanted = (count, width) if width else (count,)
        if value.shape != wanted:
            return Refused("splat_shape", f"{name} must be {list(wanted)}, not {list(value.shape)}.")
    if not MIN_COUNT <= count <= MAX_COUNT:
        return Refused("splat_count", f"{count} Gaussians; between {MIN_COUNT} and {MAX_COUNT} are allowed.")
    return None


def _value_fault(g: Gaussians) -> Refused | None:
    for field in fields(g):
        values = getattr(g, field.name)
        if field.name in _WIDTHS and not np.isfinite(values).all():
            bad = int(np.count_nonzero(~np.isfinite(values)))
            return Refused("splat_not_finite", f"{field.name} holds {bad} values that are not finite.")
    if g.scales.min() <= 0 or g.scales.max() >= MAX_SCALE_M:
        low, high = float(g.scales.min()), float(g.scales.max())
        return Refused(
            "splat_scale", f"Scales go from {low:.3g} to {high:.3g} m; above 0 and below 1 is allowed."
        )
    off = float(np.abs(np.linalg.norm(g.rotations.astype(np.float64), axis=1) - 1).max())
    if off > UNIT_TOLERANCE:
        return Refused(
            "splat_rotation", f"A quaternion is {off:.3g} off unit length; {UNIT_TOLERANCE} is allowed."
        )
    for name, values in (("opacities", g.opacities), ("colors", g.colors)):
        low, high = float(values.min()), float(values.max())
        if low < -RANGE_TOLERANCE or high > 1 + RANGE_TOLERANCE:
            return Refused("splat_range", f"{name} go from {low:.3g} to {high:.3g}; 0 to 1 is allowed.")
    return None


def _view_fault(g: Gaussians, image: Pixels, f_px: float) -> Refused | None:
    height, width = image.shape[:2]
    x, y, z = g.positions.astype(np.float64).T
    depth = np.where(z > 1e-6, z, np.inf)
    u, v = f_px * x / depth + width / 2, f_px * y / depth + height / 2
    seen = (z > 1e-6) & (u >= 0) & (u < width) & (v >= 0) & (v < height)
    share = float(seen.mean())
    if share < MIN_INSIDE:
        return Refused(
            "splat_out_of_view",
            f"{share:.1%} of the Gaussians are in the picture; at least {MIN_INSIDE:.0%} must be.",
        )
    errors = _block_errors(image, u[seen], v[seen], z[seen], g.opacities[seen], g.colors[seen])
    return _color_fault(errors)


def _block_errors(
    image: Pixels, u: Floats, v: Floats, z: Floats, opacities: Floats, colors: Floats
) -> NDArray[np.float64]:
    """[B] mean over channels of |splat - image| for every block that the splat covers well enough."""
    column, row = u.astype(np.intp), v.astype(np.intp)
    first = _first_seen(row // CELL_PX * image.shape[1] + column // CELL_PX, z, opacities)
    row, column = row[first], column[first]
    difference = colors[first] - image[row, column] / 255.0
    block = row // BLOCK_PX * image.shape[1] + column // BLOCK_PX
    count = np.bincount(block)
    sums = np.stack([np.bincount(block, difference[:, axis]) for axis in range(3)], axis=1)
    covered = count >= MIN_FILL * (BLOCK_PX // CELL_PX) ** 2
    return np.asarray(np.abs(sums[covered] / count[covered, None]).mean(axis=1), np.float64)


def _first_seen(cell: NDArray[np.intp], z: Floats, opacities: Floats) -> NDArray[np.intp]:
    """For each cell that is opaque enough, the index of the Gaussian where less than HALF of the light is left."""
    order = np.lexsort((z, cell))
    cells = cell[order]
    light = np.cumsum(np.log1p(-np.minimum(opacities[order], OPAQUE)))
    starts = np.flatnonzero(_first_of_each(cells))
    before = np.append(0.0, light)[starts]
    left = light - np.repeat(before, np.diff(np.append(starts, len(cells))))
    dark = np.flatnonzero(left <= np.log(HALF))
    return np.asarray(order[dark[_first_of_each(cells[dark])]], np.intp)


def _first_of_each(ordered: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Where a new value begins."""
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return first


def _color_fault(errors: NDArray[np.float64]) -> Refused | None:
    if errors.size == 0:
        return Refused("splat_wrong_image", "No part of the splat is dense and opaque enough to compare.")
    median, bad = float(np.median(errors)), float(np.mean(errors > MAX_BLOCK))
    if median <= MAX_MEDIAN and bad <= MAX_BAD:
        return None
    return Refused(
        "splat_wrong_image",
        f"The splat's colours are {median:.3f} off its image (at most {MAX_MEDIAN}), and {bad:.0%} of its"
        f" blocks more than {MAX_BLOCK} (at most {MAX_BAD:.0%}).",
    )
