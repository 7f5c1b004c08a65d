"""Runs whose process died: Dagster's launcher for one machine does not notice, so the tick does."""

from __future__ import annotations

import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from fashion_assets.definitions import definitions
from fashion_assets.operate import Operator
from fashion_assets.partitions import known_order
from fashion_assets.reporting import PROCESS
from jobs.runs import TRUSTED, busy, end_dead_runs
from tryon.core.pipeline import Pipeline
from tryon.stores.holders import lease_holder

RANGE = {
    "dagster/asset_partition_range_start": "t0000",
    "dagster/asset_partition_range_end": "b0001",
}
ALL = {"t0000", "t0001", "b0000", "b0001"}


@pytest.fixture
def registered(operator: Operator) -> dg.DagsterInstance:
    operator.reconcile()
    return operator.instance


def started(instance: dg.DagsterInstance, pipeline: Pipeline, holder: str | None) -> str:
    """A crop run that began, in a process of this name."""
    tags = RANGE if holder is None else {**RANGE, PROCESS: holder}
    run = instance.create_run_for_job(definitions(pipeline).resolve_job_def("crop_items"), tags=tags)
    event = dg.DagsterEvent(dg.DagsterEventType.PIPELINE_START.value, run.job_name)
    instance.report_dagster_event(event, run.run_id)
    return run.run_id


def working(instance: dg.DagsterInstance, later: timedelta = timedelta(0)) -> set[str]:
    return set(busy(instance, known_order(instance), datetime.now(UTC) + later).crops)


def status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def dead() -> str:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return f"{socket.gethostname()}:{process.pid}.12345"


def test_a_run_of_a_dead_process_is_failed_and_holds_nothing(
    registered: dg.DagsterInstance, pipeline: Pipeline
) -> None:
    run_id = started(registered, pipeline, dead())
    assert working(registered) == ALL
    assert end_dead_runs(registered) == [run_id]
    assert status(registered, run_id) is dg.DagsterRunStatus.FAILURE
    assert working(registered) == set()
    assert end_dead_runs(registered) == []


@pytest.mark.parametrize(
    "holder", [lease_holder(), "elsewhere:1.1", None], ids=["here", "elsewhere", "unknown"]
)
def test_a_run_that_may_live_is_left_alone(
    registered: dg.DagsterInstance, pipeline: Pipeline, holder: str | None
) -> None:
    run_id = started(registered, pipeline, holder)
    assert end_dead_runs(registered) == []
    assert status(registered, run_id) is dg.DagsterRunStatus.STARTED
    assert working(registered) == ALL


def test_a_run_is_not_believed_to_work_for_ever(registered: dg.DagsterInstance, pipeline: Pipeline) -> None:
    started(registered, pipeline, "elsewhere:1.1")
    assert working(registered, TRUSTED - timedelta(minutes=1)) == ALL
    assert working(registered, TRUSTED + timedelta(minutes=1)) == set()


def test_every_run_names_its_process(operator: Operator) -> None:
    operator.pregenerate()
    assert {run.tags.get(PROCESS) for run in operator.instance.get_runs()} == {lease_holder()}
