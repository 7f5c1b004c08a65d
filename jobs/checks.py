"""`check_assets`: every asset check, over the whole catalogue. It makes nothing."""

import dagster as dg

from fashion_assets.checks import catalogue_checks

check_assets = dg.define_asset_job(
    "check_assets",
    dg.AssetSelection.checks(catalogue_checks),
    description="Coverage, staleness, integrity, lineage and logging of every asset. Makes nothing.",
    executor_def=dg.in_process_executor,
)
