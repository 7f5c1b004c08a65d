"""The work that is under way: who does it, what it cost so far, and what is left."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from tryon.core.events import timestamp
from tryon.core.lookbook.views import Progress, StageProgress, Working
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.records import History, Lease
from tryon.core.work import Plan, Prices

LAST_EVENTS = 50
FRESH = timedelta(seconds=5)
REST = 20
"""A plan is worked out again after so many times the time that it took: a million outfits take 8 seconds of a core
that also answers everybody else."""


class Forecast:
    """What is left to be made, as it was a moment ago. For many threads: one of them works it out, the others get
    the one before."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._working, self._lock = threading.Lock(), threading.Lock()
        self._plan: Plan | None = None
        self._at, self._until = "", ""

    def latest(self) -> tuple[Plan, str]:
        """The plan, and when it was made (RFC 3339 UTC)."""
        with self._lock:
            known, at, fresh = self._plan, self._at, self._now() < self._until
        if known is not None and (fresh or not self._working.acquire(blocking=False)):
            return known, at
        if known is None:
            self._working.acquire()
        try:
            return self._work()
        finally:
            self._working.release()

    def _work(self) -> tuple[Plan, str]:
        with self._lock:
            if self._plan is not None and self._now() < self._until:
                return self._plan, self._at  # Somebody else made it while this one waited.
        begun = self._now()
        plan = self._pipeline.plan()
        ended = datetime.fromisoformat(self._now())
        took = ended - datetime.fromisoformat(begun)
        with self._lock:
            self._plan, self._at = plan, begun
            self._until = timestamp(ended + max(FRESH, REST * took))
        return plan, begun

    def _now(self) -> str:
        return self._pipeline.desk.journal.timestamp()


def progress(pipeline: Pipeline, forecast: Forecast | None = None) -> Progress:
    """forecast: without one the rest is worked out now."""
    plan, at = (forecast or Forecast(pipeline)).latest()
    prices = pipeline.prices()
    ordered = Counter(order.stage for order in pipeline.records.orders())
    return Progress(
        _working(pipeline.records.leases()),
        tuple(_stage(stage, plan, prices, ordered[stage]) for stage in Stage),
        plan.outfits,
        plan.published,
        plan.refused,
        plan.held,
        at,
        tuple(pipeline.log.latest(LAST_EVENTS)),
    )


def _working(leases: Sequence[Lease]) -> tuple[Working, ...]:
    """By holder; one lease of a holder that is alive says that all of it is."""
    found: dict[str, list[Lease]] = {}
    for lease in leases:
        found.setdefault(lease.holder, []).append(lease)
    return tuple(Working(holder, len(held), any(one.alive for one in held)) for holder, held in found.items())


def _stage(stage: Stage, plan: Plan, prices: Prices, ordered: int) -> StageProgress:
    past, left = prices.measured.get(stage, History(0, 0.0, 0.0)), plan.passes[stage]
    expected = left * prices.seconds(stage), left * prices.usd(stage)
    return StageProgress(stage.value, past.passes, past.seconds, past.cost_usd, left, *expected, ordered)
