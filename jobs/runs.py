"""What Dagster's runs say: which partitions are being worked on, and which ended lately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce

import dagster as dg

from fashion_assets.partitions import RANGE_END, RANGE_START, pair_of
from fashion_assets.reporting import PROCESS
from jobs.pregenerate import ASSETS
from tryon.core.scheduling.backoff import WINDOW_SECONDS, Ended
from tryon.core.scheduling.requests import NOTHING, Order, Partitions
from tryon.stores.holders import holder_lives

PARTITION = "dagster/partition"
REFRESH = "fashion/refresh"
"""Run tag of runs that only bring Dagster's counts up to date."""

WORKING = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
WAITING = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING]
"""NOT_STARTED is neither: such a run was created and never launched, since the daemon died in between. Dagster launches
it when its run key is requested again."""

ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]

TRUSTED = timedelta(hours=6)
"""How long a run is believed to work where its process cannot be seen (on another machine, or before it began)."""


def end_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark as failed the runs whose process on this machine is gone, and return their ids.

    Dagster's launcher for one machine cannot see that: such a run would hold its partitions, and a place in the queue,
    for ever.
    """
    found = []
    for run in instance.get_runs(dg.RunsFilter(statuses=WORKING)):
        if holder_lives(run.tags.get(PROCESS, "")) is False and _works(instance, run.run_id):
            instance.report_run_failed(run, "the process that worked on this run is gone")
            found.append(run.run_id)
    return found


def _works(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Read again: a process that ended well told the end of its run first."""
    run = instance.get_run_by_id(run_id)
    return run is not None and run.status in WORKING


def busy(instance: dg.DagsterInstance, order: Order, now: datetime) -> Partitions:
    """What unfinished runs work on, or will: of our jobs, of the command line, and of backfills."""
    runs = list(instance.get_runs(dg.RunsFilter(statuses=WAITING)))
    for record in instance.get_run_records(dg.RunsFilter(statuses=WORKING)):
        if record.start_time is None or now.timestamp() - record.start_time < TRUSTED.total_seconds():
            runs.append(record.dagster_run)
    return reduce(Partitions.__or__, (covered(run, order) for run in runs), NOTHING)


def lately_ended(instance: dg.DagsterInstance, order: Order, now: datetime) -> list[Ended]:
    since = now - timedelta(seconds=WINDOW_SECONDS)
    runs = instance.get_runs(dg.RunsFilter(statuses=ENDED, updated_after=since))
    return [
        Ended(covered(run, order), run.status is not dg.DagsterRunStatus.SUCCESS)
        for run in runs
        if REFRESH not in run.tags
    ]


def covered(run: dg.DagsterRun, order: Order) -> Partitions:
    """The partitions that a run covers completely; nothing of one that makes only a part of the outfits, or that is
    not ours."""
    selected = {key.to_user_string() for key in run.asset_selection or ()} or set(
        ASSETS.get(run.job_name, ())
    )
    found = NOTHING
    if selected >= set(ASSETS["crop_items"]):
        found |= Partitions(crops=_keys(run.tags, order.items))
    if selected >= set(ASSETS["mask_users"]):
        found |= Partitions(masks=_keys(run.tags, order.users))
    if selected >= set(ASSETS["export_users"]):
        found |= Partitions(documents=_keys(run.tags, order.users))
    if selected >= set(ASSETS["pregenerate"]):
        found |= Partitions(pairs=_pairs(run.tags, order))
    return found


def _ends(tags: Mapping[str, str]) -> tuple[str, str] | None:
    if RANGE_START in tags and RANGE_END in tags:
        return tags[RANGE_START], tags[RANGE_END]
    return (tags[PARTITION], tags[PARTITION]) if PARTITION in tags else None


def _keys(tags: Mapping[str, str], order: Sequence[str]) -> frozenset[str]:
    ends = _ends(tags)
    return _between(*ends, order) if ends else frozenset()


def _pairs(tags: Mapping[str, str], order: Order) -> dict[str, frozenset[str]]:
    """A range of pairs is the product of its two ranges."""
    ends = _ends(tags)
    if ends is None:
        return {}
    (first_user, first_item), (last_user, last_item) = map(pair_of, ends)
    items = _between(first_item, last_item, order.items)
    return dict.fromkeys(_between(first_user, last_user, order.users), items)


def _between(first: str, last: str, order: Sequence[str]) -> frozenset[str]:
    """Empty when an end is not there any more: such a run cannot cover anything."""
    index = {key: position for position, key in enumerate(order)}
    if first not in index or last not in index:
        return frozenset()
    return frozenset(order[index[first] : index[last] + 1])
