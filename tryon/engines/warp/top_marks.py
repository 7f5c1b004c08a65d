"""Landmarks of tops and dresses, found by walking along the outline from the neck to the hem.

Everything is written for the image-left side; the right side is the same code on the mirrored mask.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tryon.core.ports import Pixels
from tryon.core.words import Refused
from tryon.engines.warp.arrays import Flags, Points, run_at
from tryon.engines.warp.marks import Sleeve, TopMarks
from tryon.engines.warp.neckline import find_neckline

# Heights between armpit and hem where the sides are measured.
_SIDES = (0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
# The outline has passed the cuff when it comes back inwards by this share of the garment's width.
_BACK = 0.04
# Going inwards is worth this much going down when looking for the armpit: a waist below it is lower, not deeper.
_DOWN = 0.8
# A sleeve reaches at least this share of the armpit width beyond the armpit; less is a strap or a shoulder.
_SLEEVE = 0.12
# A hem is at least this share of the armpit width; anything that narrows more is no top.
_HEM = 0.5
# Sleeveless: the strap ends in the upper part of the garment; going outwards is worth this much going down.
_UPPER, _CORNER = 0.3, 0.9
# Sleeveless: the armhole is about half as deep as the garment is wide at the shoulders.
_ARMHOLE = 0.5


@dataclass(frozen=True, slots=True)
class _Side:
    neck: Points
    shoulder: Points
    pit: Points
    hem: Points
    sleeve: Sleeve | None


def find_top(mask: Flags, image: Pixels) -> TopMarks | Refused:
    """Landmarks of a top or a dress from its mask [h, w] and colours [h, w, 3]."""
    sides = _both_sides(mask)
    if isinstance(sides, Refused):
        return sides
    neck, shoulder, pit, hem = (
        np.array([getattr(side, name) for side in sides]) for name in ("neck", "shoulder", "pit", "hem")
    )
    refused = _too_narrow(pit, hem, mask.shape[1])
    if refused:
        return refused
    left, right = (side.sleeve for side in sides)
    sleeves = None if left is None or right is None else (left, right)
    return TopMarks(
        neck, shoulder, pit, _sides(mask, pit, hem), hem, sleeves, find_neckline(mask, image, neck)
    )


def _both_sides(mask: Flags) -> tuple[_Side, _Side] | Refused:
    """The image-left side and the right one, both with a sleeve or both without."""
    left, right = _find_side(mask), _find_side(np.ascontiguousarray(mask[:, ::-1]))
    if left is None or right is None:
        return Refused(
            "garment_outline_unclear",
            "the shoulders, armpits and hem could not be found in the garment's outline",
        )
    if (left.sleeve is None) != (right.sleeve is None):
        return Refused(
            "sleeves_unclear",
            "only one sleeve could be told apart from the body of the garment; lay both out",
        )
    return left, _mirrored(right, mask.shape[1])


def _too_narrow(pit: Points, hem: Points, wide: int) -> Refused | None:
    """Refusal when armpits or hem [2, 2] are too close together for a top in a crop of that width."""
    if pit[1, 0] - pit[0, 0] < 0.15 * wide:
        return Refused(
            "garment_outline_unclear",
            "the garment's armpits are too close together; show it from the front, laid flat",
        )
    if hem[1, 0] - hem[0, 0] < _HEM * (pit[1, 0] - pit[0, 0]):
        return Refused(
            "garment_outline_unclear",
            "the garment's hem could not be found; show it from the front, laid flat",
        )
    return None


def _mirrored(side: _Side, wide: int) -> _Side:
    def flip(point: Points) -> Points:
        return np.array([wide - 1 - point[0], point[1]])

    s = side.sleeve
    sleeve = None if s is None else Sleeve(flip(s.shoulder), flip(s.pit), flip(s.cuff_out), flip(s.cuff_in))
    return _Side(flip(side.neck), flip(side.shoulder), flip(side.pit), flip(side.hem), sleeve)


def _find_side(mask: Flags) -> _Side | None:
    """The image-left half of the landmarks, or None when the outline does not look like a top."""
    xs, ys = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    wide, tall, centre = float(xs[-1] - xs[0]), float(ys[-1] - ys[0]), (xs[0] + xs[-1]) / 2
    profile = np.where(mask.any(0), mask.argmax(0), mask.shape[0]).astype(np.float64)
    hem = _hem_corner(mask, centre, tall)
    if hem is None:
        return None
    neck = _neck_point(profile, centre, wide)
    outline = _outline_from(mask, neck)
    last = _nearest(outline, hem)
    tip = _cuff_tip(outline[: last + 1], wide)
    if tip is None:
        return _sleeveless(mask, outline[: last + 1], neck, hem, centre)
    arc = outline[tip : last + 1]
    at = tip + int(np.argmax(arc[:, 0] - _DOWN * arc[:, 1]))
    pit = outline[at]
    if pit[0] - outline[tip, 0] < _SLEEVE * 2 * (centre - pit[0]):
        return _sleeveless(mask, outline[: last + 1], neck, hem, centre)
    shoulder = np.array([pit[0], profile[int(pit[0])]])
    if shoulder[1] > pit[1] - 0.03 * tall:
        return None
    sleeve = _sleeve(outline, shoulder, at, outline[tip])
    return None if sleeve is None else _Side(neck, shoulder, pit, hem, sleeve)


def _hem_corner(mask: Flags, centre: float, tall: float) -> Points | None:
    """Left end of the hem: of the stretch around the centre, just above its lowest row."""
    column = np.flatnonzero(mask[:, round(centre)])
    if len(column) == 0:
        return None
    y = int(column[-1] - 0.02 * tall)
    run = run_at(mask[y], centre)
    return None if run is None else np.array([run[0], float(column[-1])])


def _neck_point(profile: Points, centre: float, wide: float) -> Points:
    """The highest point left of the centre; of equals the one nearest to it."""
    xs = np.arange(max(0, round(centre - 0.28 * wide)), max(1, round(centre - 0.03 * wide)))
    x = int(xs[np.argmin(profile[xs] + 0.02 * np.abs(xs - centre))])
    return np.array([float(x), profile[x]])


def _outline_from(mask: Flags, start: Points) -> Points:
    """The outer contour [N, 2], starting near `start` and going towards the image's left."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(contours, key=cv2.contourArea).reshape(-1, 2).astype(np.float64)
    outline = np.roll(outline, -_nearest(outline, start), axis=0)
    ahead = max(3, len(outline) // 50)
    return (
        outline
        if outline[1:ahead, 0].mean() < outline[-ahead:, 0].mean()
        else np.roll(outline[::-1], 1, axis=0)
    )


def _nearest(outline: Points, point: Points) -> int:
    return int(np.argmin(((outline - point) ** 2).sum(1)))


def _cuff_tip(outline: Points, wide: float) -> int | None:
    """Index of the outermost point before the outline first comes back inwards; None when it never does."""
    furthest = np.minimum.accumulate(outline[:, 0])
    back = np.flatnonzero(outline[:, 0] > furthest + _BACK * wide)
    return int(np.argmin(outline[: back[0], 0])) if len(back) else None


def _sleeve(outline: Points, shoulder: Points, pit_at: int, tip: Points) -> Sleeve | None:
    """The strip from the shoulder seam to the cuff: its end is square to its own axis, refined twice."""
    pit, middle = outline[pit_at], (shoulder + outline[pit_at]) / 2
    arc = outline[_nearest(outline[:pit_at], shoulder) : pit_at + 1]
    length, end = float(np.hypot(*(tip - middle))), tip
    for _ in range(2):
        along = (end - middle) / max(np.hypot(*(end - middle)), 1e-6)
        across = np.array([-along[1], along[0]])
        across *= np.sign((pit - middle) @ across) or 1.0
        reach = (arc - middle) @ along
        last = arc[reach > reach.max() - 0.16 * length]
        off = (last - middle) @ across
        inner, outer = last[np.argmax(off)], last[np.argmin(off)]
        end = (inner + outer) / 2
    if np.hypot(*(inner - outer)) < 0.05 * length or np.hypot(*(shoulder - pit)) < 0.05 * length:
        return None
    # The corners were found a little up the sleeve; its end is where the outline ends.
    rest = max(0.0, float(reach.max() - (end - middle) @ along)) * along
    return Sleeve(shoulder, pit, outer + rest, inner + rest)


def _sleeveless(mask: Flags, outline: Points, neck: Points, hem: Points, centre: float) -> _Side | None:
    """The shoulder is the upper outer corner; the armhole below it is not an edge to follow."""
    wide, tall = 2 * (centre - float(outline[:, 0].min())), float(hem[1] - neck[1])
    upper = outline[(outline[:, 1] < neck[1] + _UPPER * tall) & (outline[:, 0] < neck[0] - 0.02 * wide)]
    if len(upper) == 0:
        return None
    shoulder = upper[np.argmax(-upper[:, 0] - _CORNER * upper[:, 1])]
    y = int(shoulder[1] + _ARMHOLE * 2 * (centre - shoulder[0]))
    run = run_at(mask[y], centre) if y < mask.shape[0] else None
    return (
        None if run is None or y > hem[1] else _Side(neck, shoulder, np.array([run[0], float(y)]), hem, None)
    )


def _sides(mask: Flags, pit: Points, hem: Points) -> Points:
    """Edges [N, 2, 2] of the body of the garment; a straight line where a sleeve hides them."""
    edges = []
    for share in _SIDES:
        straight = pit + (hem - pit) * share
        run = run_at(mask[round(straight[:, 1].mean())], straight[:, 0].mean())
        y = float(round(straight[:, 1].mean()))
        if run is not None and run[1] - run[0] < 1.35 * (straight[1, 0] - straight[0, 0]):
            straight = np.array([[run[0], y], [run[1] - 1, y]])
        edges.append(straight)
    return np.array(edges, np.float64)
