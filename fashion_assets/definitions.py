"""The code location that workspace.yaml loads."""

import dagster as dg

from fashion_assets.crops import product_crops
from fashion_assets.exports import data_json
from fashion_assets.masks import user_masks
from fashion_assets.policy import with_policy
from fashion_assets.tryons import pair_stages
from jobs.erasure import ERASURE_JOBS, daily_upkeep
from jobs.pregenerate import JOBS
from resources.archive import ArchiveResource
from resources.pipeline import PipelineResource
from sensors.uploads import new_uploads
from tryon.core.pipeline import Pipeline
from tryon.core.ports import Archive

ASSETS = dg.map_asset_specs(with_policy, [product_crops, user_masks, pair_stages, data_json])


def definitions(
    pipeline: dg.ConfigurableResource[Pipeline] | Pipeline,
    archive: dg.ConfigurableResource[Archive] | Archive | None = None,
) -> dg.Definitions:
    """The location over any pipeline, so that tests run the real assets over fakes."""
    return dg.Definitions(
        assets=ASSETS,
        jobs=[*JOBS, *ERASURE_JOBS],
        schedules=[daily_upkeep],
        sensors=[new_uploads],
        resources={"pipeline": pipeline, "archive": archive or ArchiveResource()},
    )


defs = definitions(PipelineResource())
