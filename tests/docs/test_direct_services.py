"""What docs/services.md says of the try-on and the splat service is what they do."""

from __future__ import annotations

import json
import re

from tests.docs.pages import ROOT, rows, sections
from tryon.core.direct.splats import DIGITS, MOST_LISTED
from tryon.core.images import UPLOADS
from tryon.services.splats.wire import MOST_FILES
from tryon.services.tryon.wire import LARGEST_SEED, MOST_STEPS, ClothType
from tryon.settings import Settings

SECTIONS = sections(ROOT / "docs/services.md")
TRYON, SPLATS = SECTIONS["Try-on"], SECTIONS["Splats"]


def test_fields_of_a_try_on_have_their_values() -> None:
    table = {row[0].strip("`"): (row[1].strip("`"), row[2]) for row in rows(TRYON)[1:]}
    assert {name: default for name, (default, _) in table.items()} == {
        "cloth_type": ClothType.UPPER.value,
        "num_inference_steps": "50",
        "guidance_scale": "2.5",
        "seed": "42",
        "mask_url": "none",
    }
    assert re.findall(r"`(\w+)`", table["cloth_type"][1]) == [kind.value for kind in ClothType]
    assert f"1 to {MOST_STEPS}" in table["num_inference_steps"][1]
    assert LARGEST_SEED == 2**63 - 1
    assert "2^63 - 1" in table["seed"][1]


def test_sizes_are_those_of_the_code() -> None:
    fields = Settings.model_fields
    assert f"{fields['width'].default}x{fields['height'].default}" in TRYON
    assert f"{UPLOADS.max_bytes // 2**20} MB or {UPLOADS.max_pixels // 10**6} megapixels" in TRYON
    assert f"up to {MOST_FILES} files" in SPLATS
    assert f"1 to {MOST_LISTED:,}" in SPLATS
    assert f"numbers have {DIGITS} digits" in SPLATS


def test_the_defaults_are_those_of_the_schema() -> None:
    schema = json.loads((ROOT / "docs/openapi/tryon.json").read_text())
    fields = schema["components"]["schemas"]["Body_try_on"]["properties"]
    defaults = {name: str(field["default"]) for name, field in fields.items() if "default" in field}
    told = {row[0].strip("`"): row[1].strip("`") for row in rows(TRYON)[1:]}
    assert defaults == {name: default for name, default in told.items() if default != "none"}
