"""Geometry of pixel areas: boolean [H, W] arrays in, boolean [H, W] arrays out.

Points are (x, y) in pixels from the photo's corner, x right, y down; the first pixel's centre is (0.5, 0.5).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Area = NDArray[np.bool_]
Point = NDArray[np.float64]
Shape = tuple[int, int]


SMALL_KERNEL = 400
"""Pixels up to which OpenCV's dilation, which visits each one, is the faster way."""


def strict(area: Area) -> NDArray[np.uint8]:
    """The area as a mask: uint8, 255 inside, 0 outside."""
    return np.where(area, np.uint8(255), np.uint8(0))


def shape_of(area: NDArray[np.uint8] | Area) -> Shape:
    return area.shape[0], area.shape[1]


def labelled(labels: NDArray[np.uint8], *names: int) -> Area:
    """Pixels that carry one of the labels."""
    wanted = np.zeros(256, np.uint8)
    wanted[list(names)] = 1
    found: Area = np.asarray(cv2.LUT(labels, wanted)).view(bool)
    return found


def dilate(area: Area, sideways: int, upright: int) -> Area:
    """Grow by that many pixels to each side (an ellipse)."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * sideways + 1, 2 * upright + 1))
    if kernel.size <= SMALL_KERNEL:
        return cv2.dilate(area.astype(np.uint8), kernel).astype(bool)
    rows, columns = _reached(area, sideways, upright)
    grown = np.zeros_like(area)
    grown[rows, columns] = _spread(area[rows, columns], kernel.sum(axis=1) // 2)
    return grown


def _reached(area: Area, sideways: int, upright: int) -> tuple[slice, slice]:
    """Rows and columns of the box around the area, that much larger."""
    spans = []
    for axis, reach in ((1, upright), (0, sideways)):
        places = np.flatnonzero(area.any(axis))
        spans.append(slice(max(places[0] - reach, 0), places[-1] + 1 + reach) if len(places) else slice(0, 0))
    return spans[0], spans[1]


def _spread(area: Area, half_widths: NDArray[np.integer]) -> Area:
    """cv2.dilate with a kernel whose rows are runs, the narrowest first: each run widens the one before by some columns
    and is moved up and down to its row. That takes as many passes as the kernel is wide and high, not one a pixel."""
    wide, width, grown, height = area.copy(), 0, area.copy(), len(area)
    for away in range(len(half_widths) // 2, -1, -1):
        while width < half_widths[len(half_widths) // 2 - away]:
            before, width = wide.copy(), width + 1
            wide[:, 1:] |= before[:, :-1]
            wide[:, :-1] |= before[:, 1:]
        if away < height:
            grown[away:] |= wide[: height - away]
            grown[: height - away] |= wide[away:]
    return grown


def fill_holes(area: Area) -> Area:
    """With everything that the area encloses."""
    contours, _ = cv2.findContours(area.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return _filled(shape_of(area), contours) | area


def hulls(area: Area) -> Area:
    """The convex hull of every connected part."""
    contours, _ = cv2.findContours(area.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return _filled(shape_of(area), [cv2.convexHull(contour) for contour in contours]) | area


def drop_specks(area: Area, share: float) -> Area:
    """Without the parts smaller than `share` of the largest one."""
    _, part, stats, _ = cv2.connectedComponentsWithStats(area.astype(np.uint8))
    sizes = stats[:, cv2.CC_STAT_AREA].copy()
    sizes[0] = 0
    large = sizes >= share * sizes.max()
    if large[1:].all():
        return area
    kept: Area = large[part]
    return area & kept


def polygon(shape: Shape, corners: list[Point]) -> Area:
    """A filled polygon."""
    return _filled(shape, [np.rint(np.asarray(corners) - 0.5).astype(np.int32)])


def beyond(shape: Shape, point: Point, towards: Point, reach: float = np.inf) -> Area:
    """The half-plane past `point` in direction `towards`, at most `reach` pixels from the point."""
    area = np.zeros(shape, bool)
    columns, rows = (_span(float(at), reach, size) for at, size in zip(point, shape[::-1], strict=True))
    across, down = _offsets(shape, point)
    across, down = across[:, columns], down[rows]
    side = across * np.float32(towards[0]) + down * np.float32(towards[1]) > 0
    area[rows, columns] = side & (across**2 + down**2 <= np.float32(reach) ** 2)
    return area


def _span(place: float, reach: float, size: int) -> slice:
    """Pixels of one axis that may be within `reach` of a place on it."""
    return slice(int(max(place - reach - 1, 0)), int(min(max(place + reach + 1, 0), size)))


def add_capsule(area: Area, start: Point, end: Point, radius: float) -> None:
    """Set, in place, the pixels within `radius` of the segment.

    Exact distances instead of a drawn thick line, so that mirrored ends give the mirror image.
    """
    low, high = np.minimum(start, end) - radius, np.maximum(start, end) + radius
    left, top = (max(int(value), 0) for value in np.floor(low))
    right, bottom = (max(int(value) + 1, 0) for value in np.ceil(high))
    window = area[top:bottom, left:right]
    across, down = _offsets(shape_of(window), start - (left, top))
    bone = (end - start).astype(np.float32)
    along = np.clip((across * bone[0] + down * bone[1]) / max(float(bone @ bone), 1e-6), 0, 1)
    window |= (across - along * bone[0]) ** 2 + (down - along * bone[1]) ** 2 <= radius**2


def _offsets(shape: Shape, point: Point) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    x, y = (np.arange(size, dtype=np.float32) + np.float32(0.5) for size in shape[::-1])
    return x[None] - np.float32(point[0]), y[:, None] - np.float32(point[1])


def _filled(shape: Shape, contours: Sequence[NDArray[np.integer | np.floating]]) -> Area:
    canvas = np.zeros(shape, np.uint8)
    return cv2.drawContours(canvas, contours, -1, 1, cv2.FILLED).astype(bool)
