"""user_masks[user]: the body parse of a photo and its masks."""

from collections.abc import Iterator

import dagster as dg

from fashion_assets.partitions import users
from fashion_assets.reporting import Reporter
from tryon.core.pipeline import Pipeline
from tryon.core.stages.tally import by_pair


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            "user_masks",
            description="Upper, lower, overall, full-body and face masks of one person, with the parse behind them.",
            partitions_def=users,
            skippable=True,
        )
    ],
    name="parse_people",
)
def user_masks(
    context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
) -> Iterator[dg.Output[None]]:
    reporter = Reporter(context, pipeline.stages.mask.parser.card.id, pipeline.pictures_url)
    tally = pipeline.make_masks(context.partition_keys, context.run.run_id)
    groups = by_pair(tally.entries)
    reporter.report(
        dg.AssetKey("user_masks"),
        {key: groups[key, None] for key in context.partition_keys if (key, None) in groups},
        tally,
    )
    yield from ()
    reporter.finish()
