"""A splat as a flat picture, for people who look over results; not a renderer."""

from __future__ import annotations

import numpy as np

from tryon.core.errors import SplatRejected
from tryon.core.ports import Pixels
from tryon.core.splats import Gaussians

BACKDROP = 255
MIN_OPACITY = 0.1
PER_PIXEL = 2.0
"""Gaussians for one pixel of the picture's box: fewer leave holes in a person, who fills about half of the box."""
MAX_SIDE = 400


def view(gaussians: Gaussians) -> Pixels:
    """uint8 [H, W, 3]: from the camera's place, the nearest Gaussian of each pixel in its own colour.

    The picture is cut to what the Gaussians fill, so no focal length is needed; its longer side is at most
    MAX_SIDE. Raises SplatRejected("empty") when nothing is in front of the camera.
    """
    shown = (gaussians.positions[:, 2] > 1e-6) & (gaussians.opacities >= MIN_OPACITY)
    if not shown.any():
        raise SplatRejected("empty", "no Gaussian of the splat is in front of the camera and opaque")
    x, y, z = gaussians.positions[shown].astype(np.float64).T
    flat = np.stack([x / z, y / z])
    flat -= flat.min(axis=1, keepdims=True)
    span = np.maximum(flat.max(axis=1), 1e-9)
    scale = min(np.sqrt(len(z) / PER_PIXEL / span.prod()), (MAX_SIDE - 1) / span.max())
    column, row = np.rint(flat * scale).astype(np.intp)
    picture = np.full((row.max() + 1, column.max() + 1, 3), BACKDROP, np.uint8)
    far_first = np.argsort(-z)
    # Of several Gaussians at one pixel the last one written stays, which is the nearest.
    picture[row[far_first], column[far_first]] = np.rint(gaussians.colors[shown][far_first] * 255)
    return picture
