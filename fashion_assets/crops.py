"""product_crops[item]: every declared garment of a product photo, cut out."""

from collections.abc import Iterator

import dagster as dg

from fashion_assets.partitions import items
from fashion_assets.reporting import Reporter
from tryon.core.pipeline import Pipeline
from tryon.core.stages.tally import by_pair


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            "product_crops",
            description="Garment crops of one product photo: analyzed, detected, cut out and judged.",
            partitions_def=items,
            skippable=True,
        )
    ],
    name="crop_photos",
)
def product_crops(
    context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
) -> Iterator[dg.Output[None]]:
    crop = pipeline.stages.crop
    reporter = Reporter(context, f"{crop.analyzer.card.id}, {crop.detector.card.id}", pipeline.pictures_url)
    tally = pipeline.make_crops(context.partition_keys, context.run.run_id)
    groups = by_pair(tally.entries)
    reporter.report(
        dg.AssetKey("product_crops"),
        {key: groups[None, key] for key in context.partition_keys if (None, key) in groups},
        tally,
    )
    yield from ()
    reporter.finish()
