"""data_json[user]: the file that existing apps read, with the user's masks, garments and the try-on request."""

from collections.abc import Iterator

import dagster as dg

from fashion_assets.partitions import users
from fashion_assets.reporting import Reporter
from tryon.core.errors import StoreUnusable
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
    name="write_documents",
)
def data_json(
    context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
) -> Iterator[dg.Output[None]]:
    reporter = Reporter(context, "export", pipeline.pictures_url)
    offered = {user.id for user in pipeline.records.users()}
    keys = [key for key in context.partition_keys if key in offered]
    for done, user_id in enumerate(keys):
        try:
            document = pipeline.export(user_id, context.run.run_id)
        except StoreUnusable as error:
            reporter.stop(dg.AssetKey("data_json"), keys[done:], error)
            break
        except Exception as error:  # noqa: BLE001 - one user's document fails alone; the reporter tells it
            reporter.fail(dg.AssetKey("data_json"), user_id, "data.json", f"{type(error).__name__}: {error}")
            continue
        metadata: dict[str, int | str] = {
            "tops": len(document.tops),
            "bottoms": len(document.bottoms),
            "masks": document.mask["Status"],
        }
        context.log_event(dg.AssetMaterialization("data_json", partition=user_id, metadata=metadata))
    yield from ()
    reporter.finish()
