"""Reacts to new, changed and deleted uploads.

Each tick compares everything wanted with everything published and asks for what is missing and not being made, so a
tick that dies costs one interval and never an upload. A pair is asked for as soon as its own masks and crops are
there. What failed three times within an hour rests until the hour is over.
"""

import json
from datetime import UTC, datetime

import dagster as dg

from jobs.pregenerate import JOBS
from jobs.requests import Look, look, run_requests
from tryon.core.matrix import Rectangle
from tryon.core.pipeline import Pipeline
from tryon.core.rollout import switch
from tryon.core.scheduling.refresh import Refresh, Seen, due, refreshing, unseen
from tryon.core.scheduling.requests import Order

MOST_REQUESTS = 50
"""Runs requested by one tick: Dagster creates them one by one before the next tick. The rest follows there."""


@dg.sensor(jobs=JOBS, minimum_interval_seconds=30, description=__doc__)
def new_uploads(context: dg.SensorEvaluationContext, pipeline: dg.ResourceParam[Pipeline]) -> dg.SensorResult:
    _, rejected = pipeline.reconcile()
    for refusal in rejected:
        context.log.warning(f"{refusal.kind} {refusal.id} is not accepted: {refusal.reason}")
    switch(pipeline)
    found = look(pipeline, context.instance, datetime.now(UTC))
    for run_id in found.dead_runs:
        context.log.warning(f"run {run_id} was marked as failed: its process is gone")
    now = found.requests.first(MOST_REQUESTS)
    refreshed, seen = _refresh(found, context.cursor, MOST_REQUESTS - len(now))
    return dg.SensorResult(
        run_requests=run_requests(now, refreshed, context.instance),
        dynamic_partitions_requests=_new_keys(found.new),
        cursor=write_cursor(seen),
    )


def _new_keys(new: Order) -> list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest]:
    keys = {"user": new.users, "item": new.items}
    return [dg.AddDynamicPartitionsRequest(name, ids) for name, ids in keys.items() if ids]


def _refresh(found: Look, cursor: str | None, room: int) -> tuple[list[Rectangle], Seen]:
    """Pairs whose counts in Dagster are out of date because an item went or came back, and what to remember."""
    ordinals = frozenset(item.ordinal for item in found.items)
    seen = read_cursor(cursor) or unseen([user.ordinal for user in found.users], ordinals)
    refresh = due(seen, ordinals)
    if refresh is None:
        return [], Seen(ordinals)
    rectangles, left = refreshing(refresh, found.plan, found.users, found.items, found.order, room)
    return rectangles, Seen(ordinals, left)


def write_cursor(seen: Seen) -> str:
    """JSON: runs of ordinals, since Dagster keeps the cursor with every tick. Never a digest of a photo."""
    runs: list[list[int]] = []
    for ordinal in sorted(seen.items):
        if runs and runs[-1][1] == ordinal - 1:
            runs[-1][1] = ordinal
        else:
            runs.append([ordinal, ordinal])
    refresh = [seen.refresh.cut, seen.refresh.after] if seen.refresh else None
    return json.dumps({"items": runs, "refresh": refresh})


def read_cursor(cursor: str | None) -> Seen | None:
    """None when nothing is remembered, as before the first tick or after somebody reset the cursor."""
    if not cursor:
        return None
    facts = json.loads(cursor)
    items = frozenset(ordinal for first, last in facts["items"] for ordinal in range(first, last + 1))
    return Seen(items, Refresh(*facts["refresh"]) if facts["refresh"] else None)
