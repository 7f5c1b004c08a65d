"""What runs by the clock."""

from datetime import UTC, datetime

import dagster as dg

from jobs.pregenerate import ASSETS
from jobs.requests import look, run_requests
from tryon.core.pipeline import Pipeline

EVERYTHING = "__ASSET_JOB"
"""Dagster's own job over all assets, which backfills use too: a schedule has one job, and ours have different
partitions."""


def regenerate(
    context: dg.ScheduleEvaluationContext, pipeline: dg.ResourceParam[Pipeline]
) -> list[dg.RunRequest] | dg.SkipReason:
    """Looks at the whole catalogue and requests everything that is missing, also what failed too often for the sensor.

    What is there costs nothing. Outfits of the crops and masks that it requests follow through the sensor, or at its
    next turn.
    """
    pipeline.reconcile()
    found = look(pipeline, context.instance, datetime.now(UTC), patient=False)
    context.instance.add_dynamic_partitions("user", found.new.users)
    context.instance.add_dynamic_partitions("item", found.new.items)
    requested = [_of_all_assets(r) for r in run_requests(found.requests, [], context.instance)]
    return requested or dg.SkipReason("nothing is missing that could be made now")


def _of_all_assets(request: dg.RunRequest) -> dg.RunRequest:
    assets = ASSETS[str(request.job_name)]
    return dg.RunRequest(request.run_key, tags=request.tags, asset_selection=[dg.AssetKey(a) for a in assets])


weekly_regeneration = dg.schedule(
    name="weekly_regeneration",
    cron_schedule="0 3 * * 0",
    execution_timezone="UTC",
    job_name=EVERYTHING,
    default_status=dg.DefaultScheduleStatus.STOPPED,
)(regenerate)
"""Sundays at 03:00 UTC."""
