"""data_json[user]: the file that existing apps read, with the user's masks, garments and the try-on request."""

from collections.abc import Iterator

import dagster as dg

from fashion_assets.partitions import users
from tryon.core.pipeline import Pipeline


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            "data_json",
            description="data.json of one user: photo, tops, bottoms, masks and the try-on request to send.",
            deps=[
                "user_masks",
                dg.AssetDep("product_crops", partition_mapping=dg.AllPartitionMapping()),
            ],
            partitions_def=users,
            skippable=True,
        )
    ],
    name="export_users",
)
def data_json(
    context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
) -> Iterator[dg.Output[None]]:
    for user_id in context.partition_keys:
        facts = pipeline.export(user_id, context.run_id)
        context.log_event(
            dg.AssetMaterialization(
                "data_json",
                partition=user_id,
                metadata={"tops": len(facts["tops"]), "bottoms": len(facts["bottoms"])},
            )
        )
    yield from ()
