"""From what is missing to Dagster's run requests; the upload sensor and the weekly schedule share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import dagster as dg

from fashion_assets.partitions import known_order, missing_keys, range_tags, rectangle_tags
from jobs.runs import REFRESH, busy, end_dead_runs, lately_ended
from tryon.core.matrix import Matrix, Rectangle
from tryon.core.pipeline import Pipeline
from tryon.core.scheduling.backoff import resting
from tryon.core.scheduling.requests import NOTHING, Order, Requests, requests
from tryon.core.uploads import Item, User
from tryon.core.work import Plan

WORK = "fashion/work"
"""Run tag: a hash of the job and its partitions. Not of photos: Dagster keeps tags for ever."""

LOOKED_UP = 200
"""Tags in one query."""


@dataclass(frozen=True)
class Look:
    """Everything that a tick knows. new: keys that Dagster has to add; order: all keys, those too."""

    users: Sequence[User]
    items: Sequence[Item]
    new: Order
    order: Order
    plan: Plan
    requests: Requests
    dead_runs: Sequence[str]


def look(pipeline: Pipeline, instance: dg.DagsterInstance, now: datetime, *, patient: bool = True) -> Look:
    """Compare what is wanted with what is there and with what is being made. Uploads were reconciled before.

    patient: leave alone for a while what failed several times.
    """
    dead = end_dead_runs(instance)
    known = known_order(instance)
    # Runs before records: one that ends in between still counts as working, and the next tick asks for what it left.
    working = busy(instance, known, now)
    tired = resting(lately_ended(instance, known, now)) if patient else NOTHING
    # The plan before its uploads: what is registered in between waits for the next tick.
    plan = pipeline.plan()
    users, items = pipeline.records.users(), pipeline.records.items()
    new = missing_keys(known, Order([user.id for user in users], [item.id for item in items]))
    order = Order([*known.users, *new.users], [*known.items, *new.items])
    found = requests(plan, pipeline.outdated(), Matrix(items), order, working, tired, pipeline.chunk_seconds)
    return Look(users, items, new, order, plan, found, dead)


def run_requests(
    found: Requests, refreshed: Sequence[Rectangle], instance: dg.DagsterInstance
) -> list[dg.RunRequest]:
    """One run request for each entry, with a run key of its own for every attempt."""
    wanted = [*_tagged(found), *(("pregenerate", {**rectangle_tags(r), REFRESH: "yes"}) for r in refreshed)]
    works = [_work(job, tags) for job, tags in wanted]
    attempts = _last_attempts(instance, works)
    return [
        dg.RunRequest(
            run_key=f"{work}:{attempts.get(work, 'first')}", job_name=job, tags={**tags, WORK: work}
        )
        for (job, tags), work in zip(wanted, works, strict=True)
    ]


def _tagged(found: Requests) -> Iterator[tuple[str, dict[str, str]]]:
    sweeps = (("crop_items", found.crops), ("mask_users", found.masks))
    for job, groups in sweeps:
        yield from ((job, range_tags(keys[0], keys[-1])) for keys in groups)
    yield from (("pregenerate", rectangle_tags(rectangle)) for rectangle in found.rectangles)
    yield from (("export_users", range_tags(keys[0], keys[-1])) for keys in found.documents)


def _work(job: str, tags: Mapping[str, str]) -> str:
    return sha256("\n".join([job, *(f"{key}={tags[key]}" for key in sorted(tags))]).encode()).hexdigest()[:32]


def _last_attempts(instance: dg.DagsterInstance, works: Sequence[str]) -> dict[str, str]:
    """The newest run of each work that was launched. Naming it in the run key makes the key new for each attempt:
    Dagster never starts a run key twice. A run that was created and never launched does not count, so its key is
    requested again, and that is when Dagster launches it."""
    launched = [status for status in dg.DagsterRunStatus if status is not dg.DagsterRunStatus.NOT_STARTED]
    found: dict[str, str] = {}
    for start in range(0, len(works), LOOKED_UP):
        tags = {WORK: list(works[start : start + LOOKED_UP])}
        for run in instance.get_runs(dg.RunsFilter(tags=tags, statuses=launched)):
            found.setdefault(run.tags[WORK], run.run_id)
    return found
