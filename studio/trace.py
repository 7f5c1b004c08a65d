"""The kernel that follows rays: sphere tracing and what each ray saw."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from studio.field import CELL, DOUBT, NEAR, Field, coarse
from studio.jit import kernel
from studio.layout import NOTHING, TURN_COS, TURN_SIN
from studio.posture import straighten
from studio.scene import Flags, scene
from studio.sdf import Array
from studio.shading import floor_light, shade

# Each step is 3/4 of the distance: smooth unions and tapered limbs overestimate it a little.
_CAUTION = 0.75
# By the map, which is cautious itself, further.
_STRIDE = 0.9
# Points of one pixel and one material that are no further apart in depth (m) are on one surface, in one light.
_SAME = 0.01


@kernel
def box_span(
    ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, bounds: Array
) -> tuple[float, float]:
    """Where a ray enters and leaves the box bounds [2, 3]; it misses when the first is larger."""
    near, far = 0.0, 1e3
    for axis in range(3):
        o, d = (ox, dx) if axis == 0 else ((oy, dy) if axis == 1 else (oz, dz))
        d = d if abs(d) > 1e-9 else 1e-9
        a, b = (bounds[0, axis] - o) / d, (bounds[1, axis] - o) / d
        near, far = max(near, min(a, b)), min(far, max(a, b))
    return near, far


@kernel
def march(
    ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, near: float, far: float, close: float,
    layers: Array, tables: Array, joints: Array, figure: Array, shown: Flags,
    field: Field,
) -> tuple[float, int]:  # fmt: skip
    """Distance along the ray to the first surface nearer than `close` metres, and its material (0: none)."""
    t = near
    # Rays that graze the underside of a hem need many steps.
    for _ in range(200):
        x, y, z = ox + dx * t, oy + dy * t, oz + dz * t
        d, parts = coarse(x, y, z, field)
        if d > NEAR:
            d = (d - DOUBT) * (_STRIDE / _CAUTION)
        else:
            d, material = scene(x, y, z, layers, tables, joints, figure, shown, parts)
            if d < close:
                return t, material
            # Parts that are not near this cell were left out: they may be in the next one.
            d = min(d, CELL)
        t += d * _CAUTION
        if t > far:
            break
    return t, NOTHING


@kernel
def trace(
    points: Array, camera: Array, bounds: Array, layers: Array, tables: Array, joints: Array, figure: Array,
    shown: Flags, field: Field, textures: Array, palette: Array, radiance: Array,
    material: NDArray[np.int64], where: Array, floor: Array, depth: Array, light: Array,
) -> None:  # fmt: skip
    """Follow one ray through each of points [n, 2] (pixels) and fill what it saw.

    radiance: [n, 3] linear RGB of the surface; material: [n]; where: [n, 3] metres, on the straight body;
    floor: [n] share of light left on the floor or backdrop, where nothing was hit; depth: [n] metres along the
    optical axis, 0 where nothing was hit; light: [n, 2] shares of ambient and key light on the surface.
    What an earlier ray through the same pixel found in material, depth and light saves measuring the light again
    where this ray hits the same surface; zeros if there was none.
    """
    # The person's own turn: the camera goes round the other way.
    ts, tc = figure[TURN_SIN], figure[TURN_COS]
    ox, oy, oz = camera[0] * tc - camera[2] * ts, camera[1], camera[0] * ts + camera[2] * tc
    # A tenth of a pixel, within what the pictures need.
    close = min(max(0.1 * camera[2] / camera[5], 0.0004), 0.001)
    out = np.empty(3)
    for i in range(points.shape[0]):
        dx, dy, dz, length = direction(points[i], camera, ts, tc)
        near, far = box_span(ox, oy, oz, dx, dy, dz, bounds)
        t, hit = 0.0, NOTHING
        if near < far:
            t, hit = march(
                ox, oy, oz, dx, dy, dz, near, far, close, layers, tables, joints, figure, shown, field
            )
        if hit != material[i] or abs(t / length - depth[i]) > _SAME:
            light[i] = -1.0
        material[i], floor[i], depth[i] = hit, 1.0, 0.0
        if hit != NOTHING:
            depth[i] = t / length
            x, y, z = ox + dx * t, oy + dy * t, oz + dz * t
            where[i, 0], where[i, 1], where[i, 2] = straighten(x, y, z, figure)
            shade(
                x, y, z, dx, dy, dz, hit, layers, tables, joints, figure, shown, field, textures, palette,
                light[i], out,
            )  # fmt: skip
            radiance[i] = out
        elif dy < 0.0:
            t = -oy / dy
            floor[i] = floor_light(ox + dx * t, oz + dz * t, layers, tables, joints, figure, shown, field)


@kernel
def direction(
    point: Array, camera: Array, turn_sin: float, turn_cos: float
) -> tuple[float, float, float, float]:
    """Unit vector of the ray through a pixel, for a person who is not turned, and its length per metre of depth."""
    s, c, focal = camera[3], camera[4], camera[5]
    u, v = (point[0] - camera[6]) / focal, -(point[1] - camera[7]) / focal
    length = math.sqrt(u * u + v * v + 1.0)
    dx, dy, dz = u / length, (v * c - s) / length, (-v * s - c) / length
    return dx * turn_cos - dz * turn_sin, dy, dx * turn_sin + dz * turn_cos, length
