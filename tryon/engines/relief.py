"""Relief: a finished look inflated from its silhouette into Gaussians. CPU, no weights, about 0.1 s.

The person's mask is inflated by a Poisson equation (laplace(h) = -4 inside, h = 0 outside, half-thickness
sqrt(h): a disc becomes a hemisphere). The front carries the photo's pixels; back and sides are synthetic.
It is a relief for a small orbit (about 25 degrees each way), not a reconstruction, and `facts` says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.errors import InvalidSetting
from tryon.core.ports import Pixels, SplatJob
from tryon.core.splats import Gaussians
from tryon.core.words import EngineCard, Refused

Floats = NDArray[np.float32]
Silhouette = Callable[[Sequence[Pixels]], Sequence[Pixels | Refused]]

LIMB = 0.7
"""Inflating a long limb gives sqrt(2) times its radius; 0.7 of that makes its cross-section round."""
CAP_M = 0.16
"""Half-thickness saturates (tanh) here: a torso is an ellipse about 0.25 m deep, not a 0.34 m cylinder."""
SWEEPS, COARSE_INSIDE = 60, 0.75
"""Jacobi sweeps per level, and the share of a coarse cell that must be inside. A coarse outline lies half a
cell too far out: with .5 a disc of radius 110 is 4 % too thick, with .9 2 % too thin, with .75 within 1 %."""
SIGMA = 0.58
"""Standard deviation over spacing. PSNR of the front view at .40, .55, .60, .70: 27.4, 29.9, 29.5, 28.3 dB;
light that leaks through the front layer seen from 25 degrees: 20, 5.2, 3.1, 1.0 %."""
MIN_FACING = 0.2
"""Floor of the normal's z when discs are stretched along the slope; the side layers close what is steeper."""
THIN = 0.15
"""Standard deviation across the surface, as a share of the one along it."""
OPACITY = 0.97
BACK_STEP = 2
"""The back has one Gaussian per 2 x 2 cells: it is never seen from the front and holds no detail."""
BACK_SHADE = 0.85
BACK_BLUR = 0.02
"""Blur of the colours of back and sides, as a share of the mask's height: no invented detail."""
SIDE_LEVELS: Floats = np.linspace(-0.8, 0.8, 7, dtype=np.float32)
"""Where the rim, which a grid cannot sample, gets its own Gaussians between front (-1) and back (+1)."""
MIN_HEIGHT_PX, MIN_AREA, MAX_AREA = 64, 0.01, 0.9
SPECK = 0.02
"""Parts below this share of the largest one are the parser's noise; a shoe or a hand is larger."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The silhouette on a grid of square cells, `stride` pixels wide; every array is [rows, columns, ...].

    inside: uint8 0/1; colors: float32 sRGB 0..1; half: half-thickness in metres;
    slope: float32 [.., 2], d(half)/d(x, y) times `half` (finite at the rim), in metres.
    """

    stride: float
    inside: Pixels
    colors: Floats
    blurred: Floats
    half: Floats
    slope: Floats


class Relief:
    """`silhouette` answers one mask per image: uint8 [H, W], non-zero on the person, or why there is none."""

    card = EngineCard("relief", "1", "Apache-2.0", True, True, typical_seconds=0.2)

    def __init__(
        self, silhouette: Silhouette, max_gaussians: int = 80_000, assumed_height_m: float = 1.70
    ) -> None:
        if max_gaussians < 1000:
            raise InvalidSetting(f"max_gaussians is {max_gaussians}; a relief needs at least 1000")
        self._silhouette, self._limit, self._height = silhouette, max_gaussians, assumed_height_m

    def splat(self, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]:
        masks = self._silhouette([job.image for job in batch])
        return [self._one(job, mask) for job, mask in zip(batch, masks, strict=True)]

    def _one(self, job: SplatJob, mask: Pixels | Refused) -> Gaussians | Refused:
        if isinstance(mask, Refused):
            return mask
        if not (math.isfinite(job.f_px) and job.f_px > 0):
            return Refused("bad_focal_length", f"The focal length is {job.f_px} px; it must be above 0.")
        body = keep_body(mask)
        if (refused := judge_silhouette(body)) is not None:
            return refused
        rows = np.flatnonzero(body.any(axis=1))
        metres_per_px = self._height / float(rows[-1] - rows[0] + 1)
        sheet = make_sheet(job.image, body, metres_per_px, self._limit)
        facts = {
            "generator": "relief",
            "geometry": "inflated silhouette, not reconstructed",
            "back": "synthetic",
            "assumed_height_m": self._height,
            "whole_figure": bool(rows[0] > 0 and rows[-1] < body.shape[0] - 1),
            "f_px": float(job.f_px),
            "image_size": [body.shape[1], body.shape[0]],
            "stride_px": round(sheet.stride, 4),
        }
        return gather(sheet, body.shape, float(job.f_px), metres_per_px, facts)


