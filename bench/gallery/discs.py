"""A splat as a picture: every Gaussian a disc, the nearer ones in front.

Not a renderer of splats, but without the holes between the points that tryon.core.splat_view shows.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tryon.core.contact_sheet import PAPER
from tryon.core.ports import Pixels
from tryon.core.splats import Gaussians

OPAQUE, SIGMAS, LARGEST = 0.3, 2.0, 6
"""Least opacity that is drawn; radius of a disc in standard deviations, and its most in pixels."""


def turned(splat: Gaussians, degrees: float) -> Gaussians:
    """As if the person had turned on the spot, about the upright line through the middle of the splat.

    Places alone turn: discs have no direction."""
    angle = np.radians(degrees)
    c, s = np.cos(angle), np.sin(angle)
    spin = np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])
    middle = 0.5 * (splat.positions.min(axis=0) + splat.positions.max(axis=0))
    return replace(splat, positions=((splat.positions - middle) @ spin.T + middle).astype(np.float32))


def picture(splat: Gaussians, size: tuple[int, int]) -> Pixels:
    """uint8 [h, w, 3] of size = (width, height): the whole splat as large as fits, seen from the front."""
    shown = (splat.opacities >= OPAQUE) & (splat.positions[:, 2] > 1e-6)
    x, y, z = splat.positions[shown].astype(np.float64).T
    flat = np.stack([x / z, y / z])
    low, high = flat.min(axis=1), flat.max(axis=1)
    scale = 0.94 * float((np.array(size) / np.maximum(high - low, 1e-9)).min())
    at = (flat - 0.5 * (low + high)[:, None]) * scale + 0.5 * np.array(size)[:, None]
    # Of three axes the two longer ones are the surface's.
    deviation = np.sort(splat.scales[shown].astype(np.float64), axis=1)[:, 1:].mean(axis=1) / z * scale
    radius = np.clip(SIGMAS * deviation, 0.5, LARGEST)
    return _painted(at, z, radius, splat.colors[shown], size)


def _painted(
    at: NDArray[np.float64],
    z: NDArray[np.float64],
    radius: NDArray[np.float64],
    colours: NDArray[np.float32],
    size: tuple[int, int],
) -> Pixels:
    """Far discs first; of several at one pixel the last one written stays."""
    width, height = size
    order = np.argsort(-z)
    columns, rows = np.floor(at[:, order]).astype(np.intp)
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = PAPER
    nearest = np.full((height, width), np.inf)
    paint = np.rint(np.clip(colours[order], 0.0, 1.0) * 255.0).astype(np.uint8)
    for right, down in _offsets():
        in_disc = radius[order] >= np.hypot(right, down)
        u, v = columns + right, rows + down
        inside = in_disc & (u >= 0) & (u < width) & (v >= 0) & (v < height)
        u, v, depth = u[inside], v[inside], z[order][inside]
        layer = np.full((height, width), np.inf)
        layer[v, u] = depth
        which = np.zeros((height, width), np.intp)
        which[v, u] = np.flatnonzero(inside)
        front = layer < nearest
        nearest[front] = layer[front]
        canvas[front] = paint[which[front]]
    return canvas


def _offsets() -> list[tuple[int, int]]:
    reach = range(-LARGEST, LARGEST + 1)
    return [(right, down) for right in reach for down in reach if np.hypot(right, down) <= LARGEST]
