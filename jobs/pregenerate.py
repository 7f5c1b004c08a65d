"""One job for each family of partitions, since a Dagster run covers partitions of one kind.

`pregenerate` is the main job: every outfit and splat of a rectangle of users x items. The others bring its
inputs (crops, masks) and hand out its results (data.json). `fashion pregenerate` plans and runs all in order.
"""

import dagster as dg

ASSETS = {
    "crop_items": ["product_crops"],
    "mask_users": ["user_masks"],
    "pregenerate": ["garment_tryons", "outfit_tryons", "outfit_splats"],
    "export_users": ["data_json"],
}

DESCRIPTIONS = {
    "crop_items": "Garment crops of product photos.",
    "mask_users": "Body parse and masks of user photos.",
    "pregenerate": "Try-ons and splats of users x items: everything a shopper can see.",
    "export_users": "data.json of users.",
}

# In the run's own process: each run is one step, and a step process would start slower than most chunks work.
JOBS = [
    dg.define_asset_job(
        name,
        dg.AssetSelection.assets(*assets),
        description=DESCRIPTIONS[name],
        executor_def=dg.in_process_executor,
    )
    for name, assets in ASSETS.items()
]
