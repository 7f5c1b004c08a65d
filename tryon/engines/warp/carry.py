"""The garment that stays, carried on under the one that was taken off."""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.words import Category
from tryon.engines.warp.arrays import Flags, Floats, Points, grow, mix, shrink, soft
from tryon.engines.warp.figure import WAIST
from tryon.engines.warp.scene import BELT, DRESS, FRINGE, LEGS, PANTS, SKIRT, UPPER, Scene

_LOWER = (SKIRT, PANTS, BELT, *LEGS)
# Down to this depth, in trunks, hands and sleeves hang over the other garment; no hip is further out than _ASIDE.
_HIP_ZONE, _ASIDE = 1.6, 0.75
# Pixels inside its edge, the other garment is its own colour.
_SHADED_EDGE = 3
# Colour distance from the backdrop that tells something worn from nothing.
_WORN = 18.0


def carry_on(image: Floats, scene: Scene, gone: Flags, category: Category) -> None:
    """Continue the garment that stays into the erased area: trousers up to the waist, a top down to the hips.

    Each pixel takes the colour mirrored at the nearest edge of what is seen, which continues patterns.
    """
    seen = _staying(scene, gone, category)
    if seen.sum() < 50:
        return
    hidden = grow(gone, 3) & ~seen & _within(scene, seen, category)
    if hidden.any():
        image[:] = mix(image, _mirrored(scene.person, seen, hidden), soft(hidden | seen, 0.7))


def _staying(scene: Scene, gone: Flags, category: Category) -> Flags:
    """Visible pixels of the other garment or of bare legs; by colour where the base wears it and the photo did not."""
    level = scene.levels() / scene.figure.trunk
    if category is Category.BOTTOMS:
        return np.isin(scene.labels, (UPPER, DRESS)) & ~gone & (level < 1.0)
    lower = np.isin(scene.labels, (*_LOWER, DRESS)) | newly_worn(scene)
    return np.asarray(lower & ~gone & (level > WAIST))


def newly_worn(scene: Scene) -> Flags:
    """Pixels [H, W] around the hips where the base wears a bottom that the photo, whose labels these are, did not."""
    level = scene.levels() / scene.figure.trunk
    nothing = ~grow(scene.labels > 0, FRINGE * scene.figure.trunk)
    new = nothing & (np.linalg.norm(scene.person - scene.backdrop, axis=-1) > _WORN)
    # Further down the floor's shadow also differs from the backdrop.
    return _large(new & (level > WAIST), 0.01 * scene.figure.trunk**2) & np.asarray(level < _HIP_ZONE)


def _large(mask: Flags, area: float) -> Flags:
    """The connected parts of a mask that have at least `area` pixels."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    keep = stats[:, cv2.CC_STAT_AREA] >= area
    keep[0] = False
    return np.asarray(keep[parts], np.bool_)


def _within(scene: Scene, seen: Flags, category: Category) -> Flags:
    """Pixels where the other garment goes on under the erased one: inside its outline, carried on up to the waist."""
    figure = scene.figure
    level, offset = scene.levels() / figure.trunk, scene.offsets()
    if category is Category.BOTTOMS:
        inside = np.abs(offset) < 1.03 * figure.half_width(level * figure.trunk)
        return np.asarray(inside & (level > 0.3) & (level < 1.0))
    row_level = level[:, level.shape[1] // 2]
    left, right = (_side_extent(scene, seen, offset, row_level, sign) for sign in (-1.0, 1.0))
    return np.asarray(
        (offset > left[:, None]) & (offset < right[:, None]) & (level > WAIST) & (level < _HIP_ZONE)
    )


def _side_extent(scene: Scene, seen: Flags, offset: Points, row_level: Points, sign: float) -> Points:
    """Offset [H] of the other garment's edge on one side, from the rows where backdrop is seen beside it.

    Rows in between, where an arm or the old garment hangs over the edge, are interpolated; at the waist it is the
    body's own width.
    """
    outward = np.where(seen & (np.abs(offset) < _ASIDE * scene.figure.trunk), offset * sign, -np.inf)
    column = outward.argmax(1)
    rows = np.arange(len(column))
    edge = outward[rows, column]
    step = max(2, round(2 * FRINGE * scene.figure.trunk))
    beside = np.clip(column + int(sign) * step, 0, scene.shape[1] - 1)
    open_air = (scene.labels[rows, beside] == 0) & ~seen[rows, beside]
    known = np.isfinite(edge) & open_air & (row_level > WAIST) & (row_level < _HIP_ZONE)
    waist = 1.03 * float(scene.figure.half_width(WAIST * scene.figure.trunk))
    levels, edges = np.r_[WAIST, row_level[known]], np.r_[waist, edge[known]]
    body = 1.03 * scene.figure.half_width(row_level * scene.figure.trunk)
    return np.asarray(
        sign * np.maximum(np.interp(row_level, levels, edges), np.where(row_level < 1.0, body, 0.0))
    )


def _mirrored(image: Floats, seen: Flags, hidden: Flags) -> Floats:
    """Colours [H, W, 3] for hidden pixels: of the point mirrored at the nearest seen one above or below, inside the
    edge that the other garment shades; where its column shows nothing, of the nearest seen pixel."""
    inner = shrink(seen, _SHADED_EDGE)
    inner = inner if inner.any() else seen
    rows, columns = np.nonzero(hidden)
    height = seen.shape[0]
    index = np.arange(height)[:, None]
    above = np.maximum.accumulate(np.where(inner, index, -height), axis=0)[rows, columns]
    below = np.minimum.accumulate(np.where(inner, index, 3 * height)[::-1], axis=0)[::-1][rows, columns]
    near = np.where(rows - above < below - rows, above, below)
    far = 2 * near - rows
    inside = (far >= 0) & (far < height)
    far = np.where(inside, far, near)
    reached = (near >= 0) & (near < height)
    far, near = np.where(reached, far, 0), np.where(reached, near, 0)
    source = np.where(inner[far, columns], far, near)
    colours = image.copy()
    colours[rows, columns] = image[source, columns]
    _, nearest = cv2.distanceTransformWithLabels(
        (~inner).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    order = np.zeros(nearest.max() + 1, np.int64)
    order[nearest[inner]] = np.flatnonzero(inner)
    lost = rows[~reached], columns[~reached]
    colours[lost] = image.reshape(-1, 3)[order[nearest[lost]]]
    return colours
