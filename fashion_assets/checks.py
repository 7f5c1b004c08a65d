"""Checks of the catalogue: coverage, staleness, integrity, lineage and logging of every asset, in one step.

They never block: one bad pair must not stop its neighbours, and the publish gate blocks per product anyway.
They hang on an asset of their own that nobody materializes. On the partitioned assets Dagster would plan all of them
anew in every run of some partitions (a tenth of a second each), and then skip them, so that the UI forgets the last
result: measured with a backfill of one pair.
"""

from collections.abc import Iterator

import dagster as dg

from fashion_assets.policy import GROUPS, OWNERS
from tryon.core.auditing.check_results import CHECKS, FAMILIES, Result, documents
from tryon.core.auditing.checks import examine
from tryon.core.events import utc_now
from tryon.core.pipeline import Pipeline

catalogue = dg.AssetSpec(
    "catalogue",
    description="Everything that was made, as a whole. Nothing materializes it: it carries the checks.",
    deps=[dg.AssetDep(name, partition_mapping=dg.AllPartitionMapping()) for name in GROUPS],
    group_name="outfits",
    owners=OWNERS,
)
DESCRIPTIONS = {
    "coverage": "Everything wanted has its verdict.",
    "staleness": "No product has only an older result, made from something that changed.",
    "integrity": "Stored files have the bytes that were published: a sample, drawn anew each day.",
    "lineage": "Everything published can be traced to its inputs and uploads.",
    "logging": "Everything published has its end in the log, with its run and key: a sample.",
}
SPECS = [
    (dg.AssetCheckSpec(f"{name}_of_{one.value}", asset=catalogue.key, description=text), name, one)
    for one in FAMILIES
    for name, text in DESCRIPTIONS.items()
]
"""Each check with its kind and what it is about."""
DOCUMENTS = dg.AssetCheckSpec(
    "staleness_of_data_json", asset=catalogue.key, description="Every document says what is published."
)


@dg.multi_asset_check(
    specs=[*(spec for spec, _, _ in SPECS), DOCUMENTS], can_subset=True, name="check_catalogue"
)
def catalogue_checks(
    context: dg.AssetCheckExecutionContext, pipeline: dg.ResourceParam[Pipeline]
) -> Iterator[dg.AssetCheckResult]:
    selected = context.selected_asset_check_keys
    seen = examine(pipeline, utc_now().date().isoformat())
    for spec, name, family in SPECS:
        if spec.key in selected:
            yield _told(spec, CHECKS[name](pipeline, seen[family]))
    if DOCUMENTS.key in selected:
        yield _told(DOCUMENTS, documents(pipeline))


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
