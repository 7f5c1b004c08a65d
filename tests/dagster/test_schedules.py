"""The weekly schedule: the whole catalogue is looked at, and everything that is missing is requested."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from bench.small_daemon import SmallDaemon
from fashion_assets.definitions import definitions
from fashion_assets.operate import QUIET, Operator, open_instance
from jobs.schedules import weekly_regeneration
from sensors.uploads import new_uploads
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.scheduling.backoff import MOST_FAILURES


@pytest.fixture
def instance(data: Path) -> Iterator[dg.DagsterInstance]:
    """On disk: a schedule opens it anew."""
    with open_instance(data) as instance:
        yield instance


def evaluate(instance: dg.DagsterInstance, pipeline: Pipeline) -> list[dg.RunRequest]:
    """What it requests; it says so when that is nothing."""
    context = dg.build_schedule_context(instance, resources={"pipeline": pipeline})
    found = weekly_regeneration(context)
    if isinstance(found, dg.SkipReason):
        assert "nothing is missing" in str(found.skip_message)
        return []
    assert isinstance(found, list)
    return found


def run(instance: dg.DagsterInstance, pipeline: Pipeline, requests: list[dg.RunRequest]) -> None:
    for request in requests:
        result = (
            definitions(pipeline)
            .resolve_implicit_global_asset_job_def()
            .execute_in_process(
                instance=instance,
                run_config=QUIET,
                tags=dict(request.tags),
                asset_selection=list(request.asset_selection or ()),
            )
        )
        assert result.success


def test_it_runs_on_sundays_at_three_and_only_when_it_is_switched_on() -> None:
    assert (weekly_regeneration.cron_schedule, weekly_regeneration.execution_timezone) == ("0 3 * * 0", "UTC")
    assert weekly_regeneration.default_status is dg.DefaultScheduleStatus.STOPPED


def test_turn_by_turn_it_makes_everything(instance: dg.DagsterInstance, pipeline: Pipeline) -> None:
    while requests := evaluate(instance, pipeline):
        run(instance, pipeline, requests)
    assert pipeline.plan().nothing
    assert pipeline.outdated() == {}


def test_it_requests_what_the_sensor_would(
    instance: dg.DagsterInstance, pipeline: Pipeline, operator: Operator
) -> None:
    operator.prepare()
    sensor = new_uploads(dg.build_sensor_context(instance=instance, resources={"pipeline": pipeline}))
    assert isinstance(sensor, dg.SensorResult)
    mine = [(r.run_key, dict(r.tags)) for r in evaluate(instance, pipeline)]
    theirs = [(r.run_key, dict(r.tags)) for r in sensor.run_requests or []]
    assert [key for key, _ in mine] == [key for key, _ in theirs]
    assert all(tags.items() <= found.items() for (_, tags), (_, found) in zip(theirs, mine, strict=True))


def test_nothing_missing_costs_nothing(
    instance: dg.DagsterInstance, pipeline: Pipeline, operator: Operator
) -> None:
    operator.pregenerate()
    passes = pipeline.records.history()[Stage.TRYON].passes
    assert evaluate(instance, pipeline) == []
    assert pipeline.records.history()[Stage.TRYON].passes == passes


def test_it_tries_again_what_rests(
    instance: dg.DagsterInstance,
    pipeline: Pipeline,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    daemon = SmallDaemon(pipeline, instance, data / "cursor.json")
    with monkeypatch.context() as broken:
        broken.setattr(pipeline.stages.tryon.dresser, "dress", lambda batch: 1 / 0)
        for _ in range(MOST_FAILURES + 1):
            daemon.tick()
            daemon.work()
    assert daemon.tick() == 0
    run(instance, pipeline, evaluate(instance, pipeline))
    assert pipeline.plan().nothing
