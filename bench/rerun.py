"""What a second time costs: nothing is missing, so nothing may be made again."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.arena import Arena, arena
from tryon.core.matrix import Rectangle


def measure(users: int, tops: int, bottoms: int) -> dict[str, object]:
    """By command line: plan only. By backfill: every pair is run again by the same jobs as a UI backfill."""
    with arena(users, tops, bottoms) as place:
        place.operator.pregenerate()
        calls, seconds, runs = _timed(place, lambda: len(place.operator.pregenerate().runs))
        backfill_calls, backfill_seconds, _ = _timed(place, lambda: _everything(place))
        return {
            "outfits": place.pipeline.plan().outfits,
            "runs": runs,
            "engine_calls": calls,
            "seconds": seconds,
            "backfill_engine_calls": backfill_calls,
            "backfill_seconds": backfill_seconds,
        }


def _timed(place: Arena, work: Callable[[], int]) -> tuple[int, float, int]:
    before, started = place.meter.engine_calls, time.perf_counter()
    runs = work()
    return place.meter.engine_calls - before, round(time.perf_counter() - started, 3), runs


def _everything(place: Arena) -> int:
    records = place.pipeline.records
    items = tuple(item.id for item in records.items())
    users = [user.id for user in records.users()]
    per_run = max(1, 500 // len(items))
    bands = [tuple(users[start : start + per_run]) for start in range(0, len(users), per_run)]
    for band in bands:
        assert not place.operator.run_rectangle(Rectangle(band, items)).failed
    return len(bands)
