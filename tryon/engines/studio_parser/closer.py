"""Where to look closer: the part of a photo that fills a net's input with the person.

The net sees few pixels. A second look at the person alone shows each pixel of the photo up to twice as large as
the first look at the whole photo, for one more run of the net.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tryon.core.areas import Area, drop_specks

AIR = 1.1
"""The part is this much larger than the person, as in the net's training: the first look's outline is rough."""

SMALLEST_PERSON, SMALLEST_PIECE = 0.01, 0.02
"""Least share of the photo that is worth a closer look; pieces below this share of the largest are specks."""

LEAST_GAIN = 1.1
"""The person must become this much larger."""

Window = tuple[slice, slice]


def closer_window(person: Area, shape: tuple[int, int], size: tuple[int, int]) -> Window | None:
    """Rows and columns around the person in a photo of `shape` = (height, width), in the proportions of `size` =
    (width, height) as far as the photo allows; None when nobody is there or a closer look would show no more.

    person: of the whole photo, in any resolution.
    """
    person = drop_specks(person, SMALLEST_PIECE)
    if person.sum() < SMALLEST_PERSON * person.size:
        return None
    (height, width), (rows, columns) = shape, person.shape
    ends = [
        _ends(np.asarray(person.any(0)), width / columns),
        _ends(np.asarray(person.any(1)), height / rows),
    ]
    scale = min(side / (end - start) for side, (start, end) in zip(size, ends, strict=True)) / AIR
    if scale < LEAST_GAIN * min(size[0] / width, size[1] / height):
        return None
    across, down = (
        _part(start, end, side / scale, length)
        for (start, end), side, length in zip(ends, size, (width, height), strict=True)
    )
    return down, across


def _ends(line: NDArray[np.bool_], enlarged: float) -> tuple[float, float]:
    """Where the first place that is set starts and the last one ends."""
    places = np.flatnonzero(line)
    return float(places[0]) * enlarged, float(places[-1] + 1) * enlarged


def _part(start: float, end: float, length: float, most: int) -> slice:
    """`length` around the middle of start..end, cut off at 0 and `most`."""
    first = round((start + end - length) / 2)
    return slice(max(0, first), min(most, first + round(length)))
