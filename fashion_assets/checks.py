"""Asset checks: coverage, staleness, integrity, lineage and logging of every asset, worked out in one step.

They never block: one bad pair must not stop its neighbours, and the publish gate blocks per product anyway.
Dagster adds an asset's checks to every run that is launched from the UI, one run for each chunk of a backfill. There
they are left out of large catalogues, and `check_assets` (no part of it is partitioned) is the way to run them.
"""

from collections.abc import Iterator

import dagster as dg

from fashion_assets.partitions import RANGE_START
from tryon.core.check_results import CHECKS, FAMILIES, Result, documents
from tryon.core.checks import examine
from tryon.core.events import utc_now
from tryon.core.pipeline import Pipeline

RIDE_ALONG = 2_000
"""Outfits (users x matrix) up to which the checks cost a run of some partitions well under a second."""
DESCRIPTIONS = {
    "coverage": "Everything wanted has its verdict.",
    "staleness": "No product has only an older result, made from something that changed.",
    "integrity": "Stored files have the bytes that were published: a sample, drawn anew each day.",
    "lineage": "Everything published can be traced to its inputs and uploads.",
    "logging": "Everything published has its end in the log, with its run and key: a sample.",
}
PARTITION = "dagster/partition"


def _specs() -> Iterator[dg.AssetCheckSpec]:
    for name, description in DESCRIPTIONS.items():
        for one in FAMILIES:
            yield dg.AssetCheckSpec(name, asset=one.value, description=description)
    yield dg.AssetCheckSpec(
        "staleness", asset="data_json", description="Every document says what is published."
    )


SPECS = list(_specs())


@dg.multi_asset_check(specs=SPECS, can_subset=True, name="check_catalogue")
def catalogue_checks(
    context: dg.AssetCheckExecutionContext, pipeline: dg.ResourceParam[Pipeline]
) -> Iterator[dg.AssetCheckResult]:
    if _rides_along(context) and _outfits(pipeline) > RIDE_ALONG:
        context.log.info("not checked in a run of some partitions of a large catalogue; run `check_assets`")
        return
    seen = examine(pipeline, utc_now().date().isoformat())
    for spec in SPECS:
        if spec.key in context.selected_asset_check_keys:
            family = next((one for one in FAMILIES if one.value == spec.asset_key.to_user_string()), None)
            result = CHECKS[spec.name](pipeline, seen[family]) if family else documents(pipeline)
            yield _told(spec, result)


def _rides_along(context: dg.AssetCheckExecutionContext) -> bool:
    return any(tag in context.run.tags for tag in (RANGE_START, PARTITION))


def _outfits(pipeline: Pipeline) -> int:
    return len(pipeline.records.users()) * len(pipeline.wanted().matrix)


def _told(spec: dg.AssetCheckSpec, result: Result) -> dg.AssetCheckResult:
    """Numbers that plot, and ids: events cannot be erased."""
    metadata: dict[str, dg.MetadataValue | float | str] = {**result.numbers, "reason": result.reason}
    if result.examples:
        metadata["examples"] = dg.MetadataValue.md("\n".join(f"- {line}" for line in result.examples))
    return dg.AssetCheckResult(
        passed=result.passed,
        asset_key=spec.asset_key,
        check_name=spec.name,
        severity=dg.AssetCheckSeverity.ERROR if result.serious else dg.AssetCheckSeverity.WARN,
        description=result.reason,
        metadata=metadata,
    )
