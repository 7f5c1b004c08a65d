"""A coarse map of the scene, made once a subject: how far the nearest surface is, and which parts can be it.

Most points that rays, shadows and occlusion ask about are far from everything: there the map is exact enough.
Near a surface it says which few parts (see studio.layout) have to be measured.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.hair import hair_distance
from studio.jit import kernel
from studio.layers import legs, torso
from studio.layout import (
    ARM_RADIUS,
    ARMS,
    BODY,
    COLLAR,
    DROP,
    EVERY_PART,
    HEAD_Y,
    LEG_RADIUS,
    LEGS,
    LOWER,
    LOWER_INSIDE,
    NECK_Y,
    PARTS,
    SAG,
    SHOES,
    STOOL,
    TORSO,
    UPPER,
    UPPER_INSIDE,
)
from studio.posture import straighten
from studio.scene import Flags, cloth_distance, scene, skin_distance, stool_distance
from studio.sdf import Array, arm_limb
from studio.shoes import shoe_distance

# Edge of a cell and of a block of 4 x 4 x 4 cells, in metres.
CELL, _BLOCK = 0.04, 4
# Blocks further than this (m) from everything are interpolated between their corners.
_FAR = 0.16
# A part that is this much (m) further than the nearest one at all corners of a cell is further inside it too;
# the limbs of a layer blend with each other over up to 0.05 m more.
_SLACK, _BLEND = 0.045, 0.05
# Where the map says less than this (m), it cannot be trusted to this much (m).
NEAR, DOUBT = 0.04, 0.02


class Field(NamedTuple):
    """distance: float32 [nx, ny, nz] metres at the nodes; parts: int32, bits of the cells above them; low: [3]."""

    distance: NDArray[np.float32]
    parts: NDArray[np.int32]
    low: Array


@kernel
def measure(
    x: float, y: float, z: float, layers: Array, tables: Array, joints: Array, figure: Array, shown: Flags,
    out: Array,
) -> float:  # fmt: skip
    """Fill out [PARTS] with the distance of every part at a point of the bent body; the nearest of them."""
    x, y, z = straighten(x, y, z, figure)
    out[:] = 1e3
    if shown[BODY] > 0:
        out[0] = skin_distance(x, y, z, layers, tables, joints, figure, EVERY_PART)
    if shown[SHOES] > 0 and y < figure[DROP] + 0.35:
        out[1] = shoe_distance(x, y, z, joints, figure)
    if shown[LOWER] > 0:
        out[2] = cloth_distance(x, y, z, LOWER, LOWER_INSIDE, layers, tables, joints, EVERY_PART)
    if shown[UPPER] > 0:
        out[3] = cloth_distance(x, y, z, UPPER, UPPER_INSIDE, layers, tables, joints, EVERY_PART)
    best = min(min(out[0], out[1]), min(out[2], out[3]))
    if shown[BODY] > 0 and y > figure[HEAD_Y] - 0.65:
        out[4] = hair_distance(x, y, z, best, figure)
    if figure[STOOL] > 0.0:
        out[5] = stool_distance(x, y, z, figure)
    for row in range(3):
        if shown[row] > 0:
            limbs(x, y, z, layers[row], tables[row], joints, out)
    return float(min(best, min(out[4], out[5])))


@kernel
def limbs(x: float, y: float, z: float, layer: Array, tables: Array, joints: Array, out: Array) -> None:
    """Lower out[6:9] to the distances of the torso, the arms and the legs of one layer, less their blending."""
    if layer[TORSO] > 0.0:
        # A collar is measured from the torso, however far it stands off.
        collar = layer[COLLAR] > 0.0 and y > layer[NECK_Y] - 0.16
        out[6] = -1.0 if collar else min(out[6], torso(x, y, z, layer, tables) - _BLEND)
    if layer[ARMS] > 0.0:
        arm, _ = arm_limb(x, y, z, joints, tables[ARM_RADIUS])
        out[7] = min(out[7], arm - _BLEND - layer[SAG])
    if layer[LEGS] > 0.0:
        out[8] = min(out[8], legs(x, y, z, tables[LEG_RADIUS], joints) - _BLEND)


@kernel
def survey(
    bounds: Array, layers: Array, tables: Array, joints: Array, figure: Array, shown: Flags
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """The arrays of a Field over the box bounds [2, 3]."""
    blocks = np.empty(3, dtype=np.int64)
    for axis in range(3):
        blocks[axis] = math.ceil((bounds[1, axis] - bounds[0, axis]) / (CELL * _BLOCK))
    nx, ny, nz = blocks[0] * _BLOCK + 1, blocks[1] * _BLOCK + 1, blocks[2] * _BLOCK + 1
    every = np.full((nx, ny, nz, PARTS), np.float32(np.nan), dtype=np.float32)
    distance = np.zeros((nx, ny, nz), dtype=np.float32)
    measure_blocks(bounds[0], layers, tables, joints, figure, shown, distance)
    measure_nodes(bounds[0], layers, tables, joints, figure, shown, distance, every)
    return distance, near_parts(every)


@kernel
def measure_blocks(
    low: Array, layers: Array, tables: Array, joints: Array, figure: Array, shown: Flags,
    distance: NDArray[np.float32],
) -> None:  # fmt: skip
    """Fill distance [nx, ny, nz] at the corners of all blocks."""
    nx, ny, nz = distance.shape
    out = np.empty(PARTS)
    for i in range(0, nx, _BLOCK):
        for j in range(0, ny, _BLOCK):
            for k in range(0, nz, _BLOCK):
                px, py, pz = low[0] + i * CELL, low[1] + j * CELL, low[2] + k * CELL
                distance[i, j, k] = measure(px, py, pz, layers, tables, joints, figure, shown, out)


@kernel
def measure_nodes(
    low: Array, layers: Array, tables: Array, joints: Array, figure: Array, shown: Flags,
    distance: NDArray[np.float32], every: NDArray[np.float32],
) -> None:  # fmt: skip
    """Fill distance [nx, ny, nz] between the corners of the blocks: measured if near, interpolated if far.

    every: [nx, ny, nz, PARTS] metres that each part is behind the nearest, filled where it was measured.
    """
    nx, ny, nz = distance.shape
    coarse = distance[::_BLOCK, ::_BLOCK, ::_BLOCK].copy()
    out = np.empty(PARTS)
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                d = trilinear(coarse, i / _BLOCK, j / _BLOCK, k / _BLOCK)
                if d < _FAR:
                    px, py, pz = low[0] + i * CELL, low[1] + j * CELL, low[2] + k * CELL
                    d = measure(px, py, pz, layers, tables, joints, figure, shown, out)
                    for part in range(PARTS):
                        every[i, j, k, part] = out[part] - d
                distance[i, j, k] = d


@kernel
def near_parts(every: NDArray[np.float32]) -> NDArray[np.int32]:
    """Bits [nx, ny, nz] of the parts that can be the nearest in the cells above the nodes."""
    nx, ny, nz = every.shape[:3]
    cells = np.full((nx, ny, nz), EVERY_PART, dtype=np.int32)
    for i in range(nx - 1):
        for j in range(ny - 1):
            for k in range(nz - 1):
                cells[i, j, k] = candidates(every[i : i + 2, j : j + 2, k : k + 2])
    return cells


@kernel
def candidates(corners: NDArray[np.float32]) -> int:
    """Bits of the parts that may be nearest in a cell; corners: [2, 2, 2, PARTS] metres behind the nearest."""
    bits = 0
    for part in range(PARTS):
        least = np.float32(1e3)
        for corner in range(8):
            d = corners[corner & 1, (corner >> 1) & 1, corner >> 2, part]
            if math.isnan(d):
                return EVERY_PART
            least = min(least, d)
        if least < _SLACK:
            bits |= 1 << part
    return bits


@kernel
def trilinear(grid: NDArray[np.float32], x: float, y: float, z: float) -> float:
    """Value between the nodes of a grid, at a point in cells, clamped."""
    i = min(max(int(x), 0), grid.shape[0] - 2)
    j = min(max(int(y), 0), grid.shape[1] - 2)
    k = min(max(int(z), 0), grid.shape[2] - 2)
    fx, fy, fz = x - i, y - j, z - k
    a = grid[i, j, k] * (1.0 - fz) + grid[i, j, k + 1] * fz
    b = grid[i, j + 1, k] * (1.0 - fz) + grid[i, j + 1, k + 1] * fz
    c = grid[i + 1, j, k] * (1.0 - fz) + grid[i + 1, j, k + 1] * fz
    d = grid[i + 1, j + 1, k] * (1.0 - fz) + grid[i + 1, j + 1, k + 1] * fz
    return float((a * (1.0 - fy) + b * fy) * (1.0 - fx) + (c * (1.0 - fy) + d * fy) * fx)


@kernel
def coarse(x: float, y: float, z: float, field: Field) -> tuple[float, int]:
    """Distance by the map, and the parts that can be the nearest one here."""
    grid = field.distance
    u, v, w = (x - field.low[0]) / CELL, (y - field.low[1]) / CELL, (z - field.low[2]) / CELL
    a = min(max(u, 0.0), grid.shape[0] - 1.001)
    b = min(max(v, 0.0), grid.shape[1] - 1.001)
    c = min(max(w, 0.0), grid.shape[2] - 1.001)
    d = trilinear(grid, a, b, c)
    beyond = (u - a) ** 2 + (v - b) ** 2 + (w - c) ** 2
    if beyond > 0.01:
        return math.sqrt(max(d, 0.0) ** 2 + beyond * CELL * CELL), EVERY_PART
    return d, field.parts[int(a), int(b), int(c)]


@kernel
def distance(
    x: float, y: float, z: float, trust: float, layers: Array, tables: Array, joints: Array, figure: Array,
    shown: Flags, field: Field,
) -> float:  # fmt: skip
    """Distance at a point of the bent body: by the map where that says more than `trust` metres."""
    d, parts = coarse(x, y, z, field)
    if d > trust:
        return d
    d, _ = scene(x, y, z, layers, tables, joints, figure, shown, parts)
    return d
