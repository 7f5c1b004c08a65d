"""The upload sensor: level-triggered, so what a tick misses the next one finds."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from bench.uploads import write_user
from fashion_assets.operate import Operator
from sensors.uploads import new_uploads
from tryon.core.pipeline import Pipeline


def tick(instance: dg.DagsterInstance, pipeline: Pipeline) -> dg.SensorResult:
    context = dg.build_sensor_context(instance=instance, resources={"pipeline": pipeline})
    result = new_uploads(context)
    assert isinstance(result, dg.SensorResult)
    return result


def jobs(result: dg.SensorResult) -> list[str | None]:
    return [request.job_name for request in result.run_requests or []]


def test_new_uploads_get_partitions_in_order_and_inputs_first(
    instance: dg.DagsterInstance, pipeline: Pipeline
) -> None:
    result = tick(instance, pipeline)
    keys = {r.partitions_def_name: r.partition_keys for r in result.dynamic_partitions_requests or []}
    assert keys == {"user": ["u0000", "u0001"], "item": ["t0000", "t0001", "b0000", "b0001"]}
    assert jobs(result) == ["crop_items", "mask_users"]


def test_outfits_follow_when_their_inputs_are_there(
    instance: dg.DagsterInstance, pipeline: Pipeline, operator: Operator
) -> None:
    operator.prepare()
    assert jobs(tick(instance, pipeline)) == ["pregenerate", "export_users"]


def test_nothing_missing_requests_nothing(
    instance: dg.DagsterInstance, pipeline: Pipeline, operator: Operator
) -> None:
    operator.pregenerate()
    assert jobs(tick(instance, pipeline)) == []


def test_a_tick_that_died_is_made_up_for(instance: dg.DagsterInstance, pipeline: Pipeline) -> None:
    """Same work, same run key: requested again after a crash, but never run twice."""
    first, second = tick(instance, pipeline), tick(instance, pipeline)
    assert [r.run_key for r in first.run_requests or []] == [r.run_key for r in second.run_requests or []]


def test_a_changed_photo_is_new_work(
    instance: dg.DagsterInstance, pipeline: Pipeline, operator: Operator, data: Path
) -> None:
    operator.pregenerate()
    write_user(data / "uploads", "u0001", seed=77)
    (request,) = tick(instance, pipeline).run_requests or []
    assert (request.job_name, set(request.tags.values())) == ("mask_users", {"u0001"})


def test_run_keys_do_not_show_the_digests_of_photos(instance: dg.DagsterInstance, pipeline: Pipeline) -> None:
    result = tick(instance, pipeline)
    digests = {u.sha256 for u in pipeline.records.users()} | {i.sha256 for i in pipeline.records.items()}
    assert not any(digest in (r.run_key or "") for r in result.run_requests or [] for digest in digests)
