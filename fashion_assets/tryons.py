"""The pair stages: garment_tryons, outfit_tryons and outfit_splats of user x item.

They are ONE subsettable multi_asset: as separate assets in a range run, a step that yields no output would make
Dagster skip every step after it, so one failed pair would stop all others.
"""

from collections.abc import Callable, Iterator

import dagster as dg

from fashion_assets.partitions import pairs, to_item, to_user, user_and_item
from fashion_assets.reporting import Reporter
from tryon.core.pipeline import Pairs, Pipeline
from tryon.core.rollout import switch
from tryon.core.stages.tally import Tally, by_pair

SOURCES = [
    dg.AssetDep("user_masks", partition_mapping=to_user),
    dg.AssetDep("product_crops", partition_mapping=to_item),
]
Make = Callable[[Pipeline, Pairs, str], Tally]
STAGES: dict[str, Make] = {
    "garment_tryons": Pipeline.make_singles,
    "outfit_tryons": Pipeline.make_two_piece,
    "outfit_splats": Pipeline.make_splats,
}
"""In the order of work: each stage goes over the whole rectangle before the next, which is what batches well."""


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            "garment_tryons",
            description="The user in each single garment of the item; the base of two-piece outfits.",
            deps=SOURCES,
            partitions_def=pairs,
            skippable=True,
        ),
        dg.AssetSpec(
            "outfit_tryons",
            description="The user in each two-piece outfit that the item completes.",
            deps=["garment_tryons"],
            partitions_def=pairs,
            skippable=True,
        ),
        dg.AssetSpec(
            "outfit_splats",
            description="3D Gaussians of each finished look of the pair.",
            deps=["outfit_tryons", "garment_tryons"],
            partitions_def=pairs,
            skippable=True,
        ),
    ],
    name="dress_pairs",
    can_subset=True,
    backfill_policy=dg.BackfillPolicy.multi_run(max_partitions_per_run=500),
    pool="gpu",
)
def pair_stages(
    context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
) -> Iterator[dg.Output[None]]:
    selected = {key.to_user_string() for key in context.selected_asset_keys}
    keys = dict(zip(user_and_item(context.partition_keys), context.partition_keys, strict=True))
    partitions = {pair: keys[pair] for pair in pipeline.offered(list(keys))}
    cards = pipeline.stages.cards()
    reporter = Reporter(context, f"{cards['dresser'].id}, {cards['splatter'].id}", pipeline.pictures_url)
    for name, make in STAGES.items():
        if name in selected:
            tally = make(pipeline, list(partitions), context.run.run_id)
            groups = by_pair(tally.entries)
            # A pair that owns nothing is materialized too, with count 0.
            owned = {key: groups.get(pair, []) for pair, key in partitions.items()}
            reporter.report(dg.AssetKey(name), owned, tally)
        if reporter.stopped:
            reporter.stop(dg.AssetKey(name), partitions.values(), reporter.stopped)
            break
    switch(pipeline)
    yield from ()
    reporter.finish()
