"""How well an outline suits each category of clothes, and shoes: the signs that tell them apart.

The figures are measured on what wrong_photo.py names.
"""

from __future__ import annotations

from collections.abc import Sequence

from tryon.core.areas import Area
from tryon.core.words import Category
from tryon.engines.packshot.contours import Contour, contour, levelled, ramp
from tryon.engines.packshot.silhouettes import Candidate, likeness, outline

TWINS = 0.85
"""Least likeness of two parts that may be a pair of shoes; the catalogue's have 1.0."""

CLOTHES = (Category.TOPS, Category.BOTTOMS, Category.DRESS)
SHAPED = (*CLOTHES, Category.SHOES)
"""Bags and accessories may have any shape."""


def category_scores(candidate: Candidate, others: Sequence[Area]) -> dict[Category, float]:
    """How well the outline suits each category that has a shape, 0..1; only large differences count.

    Shoes score by what tells them from clothes: a pair.
    """
    if candidate.pair:
        return dict.fromkeys(CLOTHES, 0.0) | {Category.SHOES: 1.0}
    level = levelled(candidate.mask)
    shape, edge = outline(level), contour(level)
    flat, convex = _flat(edge), _convex(edge)
    legs = ramp(shape.legs, 0.3, 0.8)
    # A waistband with nothing beside it and no shoulders below, and legs or one straight or flared tube.
    bottoms = min(
        flat, ramp(edge.filled_top, 0.6, 0.9), 1 - edge.pinch, max(convex, legs), 1 - _shouldered(edge)
    )
    # Long, a waist, and a hem wider than the shoulders with the sleeves.
    flared = min(edge.pinch, ramp(shape.flare, 0.1, 0.4), ramp(edge.slender, 2.6, 3.2))
    long = 0.2 * ramp(edge.slender, 2.2, 2.8)
    shoes = one_of_a_pair(candidate.mask, others)
    return {
        Category.TOPS: 1 - max(bottoms, flared, shoes, long),
        Category.BOTTOMS: bottoms,
        Category.DRESS: min(1 - bottoms, 1 - shoes, ramp(edge.slender, 1.2, 1.6)),
        Category.SHOES: shoes,
    }


def one_of_a_pair(mask: Area, others: Sequence[Area]) -> float:
    """0..1: a rounded part beside its twin. Two tops have sleeves, two trousers or skirts a waistband."""
    if not any(likeness(mask, other) >= TWINS for other in others):
        return 0.0
    edge = contour(levelled(mask))
    return min(_convex(edge), 1 - _flat(edge))


def shoe_size(candidate: Candidate) -> float:
    """0 for a part far taller than wide, such as trousers; one shoe or a joined pair is compact."""
    return 1.0 if candidate.pair else 1 - ramp(contour(candidate.mask).slender, 1.8, 2.6)


def _flat(edge: Contour) -> float:
    return ramp(edge.flat_top, 0.5, 0.68)


def _shouldered(edge: Contour) -> float:
    """Of 60 skirts and trousers at most 0.35, of 60 sleeveless tops and dresses at least 0.66."""
    return ramp(edge.shoulders, 0.4, 0.7)


def _convex(edge: Contour) -> float:
    return ramp(edge.convex, 0.88, 0.96)
