"""What the code location shows to a team that opens it."""

from __future__ import annotations

import subprocess
import sys

import dagster as dg
import pytest

from fashion_assets.definitions import ASSETS, defs
from jobs.pregenerate import ASSETS as JOB_ASSETS
from tests.production import NOWHERE

GRAPH = {
    "product_crops": set(),
    "user_masks": set(),
    "garment_tryons": {"product_crops", "user_masks"},
    "outfit_tryons": {"garment_tryons"},
    "outfit_splats": {"garment_tryons", "outfit_tryons"},
    "data_json": {"product_crops", "user_masks"},
}


def specs() -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for asset in ASSETS for spec in asset.specs}


def test_the_graph_is_this() -> None:
    found = {name: {dep.asset_key.to_user_string() for dep in spec.deps} for name, spec in specs().items()}
    assert found == GRAPH


def test_every_asset_says_what_it_is() -> None:
    for name, spec in specs().items():
        assert spec.description, name
        assert spec.group_name, name
        assert spec.owners, name
        assert spec.kinds, name
        assert spec.code_version, name
        assert spec.tags["personal-data"] in ("yes", "no"), name


def test_only_the_catalogue_holds_no_personal_data() -> None:
    assert [name for name, spec in specs().items() if spec.tags["personal-data"] == "no"] == ["product_crops"]


def test_jobs_cover_every_asset_once() -> None:
    assert sorted(asset for assets in JOB_ASSETS.values() for asset in assets) == sorted(GRAPH)
    assert {job.name for job in defs.resolve_all_job_defs()} >= set(JOB_ASSETS)


def test_pair_stages_are_one_subsettable_step_in_the_gpu_pool() -> None:
    pair_stages = next(asset for asset in ASSETS if len(list(asset.specs)) == 3)
    assert pair_stages.can_subset
    assert pair_stages.op.pool == "gpu"
    assert pair_stages.backfill_policy == dg.BackfillPolicy.multi_run(500)


def test_only_alerts_are_on_before_somebody_switches_something_on() -> None:
    repository = defs.get_repository_def()
    sensors = {sensor.name: sensor.default_status.value for sensor in repository.sensor_defs}
    schedules = {schedule.name: schedule.default_status.value for schedule in repository.schedule_defs}
    assert sensors == {"new_uploads": "STOPPED", "failed_runs": "RUNNING"}
    assert schedules == {"weekly_regeneration": "STOPPED", "daily_upkeep": "STOPPED"}


def test_loading_needs_no_model_and_no_data_folder() -> None:
    """The location loads on a machine that has neither: engines and stores are built when a run starts."""
    dg.Definitions.validate_loadable(defs)


def test_a_location_without_what_production_needs_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NOWHERE, "FASHION_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FASHION_PROFILE", "production")
    loading = [sys.executable, "-c", "import fashion_assets.definitions"]
    ended = subprocess.run(loading, capture_output=True, text=True)
    assert ended.returncode == 1
    assert (
        "FASHION_PROFILE=production needs NEXT_PUBLIC_SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY" in ended.stderr
    )
