"""A splat as a picture: every Gaussian projected and laid over those behind it, as viewers of splats do.

3D Gaussian splatting (Kerbl et al., 2023): the affine approximation of the projection (EWA, Zwicker et al., 2001), then
front-to-back blending in each pixel. All pairs of a Gaussian and a pixel at once, which is plenty for small pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tryon.core.contact_sheet import PAPER
from tryon.core.ports import Pixels
from tryon.core.splats import Gaussians

Wide = NDArray[np.float64]

FAINTEST = 1 / 255
"""Alphas below it change no 8-bit picture."""

SIGMAS, LARGEST = 3.3, 12
"""A Gaussian ends at so many standard deviations, where it is fainter than FAINTEST, and at so many pixels."""

PIXEL = 0.3
"""Square pixels added to each variance, as the field's viewers do: nothing is smaller than a pixel."""


@dataclass(frozen=True)
class Flat:
    """Gaussians on the picture, the nearest first. at: pixels [N, 2]; inverse: of the covariances, [N, 3] as xx, xy,
    yy; radius: pixels [N]; alpha, colour: [N], [N, 3], 0..1."""

    at: Wide
    inverse: Wide
    radius: Wide
    alpha: Wide
    colour: Wide


def turned(splat: Gaussians, degrees: float) -> Gaussians:
    """As if the person had turned on the spot, about the upright line through the middle of the splat."""
    half = np.radians(degrees) / 2
    spin = _matrices(np.array([[np.cos(half), 0.0, np.sin(half), 0.0]]))[0]
    middle = 0.5 * (splat.positions.min(axis=0) + splat.positions.max(axis=0))
    w, x, y, z = splat.rotations.astype(np.float64).T
    c, s = np.cos(half), np.sin(half)
    rotations = np.stack([c * w - s * y, c * x + s * z, c * y + s * w, c * z - s * x], axis=1)
    positions = (splat.positions - middle) @ spin.T + middle
    return replace(splat, positions=positions.astype(np.float32), rotations=rotations.astype(np.float32))


def picture(splat: Gaussians, size: tuple[int, int]) -> Pixels:
    """uint8 [h, w, 3] of size = (width, height): the whole splat as large as fits, seen from the front."""
    flat = _projected(splat, size)
    pixel, which, alpha = _touched(flat, size)
    # By pixel, and the nearest first within one: what is in front of each is the sum so far.
    order = np.lexsort((which, pixel))
    pixel, which, alpha = pixel[order], which[order], alpha[order]
    through = np.log1p(-alpha)
    before = np.cumsum(through) - through
    first = np.flatnonzero(np.diff(pixel, prepend=-1))
    before -= np.repeat(before[first], np.diff(first, append=len(pixel)))
    share = alpha * np.exp(before)
    count = size[0] * size[1]
    left = 1.0 - np.bincount(pixel, share, count)
    colours = [
        np.bincount(pixel, share * flat.colour[which, channel], count) + left * PAPER[channel] / 255.0
        for channel in range(3)
    ]
    seen = np.stack(colours, axis=1).reshape(size[1], size[0], 3)
    return np.rint(seen.clip(0.0, 1.0) * 255.0).astype(np.uint8)


def _projected(splat: Gaussians, size: tuple[int, int]) -> Flat:
    """In front of the camera only, scaled and moved so that all centres are 3 % inside the picture."""
    order = np.argsort(splat.positions[:, 2])
    order = order[splat.positions[order, 2] > 1e-6]
    x, y, z = splat.positions[order].astype(np.float64).T
    places = np.stack([x / z, y / z], axis=1)
    low, high = places.min(axis=0), places.max(axis=0)
    scale = 0.94 * float((np.array(size) / np.maximum(high - low, 1e-9)).min())
    at = (places - 0.5 * (low + high)) * scale + 0.5 * np.array(size)
    xx, xy, yy = _covariances(splat, order, scale / z, places)
    spread = 0.5 * (xx + yy) + np.hypot(0.5 * (xx - yy), xy)
    area = xx * yy - xy * xy
    return Flat(
        at,
        np.stack([yy, -xy, xx], axis=1) / area[:, None],
        np.minimum(SIGMAS * np.sqrt(spread), LARGEST),
        splat.opacities[order].astype(np.float64),
        splat.colors[order].astype(np.float64),
    )


def _covariances(
    splat: Gaussians, order: NDArray[np.intp], scale: Wide, places: Wide
) -> tuple[Wide, Wide, Wide]:
    """xx, xy and yy [N] in square pixels. scale: pixels a metre [N]; places: x/z and y/z [N, 2]."""
    axes = _matrices(splat.rotations[order].astype(np.float64)) * splat.scales[order, None, :]
    slope = np.zeros((len(order), 2, 3))
    slope[:, 0, 0] = slope[:, 1, 1] = 1.0
    slope[:, :, 2] = -places
    flat = (slope @ axes) * scale[:, None, None]
    shape = flat @ flat.transpose(0, 2, 1)
    return shape[:, 0, 0] + PIXEL, shape[:, 0, 1], shape[:, 1, 1] + PIXEL


def _matrices(rotations: Wide) -> Wide:
    """Unit quaternions wxyz [N, 4] to rotation matrices [N, 3, 3]."""
    w, x, y, z = rotations.T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=1) for row in rows], axis=1)


def _touched(flat: Flat, size: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp], Wide]:
    """Every pixel that a Gaussian touches: its number, the Gaussian's, and the alpha there."""
    (width, height), pairs = size, []
    corner = np.floor(flat.at).astype(np.intp)
    for right, down in _offsets():
        which = np.flatnonzero(flat.radius + 1 >= np.hypot(right, down))
        u, v = corner[which, 0] + right, corner[which, 1] + down
        x, y = (np.stack([u, v], axis=1) + 0.5 - flat.at[which]).T
        xx, xy, yy = flat.inverse[which].T
        alpha = flat.alpha[which] * np.exp(-0.5 * (xx * x * x + yy * y * y) - xy * x * y)
        kept = (alpha >= FAINTEST) & (u >= 0) & (u < width) & (v >= 0) & (v < height)
        pairs.append((v[kept] * width + u[kept], which[kept], alpha[kept].clip(max=0.99)))
    pixel, which, alpha = (np.concatenate(part) for part in zip(*pairs, strict=True))
    return pixel, which, alpha


def _offsets() -> list[tuple[int, int]]:
    reach = range(-LARGEST, LARGEST + 1)
    return [(right, down) for right in reach for down in reach if np.hypot(right, down) <= LARGEST + 1]
