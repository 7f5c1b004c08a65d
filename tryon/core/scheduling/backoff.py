"""Not trying the same thing again and again: partitions that failed several times within a while rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tryon.core.scheduling.requests import Partitions

WINDOW_SECONDS = 3600.0
"""How long an ended run counts."""

MOST_FAILURES = 3
"""Runs of a partition that may fail in the window: enough for a hiccup, and a broken GPU does not run all night."""

MOST_ENDS = 20
"""Runs of a partition that may end within the window, well or badly. More means that runs end well and leave the
partition missing all the same, as when they are given other settings than the sensor."""

Cell = tuple[str, str, str]
"""(kind, user or key, item)."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that ended within the window."""

    partitions: Partitions
    failed: bool


def resting(ended: Iterable[Ended]) -> Partitions:
    """Partitions that are not to be requested just now, though they are missing."""
    ends: Counter[Cell] = Counter()
    failures: Counter[Cell] = Counter()
    for run in ended:
        cells = list(_cells(run.partitions))
        ends.update(cells)
        failures.update(cells if run.failed else ())
    tired = {cell for cell, count in failures.items() if count >= MOST_FAILURES}
    return _partitions(tired | {cell for cell, count in ends.items() if count >= MOST_ENDS})


def _cells(partitions: Partitions) -> Iterator[Cell]:
    yield from (("crops", key, "") for key in partitions.crops)
    yield from (("masks", key, "") for key in partitions.masks)
    yield from (("documents", key, "") for key in partitions.documents)
    yield from (("pairs", user, item) for user, items in partitions.pairs.items() for item in items)


def _partitions(cells: Iterable[Cell]) -> Partitions:
    keys: dict[str, set[str]] = {"crops": set(), "masks": set(), "documents": set()}
    pairs: dict[str, set[str]] = {}
    for kind, key, item in cells:
        (pairs.setdefault(key, set()) if kind == "pairs" else keys[kind]).add(item or key)
    return Partitions(keys["crops"], keys["masks"], pairs, keys["documents"])
