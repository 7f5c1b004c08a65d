"""Which photos go through the net together: those that are searched at exactly one size.

Photos of different sizes would be padded to a common one, and the padding leaks into the answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tryon.engines.grounding_dino.prompts import Prompt

Size = tuple[int, int]
"""(width, height)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One prompt for one photo. job: the photo's place in the batch. size: at which it is searched."""

    job: int
    prompt: Prompt
    size: Size


def resized(size: Size, shortest: int, longest: int) -> Size:
    """The shorter side at `shortest`, unless the longer one would then pass `longest`; the aspect is kept. Small
    photos grow, as in training. Rounded as the models' own image processor rounds.

    >>> resized((600, 800), 480, 800), resized((3000, 500), 480, 800)
    ((480, 640), (800, 133))
    """
    short, long = min(size), max(size)
    exact = min(float(shortest), longest * short / long)
    sides = max(1, round(exact)), max(1, int(exact * long / short))
    return sides if size[0] <= size[1] else sides[::-1]


def searchable(size: Size, queries: int) -> bool:
    """The net picks `queries` places from its feature maps, of which the finest has one for each 8x8 pixels and three
    more follow at half the resolution each: so many places there must be."""
    places = 0
    for stride in (8, 16, 32, 64):
        places += -(-size[0] // stride) * -(-size[1] // stride)
    return places >= queries


def buckets(rows: Sequence[Row], most: int) -> Iterator[Sequence[Row]]:
    """Groups of at most `most` rows of one size; sizes in the order they are first met."""
    by_size: dict[Size, list[Row]] = {}
    for row in rows:
        by_size.setdefault(row.size, []).append(row)
    for same in by_size.values():
        for start in range(0, len(same), most):
            yield same[start : start + most]
