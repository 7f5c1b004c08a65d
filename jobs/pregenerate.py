"""The main job: everything from uploads to splats. A run covers one asset family's partitions; see ADR 3."""

from __future__ import annotations

import dagster as dg

pregenerate = dg.define_asset_job(
    "pregenerate",
    selection=dg.AssetSelection.all(),
    description="Crops, masks, try-ons, splats and data.json. Launch it as a backfill, or let `fashion pregenerate` plan it.",
    executor_def=dg.in_process_executor,
)
