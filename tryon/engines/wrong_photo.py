"""Product photos that clearly do not show what was declared: another category, no garment, a person.

The declared category is believed unless the outline clearly says otherwise. The figures are measured on 18
packshots of the studio and 36 drawn outlines at 512 pixels, and on 72 pictures of people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.areas import Area
from tryon.core.ports import Pixels
from tryon.core.words import Category, Refused
from tryon.engines.backdrop import to_lab
from tryon.engines.reasons import of_product
from tryon.engines.silhouettes import Candidate, likeness, outline

MARGIN = 0.5
"""Another category's score is better by this much.

Right pairs: at most 0.20 (a tunic), below 0.3 when turned by 12 degrees or stretched by a third. Wrong pairs:
a folded pullover as bottoms 0.52, other short tops as a dress or bottoms 0.72, a skirt as a top 0.57 or more,
a flared dress as a top 0.69, jeans as a top or a dress 0.88, a pair of shoes 1. In between, and
believed: straight dresses as tops 0.20, a long coat as bottoms 0.36, a tee as a dress 0.
"""

TWINS = 0.85
"""Least likeness of two parts that may be a pair of shoes; the catalogue's have 1.0."""

TOO_SMALL = 0.02
"""Of the photo: less is a logo or a label; the smallest garment of a set fills 0.10."""

ROUND = 0.85
"""Of the circle around it: more is a ball or a plate, 0.92; garments have at most 0.71."""

RECTANGLE, LYING_RECTANGLE, LYING = 0.96, 0.92, 0.55
"""Of the rectangle around it: more is a board or a book. Straight boards have 0.96 to 1, turned ones 0.94 to 0.96,
tops and dresses at most 0.86.

Shorts have 0.95, so what has less is named by its scores: bottoms. A straight skirt has 0.98, so bottoms are
boards only if they lie (height over width; garments from 0.65, and those flare: 0.72).
"""

TILT = 14
"""Degrees: a garment that lies further askew may be taken for another."""

HOOK = 0.12
"""Of the garment's width: what is narrower at its top is a hanger's hook; straps and necks are wider apart."""

HEAD_BULGE, HEAD_WIDTH, HEAD_SKIN, REST_SKIN, SKIN_REGIONS = 1.2, 0.55, 0.2, 0.02, 2
"""A head: at least so many times as wide as the neck, at most so many times as the shoulders, at least so much
of it skin; and so much of the rest is skin, in so many regions with the face.

72 people have 1.35 or more, 0.44 or less, 0.37, 0.04, and 3; no garment has the first two together.
"""

_CLOTHES = (Category.TOPS, Category.BOTTOMS, Category.DRESS)
_SHAPED = (*_CLOTHES, Category.SHOES)


@dataclass(frozen=True, slots=True)
class Contour:
    """Of one part. flat_top: extent near its top over the extent below. filled_top: without straps or a neck.

    convex: share of its hull, round: of the circle around it, rectangular: of the rectangle around it.
    slender: height over its narrowest middle row. pinch: how much wider it is both above and below that row.
    """

    flat_top: float
    filled_top: float
    convex: float
    round: float
    rectangular: float
    slender: float
    pinch: float


def check_photo(
    image: Pixels, candidate: Candidate, category: Category, others: Sequence[Area]
) -> Refused | None:
    """Why the candidate is not a garment of that category, if it clearly is none.

    others: the photo's other parts. Bags and accessories may have any shape.
    """
    if category not in _SHAPED:
        return None
    if _is_worn(image, candidate.mask):
        return of_product("worn_garment")
    share = float(candidate.mask.mean())
    if category in _CLOTHES and share < TOO_SMALL:
        what = f"What stands out fills only {share:.1%} of the photo, too little for a garment"
        return of_product("not_a_garment", what=what)
    if category in _CLOTHES and _is_plain_shape(candidate.mask, category):
        return of_product("not_a_garment", what=f"The outline is not one of {category.value}")
    scores = category_scores(candidate, others)
    likelier = max(_SHAPED, key=lambda other: scores[other])
    if category is Category.SHOES:
        scores[category] = _shoe_size(candidate)
    if scores[likelier] - scores[category] < MARGIN:
        return None
    return of_product("wrong_category", likelier=likelier.value, category=category.value)


