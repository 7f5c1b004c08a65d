"""The person's skin colour and how the light of the photo shades a rounded limb."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.core.words import Refused
from tryon.engines.warp.arrays import Flags, Floats, Points, mix, shrink
from tryon.engines.warp.warps import axis_coordinates, box_around, smooth_line

_FACE, _LIMBS = 11, (12, 13, 14, 15)
_FEWEST = 60
# The mean tone of the skin is carried on this many times as far as its details.
_FAR = 6.0
# A knee's light and shade, as shares of the skin's own.
_CAP, _BELOW = 0.04, 0.07
# Limbs and face of one person differ by less in sRGB, by the light that falls on them.
_SAME_SKIN = 60.0

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Skin:
    """shades: float64 [3, 3], colour = shades[0] + u * shades[1] + u^2 * shades[2] at u = -1 (left) .. 1 (right)."""

    shades: Points

    @property
    def colour(self) -> Points:
        """The mean colour [3] of a facing surface."""
        return np.asarray(self.shades[0] + self.shades[2] / 3)

    def shaded(self, u: Floats) -> Floats:
        """Colours [..., 3] across a limb, u from -1 at its left edge to 1 at its right."""
        u = np.clip(u, -1.0, 1.0)[..., None]
        return np.asarray(self.shades[0] + u * self.shades[1] + u * u * self.shades[2], np.float32)


def read_skin(person: Pixels, labels: Pixels, limbs: tuple[int, ...]) -> Skin | Refused:
    """Learn the shading from these bare limbs, whose shape is the one to be painted, else from others, else the face.

    Other limbs may be under a new garment that the labels do not know: they must have the colour of the face.
    """
    face = shrink(labels == _FACE, 1)
    others = tuple(label for label in _LIMBS if label not in limbs)
    for mask in (np.isin(labels, limbs), np.isin(labels, others), labels == _FACE):
        inner = shrink(mask, 1)
        if inner.sum() >= _FEWEST and _alike(person, inner, face):
            return _fit(person, mask, inner)
    return Refused(
        "skin_not_visible",
        "no face, arms or legs are visible, so bare skin cannot be painted; use another photo",
    )


def _alike(person: Pixels, mask: Flags, face: Flags) -> bool:
    """Whether two masks [H, W] show skin of the same person; without a face there is nothing to compare with."""
    if face.sum() < _FEWEST:
        return True
    first, second = (np.median(person[part], axis=0) for part in (mask, face))
    return bool(np.linalg.norm(first - second) < _SAME_SKIN)


def _fit(person: Pixels, mask: Flags, inner: Flags) -> Skin:
    """Robust quadratic of the colour over the position across each limb, row by row."""
    rows, columns = np.nonzero(inner)
    u = _across(mask)[rows, columns]
    values = person[rows, columns].astype(np.float64)
    terms = np.stack([np.ones_like(u), u, u * u], -1)
    weights = np.ones(len(u))
    for _ in range(4):
        root = np.sqrt(weights)[:, None]
        shades = np.linalg.lstsq(terms * root, values * root, rcond=None)[0]
        # 20 grey levels: lips, eyes and nails are further off than that, shading is not.
        weights = 1.0 / (1.0 + (np.linalg.norm(values - terms @ shades, axis=1) / 20.0) ** 2)
    # Light may fall towards the edges but a limb is never brighter there than facing the camera.
    return Skin(np.stack([shades[0], shades[1], np.minimum(shades[2], 0.0)]))


def _across(mask: Flags) -> Points:
    """-1..1 across each horizontal run of the mask [H, W]."""
    count: Counts = np.cumsum(mask, axis=1)
    start = np.maximum.accumulate(np.where(mask, 0, count), axis=1)
    index: Counts = count - start
    back = mask[:, ::-1]
    later: Counts = np.cumsum(back, axis=1)
    end: Counts = (later - np.maximum.accumulate(np.where(back, 0, later), axis=1))[:, ::-1]
    return np.where(mask, (index - end) / np.maximum(index + end, 1), 0.0)


def paint_limb(
    canvas: Floats,
    joints: Points,
    at: Points,
    radii: Points,
    reach: tuple[float, float],
    skin: Skin,
    bend: float,
) -> Floats:
    """Paint a bare limb into `canvas` [H, W, 3] in place.

    joints: [N, 2] from root to end; radii: [M] pixels at shares `at` [M] of its length; reach: where along it
    the skin begins and how far past its end it goes, pixels; bend: how strongly a knee shows, 0..1. Returns the
    limb's coverage [H, W].
    """
    painted = np.zeros(canvas.shape[:2], np.float32)
    box = box_around(joints, float(radii.max()) + 2, (canvas.shape[0], canvas.shape[1]))
    if box is None:
        return painted
    line = smooth_line(joints)
    along, off = axis_coordinates(line, box)
    stops = np.r_[0.0, np.cumsum(np.hypot(*np.diff(joints, axis=0).T))]
    radius = np.interp(along, at * stops[-1], radii).astype(np.float32)
    # Positive `off` is towards (-uy, ux) of the axis; for a limb that hangs down that is the image's left.
    side = -np.sign(joints[-1, 1] - joints[0, 1]) or 1.0
    # The root is round, as a shoulder is.
    away = np.hypot(off, np.minimum(along, 0.0))
    cover = np.clip((radius - away) / 1.5 + 0.5, 0.0, 1.0) * (
        (along > reach[0]) & (along < stops[-1] + reach[1])
    )
    painted[box.slices] = cover
    u = off / radius * np.float32(side)
    shade = 1.0 + bend * _knee(along / np.float32(stops[-1])) * np.clip(1.0 - u * u, 0.0, 1.0)
    canvas[box.slices] = mix(canvas[box.slices], skin.shaded(u) * shade[..., None], painted[box.slices])
    return painted


def _knee(share: Floats) -> Floats:
    """Light on the kneecap and the soft shade below it, around the middle of a leg."""
    cap, below = np.exp(-(((share - 0.47) / 0.035) ** 2)), np.exp(-(((share - 0.54) / 0.03) ** 2))
    return np.asarray(_CAP * cap - _BELOW * below, np.float32)


def paint_trunk(canvas: Floats, where: Floats, outline: Points, skin: Skin) -> Floats:
    """Paint the bare trunk and neck, a polygon [N, 2], into `canvas` in place, as far as `where` allows.

    Returns its coverage [H, W].
    """
    mask = np.zeros(where.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    cover = mask.astype(np.float32) / np.float32(255) * where
    canvas[:] = mix(canvas, skin.colour, cover)
    return cover


def match(canvas: Floats, painted: Floats, person: Floats, bare: Flags, reach: float) -> None:
    """Give painted skin (coverage [H, W]) in `canvas` the tone of the bare skin that it meets, in place.

    The difference to the person's own pixels, where `bare` [H, W], is carried on: all of it near the seam, over about
    `reach` pixels, and its mean further away.
    """
    known = (bare & (painted > 0.9)).astype(np.float32)
    if known.sum() < _FEWEST:
        return
    rows, columns = np.flatnonzero(painted.any(1)), np.flatnonzero(painted.any(0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    seen = known[box]
    off = (person[box] - canvas[box]) * seen[..., None]
    tone = _spread(off, seen, _FAR * reach)
    tone += _spread(off - tone * seen[..., None], seen, reach)
    canvas[box] += tone * painted[box][..., None]


def _spread(weighted: Floats, weights: Floats, sigma: float) -> Floats:
    """Local weighted mean [h, w, 3], fading to 0 far from any weight; on a picture small enough for the blur."""
    step = max(1, int(sigma / 3))
    size = max(1, weights.shape[1] // step), max(1, weights.shape[0] // step)
    top, bottom = (cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (weighted, weights))
    top, bottom = (cv2.GaussianBlur(part, (0, 0), sigma / step) for part in (top, bottom))
    mean = top / (bottom + 0.02)[..., None]
    return np.asarray(cv2.resize(mean, weights.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
