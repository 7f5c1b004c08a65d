"""Cutting garments out of a plain backdrop: a clean alpha at the photo's size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.areas import Area, drop_specks
from tryon.core.ports import Pixels
from tryon.engines.backdrop import Backdrop, to_lab
from tryon.engines.packshot.segment import CLOSE, SMALLEST_PART, Segmented, distance_of

EMPTY_SHARE = 0.08
"""What closing has filled is a gap when it is closer to the backdrop than Segmented.empty and than this share of the
contrast nearby; a white garment on off-white has little contrast and keeps its rim."""


def cut_out(image: Pixels, found: Segmented, mask: Area) -> Pixels:
    """Coverage of `mask` (boolean, working size) at the photo's size: uint8 [H, W], its soft edge about 1 px.

    In a narrow band along the edge the coverage of a pixel is its distance from the backdrop over the largest
    one nearby: an edge pixel is a mix of garment and backdrop. Where they are alike the smooth outline
    decides instead.
    """
    height, width = image.shape[:2]
    scale = height / mask.shape[0]
    outline = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    distance = _full_distance(image, found.backdrop)
    area = drop_specks(
        _without_gaps(outline > 0.5, distance, found.empty, round(2 * CLOSE * scale)), SMALLEST_PART
    )
    smooth = np.clip((cv2.GaussianBlur(area.astype(np.float32), (0, 0), 0.5 * scale) - 0.4) / 0.3, 0, 1)
    mixed, trust = _mixture(distance)
    window = np.ones((2 * round(scale) + 3,) * 2, np.uint8)
    inside, near = (change(area.astype(np.uint8), window) for change in (cv2.erode, cv2.dilate))
    alpha = np.rint(255 * np.where(inside > 0, 1, trust * mixed + (1 - trust) * smooth) * near)
    return _attached(np.asarray(alpha, np.uint8))


def _attached(alpha: Pixels) -> Pixels:
    """Without the specks of shadow and JPEG noise in the edge's band: parts count as one only where sides touch."""
    _, piece, stats, _ = cv2.connectedComponentsWithStats((alpha > 0).astype(np.uint8), connectivity=4)
    sizes = stats[1:, cv2.CC_STAT_AREA]
    large = np.append(False, sizes >= SMALLEST_PART * sizes.max(initial=0))
    return np.where(large[piece], alpha, np.uint8(0))


def _mixture(distance: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(coverage by colour, how far to trust it), float32 [H, W] in 0..1.

    The ends of the scale are cut off (JPEG ringing below, texture above). Below 10 Lab units of contrast
    noise would make the edge ragged.
    """
    nearby = cv2.dilate(cv2.GaussianBlur(distance, (0, 0), 0.7), np.ones((5, 5), np.uint8))
    mixed = np.clip((distance / np.maximum(nearby, 1e-3) - 0.15) / 0.7, 0, 1)
    return mixed.astype(np.float32), np.clip((nearby - 10) / 10, 0, 1).astype(np.float32)


def _without_gaps(area: Area, distance: NDArray[np.float32], empty_below: float, depth: int) -> Area:
    """Give back the armpits and crotches that closing has filled, and JPEG rings along the edge.

    They are backdrop next to something that differs far more, at most `depth` pixels inside the outline and
    connected to the outside. The depth keeps white stripes that end at a seam.
    """
    window = np.ones((2 * depth + 1,) * 2, np.uint8)
    limit = np.minimum(empty_below, EMPTY_SHARE * cv2.dilate(distance, window))
    rim = area & (cv2.erode(area.astype(np.uint8), window) == 0)
    empty = rim & (cv2.medianBlur(distance, 3) < limit)
    _, piece = cv2.connectedComponents((empty | ~area).astype(np.uint8), connectivity=4)
    outside = np.zeros(int(piece.max()) + 1, bool)
    outside[np.unique(piece[~area])] = True
    kept: Area = ~outside[piece]
    return area & kept


def _full_distance(image: Pixels, backdrop: Backdrop) -> NDArray[np.float32]:
    fitted = cv2.resize(backdrop.lab, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR)
    return distance_of(to_lab(image) - fitted)
