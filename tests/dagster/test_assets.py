"""Events: one a partition, counts and reasons only, and a refusal is a materialized partition."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pytest

from fashion_assets.operate import Operator
from tryon.core.matrix import Rectangle
from tryon.core.pipeline import Pipeline
from tryon.core.ports import Dressed, DressJob
from tryon.core.recipes import Stage
from tryon.core.records import Verdict
from tryon.core.rollout import confirm, prepare
from tryon.core.stages.stage import Task
from tryon.core.stages.tryons import TryonStage
from tryon.core.words import Refused

PAIR_ASSETS = ["garment_tryons", "outfit_tryons", "outfit_splats"]


def events(instance: dg.DagsterInstance, asset: str) -> list[dg.AssetMaterialization]:
    found = instance.fetch_materializations(dg.AssetKey(asset), limit=1000).records
    return [record.asset_materialization for record in found if record.asset_materialization]


def test_every_partition_has_exactly_one_event(operator: Operator) -> None:
    operator.pregenerate()
    counts = {"product_crops": 4, "user_masks": 2, "data_json": 2, **dict.fromkeys(PAIR_ASSETS, 8)}
    for asset, count in counts.items():
        partitions = [event.partition for event in events(operator.instance, asset)]
        assert len(partitions) == len(set(partitions)) == count, asset


def test_events_carry_counts_engine_and_seconds(operator: Operator) -> None:
    operator.pregenerate()
    last = {e.partition: e.metadata for e in events(operator.instance, "outfit_tryons")}["b0001|u0000"]
    assert last["published"].value == 2
    assert last["refused"].value == 0
    assert last["engine"].value == "null-dresser, null-splatter"
    assert isinstance(last["seconds"].value, float)


def test_a_pair_that_owns_nothing_is_materialized_with_count_0(operator: Operator) -> None:
    operator.pregenerate()
    first = {e.partition: e.metadata for e in events(operator.instance, "outfit_tryons")}["t0000|u0000"]
    assert first["published"].value == 0


def test_events_hold_no_digest_and_no_picture(operator: Operator, data: Path) -> None:
    """Dagster's events cannot be erased, so nothing of an upload may get into them."""
    operator.pregenerate()
    records = operator.pipeline.records
    digests = [u.sha256 for u in records.users()] + [i.sha256 for i in records.items()]
    told = "".join(
        json.dumps([e.partition, {k: str(v.value) for k, v in e.metadata.items()}, e.tags])
        for asset in ["user_masks", *PAIR_ASSETS]
        for e in events(operator.instance, asset)
    )
    assert not any(digest in told for digest in digests)
    assert "base64" not in told


def test_data_versions_change_with_the_result_only(operator: Operator, data: Path) -> None:
    operator.pregenerate()
    before = {e.partition: e.tags for e in events(operator.instance, "garment_tryons")}
    operator.instance.wipe_assets([dg.AssetKey(asset) for asset in PAIR_ASSETS])
    operator.run_rectangle(Rectangle(("u0000", "u0001"), ("t0000", "t0001", "b0000", "b0001")))
    after = {e.partition: e.tags for e in events(operator.instance, "garment_tryons")}
    assert before == after


def test_a_refusal_is_a_materialized_partition_with_its_reason(
    operator: Operator, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = Refused("arms_crossed", "The arms are crossed in front of the body.")

    def refuse(batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        return [reason for _ in batch]

    monkeypatch.setattr(pipeline.stages.tryon.dresser, "dress", refuse)
    assert not operator.pregenerate().failed
    event = events(operator.instance, "garment_tryons")[0]
    assert event.metadata["refused"].value == 1
    assert reason.message in str(event.metadata["refusals"].value)
    verdicts = {
        r.verdict for user in pipeline.records.users() for r in pipeline.records.of_user(user.id) if r.item
    }
    assert verdicts == {Verdict.REFUSED}


def test_an_infrastructure_error_fails_its_own_pair_only(
    operator: Operator, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = TryonStage.load

    def broken(stage: TryonStage, task: Task) -> DressJob:
        if task[0].name == "b0000.bottoms" and task[0].user and task[0].user.id == "u0000":
            raise ConnectionError("the GPU went away")
        return load(stage, task)

    monkeypatch.setattr(TryonStage, "load", broken)
    summary = operator.pregenerate()
    assert list(summary.failed) == ["b0000|u0000"]
    assert "the GPU went away" in summary.failed["b0000|u0000"]
    for asset in PAIR_ASSETS:
        done = {event.partition for event in events(operator.instance, asset)}
        assert len(done) == 7, asset
        assert "b0000|u0000" not in done, asset


def test_a_rerun_after_the_error_makes_only_what_was_missing(
    operator: Operator, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(pipeline.stages.splat.splatter, "splat", lambda batch: 1 / 0)
        assert operator.pregenerate().failed
    passes = pipeline.plan().passes
    assert (passes[Stage.TRYON], passes[Stage.SPLAT]) == (0, 8)
    assert not operator.pregenerate().failed
    assert pipeline.plan().nothing


def test_nothing_missing_starts_no_run(operator: Operator) -> None:
    operator.pregenerate()
    assert operator.pregenerate().runs == []


def test_one_pair_backfilled_alone_makes_the_base_it_needs(operator: Operator, pipeline: Pipeline) -> None:
    operator.prepare()
    operator.run_rectangle(Rectangle(("u0000",), ("b0001",)))
    done = {record.name for record in pipeline.records.of_user("u0000") if record.stage is Stage.TRYON}
    assert done == {"b0001.bottoms", "t0000.tops+b0001.bottoms", "t0001.tops+b0001.bottoms"}
    operator.run_rectangle(Rectangle(("u0001",), ("b0001",)), ["outfit_tryons"])
    done = {record.name for record in pipeline.records.of_user("u0001") if record.stage is Stage.TRYON}
    assert done == {"b0001.bottoms", "t0000.tops+b0001.bottoms", "t0001.tops+b0001.bottoms"}


def test_a_stop_ends_the_whole_call_and_loses_nothing(
    operator: Operator, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C, or a run terminated from the UI, must not go on with the next run."""

    def stop(batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        os.kill(os.getpid(), signal.SIGINT)
        return []

    with monkeypatch.context() as stopped:
        stopped.setattr(pipeline.stages.tryon.dresser, "dress", stop)
        with pytest.raises(KeyboardInterrupt):
            operator.pregenerate()
    assert not operator.instance.get_materialized_partitions(dg.AssetKey("data_json"))
    assert not operator.pregenerate().failed
    assert pipeline.plan().nothing


def test_force_makes_everything_again_as_the_next_generation(operator: Operator, pipeline: Pipeline) -> None:
    operator.pregenerate()
    before = pipeline.records.history()[Stage.TRYON].passes
    confirm(pipeline, prepare(pipeline, again=True))
    assert not operator.pregenerate().failed
    assert pipeline.records.history()[Stage.TRYON].passes == 2 * before
    assert pipeline.plan().nothing
