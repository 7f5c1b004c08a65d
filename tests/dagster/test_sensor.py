"""The upload sensor: level-triggered, so what a tick misses the next one finds, and nothing is asked for twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
import pytest

from bench.small_daemon import SmallDaemon
from bench.uploads import write_item, write_user
from fashion_assets.operate import Operator
from sensors import uploads as module
from sensors.uploads import new_uploads, read_cursor, write_cursor
from tryon.core.pipeline import Pipeline
from tryon.core.ports import Analysis, Dressed, DressJob, ProductPhoto
from tryon.core.scheduling.backoff import MOST_FAILURES
from tryon.core.scheduling.refresh import Refresh, Seen
from tryon.core.words import Refused

START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
Request = tuple[str, str, str]


@pytest.fixture
def daemon(instance: dg.DagsterInstance, pipeline: Pipeline, tmp_path: Path) -> SmallDaemon:
    """It does what ticks ask for, and goes on with the cursor."""
    return SmallDaemon(pipeline, instance, tmp_path / "cursor.json")


@pytest.fixture
def uploads(data: Path) -> Path:
    return data / "uploads"


def tick(instance: dg.DagsterInstance, pipeline: Pipeline, cursor: str | None = None) -> dg.SensorResult:
    """Only evaluates, as a tick that dies at its end."""
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources={"pipeline": pipeline})
    result = new_uploads(context)
    assert isinstance(result, dg.SensorResult)
    return result


def requests(result: dg.SensorResult) -> list[Request]:
    """(job, first partition, last partition) of each."""
    return [(str(r.job_name), r.tags[START], r.tags[END]) for r in result.run_requests or []]


def jobs(result: dg.SensorResult) -> list[str]:
    return [job for job, _, _ in requests(result)]


def remove(uploads: Path, item: str) -> None:
    for suffix in ("png", "json"):
        (uploads / "items" / f"{item}.{suffix}").unlink()


def runs(instance: dg.DagsterInstance) -> list[Request]:
    return [(r.job_name, r.tags[START], r.tags[END]) for r in instance.get_runs() if START in r.tags]


# What is asked for


def test_new_uploads_get_partitions_in_order_and_inputs_first(
    instance: dg.DagsterInstance, pipeline: Pipeline
) -> None:
    result = tick(instance, pipeline)
    keys = {r.partitions_def_name: r.partition_keys for r in result.dynamic_partitions_requests or []}
    assert keys == {"user": ["u0000", "u0001"], "item": ["t0000", "t0001", "b0000", "b0001"]}
    assert requests(result) == [("crop_items", "t0000", "b0001"), ("mask_users", "u0000", "u0001")]


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


def test_tick_by_tick_everything_is_made_once(
    daemon: SmallDaemon, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    while daemon.tick():
        daemon.work()
    assert pipeline.plan().nothing
    assert pipeline.outdated() == {}
    assert Counter(runs(instance)).most_common(1)[0][1] == 1


def test_a_new_user_and_a_new_item_are_disjoint_rectangles(
    daemon: SmallDaemon, instance: dg.DagsterInstance, pipeline: Pipeline, uploads: Path
) -> None:
    while daemon.tick():
        daemon.work()
    write_user(uploads, "zoe", 5)
    write_item(uploads, "polo", ["tops"], 5)
    daemon.tick()
    daemon.work()
    asked = [r for r in requests(tick(instance, pipeline)) if r[0] == "pregenerate"]
    assert asked == [("pregenerate", "polo|u0000", "polo|u0001"), ("pregenerate", "t0000|zoe", "polo|zoe")]


def test_a_changed_photo_is_new_work(
    instance: dg.DagsterInstance, pipeline: Pipeline, operator: Operator, uploads: Path
) -> None:
    operator.pregenerate()
    write_user(uploads, "u0001", seed=77)
    assert requests(tick(instance, pipeline)) == [("mask_users", "u0001", "u0001")]


def test_a_photo_that_is_changed_back_is_work_again_though_the_same_work_ran_before(
    daemon: SmallDaemon, pipeline: Pipeline, uploads: Path
) -> None:
    """Dagster starts no run key twice, so the key must be another one at each attempt."""
    for seed in (77, 78, 77):
        write_user(uploads, "u0001", seed=seed)
        while daemon.tick():
            daemon.work()
        assert pipeline.plan().nothing


# A tick that dies


def test_a_tick_that_died_before_it_did_anything_is_made_up_for(
    instance: dg.DagsterInstance, pipeline: Pipeline
) -> None:
    first, second = tick(instance, pipeline), tick(instance, pipeline)
    assert first.run_requests == second.run_requests
    assert first.dynamic_partitions_requests == second.dynamic_partitions_requests


def test_a_tick_that_died_after_it_added_keys_is_made_up_for(
    instance: dg.DagsterInstance, pipeline: Pipeline
) -> None:
    first = tick(instance, pipeline)
    for keys in first.dynamic_partitions_requests or []:
        instance.add_dynamic_partitions(keys.partitions_def_name, list(keys.partition_keys))
    second = tick(instance, pipeline)
    assert second.run_requests == first.run_requests
    assert second.dynamic_partitions_requests == []


def test_a_run_that_was_created_and_never_launched_is_asked_for_under_its_own_key(
    instance: dg.DagsterInstance, pipeline: Pipeline, operator: Operator
) -> None:
    operator.reconcile()
    first = tick(instance, pipeline)
    for request in first.run_requests or []:
        instance.create_run_for_job(
            operator._definitions.resolve_job_def(str(request.job_name)),
            tags={**request.tags, "dagster/run_key": str(request.run_key)},
        )
    assert tick(instance, pipeline).run_requests == first.run_requests


def test_keys_out_of_order_still_make_ranges(
    daemon: SmallDaemon, instance: dg.DagsterInstance, pipeline: Pipeline
) -> None:
    """As when a key was added late: ranges follow Dagster's order, not the ordinals'."""
    instance.add_dynamic_partitions("item", ["b0001", "t0000"])
    while daemon.tick():
        daemon.work()
    assert pipeline.plan().nothing


# Work in progress


def test_what_is_requested_is_not_requested_again(
    daemon: SmallDaemon, instance: dg.DagsterInstance, pipeline: Pipeline, uploads: Path
) -> None:
    daemon.tick()
    assert jobs(tick(instance, pipeline)) == []
    write_user(uploads, "zoe", 5)
    assert requests(tick(instance, pipeline)) == [("mask_users", "zoe", "zoe")]


def test_two_ticks_never_request_a_pair_twice_while_a_run_works(
    daemon: SmallDaemon, instance: dg.DagsterInstance, pipeline: Pipeline, uploads: Path
) -> None:
    daemon.tick()
    daemon.work()
    daemon.tick()
    write_item(uploads, "polo", ["tops"], 5)
    daemon.tick()
    daemon.work(1)
    asked = [r for r in runs(instance) if r[0] == "pregenerate"]
    assert asked == [("pregenerate", "t0000|u0000", "b0001|u0001")]


@pytest.mark.parametrize(
    ("tags", "assets", "left"),
    [
        ({START: "t0000|u0000", END: "b0001|u0001"}, ["garment_tryons", "outfit_tryons", "outfit_splats"], 0),
        ({"dagster/partition": "b0001|u0001"}, ["garment_tryons", "outfit_tryons", "outfit_splats"], 7),
        ({START: "t0000|u0000", END: "b0001|u0001"}, ["garment_tryons"], 8),
        ({START: "t0000|u0000", END: "gone|u0001"}, ["garment_tryons", "outfit_tryons", "outfit_splats"], 8),
    ],
    ids=["all pairs", "one pair", "a part of the outfits", "a key that is gone"],
)
def test_backfills_from_the_ui_count_as_work(
    instance: dg.DagsterInstance,
    pipeline: Pipeline,
    operator: Operator,
    tags: dict[str, str],
    assets: list[str],
    left: int,
) -> None:
    operator.prepare()
    instance.add_dynamic_partitions("item", ["gone"])
    everything = operator._definitions.resolve_implicit_global_asset_job_def()
    keys = {dg.AssetKey(asset) for asset in assets}
    run = instance.create_run_for_job(everything, tags=tags, asset_selection=keys)
    event = dg.DagsterEvent(dg.DagsterEventType.PIPELINE_STARTING.value, run.job_name)
    instance.report_dagster_event(event, run.run_id)
    instance.delete_dynamic_partition("item", "gone")
    users, items = ["u0000", "u0001"], ["t0000", "t0001", "b0000", "b0001"]
    asked = [
        (user, item)
        for job, first, last in requests(tick(instance, pipeline))
        if job == "pregenerate"
        for user in between(users, first.partition("|")[2], last.partition("|")[2])
        for item in between(items, first.partition("|")[0], last.partition("|")[0])
    ]
    assert len(asked) == len(set(asked)) == left


def between(order: list[str], first: str, last: str) -> list[str]:
    return order[order.index(first) : order.index(last) + 1]


# Failing


@pytest.fixture
def broken_dresser(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def dress(batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        raise ConnectionError("the GPU went away")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.stages.tryon.dresser, "dress", dress)
        yield


@pytest.mark.usefixtures("broken_dresser")
def test_what_fails_is_tried_again_and_then_rests(
    daemon: SmallDaemon, instance: dg.DagsterInstance, pipeline: Pipeline
) -> None:
    for _ in range(MOST_FAILURES + 4):
        daemon.tick()
        daemon.work()
    failed = instance.get_runs(dg.RunsFilter(job_name="pregenerate"))
    assert len(failed) == MOST_FAILURES
    assert len({run.tags["dagster/run_key"] for run in failed}) == MOST_FAILURES
    assert pipeline.outdated() == {}, "what did not fail went on"


def test_what_rested_is_tried_again_when_the_window_is_over(
    daemon: SmallDaemon,
    instance: dg.DagsterInstance,
    pipeline: Pipeline,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pipeline.stages.tryon.dresser, "dress", lambda batch: 1 / 0)
        for _ in range(MOST_FAILURES + 1):
            daemon.tick()
            daemon.work()
    assert jobs(tick(instance, pipeline)) == []
    monkeypatch.setattr("jobs.runs.WINDOW_SECONDS", -60.0)
    while daemon.tick():
        daemon.work()
    assert pipeline.plan().nothing


def test_one_broken_crop_does_not_stop_the_catalogue(
    daemon: SmallDaemon, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, uploads: Path
) -> None:
    write_item(uploads, "gown", ["dress"], 9)
    analyzer = pipeline.stages.crop.analyzer
    analyze = analyzer.analyze

    def broken(batch: Sequence[ProductPhoto]) -> list[Analysis | Refused]:
        if any("dress" in photo.declared for photo in batch):
            raise ConnectionError("the analyzer went away")
        return analyze(batch)

    monkeypatch.setattr(analyzer, "analyze", broken)
    for _ in range(MOST_FAILURES + 3):
        daemon.tick()
        daemon.work()
    # It is not asked for again, and neither is what shows it.
    assert [attempt.name for attempt in pipeline.quarantine()] == ["gown.dress"]
    assert (pipeline.plan().nothing, pipeline.plan().held) == (True, len(pipeline.records.users()))
    assert pipeline.outdated() == {}


# Bounds


def test_a_tick_requests_a_bounded_number_of_runs_and_the_next_ones_the_rest(
    daemon: SmallDaemon, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_REQUESTS", 1)
    requested = []
    while count := daemon.tick():
        requested.append(count)
        daemon.work()
    assert set(requested) == {1}
    assert pipeline.plan().nothing
    assert pipeline.outdated() == {}


# Deleted items


def test_a_deleted_item_refreshes_the_pairs_it_touched_once(
    daemon: SmallDaemon, pipeline: Pipeline, instance: dg.DagsterInstance, uploads: Path
) -> None:
    while daemon.tick():
        daemon.work()
    before = sum(history.passes for history in pipeline.records.history().values())
    remove(uploads, "t0001")
    daemon.tick()
    daemon.work()
    assert runs(instance)[0] == ("pregenerate", "b0000|u0000", "b0001|u0001")
    while daemon.tick():
        daemon.work()
    (newest,) = [
        event.asset_materialization.metadata["published"].value
        for event in instance.fetch_materializations(
            dg.AssetRecordsFilter(dg.AssetKey("outfit_tryons"), asset_partitions=["b0000|u0000"]), limit=1
        ).records
        if event.asset_materialization
    ]
    assert newest == 1, "t0000 with b0000; t0001 with b0000 is gone"
    assert sum(history.passes for history in pipeline.records.history().values()) == before
    assert sum(run.job_name == "pregenerate" for run in instance.get_runs()) == 2


def test_a_tick_that_dies_does_not_forget_a_deletion(
    daemon: SmallDaemon, pipeline: Pipeline, instance: dg.DagsterInstance, uploads: Path, tmp_path: Path
) -> None:
    while daemon.tick():
        daemon.work()
    remove(uploads, "t0001")
    cursor = (tmp_path / "cursor.json").read_text()
    first, again = tick(instance, pipeline, cursor), tick(instance, pipeline, cursor)
    assert requests(first) == requests(again)
    assert ("pregenerate", "b0000|u0000", "b0001|u0001") in requests(first)
    assert "pregenerate" not in jobs(tick(instance, pipeline, first.cursor))


def test_without_its_cursor_the_sensor_only_takes_longer(
    daemon: SmallDaemon, pipeline: Pipeline, instance: dg.DagsterInstance, uploads: Path, tmp_path: Path
) -> None:
    while daemon.tick():
        daemon.work()
    remove(uploads, "t0001")
    with_cursor = tick(instance, pipeline, (tmp_path / "cursor.json").read_text())
    without = tick(instance, pipeline, None)
    assert requests(without) == requests(with_cursor)
    assert without.cursor == with_cursor.cursor


@pytest.mark.parametrize("refresh", [None, Refresh(4), Refresh(4, 17)])
def test_a_cursor_is_read_as_it_was_written(refresh: Refresh | None) -> None:
    seen = Seen(frozenset({1, 2, 3, 7, 9, 10}), refresh)
    text = write_cursor(seen)
    assert read_cursor(text) == seen
    assert json.loads(text)["items"] == [[1, 3], [7, 7], [9, 10]]


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_cursor_is_no_memory(nothing: str | None) -> None:
    assert read_cursor(nothing) is None


# What stays in Dagster


def test_nothing_that_dagster_keeps_shows_the_digests_of_photos(
    instance: dg.DagsterInstance, pipeline: Pipeline
) -> None:
    result = tick(instance, pipeline)
    digests = {u.sha256 for u in pipeline.records.users()} | {i.sha256 for i in pipeline.records.items()}
    kept = [text for r in result.run_requests or [] for text in (str(r.run_key), *r.tags.values())]
    assert not any(digest in text for text in [*kept, str(result.cursor)] for digest in digests)
