"""Landmarks: places on a flat garment that have a place on the body.

All positions are float64 pixels (x, y) of the garment crop; index 0 is the image-left side, 1 the right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tryon.engines.warp.arrays import Points


@dataclass(frozen=True, slots=True)
class Neckline:
    """The front edge of the neck opening: y = top + depth * shape(u), u = (x - centre) / half in -1..1.

    exponent: 2 for a round neck, 1 for a V.
    """

    centre: float
    half: float
    top: float
    depth: float
    exponent: float


@dataclass(frozen=True, slots=True)
class Sleeve:
    """One sleeve as a strip from the shoulder seam to the cuff; each position is [2]."""

    shoulder: Points
    pit: Points
    cuff_out: Points
    cuff_in: Points

    @property
    def axis(self) -> Points:
        """Middles of the seam and of the cuff [2, 2]."""
        return np.stack([(self.shoulder + self.pit) / 2, (self.cuff_out + self.cuff_in) / 2])


@dataclass(frozen=True, slots=True)
class TopMarks:
    """neck, shoulder, pit, hem: [2, 2]; sides: [N, 2, 2] edges from below the armpits to above the hem.

    sleeves: (left, right), or None for a sleeveless garment.
    """

    neck: Points
    shoulder: Points
    pit: Points
    sides: Points
    hem: Points
    sleeves: tuple[Sleeve, Sleeve] | None
    neckline: Neckline | None

    @property
    def width(self) -> float:
        """Distance between the armpits, in pixels."""
        return float(self.pit[1, 0] - self.pit[0, 0])


@dataclass(frozen=True, slots=True)
class TrouserMarks:
    """edges: [N, 2, 2] left and right edges from the waistband (first) to the height of the crotch (last);
    crotch: [2]; knee, end: [2, 2, 2] leg x (outer, inner) edges."""

    edges: Points
    crotch: Points
    knee: Points
    end: Points


@dataclass(frozen=True, slots=True)
class SkirtMarks:
    """edges: [N, 2, 2] left and right edges from the waistband (first) to the hem (last).

    legs: these are trousers or shorts whose legs touch.
    """

    edges: Points
    legs: bool = False


Marks = TopMarks | TrouserMarks | SkirtMarks
