"""Landmarks of tops and dresses, found by walking along the outline from the neck to the hem.

Everything is written for the image-left side; the right side is the same code on the mirrored mask.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tryon.core.ports import Pixels
from tryon.core.words import Refused
from tryon.engines.warp.arrays import Flags, Points, run_at
from tryon.engines.warp.marks import Sleeve, TopMarks
from tryon.engines.warp.neckline import find_neckline
from tryon.engines.warp.top_outline import Walk, nearest, tidied, walk

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
# An armpit this close above the hem, in heights of the garment, is one only if the outline comes up to it from a cuff.
_ABOVE, _RISES = 0.12, 0.03
# A gap beside a sleeve that begins deeper below the neck than so many armpit widths has lost its upper part; armpits
# are this deep.
_TOO_DEEP, _PIT = 1.14, 1.05
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
    whole, mask = mask, tidied(mask)
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
        neck, shoulder, pit, _sides(mask, pit, hem), hem, sleeves, find_neckline(whole, image, neck)
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
    way = walk(mask)
    if way is None:
        return None
    pit_at, tip = _armpit(way)
    if pit_at is None or tip is None:
        return _sleeveless(mask, way)
    pit = _lifted(way, pit_at, tip)
    shoulder = np.array([pit[0], way.top[int(pit[0])]])
    if shoulder[1] > pit[1] - 0.03 * way.tall:
        return None
    sleeve = _sleeve(way.points[: pit_at + 1], shoulder, pit, way.points[tip])
    return None if sleeve is None else _Side(way.neck, shoulder, pit, way.hem, sleeve)


def _armpit(way: Walk) -> tuple[int, int] | tuple[None, None]:
    """Indices of armpit and cuff tip, or None twice when no sleeve sticks out."""
    tip = _cuff_tip(way)
    if tip is None:
        return None, None
    arc = way.points[tip:]
    at = tip + int(np.argmax(arc[:, 0] - _DOWN * arc[:, 1]))
    pit = way.points[at]
    if pit[0] - way.points[tip, 0] < _SLEEVE * 2 * (way.centre - pit[0]):
        return None, None
    # A side that only leans in towards a long hem goes down all the way; below a cuff the outline comes up again.
    rises = way.points[tip:at, 1].max(initial=pit[1]) - pit[1]
    if pit[1] > way.hem[1] - _ABOVE * way.tall and rises < _RISES * way.tall:
        return None, None
    return at, tip


def _lifted(way: Walk, pit_at: int, tip: int) -> Points:
    """The armpit; where a sleeve lies against the side, up along the sleeve from the notch that is left of the gap."""
    notch, end = way.points[pit_at], way.points[tip]
    width, depth = 2 * (way.centre - notch[0]), notch[1] - way.neck[1]
    upper = way.points[: tip + 1]
    halfway = upper[np.argmin(np.abs(upper[:, 1] - (way.neck[1] + end[1]) / 2))]
    if depth < _TOO_DEEP * width or end[1] <= halfway[1]:
        return np.asarray(notch)
    inwards = max(0.0, float((halfway[0] - end[0]) / (end[1] - halfway[1])))
    up = depth - _PIT * width
    return np.asarray(np.round(notch + up * np.array([inwards, -1.0])))


def _cuff_tip(way: Walk) -> int | None:
    """Index of the outermost point before the outline first comes back inwards; None when it never does."""
    furthest = np.minimum.accumulate(way.points[:, 0])
    back = np.flatnonzero(way.points[:, 0] > furthest + _BACK * way.wide)
    return int(np.argmin(way.points[: back[0], 0])) if len(back) else None


def _sleeve(outline: Points, shoulder: Points, pit: Points, tip: Points) -> Sleeve | None:
    """The strip from the shoulder seam to the cuff: its end is square to its own axis, refined twice.

    outline: from the neck as far as the notch between sleeve and side.
    """
    middle = (shoulder + pit) / 2
    arc = outline[nearest(outline, shoulder) :]
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


def _sleeveless(mask: Flags, way: Walk) -> _Side | None:
    """The shoulder is the upper outer corner; the armhole below it is not an edge to follow."""
    outline, neck, hem, centre = way.points, way.neck, way.hem, way.centre
    wide, tall = 2 * (centre - float(outline[:, 0].min())), float(hem[1] - neck[1])
    upper = outline[(outline[:, 1] < neck[1] + _UPPER * tall) & (outline[:, 0] < neck[0] - 0.02 * wide)]
    if len(upper) == 0:
        return None
    shoulder = upper[np.argmax(-upper[:, 0] - _CORNER * upper[:, 1])]
    y = int(shoulder[1] + _ARMHOLE * 2 * (centre - shoulder[0]))
    run = run_at(mask[y], centre) if y < mask.shape[0] else None
    if run is None or y > hem[1]:
        return None
    return _Side(neck, shoulder, np.array([run[0], float(y)]), hem, None)


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
