"""Gaussians from the sheet: front, back, and sides that close the rim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.core.splats import Gaussians
from tryon.engines.relief.sheet import BACK_STEP, SIDES_PER_CELL, Sheet
from tryon.engines.relief.silhouette import Floats, rim_of

Wide = NDArray[np.float64]
Index = NDArray[np.intp]

FRONT, BACK = -1.0, 1.0
SIGMA = 0.58
"""Standard deviation over spacing. PSNR of the front view at .40, .55, .60, .70: 27.4, 29.9, 29.5, 28.3 dB;
light that leaks through the front layer seen from 25 degrees: 20, 5.2, 3.1, 1.0 %."""
MIN_FACING = 0.5
"""Floor of the normal's z when discs are stretched along the slope; the sides close what is steeper. With less the
ends of the longest discs stand out of the outline like hair."""
THIN = 0.15
"""Standard deviation across the surface, as a share of the one along it."""
OPACITY = 0.97
"""Below 1, so that its logit in a PLY file is finite; two overlapping discs let 0.1 % through."""
BACK_SHADE = 0.9
"""The back is a little darker than the front: it is synthetic and faces away from the light."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole at the origin, its centre in the middle of the picture; the person's middle is at `z0`."""

    f_px: float
    z0: float
    width: int
    height: int

    def unproject(self, u: Wide, v: Wide, z: Wide) -> Wide:
        """Pixels and depths [N] -> metres [N, 3]."""
        x, y = (u - self.width / 2) * z / self.f_px, (v - self.height / 2) * z / self.f_px
        return np.stack([x, y, z], axis=1)


class Layer(NamedTuple):
    positions: Floats
    scales: Floats
    rotations: Floats
    colors: Floats


def gather(sheet: Sheet, camera: Camera, facts: dict[str, object]) -> Gaussians:
    """Front, then back, then sides; `facts` is completed with their counts."""
    back = np.zeros_like(sheet.inside)
    back[::BACK_STEP, ::BACK_STEP] = sheet.inside[::BACK_STEP, ::BACK_STEP]
    shaded = sheet.around * np.float32(BACK_SHADE)
    layers = [
        cover(sheet, camera, sheet.inside, FRONT, sheet.colors),
        cover(sheet, camera, back, BACK, shaded),
        close(sheet, camera, shaded),
    ]
    named = dict(zip(("front", "back", "sides"), [len(layer.positions) for layer in layers], strict=True))
    positions, scales, rotations, colors = (np.concatenate(part) for part in zip(*layers, strict=True))
    opacities = np.full(len(positions), OPACITY, np.float32)
    return Gaussians(positions, scales, rotations, opacities, colors, {**facts, "layers": named})


def cover(sheet: Sheet, camera: Camera, where: Pixels, side: float, colors: Floats) -> Layer:
    """FRONT or BACK: a Gaussian for each cell in `where`, stretched along the slope."""
    ys, xs = np.nonzero(where)
    normal = face(sheet, ys, xs, side, sheet.stride * camera.z0 / camera.f_px)
    positions, spacing = place(sheet, camera, ys, xs, np.full(len(ys), side))
    spacing = spacing * (BACK_STEP if side == BACK else 1)
    along = spacing / np.maximum(np.abs(normal[:, 2]), MIN_FACING)
    return layer(positions, along, spacing, normal, colors[ys, xs])


def close(sheet: Sheet, camera: Camera, behind: Floats) -> Layer:
    """The sides: from front to back of every cell at the rim, the more Gaussians the further those are apart."""
    ys, xs = np.nonzero(rim_of(sheet.inside))
    wall = (sheet.depths.front + sheet.depths.back)[ys, xs].astype(np.float64)
    due = np.cumsum(wall) * ((SIDES_PER_CELL - 1) * len(wall) / max(float(wall.sum()), 1e-9))
    last = np.floor(due + 1e-6).astype(np.intp) + np.arange(1, len(due) + 1)
    counts: Index = np.concatenate([last[:1], last[1:] - last[:-1]])
    index = np.repeat(np.arange(len(wall)), counts)
    order = np.arange(len(index)) - np.repeat(last - counts, counts)
    share = (order + 0.5) / counts[index]
    ys, xs = ys[index], xs[index]
    positions, spacing = place(sheet, camera, ys, xs, 2 * share - 1)
    along = np.maximum(spacing, (wall / counts)[index])
    mixed = sheet.colors[ys, xs] * (1 - share[:, None]) + behind[ys, xs] * share[:, None]
    normal = face(sheet, ys, xs, 0.0, 1.0)
    return layer(positions, along, spacing, normal, mixed)


