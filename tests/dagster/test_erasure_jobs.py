"""The jobs `erase_user`, `erase_item` and `erase_expired`, and the schedule that keeps house."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest

from bench.uploads import write_user
from fashion_assets.definitions import definitions, defs
from fashion_assets.operate import Operator, open_instance
from jobs.upkeep import daily_upkeep
from tests.remains import remains, secrets_of
from tryon.core.pipeline import Pipeline
from tryon.core.records import BlobFacts
from tryon.core.uploads import UploadKind
from tryon.stores.archive import LocalArchive


def run(
    operator: Operator, data: Path, job: str, config: dict[str, object] | None = None
) -> dg.ExecuteInProcessResult:
    found = definitions(operator.pipeline, LocalArchive(data)).resolve_job_def(job)
    return found.execute_in_process(instance=operator.instance, run_config=config or {}, raise_on_error=False)


def erase(operator: Operator, data: Path, kind: str, name: str) -> dg.ExecuteInProcessResult:
    return run(operator, data, f"erase_{kind}", {"ops": {f"erase_one_{kind}": {"config": {"id": name}}}})


@pytest.mark.parametrize(("kind", "name"), [("user", "u0001"), ("item", "t0001")])
def test_a_job_erases_everywhere_also_in_dagster(
    pipeline: Pipeline, data: Path, kind: str, name: str
) -> None:
    """Dagster's storage is on disk here, where an auditor can look into it."""
    with open_instance(data) as instance:
        _erased_everywhere(Operator(pipeline, instance), pipeline, data, kind, name)


def _erased_everywhere(operator: Operator, pipeline: Pipeline, data: Path, kind: str, name: str) -> None:
    operator.pregenerate()
    secrets = secrets_of(pipeline, UploadKind(kind), name)
    result = erase(operator, data, kind, name)
    assert result.success
    assert remains(data, secrets) == []
    assert name not in operator.instance.get_dynamic_partitions(kind)
    assert len(operator.instance.get_dynamic_partitions(kind)) > 0
    (receipt,) = (data / "receipts").iterdir()
    assert json.loads(receipt.read_text())["id"] == name
    assert not operator.pregenerate().runs


def test_an_erased_id_runs_again_as_a_new_one(operator: Operator, data: Path) -> None:
    operator.pregenerate()
    erase(operator, data, "user", "u0000")
    write_user(data / "uploads", "u0000", 0)
    assert not operator.pregenerate().failed
    assert operator.instance.get_dynamic_partitions("user") == ["u0001", "u0000"]


def test_an_unknown_id_fails_the_run(operator: Operator, data: Path) -> None:
    assert not erase(operator, data, "user", "nobody").success


def test_upkeep_finishes_what_was_begun(operator: Operator, pipeline: Pipeline, data: Path) -> None:
    operator.pregenerate()
    ann = next(kept.ref for kept in pipeline.records.kept() if kept.ref.id == "u0000")
    pipeline.records.bury(ann, "2026-11-20T12:00:00Z")
    assert run(operator, data, "erase_expired").success
    assert pipeline.records.erasing() == []
    assert [path.name for path in (data / "receipts").iterdir()] == [f"user-u0000-{ann.ordinal}.json"]
    assert run(operator, data, "erase_expired").success


def test_the_nightly_job_erases_and_mends(operator: Operator, pipeline: Pipeline, data: Path) -> None:
    operator.pregenerate()
    ann, ben = (kept.ref for kept in pipeline.records.kept() if kept.ref.kind is UploadKind.USER)
    pipeline.records.bury(ann, "2026-11-20T12:00:00Z")
    damaged = next(r for r in pipeline.records.of_user(ben.id) if isinstance(r.result, BlobFacts))
    (data / "blobs" / damaged.path).write_bytes(b"changed")
    result = run(operator, data, "upkeep", {"ops": {"compare_stores": {"config": {"repair": True}}}})
    # It mended what it could, and says that the withdrawn product must be made again.
    assert not result.success
    assert pipeline.records.erasing() == []
    assert damaged.input not in pipeline.records.find([damaged.input])
    assert not operator.pregenerate().failed
    assert damaged.input in pipeline.records.find([damaged.input])


def test_what_cannot_be_finished_fails_the_run(
    operator: Operator, pipeline: Pipeline, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.pregenerate()
    ann = next(kept.ref for kept in pipeline.records.kept() if kept.ref.id == "u0000")
    pipeline.records.bury(ann, "2026-11-20T12:00:00Z")
    monkeypatch.setattr(type(pipeline.records), "scrub", lambda self: False)
    assert not run(operator, data, "erase_expired").success
    assert pipeline.records.erasing() == [ann]


def test_upkeep_runs_daily_once_it_is_switched_on() -> None:
    assert (daily_upkeep.cron_schedule, daily_upkeep.default_status) == (
        "0 2 * * *",
        dg.DefaultScheduleStatus.STOPPED,
    )
    assert {"erase_user", "erase_item", "erase_expired"} <= {job.name for job in defs.resolve_all_job_defs()}