def category_scores(candidate: Candidate, others: Sequence[Area]) -> dict[Category, float]:
    """How well the outline suits each category that has a shape, 0..1; only large differences count.

    Shoes score by what tells them from clothes: a pair.
    """
    if candidate.pair:
        return dict.fromkeys(_CLOTHES, 0.0) | {Category.SHOES: 1.0}
    level = levelled(candidate.mask)
    shape, edge = outline(level), contour(level)
    flat, convex = _flat(edge), _convex(edge)
    legs = _between(shape.legs, 0.3, 0.8)
    # A waistband with nothing beside it, and below it legs or one straight or flared tube.
    bottoms = min(flat, _between(edge.filled_top, 0.6, 0.9), 1 - edge.pinch, max(convex, legs))
    # Long, a waist, and a hem wider than the shoulders with the sleeves.
    flared = min(edge.pinch, _between(shape.flare, 0.1, 0.4), _between(edge.slender, 2.6, 3.2))
    long = 0.2 * _between(edge.slender, 2.2, 2.8)
    shoes = one_of_a_pair(candidate.mask, others)
    return {
        Category.TOPS: 1 - max(bottoms, flared, shoes, long),
        Category.BOTTOMS: bottoms,
        Category.DRESS: min(1 - bottoms, 1 - shoes, _between(edge.slender, 1.2, 1.6)),
        Category.SHOES: shoes,
    }


def one_of_a_pair(mask: Area, others: Sequence[Area]) -> float:
    """0..1: a rounded part beside its twin. Two tops have sleeves, two trousers or skirts a waistband."""
    if not any(likeness(mask, other) >= TWINS for other in others):
        return 0.0
    edge = contour(levelled(mask))
    return min(_convex(edge), 1 - _flat(edge))


def _shoe_size(candidate: Candidate) -> float:
    """0 for a part far taller than wide, such as trousers; one shoe or a joined pair is compact."""
    return 1.0 if candidate.pair else 1 - _between(contour(candidate.mask).slender, 1.8, 2.6)


def _flat(edge: Contour) -> float:
    return _between(edge.flat_top, 0.5, 0.68)


def _convex(edge: Contour) -> float:
    return _between(edge.convex, 0.88, 0.96)


def levelled(mask: Area) -> Area:
    """The part alone, turned upright by up to TILT degrees (garments are symmetric), without a hanger's hook."""
    crop = _cropped(mask)
    small = _padded(crop, min(1.0, 128 / crop.shape[0]))
    angles = range(-TILT, TILT + 1, 2)
    # Level is as good as a hundredth better, so that round and boxy things stay.
    best = max(angles, key=lambda angle: _symmetry(_turned(small, angle)) + (0.01 if angle == 0 else 0))
    upright = crop if best == 0 else _cropped(_turned(_padded(crop, 1.0), best) > 127)
    extents = _extents(upright)
    return upright[int(np.argmax(extents >= HOOK * extents.max())) :]


