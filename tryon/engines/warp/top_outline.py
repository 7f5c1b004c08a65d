"""The outline of a top as a walk from the neck to the hem, on a mask without whiskers and shut gaps.

Everything is written for the image-left side; the right side is the same code on the mirrored mask.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tryon.engines.warp.arrays import Flags, Points, disk

# Whiskers narrower than this share of the garment's width are of the cut-out, not of the garment.
_WHISKER = 0.008
# A hole of at least this share of the garment, on one side of it, is a gap between a sleeve and the side.
_HOLE = 0.001
# The walk along the hem has passed its corner when it falls back by this share of the garment's width.
_PAST = 0.025
# The hem's height is that of most columns between its corner and the middle: a front that stands open has a notch.
_MOST = 75.0
# From its corner to its lowest the hem sags by at most this share of half its width: a shirt's tails by 0.27, a disc,
# which has no hem, by 0.41.
_SAG = 0.35
# The neck lies this share of the width, at least and at most, beside the middle; nearer is as good as this much higher.
_NECK, _NEARER = (0.03, 0.28), 0.02


@dataclass(frozen=True, slots=True)
class Walk:
    """points: the outline [N, 2] from the neck to the hem's corner. neck, hem: [2]. centre: x. top: y of each column,
    the mask's height where it is empty. wide, tall: of the mask, in pixels."""

    points: Points
    neck: Points
    hem: Points
    centre: float
    top: Points
    wide: float
    tall: float


def tidied(mask: Flags) -> Flags:
    """The mask without whiskers and pinholes, and with the gaps beside a sleeve open although it touches the
    side further down."""
    wide = np.count_nonzero(mask.any(0))
    kernel = disk(max(1.0, _WHISKER / 2 * wide))
    calm = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    _, piece, stats, _ = cv2.connectedComponentsWithStats(calm)
    if len(stats) < 2:
        return mask
    return _opened(np.asarray(piece == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))))


def _opened(mask: Flags) -> Flags:
    """Large holes get a slit straight down to the outside, small ones are filled."""
    opened = mask.copy()
    _, piece, stats, _ = cv2.connectedComponentsWithStats((~np.pad(mask, 1)).astype(np.uint8), connectivity=4)
    piece, outside = piece[1:-1, 1:-1], piece[0, 0]
    for index in range(1, len(stats)):
        if index == outside:
            continue
        hole = piece == index
        if stats[index, cv2.CC_STAT_AREA] < _HOLE * mask.sum():
            opened |= hole
            continue
        y = int(np.flatnonzero(hole.any(1))[-1])
        x = int(np.flatnonzero(hole[y]).mean())
        below = np.flatnonzero(piece[y:, x] == outside)
        opened[y : y + int(below[0]) if len(below) else None, x - 1 : x + 2] = False
    return opened


def walk(mask: Flags) -> Walk | None:
    """From the neck to the hem's corner along the image-left side of a tidy mask; None when it has no hem."""
    xs, ys = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    wide, tall, centre = float(xs[-1] - xs[0]), float(ys[-1] - ys[0]), float(xs[0] + xs[-1]) / 2
    top = np.where(mask.any(0), mask.argmax(0), mask.shape[0]).astype(np.float64)
    column = np.flatnonzero(mask[:, round(centre)])
    if len(column) == 0:
        return None
    neck = _neck_point(top, centre, wide)
    outline = _outline_from(mask, neck)
    outline = outline[: nearest(outline, np.array([centre, float(column[-1])])) + 1]
    corner = _hem_corner(outline, wide)
    x, low = int(outline[corner, 0]), float(outline[corner:, 1].max() - outline[corner, 1])
    if low > _SAG * (centre - x):
        return None
    bottoms = mask.shape[0] - 1 - mask[::-1, min(x, round(centre)) : round(centre) + 1].argmax(0)
    hem = np.array([float(x), float(np.percentile(bottoms, _MOST))])
    return Walk(outline[: corner + 1], neck, hem, centre, top, wide, tall)


def _neck_point(top: Points, centre: float, wide: float) -> Points:
    """The highest point left of the centre; of equals the one nearest to it."""
    least, most = (round(centre - share * wide) for share in _NECK)
    xs = np.arange(max(0, most), max(1, least))
    x = int(xs[np.argmin(top[xs] + _NEARER * np.abs(xs - centre))])
    return np.array([float(x), top[x]])


def _outline_from(mask: Flags, start: Points) -> Points:
    """The outer contour [N, 2], starting near `start` and going towards the image's left."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(contours, key=cv2.contourArea).reshape(-1, 2).astype(np.float64)
    outline = np.roll(outline, -nearest(outline, start), axis=0)
    ahead = max(3, len(outline) // 50)
    if outline[1:ahead, 0].mean() < outline[-ahead:, 0].mean():
        return outline
    return np.roll(outline[::-1], 1, axis=0)


def _hem_corner(outline: Points, wide: float) -> int:
    """Index of the hem's left end, walking back from its middle: the lowest and leftmost point before the outline turns
    up along the side. Curved shirt tails and rounded fronts end where they are steeper than one to one."""
    back = (outline[:, 1] - outline[:, 0])[::-1]
    past = np.flatnonzero(back < np.maximum.accumulate(back) - _PAST * wide)
    end = int(past[0]) if len(past) else len(back)
    return len(outline) - 1 - int(np.argmax(back[:end]))


def nearest(outline: Points, point: Points) -> int:
    """Index of the outline's point nearest to `point` [2]."""
    return int(np.argmin(((outline - point) ** 2).sum(1)))