def place(sheet: Sheet, camera: Camera, ys: Index, xs: Index, level: Wide) -> tuple[Floats, Wide]:
    """Positions [N, 3] at `level` from FRONT through the middle to BACK, and the grid's spacing there, metres."""
    depths = sheet.depths
    half = np.where(level < 0, depths.front[ys, xs], depths.back[ys, xs])
    z = camera.z0 + depths.middle[ys, xs] + level * half
    v, u = (
        side.start + (cells + 0.5) * ((side.stop - side.start) / length)
        for side, cells, length in zip(sheet.box, (ys, xs), sheet.inside.shape, strict=True)
    )
    return as_floats(camera.unproject(u, v, z)), sheet.stride * z / camera.f_px


def layer(
    positions: Floats, along: Wide, across: Wide, normal: Floats, colors: NDArray[np.floating]
) -> Layer:
    scales = SIGMA * np.stack([along, across, across * THIN], axis=1)
    return Layer(positions, as_floats(scales), turn(normal), as_floats(colors))


def face(sheet: Sheet, ys: Index, xs: Index, side: float, cell: float) -> Floats:
    """Unit outward normals [N, 3]: the relief's own on FRONT and BACK, the outline's on the sides (0).

    Of the surface z = middle + side * half, times half: half * grad(half) is finite at the rim, unlike grad(half).
    cell: metres.
    """
    half = sheet.depths.back if side == BACK else sheet.depths.front
    outward = -gradient(half * half, ys, xs) / (2 * cell)
    if side:
        outward -= side * half[ys, xs, None] * gradient(sheet.depths.middle, ys, xs) / cell
    normal = np.column_stack([outward, side * half[ys, xs]])
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    return as_floats(np.where(length > 1e-9, normal / np.maximum(length, 1e-9), [0.0, 0.0, side or 1.0]))


def gradient(values: Floats, ys: Index, xs: Index) -> Floats:
    """d/dx and d/dy [N, 2] per cell; the values are 0 outside."""
    around = cv2.copyMakeBorder(values, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    across, down = around[1:-1, 2:] - around[1:-1, :-2], around[2:, 1:-1] - around[:-2, 1:-1]
    return as_floats(np.stack([across[ys, xs], down[ys, xs]], axis=1) / 2)


def turn(normals: Floats) -> Floats:
    """Unit quaternions wxyz [N, 4] that take z to the normal and x to the way the surface falls.

    The product of a turn by phi about z and by theta about y, where n = (sin t cos p, sin t sin p, cos t), from the
    half angles' cosines and sines.
    """
    x, y, z = normals.astype(np.float64).T
    tilted = np.hypot(x, y)
    share = np.divide(x, tilted, out=np.ones_like(x), where=tilted > 0)
    cos_t, sin_t = halves(z)
    cos_p, sin_p = halves(share)
    sin_p = np.copysign(sin_p, y)
    return as_floats(np.stack([cos_p * cos_t, -sin_p * sin_t, cos_p * sin_t, sin_p * cos_t], axis=1))


def halves(cosine: Wide) -> tuple[Wide, Wide]:
    """Cosine and sine of half the angle, which is in 0..pi."""
    return np.sqrt((1 + cosine).clip(0) / 2), np.sqrt((1 - cosine).clip(0) / 2)


def as_floats(values: NDArray[np.floating]) -> Floats:
    return np.ascontiguousarray(values, np.float32)
