"""The code location that workspace.yaml loads."""

import dagster as dg

from fashion_assets.checks import catalogue, catalogue_checks
from fashion_assets.crops import product_crops
from fashion_assets.exports import data_json
from fashion_assets.masks import user_masks
from fashion_assets.policy import with_policy
from fashion_assets.tryons import pair_stages
from jobs.audit import audit_stores
from jobs.checks import check_assets
from jobs.erasure import ERASURE_JOBS
from jobs.pregenerate import JOBS
from jobs.rollout import roll_out
from jobs.schedules import weekly_regeneration
from jobs.upkeep import daily_upkeep, upkeep
from resources.archive import ArchiveResource
from resources.pipeline import PipelineResource
from sensors.failures import failed_runs
from sensors.uploads import new_uploads
from tryon.core.pipeline import Pipeline
from tryon.core.ports import Archive
from tryon.settings import Settings

ASSETS = dg.map_asset_specs(with_policy, [product_crops, user_masks, pair_stages, data_json])
SENSORS = [new_uploads, failed_runs]


def definitions(
    pipeline: dg.ConfigurableResource[Pipeline] | Pipeline,
    archive: dg.ConfigurableResource[Archive] | Archive | None = None,
) -> dg.Definitions:
    """The location over any pipeline, so that tests run the real assets over fakes."""
    return dg.Definitions(
        assets=[*ASSETS, catalogue],
        asset_checks=[catalogue_checks],
        jobs=[*JOBS, roll_out, audit_stores, check_assets, *ERASURE_JOBS, upkeep],
        sensors=SENSORS,
        schedules=[weekly_regeneration, daily_upkeep],
        # For backfills and the schedule, as for our jobs: see jobs/pregenerate.py.
        executor=dg.in_process_executor,
        resources={"pipeline": pipeline, "archive": archive or ArchiveResource()},
    )


# A value that cannot work, or one that production lacks, stops the location here and not in its first run.
Settings()
defs = definitions(PipelineResource())
