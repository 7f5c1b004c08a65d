"""Gaussians from the sheet: front, back, and sides that close the rim."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.core.splats import Gaussians
from tryon.engines.relief.sheet import BACK_STEP, SIDE_LEVELS, Sheet
from tryon.engines.relief.silhouette import Floats, rim_of

Wide = NDArray[np.float64]

FRONT, BACK = -1.0, 1.0
SIGMA = 0.58
"""Standard deviation over spacing. PSNR of the front view at .40, .55, .60, .70: 27.4, 29.9, 29.5, 28.3 dB;
light that leaks through the front layer seen from 25 degrees: 20, 5.2, 3.1, 1.0 %."""
MIN_FACING = 0.2
"""Floor of the normal's z when discs are stretched along the slope; the side layers close what is steeper."""
THIN = 0.15
"""Standard deviation across the surface, as a share of the one along it."""
OPACITY = 0.97
"""Below 1, so that its logit in a PLY file is finite; two overlapping discs let 0.1 % through."""
BACK_SHADE = 0.85
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
    back, rim = np.zeros_like(sheet.inside), rim_of(sheet.inside)
    back[::BACK_STEP, ::BACK_STEP] = sheet.inside[::BACK_STEP, ::BACK_STEP]
    shaded = sheet.blurred * np.float32(BACK_SHADE)
    layers = [
        lay(sheet, camera, sheet.inside, FRONT, sheet.colors),
        lay(sheet, camera, back, BACK, shaded),
    ]
    for level in SIDE_LEVELS.tolist():
        share = (level + 1) / 2
        layers.append(lay(sheet, camera, rim, level, sheet.colors * (1 - share) + shaded * share))
    sizes = [len(layer.positions) for layer in layers]
    named = {"front": sizes[0], "back": sizes[1], "sides": sum(sizes[2:])}
    positions, scales, rotations, colors = (np.concatenate(part) for part in zip(*layers, strict=True))
    opacities = np.full(len(positions), OPACITY, np.float32)
    return Gaussians(positions, scales, rotations, opacities, colors, {**facts, "layers": named})


def lay(sheet: Sheet, camera: Camera, where: Pixels, level: float, colors: Floats) -> Layer:
    """One layer at `z0 + level * half`, from FRONT to BACK, of the cells in `where`."""
    ys, xs = np.nonzero(where)
    half, slope = sheet.half[ys, xs], sheet.slope[ys, xs]
    rows, columns = sheet.inside.shape
    z = camera.z0 + level * half.astype(np.float64)
    u, v = (xs + 0.5) * camera.width / columns, (ys + 0.5) * camera.height / rows
    facing = face(half, slope, level)
    spacing = (BACK_STEP if level == BACK else 1) * sheet.stride * z / camera.f_px
    if level in (FRONT, BACK):
        along = spacing / np.maximum(np.abs(facing[:, 2]), MIN_FACING)
    else:
        along = np.maximum(spacing, half * (2 / len(SIDE_LEVELS)))
    scales = SIGMA * np.stack([along, spacing, spacing * THIN], axis=1)
    positions = as_floats(camera.unproject(u, v, z))
    return Layer(positions, as_floats(scales), turn(facing), as_floats(colors[ys, xs]))


def face(half: Floats, slope: Floats, level: float) -> Floats:
    """Unit outward normals [N, 3]: the relief's own on front and back, the outline's turned on the sides."""
    outward = -slope.astype(np.float64)
    if level in (FRONT, BACK):
        normal = np.column_stack([outward, level * half])
    else:
        flat = outward / np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-12)
        normal = np.column_stack([flat * math.sqrt(1 - level * level), np.full(len(half), level)])
    return as_floats(normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12))


def turn(normals: Floats) -> Floats:
    """Unit quaternions wxyz [N, 4] that take z to the normal and x to the way the surface falls.

    The product of a turn by phi about z and by theta about y, where n = (sin t cos p, sin t sin p, cos t).
    """
    n = normals.astype(np.float64)
    theta = np.arccos(np.clip(n[:, 2], -1, 1)) / 2
    phi = np.arctan2(n[:, 1], n[:, 0]) / 2
    quaternion = [
        np.cos(phi) * np.cos(theta),
        -np.sin(phi) * np.sin(theta),
        np.cos(phi) * np.sin(theta),
        np.sin(phi) * np.cos(theta),
    ]
    return as_floats(np.stack(quaternion, axis=1))


def as_floats(values: NDArray[np.floating]) -> Floats:
    return np.ascontiguousarray(values, np.float32)
