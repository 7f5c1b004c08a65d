"""Picture and mask sizes. A size is (width, height) in pixels, as in Pillow and OpenCV."""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.ports import Pixels


def fit_within(width: int, height: int, max_width: int, max_height: int) -> tuple[int, int]:
    """The largest (width, height) of the same aspect inside the box; never larger than the picture.

    >>> fit_within(3000, 4000, 768, 1024), fit_within(300, 400, 768, 1024)
    ((768, 1024), (300, 400))
    """
    if width <= max_width and height <= max_height:
        return width, height
    if width * max_height >= height * max_width:
        return max_width, max(1, round(height * max_width / width))
    return max(1, round(width * max_height / height)), max_height


def resize(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """uint8 [H, W, 3] or [H, W, 4] to `size` (width, height): area average when neither side grows,
    bilinear otherwise, both in sRGB values. RGBA is averaged by coverage, so no hidden colour bleeds in.
    """
    if size == (pixels.shape[1], pixels.shape[0]):
        return pixels.copy()
    grows = size[0] > pixels.shape[1] or size[1] > pixels.shape[0]
    method = cv2.INTER_LINEAR if grows else cv2.INTER_AREA
    if pixels.shape[2] == 3:
        return np.asarray(cv2.resize(pixels, size, interpolation=method), np.uint8)
    alpha = pixels[..., 3:].astype(np.float32)
    weighted = np.concatenate([pixels[..., :3] * alpha, alpha], axis=2)
    small = np.asarray(cv2.resize(weighted, size, interpolation=method), np.float32)
    small[..., :3] /= np.maximum(small[..., 3:], 1e-3)
    return without_hidden_colour(np.clip(np.rint(small), 0, 255).astype(np.uint8))


def resize_mask(mask: Pixels, size: tuple[int, int]) -> Pixels:
    """uint8 [H, W] to `size` (width, height) by nearest pixel centre: no value appears that was not there.

    INTER_NEAREST_EXACT, because plain INTER_NEAREST shifts the mask by up to half a source pixel.
    """
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST_EXACT), np.uint8)


def without_hidden_colour(rgba: Pixels) -> Pixels:
    """A copy whose fully transparent pixels are white: a viewer that drops alpha shows nothing unseen."""
    clean = rgba.copy()
    clean[clean[..., 3] == 0, :3] = 255
    return clean


def on_white(rgba: Pixels) -> Pixels:
    """uint8 [H, W, 4], straight alpha -> uint8 [H, W, 3], laid on white; an opaque picture stays as it is."""
    share = rgba[..., 3:].astype(np.float32) / 255
    return np.rint(rgba[..., :3] * share + 255 * (1 - share)).astype(np.uint8)


def trim(rgba: Pixels, margin: float = 0.04) -> Pixels:
    """What is solid (alpha 128 and more) in uint8 [H, W, 4], with a margin of its longer side where the picture has
    one; the picture itself where nothing is."""
    solid = rgba[..., 3] >= 128
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    if not rows.size:
        return rgba
    pad = round(margin * max(np.ptp(rows) + 1, np.ptp(columns) + 1))
    down = slice(max(int(rows[0]) - pad, 0), int(rows[-1]) + 1 + pad)
    across = slice(max(int(columns[0]) - pad, 0), int(columns[-1]) + 1 + pad)
    return np.ascontiguousarray(rgba[down, across])