def keep_body(mask: Pixels) -> Pixels:
    """uint8 0/1 [H, W]: the largest part of `mask` and every part that is no speck beside it."""
    _, names, stats, _ = cv2.connectedComponentsWithStats((mask > 0).astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA]
    kept = np.append(False, areas >= SPECK * areas.max(initial=0))
    found: Pixels = kept[names].astype(np.uint8)
    return found


def judge_silhouette(body: Pixels) -> Refused | None:
    """Why this silhouette (0/1) cannot be inflated, or None."""
    area, rows = float(body.mean()), np.flatnonzero(body.any(axis=1))
    if rows.size == 0:
        return Refused("no_silhouette", "No person was found in the look.")
    height = int(rows[-1] - rows[0] + 1)
    if area < MIN_AREA or height < MIN_HEIGHT_PX:
        return Refused(
            "silhouette_too_small",
            f"The person covers {area:.2%} of the picture and is {height} px tall;"
            f" at least {MIN_AREA:.0%} and {MIN_HEIGHT_PX} px are needed.",
        )
    if area > MAX_AREA or all(edge.any() for edge in (body[0], body[-1], body[:, 0], body[:, -1])):
        return Refused("silhouette_fills_picture", f"The person covers {area:.0%} and touches every edge.")
    return None


def inflate(inside: Pixels) -> Floats:
    """h >= 0, float32 [rows, columns] in cells squared: laplace(h) = -4 inside (1), 0 outside.

    Coarse to fine: each level starts from the one of half its size, so few sweeps spread the far boundary.
    """
    levels = max(0, int(math.log2(min(inside.shape))) - 2)
    below, right = (-size % (1 << levels) for size in inside.shape)
    solid = np.pad(inside, ((0, below), (0, right))).astype(np.float32)
    cross = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4
    h: Floats = np.zeros((1, 1), np.float32)
    for level in range(levels, -1, -1):
        size = (solid.shape[1] >> level, solid.shape[0] >> level)
        share = cv2.resize(solid, size, interpolation=cv2.INTER_AREA)
        held = (share > COARSE_INSIDE).astype(np.float32)
        h = np.asarray(cv2.resize(h, size), np.float32) * 4 * held  # one coarser cell is two of these
        for _ in range(SWEEPS):
            h = (cv2.filter2D(h, -1, cross, borderType=cv2.BORDER_CONSTANT) + 1) * held
    return h[: inside.shape[0], : inside.shape[1]]


def choose_stride(body: Pixels, limit: int) -> float:
    """Pixels per cell, at least 1: the finest grid whose Gaussians stay within `limit`, to 1 %."""
    if count(shrink(body, 1.0)) <= limit:
        return 1.0
    most = 1 + 1 / BACK_STEP**2 + len(SIDE_LEVELS)  # Gaussians per cell if every cell were on the rim
    fine, coarse = 1.0, math.sqrt(most * float(body.sum()) / limit)
    while count(shrink(body, coarse)) > limit:
        coarse *= 1.1
    while coarse > 1.01 * fine:
        middle = math.sqrt(fine * coarse)
        if count(shrink(body, middle)) > limit:
            fine = middle
        else:
            coarse = middle
    return coarse


