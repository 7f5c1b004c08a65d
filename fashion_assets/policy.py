"""What holds for every asset, applied once over all specs."""

from __future__ import annotations

import dagster as dg

CODE_VERSION = "1"
OWNERS = ["team:pregeneration"]
GROUPS = {
    "product_crops": "catalogue",
    "user_masks": "people",
    "garment_tryons": "outfits",
    "outfit_tryons": "outfits",
    "outfit_splats": "outfits",
    "data_json": "people",
}
KINDS = {
    "product_crops": {"image"},
    "user_masks": {"image", "onnx"},
    "garment_tryons": {"image"},
    "outfit_tryons": {"image"},
    "outfit_splats": {"ply"},
    "data_json": {"json"},
}
PERSONAL = {"user_masks", "garment_tryons", "outfit_tryons", "outfit_splats", "data_json"}


def with_policy(spec: dg.AssetSpec) -> dg.AssetSpec:
    name = spec.key.to_user_string()
    return spec.replace_attributes(
        group_name=GROUPS[name],
        owners=OWNERS,
        kinds=KINDS[name],
        code_version=CODE_VERSION,
        tags={**spec.tags, "personal-data": "yes" if name in PERSONAL else "no"},
    )
