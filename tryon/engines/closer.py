"""Where to look closer: the part of a photo that fills a net's input with the person.

The net sees few pixels. A second look at the person alone shows each pixel of the photo up to twice as large as
the first look at the whole photo, for one more run of the net.
"""

from __future__ import annotations

import numpy as np

from tryon.core.areas import Area, drop_specks
from tryon.core.ports import Pixels

AIR = 1.1
"""The part is this much larger than the person, as in the net's training: the first look's outline is rough."""

SMALLEST_PERSON, SMALLEST_PIECE = 0.01, 0.02
"""Least share of the photo that is worth a closer look; pieces below this share of the largest are specks."""

LEAST_GAIN = 1.1
"""The person must become this much larger."""

Window = tuple[slice, slice]


def closer_window(labels: Pixels, size: tuple[int, int]) -> Window | None:
    """Rows and columns around the person of labels [H, W], in the proportions of `size` = (width, height) as far as
    the photo allows; None when nobody is there or a closer look would show no more.
    """
    person = drop_specks(labels > 0, SMALLEST_PIECE)
    if person.sum() < SMALLEST_PERSON * person.size:
        return None
    ends = [_ends(np.asarray(person.any(axis))) for axis in (0, 1)]
    scale = min(side / (end - start) for side, (start, end) in zip(size, ends, strict=True)) / AIR
    (height, width) = labels.shape
    if scale < LEAST_GAIN * min(size[0] / width, size[1] / height):
        return None
    columns, rows = (
        _part(start, end, side / scale, length)
        for (start, end), side, length in zip(ends, size, (width, height), strict=True)
    )
    return rows, columns


def _ends(line: Area) -> tuple[int, int]:
    """First and last + 1 place that is set."""
    places = np.flatnonzero(line)
    return int(places[0]), int(places[-1]) + 1


def _part(start: int, end: int, length: float, most: int) -> slice:
    """`length` around the middle of start..end, cut off at 0 and `most`."""
    first = round((start + end - length) / 2)
    return slice(max(0, first), min(most, first + round(length)))
