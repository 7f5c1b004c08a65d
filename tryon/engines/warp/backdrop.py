"""What stands behind the person: a smooth surface fitted to the backdrop that can be seen."""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.ports import Pixels
from tryon.engines.warp.arrays import Floats, grow

# The surface is smooth: it is fitted on a picture this many times smaller.
_SHRINK = 8
# Grey levels: differences below are backdrop texture; far above, something that stands in front.
_NOISE = 4.0


def estimate(person: Pixels, labels: Pixels) -> Floats:
    """The backdrop behind the whole photo, float32 [h, w, 3], 0..255, at an eighth of its size; `at_size` enlarges it.

    A cubic in x and y, fitted robustly, plus the blurred difference to what is seen, which carries floor shadows
    and gradients into the person's outline.
    """
    height, width = labels.shape
    size = (max(8, width // _SHRINK), max(8, height // _SHRINK))
    small = cv2.resize(person, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    body = cv2.resize((labels > 0).astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    seen = ~grow(np.asarray(body, np.bool_), 1)
    if seen.sum() < 40:
        return np.full(small.shape, np.median(small.reshape(-1, 3), axis=0), np.float32)
    surface, trust = _fit(small, seen.astype(np.float32))
    rest, total = (small - surface) * trust[..., None], trust.copy()
    # Wide first, then narrow: near the outline the local value wins, deep inside the wide one remains.
    wide = _blurred(rest, total, 0.12 * size[1])
    narrow = _blurred(rest - wide * trust[..., None], total, 0.02 * size[1])
    return np.asarray(surface + wide + narrow, np.float32)


def at_size(small: Floats, shape: tuple[int, int]) -> Floats:
    """The backdrop [H, W, 3] of a photo of shape (H, W)."""
    return np.asarray(cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def _fit(image: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """The cubic [h, w, 3] and how far each pixel is trusted to be backdrop [h, w], 0..1."""
    height, width = seen.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([x**i * y**j for i in range(4) for j in range(4 - i)], -1).reshape(height * width, -1)
    values, trust = image.reshape(-1, 3), seen.ravel()
    for _ in range(5):
        root = np.sqrt(trust)[:, None]
        solution = np.linalg.lstsq(terms * root, values * root, rcond=None)[0]
        off = np.linalg.norm(values - terms @ solution, axis=1)
        trust = seen.ravel() / (1.0 + (off / _NOISE) ** 4)
    return (terms @ solution).reshape(image.shape).astype(np.float32), trust.reshape(seen.shape).astype(
        np.float32
    )


def _blurred(weighted: Floats, weights: Floats, sigma: float) -> Floats:
    """Normalised convolution: the local weighted mean, fading to 0 far from any weight."""
    top = cv2.GaussianBlur(weighted, (0, 0), max(sigma, 0.5))
    bottom = cv2.GaussianBlur(weights, (0, 0), max(sigma, 0.5))
    return np.asarray(top / (bottom + 0.02)[..., None], np.float32)
