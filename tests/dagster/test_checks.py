"""Asset checks and the audit as a team meets them: jobs of their own, and never in the way of a range run."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from bench.uploads import write_user
from fashion_assets.checks import DOCUMENTS, SPECS
from fashion_assets.definitions import definitions
from fashion_assets.operate import QUIET, Operator
from tryon.core.auditing.check_results import FAMILIES
from tryon.core.matrix import Rectangle
from tryon.core.pipeline import Pipeline

PAIR = Rectangle(("u0000",), ("t0000",))


def check(operator: Operator) -> dict[str, dg.AssetCheckEvaluation]:
    job = definitions(operator.pipeline).resolve_job_def("check_assets")
    result = job.execute_in_process(instance=operator.instance, run_config=QUIET)
    found = result.get_asset_check_evaluations()
    return {e.check_name: e for e in found}


def failed(operator: Operator) -> set[str]:
    return {name for name, evaluation in check(operator).items() if not evaluation.passed}


def test_a_healthy_catalogue_passes_every_check(operator: Operator) -> None:
    operator.pregenerate()
    found = check(operator)
    assert set(found) == {DOCUMENTS.name, *(spec.name for spec, _, _ in SPECS)}
    assert len(found) == 5 * 5 + 1
    assert {name for name, evaluation in found.items() if not evaluation.passed} == set()
    numbers = {k: v.value for k, v in found["coverage_of_outfit_tryons"].metadata.items()}
    assert (numbers["wanted"], numbers["published"], numbers["covered"]) == (8, 8, 1.0)


def test_before_anything_is_made_coverage_warns(operator: Operator) -> None:
    operator.reconcile()
    found = check(operator)
    assert {n for n, e in found.items() if not e.passed} == {
        "staleness_of_data_json",
        *(f"coverage_of_{family.value}" for family in FAMILIES),
    }
    assert {e.severity for e in found.values() if not e.passed} == {dg.AssetCheckSeverity.WARN}


def test_a_damaged_blob_is_an_error_with_its_ids(operator: Operator, pipeline: Pipeline) -> None:
    operator.pregenerate()
    record = next(
        r
        for r in pipeline.records.of_user("u0001")
        if r.name == "t0001.tops+b0000.bottoms" and r.stage == "tryon"
    )
    pipeline.blobs.delete(record.path)
    found = check(operator)
    bad = found["integrity_of_outfit_tryons"]
    assert {name for name, e in found.items() if not e.passed} == {"integrity_of_outfit_tryons"}
    assert bad.severity is dg.AssetCheckSeverity.ERROR
    assert "u0001: the stored file of tryon t0001.tops+b0000.bottoms is gone" in str(
        bad.metadata["examples"].value
    )
    assert record.path not in str(bad)


def test_a_changed_photo_is_stale(operator: Operator, data: Path) -> None:
    operator.pregenerate()
    write_user(data / "uploads", "u0001", seed=77)
    operator.reconcile()
    mine = ("user_masks", "garment_tryons", "outfit_tryons", "outfit_splats")
    assert failed(operator) >= {f"{c}_of_{a}" for a in mine for c in ("coverage", "staleness")}


# Range runs


def test_runs_of_partitions_do_not_even_plan_a_check(operator: Operator) -> None:
    operator.prepare()
    (run_id,) = operator.run_rectangle(PAIR).runs
    planned = operator.instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED)
    assert planned == []


# The audit


def run_audit(operator: Operator, repair: bool) -> dg.ExecuteInProcessResult:
    job = definitions(operator.pipeline).resolve_job_def("audit_stores")
    config = {**QUIET, "ops": {"compare_stores": {"config": {"repair": repair}}}}
    return job.execute_in_process(instance=operator.instance, run_config=config, raise_on_error=False)


def test_the_audit_fails_when_something_is_wrong_and_mends_it(operator: Operator, pipeline: Pipeline) -> None:
    operator.pregenerate()
    assert run_audit(operator, repair=False).success
    record = next(
        r for r in pipeline.records.of_user("u0000") if r.name == "t0000.tops" and r.stage == "tryon"
    )
    pipeline.blobs.delete(record.path)
    orphan = f"users/u0000/{'0' * 64}.webp"
    pipeline.blobs.put(orphan, b"half")
    for repair, said in ((False, "2 things are wrong"), (True, "make them again with `fashion pregenerate`")):
        result = run_audit(operator, repair)
        (event,) = result.filter_events(lambda event: event.is_step_failure)
        failure = event.step_failure_data.user_failure_data
        assert failure is not None
        assert said in str(failure.description)
        assert failure.metadata["missing"].value == 1
        assert record.path not in str(failure)
    assert not pipeline.blobs.exists(orphan)
    assert not operator.pregenerate().failed
    assert run_audit(operator, repair=False).success
