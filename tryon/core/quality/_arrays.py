"""Questions about arrays that every judge asks first."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.core.words import Refused

FLAT_SHARE = 0.98
"""A picture is one flat colour when this share of it lies within `spread` levels of its median: empty studio
backdrops measured 1.00 within 4 levels, the plainest garments at most .36 (shading alone spreads them)."""


def picture_fault(value: object, channels: int | None, stage: str, name: str) -> Refused | None:
    """Why `value` is not a non-empty uint8 picture: [H, W, channels], or [H, W] when `channels` is None."""
    rank = "[H, W]" if channels is None else f"[H, W, {channels}]"
    if not isinstance(value, np.ndarray) or value.dtype != np.uint8:
        kind = value.dtype if isinstance(value, np.ndarray) else type(value).__name__
        return Refused(f"{stage}_dtype", f"The {name} must be a uint8 array {rank}, not {kind}.")
    fits = value.ndim == 2 if channels is None else value.ndim == 3 and value.shape[2] == channels
    if not fits or value.size == 0:
        return Refused(f"{stage}_shape", f"The {name} must be {rank}, not {list(value.shape)}.")
    return None


def strict_fault(mask: Pixels, stage: str, name: str) -> Refused | None:
    """Why `mask` is not strict: only 0 and 255 are allowed."""
    grey = mask.size - int(cv2.countNonZero(cv2.inRange(mask, 0, 0))) - int(np.count_nonzero(mask == 255))
    if grey:
        return Refused(f"{stage}_not_strict", f"The {name} has {grey} pixels that are neither 0 nor 255.")
    return None


def is_flat(pixels: Pixels, spread: int) -> bool:
    """True when [N, C] pixels are one colour, give or take `spread` levels in every channel."""
    away = np.abs(pixels.astype(np.int16) - np.median(pixels, axis=0).astype(np.int16)).max(axis=1)
    return bool(np.mean(away <= spread) >= FLAT_SHARE)


def sample(pixels: NDArray[np.uint8], most: int) -> NDArray[np.uint8]:
    """At most about `most` rows, evenly spread, always the same ones."""
    return pixels[:: max(1, -(-len(pixels) // most))]