def contour(mask: Area) -> Contour:
    """Measure one part; mask: boolean [h, w], not empty."""
    crop = _cropped(mask)
    height = crop.shape[0]
    widths, extents = crop.sum(1), _extents(crop)
    near_top = slice(int(0.02 * height), int(0.05 * height) + 1)
    first, last = int(0.25 * height), int(0.6 * height) + 1
    middle = first + int(np.argmin(widths[first:last]))
    narrowest = max(int(widths[middle]), 1)
    least = min(widths[: middle + 1].max(), widths[middle:].max())
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    points = np.concatenate(contours)
    area, sides = int(mask.sum()), cv2.minAreaRect(points)[1]
    return Contour(
        flat_top=float(extents[near_top].mean() / extents[int(0.15 * height) : int(0.3 * height) + 1].max()),
        filled_top=float(widths[near_top].sum() / extents[near_top].sum()),
        convex=min(1.0, area / max(cv2.contourArea(cv2.convexHull(points)), 1.0)),
        round=area / (np.pi * cv2.minEnclosingCircle(points)[1] ** 2),
        rectangular=area / ((sides[0] + 1) * (sides[1] + 1)),
        slender=height / narrowest,
        pinch=_between(1 - narrowest / least, 0.0, 0.25),
    )


def _is_plain_shape(mask: Area, category: Category) -> bool:
    level = levelled(mask)
    edge = contour(level)
    if category is Category.BOTTOMS:
        board = edge.rectangular > LYING_RECTANGLE and outline(level).tall < LYING
    else:
        board = edge.rectangular > RECTANGLE
    return edge.round > ROUND or board


def _is_worn(image: Pixels, mask: Area) -> bool:
    """A head on a neck, with skin on it and further down."""
    crop = _cropped(mask)
    height = crop.shape[0]
    widths = crop.sum(1)
    first, last = int(0.06 * height), int(0.22 * height) + 1
    neck = first + int(np.argmin(widths[first:last]))
    head, shoulders = widths[: neck + 1].max(), widths[neck : int(0.35 * height) + 1].max()
    if neck == 0 or head < HEAD_BULGE * widths[neck] or head > HEAD_WIDTH * shoulders:
        return False
    skin = _cropped(mask, _skin_coloured(image, mask))
    _, _, stats, _ = cv2.connectedComponentsWithStats(skin.astype(np.uint8))
    regions = np.count_nonzero(stats[1:, cv2.CC_STAT_AREA] >= 0.003 * crop.sum())
    return bool(
        skin[:neck].sum() >= HEAD_SKIN * crop[:neck].sum()
        and skin[neck:].sum() >= REST_SKIN * crop[neck:].sum()
        and regions >= SKIN_REGIONS
    )


def _skin_coloured(image: Pixels, mask: Area) -> Area:
    """Skin is orange in every shade, and never vivid."""
    small = cv2.resize(image, mask.shape[::-1], interpolation=cv2.INTER_AREA)
    light, a, b = cv2.split(to_lab(np.asarray(small, np.uint8)))
    hue, chroma = np.degrees(np.arctan2(b, a)), np.hypot(a, b)
    skin = mask & (hue > 25) & (hue < 75) & (chroma > 10) & (chroma < 45) & (light > 12) & (light < 92)
    return cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(bool)


def _padded(crop: Area, scale: float) -> Pixels:
    """0 and 255, with room to turn."""
    small = cv2.resize(np.where(crop, np.uint8(255), np.uint8(0)), None, fx=scale, fy=scale)
    pad = max(small.shape) // 4
    return np.asarray(np.pad(small, pad), np.uint8)


def _turned(grey: Pixels, angle: float) -> Pixels:
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)
    return np.asarray(cv2.warpAffine(grey, turn, (width, height)), np.uint8)


def _symmetry(grey: Pixels) -> float:
    """Overlap over union with its mirror image."""
    crop = _cropped(grey > 127)
    mirrored = crop[:, ::-1]
    return np.count_nonzero(crop & mirrored) / np.count_nonzero(crop | mirrored)


def _cropped(mask: Area, area: Area | None = None) -> Area:
    """`area` (or the mask itself) within the mask's box."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return (mask if area is None else area)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _extents(crop: Area) -> NDArray[np.int64]:
    """Of each row, from the first filled pixel to the last; an empty row has 1."""
    first, last = crop.argmax(1), crop.shape[1] - crop[:, ::-1].argmax(1)
    return np.where(crop.any(1), last - first, 1).astype(np.int64)


def _between(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))
