"""The verdict on one garment crop."""

from __future__ import annotations

import numpy as np

from tryon.core.ports import Pixels
from tryon.core.quality._arrays import is_flat, picture_fault, sample
from tryon.core.words import Refused

MIN_SIDE = 64
"""Below this a print is unreadable once the garment is drawn some 300 px wide on a 768x1024 person."""
MIN_COVERAGE = 0.05
"""Share of the crop's box with alpha >= 128. Garments and shoes measured .44 to .95; the bound is this low
for what is thin by nature, a belt seen at an angle or the strap of a bag."""
NO_CUTOUT = 0.98
"""From this coverage on the box is taken for a crop without a cut-out (alpha 255 everywhere is legal), and
only then may flatness mean an empty backdrop: a plain garment that was cut out has an outline."""
FLAT_LEVELS = 4
"""See FLAT_SHARE in _arrays for the measurement."""
SAMPLES = 20_000


def judge_crop(rgba: Pixels, photo_size: tuple[int, int]) -> Refused | None:
    """rgba: uint8 [h, w, 4], straight alpha. photo_size: (width, height) of the photo it was cut from.

    Codes: crop_dtype, crop_shape, crop_size, crop_transparent, crop_blank.
    """
    if (fault := picture_fault(rgba, 4, "crop", "crop")) is not None:
        return fault
    height, width = rgba.shape[:2]
    if min(width, height) < MIN_SIDE:
        return Refused(
            "crop_size", f"The crop is {width}x{height} px; each side must be at least {MIN_SIDE}."
        )
    if width > photo_size[0] or height > photo_size[1]:
        limit = f"{photo_size[0]}x{photo_size[1]}"
        return Refused("crop_size", f"The crop is {width}x{height} px, larger than its photo ({limit}).")
    return _coverage_fault(rgba)


def _coverage_fault(rgba: Pixels) -> Refused | None:
    coverage = float(np.mean(rgba[..., 3] >= 128))
    if coverage < MIN_COVERAGE:
        return Refused(
            "crop_transparent",
            f"The garment covers {coverage:.1%} of its crop; at least {MIN_COVERAGE:.0%} is needed.",
        )
    if coverage >= NO_CUTOUT and is_flat(sample(rgba[..., :3].reshape(-1, 3), SAMPLES), FLAT_LEVELS):
        return Refused(
            "crop_blank",
            f"The crop is one flat colour within {FLAT_LEVELS} levels: it shows a backdrop, not a garment.",
        )
    return None


def is_cut_out(rgba: Pixels) -> bool:
    """Whether the alpha of uint8 [h, w, 4] says where the garment is; rounded corners do not."""
    return float(np.mean(rgba[..., 3] >= 128)) < NO_CUTOUT
