"""What a cut-out's outline says about its category, and which part of a photo is which garment.

Only for telling apart the garments that somebody declared: every score is relative, none decides alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tryon.core.areas import Area
from tryon.core.words import Category

PAIR = 0.6
"""Two parts are a pair of shoes when the smaller has this share of the other's area and of its height."""

NEUTRAL = 0.3
"""Score of bags and accessories, which have no shape of their own: they get what the others leave."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One garment, or a pair of shoes in two pieces. mask: boolean [h, w]."""

    mask: Area
    pair: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """All 0..1 except `tall`.

    tall: height over width. sleeves: how much wider the upper 45% is than the lower 40%. flare: the reverse.
    legs: share of the lower 40% of rows with a gap in the middle. waist: how far it pinches between.
    """

    tall: float
    sleeves: float
    flare: float
    legs: float
    waist: float


def outline(mask: Area) -> Outline:
    """Measure one garment; mask: boolean [h, w], not empty."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    crop = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = crop.shape
    widths = crop.sum(1)
    upper, lower = widths[: max(1, int(0.45 * height))].max(), widths[int(0.6 * height) :].max()
    waist = widths[int(0.25 * height) : int(0.6 * height) + 1].min()
    return Outline(
        tall=height / width,
        sleeves=_ramp(upper / lower - 1, 0.3),
        flare=_ramp(lower / upper - 1, 0.3),
        legs=_middle_gaps(crop[int(0.6 * height) :]),
        waist=_ramp(1 - waist / min(upper, lower), 0.25),
    )


def fit(candidate: Candidate, category: Category) -> float:
    """How well a candidate suits a category; higher is better, only comparisons matter.

    A top is wide at the sleeves; bottoms are long, have legs or flare; a dress is long and has a waist.
    """
    if candidate.pair:
        return 2.0 if category is Category.SHOES else 0.0
    shape = outline(candidate.mask)
    long = _ramp(shape.tall - 1, 0.8)
    match category:
        case Category.TOPS:
            return shape.sleeves + (1 - long) - shape.legs - shape.flare
        case Category.BOTTOMS:
            return shape.legs + long * (1 - shape.sleeves) + shape.flare - shape.waist
        case Category.DRESS:
            return long + shape.waist - shape.legs
        case Category.SHOES:
            return 0.5 * (1 - long)
        case _:
            return NEUTRAL


def group(parts: Sequence[Area], wanted: Sequence[Category]) -> list[Candidate]:
    """Join the two parts most like a pair of shoes, when shoes are wanted and parts are left over."""
    if Category.SHOES not in wanted or len(parts) <= len(wanted):
        return [Candidate(part) for part in parts]
    alike, left, right = max(
        (likeness(parts[i], parts[j]), i, j) for i, j in combinations(range(len(parts)), 2)
    )
    if alike < PAIR:
        return [Candidate(part) for part in parts]
    single = [Candidate(part) for index, part in enumerate(parts) if index not in (left, right)]
    return [*single, Candidate(parts[left] | parts[right], pair=True)]


def _ramp(value: float, full: float) -> float:
    return float(np.clip(value / full, 0, 1))


def _middle_gaps(rows: Area) -> float:
    """Share of rows with a gap in the middle half between two filled runs."""
    width = rows.shape[1]
    middle = rows[:, width // 4 : width - width // 4]
    sides = rows[:, : width // 2].any(1) & rows[:, width // 2 :].any(1)
    return float(np.mean(sides & ~middle.all(1)))


def likeness(first: Area, second: Area) -> float:
    """The smaller of the ratios of areas and heights of two parts, 0..1; 0 when they are not side by side."""
    spans = [np.flatnonzero(area.any(1)) for area in (first, second)]
    if spans[0][0] > spans[1][-1] or spans[1][0] > spans[0][-1]:
        return 0.0
    sizes, heights = [first.sum(), second.sum()], [len(span) for span in spans]
    return float(min(min(sizes) / max(sizes), min(heights) / max(heights)))