def shrink(body: Pixels, stride: float) -> Pixels:
    """The 0/1 mask on cells of `stride` pixels: a cell is inside when more than half of it is."""
    size = (max(1, round(body.shape[1] / stride)), max(1, round(body.shape[0] / stride)))
    cells = cv2.resize(body.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return (cells > 0.5).astype(np.uint8)


def rim_of(inside: Pixels) -> Pixels:
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return (inside - cv2.erode(inside, cross, borderValue=0)).astype(np.uint8)


def count(inside: Pixels) -> int:
    back = inside[::BACK_STEP, ::BACK_STEP]
    return int(inside.sum()) + int(back.sum()) + int(rim_of(inside).sum()) * len(SIDE_LEVELS)


def make_sheet(image: Pixels, body: Pixels, metres_per_px: float, limit: int) -> Sheet:
    stride = choose_stride(body, limit)
    inside = shrink(body, stride)
    cell = stride * metres_per_px
    h = inflate(inside)
    round_half = LIMB * np.sqrt(h) * cell + 1e-9
    half = CAP_M * np.tanh(round_half / CAP_M)
    # half * d(half)/dx, written with h so that the vertical slope at the rim stays finite
    gain = (half / round_half) * (1 - np.tanh(round_half / CAP_M) ** 2) * (LIMB**2 * cell / 2)
    slope = np.stack([np.gradient(h, axis=1), np.gradient(h, axis=0)], axis=-1) * gain[..., None]
    colors = cell_colors(image, body, inside)
    sigma = BACK_BLUR * float(np.count_nonzero(inside.any(axis=1)))
    blurred = masked_blur(colors, inside, max(sigma, 1.0))
    return Sheet(stride, inside, colors, blurred, half.astype(np.float32), slope.astype(np.float32))


def cell_colors(image: Pixels, body: Pixels, inside: Pixels) -> Floats:
    """The body's mean colour in each cell; the rim takes its inner neighbours' so that no backdrop shows."""
    size = (inside.shape[1], inside.shape[0])
    weight = cv2.resize(body.astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None]
    cut = image.astype(np.float32) / 255 * body[..., None]
    colors = cv2.resize(cut, size, interpolation=cv2.INTER_AREA) / np.maximum(weight, 1e-6)
    rim = rim_of(inside)
    inner = masked_blur(colors, inside - rim, 1.0)
    near = cv2.dilate(inside - rim, np.ones((3, 3), np.uint8)) * rim
    return np.clip(np.where(near[..., None] > 0, inner, colors), 0, 1).astype(np.float32)


def masked_blur(colors: NDArray[np.floating], inside: Pixels, sigma: float) -> Floats:
    """Gaussian blur that takes colour only from cells that are inside."""
    weight = inside.astype(np.float32)
    spread = cv2.GaussianBlur(weight, (0, 0), sigma)[..., None]
    blurred = cv2.GaussianBlur(colors * weight[..., None], (0, 0), sigma)
    return np.where(spread > 1e-4, blurred / np.maximum(spread, 1e-4), colors).astype(np.float32)


def gather(
    sheet: Sheet, shape: tuple[int, ...], f_px: float, metres_per_px: float, facts: dict[str, object]
) -> Gaussians:
    """Front, then back, then sides, seen by a camera with its centre in the middle of the picture."""
    back = np.zeros_like(sheet.inside)
    back[::BACK_STEP, ::BACK_STEP] = sheet.inside[::BACK_STEP, ::BACK_STEP]
    rim, z0 = rim_of(sheet.inside), f_px * metres_per_px
    shaded = sheet.blurred * np.float32(BACK_SHADE)
    layers = [
        lay(sheet, shape, f_px, z0, sheet.inside, -1.0, 1, sheet.colors),
        lay(sheet, shape, f_px, z0, back, 1.0, BACK_STEP, shaded),
    ]
    for level in SIDE_LEVELS.tolist():
        share = (level + 1) / 2
        tint = sheet.colors * (1 - share) + shaded * share
        layers.append(lay(sheet, shape, f_px, z0, rim, level, 1, tint))
    sizes = [len(layer[0]) for layer in layers]
    named = {"front": sizes[0], "back": sizes[1], "sides": sum(sizes[2:])}
    positions, scales, rotations, colors = (np.concatenate(part) for part in zip(*layers, strict=True))
    opacities = np.full(len(positions), OPACITY, np.float32)
    return Gaussians(
        positions, scales, rotations, opacities, colors, {**facts, "distance_m": z0, "layers": named}
    )


def lay(
    sheet: Sheet,
    shape: tuple[int, ...],
    f_px: float,
    z0: float,
    where: Pixels,
    level: float,
    step: int,
    colors: Floats,
) -> tuple[Floats, Floats, Floats, Floats]:
    """One layer at `z0 + level * half` (-1 front, +1 back) -> positions, scales, rotations, colours."""
    ys, xs = np.nonzero(where)
    half, slope = sheet.half[ys, xs], sheet.slope[ys, xs]
    rows, columns = sheet.inside.shape
    z = z0 + level * half
    x = ((xs + 0.5) * shape[1] / columns - shape[1] / 2) * z / f_px
    y = ((ys + 0.5) * shape[0] / rows - shape[0] / 2) * z / f_px
    facing = face(half, slope, level)
    spacing = step * sheet.stride * z / f_px
    if abs(level) == 1:
        along = spacing / np.maximum(np.abs(facing[:, 2]), MIN_FACING)
    else:
        along = np.maximum(spacing, half * (2 / len(SIDE_LEVELS)))
    scales = SIGMA * np.stack([along, spacing, spacing * THIN], axis=1)
    positions = np.stack([x, y, z], axis=1)
    return as_floats(positions), as_floats(scales), turn(facing), as_floats(colors[ys, xs])


def face(half: Floats, slope: Floats, level: float) -> Floats:
    """Unit outward normals [N, 3]: the relief's own on front and back, the outline's turned on the sides."""
    outward = -slope.astype(np.float64)
    if abs(level) == 1:
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
