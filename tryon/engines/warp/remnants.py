"""Crumbs of the old clothes that the label map missed: a parser's edges are a few pixels off."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.engines.warp.arrays import Flags, Floats, Points

# Colours within a cell of this size count as one; cells that hold less than this share of the clothes are noise.
_CELL, _RARE = 32, 0.01
# A crumb is this much nearer to the clothes than to what it is labelled: two thirds of its blend are cloth.
_NEARER = 0.5
# Distance in sRGB from backdrop and from mean skin that their own texture and shading do not reach.
_OFF_BACKDROP, _OFF_SKIN = 14.0, 45.0


def remnants(
    person: Floats,
    labels: Pixels,
    old: Flags,
    stays: Flags,
    backdrop: Floats,
    skin: Points,
    limbs: tuple[int, ...],
    reach: float,
) -> Flags:
    """Pixels [H, W] within `reach` of the old clothes that are labelled backdrop or one of `limbs` but have the
    clothes' colour rather than that of backdrop, skin, or the clothes that stay (`stays`, [H, W])."""
    size = 2 * max(1, round(reach)) + 1
    zone = cv2.boxFilter(old.astype(np.float32), -1, (size, size), normalize=False) > 0.5
    zone &= np.isin(labels, (0, *limbs)) & ~old
    found = np.zeros(labels.shape, np.bool_)
    colours = palette(person[old])
    if not zone.any() or len(colours) == 0:
        return found
    values, bare = person[zone], labels[zone] != 0
    own = np.where(bare[:, None], skin, backdrop[zone])
    off_own = np.linalg.norm(values - own, axis=1)
    off_old, off_stays = _off(values, colours), _off(values, palette(person[stays]))
    found[zone] = (
        (off_old < off_stays)
        & (off_own > np.where(bare, _OFF_SKIN, _OFF_BACKDROP))
        & (off_old < _NEARER * off_own)
    )
    return found


def _off(values: Floats, colours: Floats) -> Floats:
    """Distance of each of values [N, 3] to the nearest of colours [K, 3]; infinite without any."""
    if len(colours) == 0:
        return np.full(len(values), np.inf, np.float32)
    return np.asarray(np.linalg.norm(values[:, None] - colours[None], axis=2).min(1), np.float32)


def palette(values: Floats) -> NDArray[np.float32]:
    """The main colours [K, 3] among `values` [N, 3]: means of the cells of a coarse colour grid."""
    if len(values) == 0:
        return np.zeros((0, 3), np.float32)
    cells = (values // _CELL).astype(np.int64) @ np.array([64, 8, 1])
    names, members, counts = np.unique(cells, return_inverse=True, return_counts=True)
    means = np.stack([np.bincount(members, values[:, c], len(names)) for c in range(3)], -1) / counts[:, None]
    return np.asarray(means[counts >= _RARE * len(values)], np.float32)
