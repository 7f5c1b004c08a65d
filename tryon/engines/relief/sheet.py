"""The sheet between front and back: per cell of a grid, the thickness, its slope and the colours."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.engines.relief.silhouette import Floats, inflate, rim_of, shrink

LIMB = 0.7
"""Inflating a long limb gives sqrt(2) times its radius; 0.7 of that makes its cross-section round."""
CAP_M = 0.16
"""Half-thickness saturates (tanh) here: a torso is an ellipse about 0.25 m deep, not a 0.34 m cylinder."""
BACK_STEP = 2
"""The back has one Gaussian per 2 x 2 cells: it is never seen from the front and holds no detail."""
BACK_BLUR = 0.02
"""Blur of the colours of back and sides, as a share of the mask's height: no invented detail."""
SIDE_LEVELS: Floats = np.linspace(-0.8, 0.8, 7, dtype=np.float32)
"""Where the rim, which a grid cannot sample, gets its own Gaussians between front (-1) and back (+1)."""


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


def make_sheet(image: Pixels, body: Pixels, metres_per_px: float, limit: int) -> Sheet:
    """image: uint8 [H, W, 3]; body: uint8 0/1 [H, W]; limit: most Gaussians in all layers together."""
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


def count(inside: Pixels) -> int:
    back = inside[::BACK_STEP, ::BACK_STEP]
    return int(inside.sum()) + int(back.sum()) + int(rim_of(inside).sum()) * len(SIDE_LEVELS)


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
