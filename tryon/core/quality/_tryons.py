"""The verdict on one try-on image."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.core.quality._arrays import is_flat, picture_fault, sample, strict_fault
from tryon.core.quality._colors import distance, palette, to_lab
from tryon.core.words import Refused

OUTSIDE_LEVELS = 2
"""Engines put the person's own pixels back outside the region, so nothing may change there at all; two levels
are left for one round trip through floating point."""
REACH_PX = 2
"""The region grows by this much first: an engine may anti-alias the region's edge."""
CHANGED_LEVELS = 6
"""A pixel counts as repainted above this difference: more than noise, less than a seam."""
MIN_CHANGED = 0.03
"""Share of the region that must be repainted. Measured: .29 to .92 for a new garment; .034 to .31 for the
very garment already worn, drawn 3 to 7 px off; exactly 0 for an unchanged photo."""
FLAT_LEVELS = 1
"""A failed or censored result is one exact colour; black cloth still varies by some levels."""
OCCUPIES = 0.2
"""The garment fills at least this share of the repainted pixels; the rest is bared skin and backdrop."""
MAX_DISTANCE = 14.0
"""Lab units, see _colors. Right: 132 true renders pasted inside the region measured a median of 0.5 and at
most 4.3, 36 results of the warp dresser at most 1.0; the renders relit (gain .7 to 1.25, strong warm or cool
light, low contrast, blur, noise) 14.3. Wrong, every garment that is not worn, 928 and 288 pairs: 1st, 5th,
50th percentile 6.4, 12.5, 22 and 6.6, 15, 24. So 14 catches 93 and 95 % of them, 96 and 100 % within one
category; without a cut-out 72 and 84 %. The missed share their colours with what is worn (blue jeans asked,
a blue and white sweater worn): a right look is never refused for the sake of the rest."""
SOLID = 200
"""Alpha from which a crop's pixel is surely the garment, not its anti-aliased edge."""
MIN_PIXELS = 64
GARMENT_SAMPLES, RESULT_SAMPLES = 2500, 4000
BOX_SHARE, BACKDROP_GAP = 0.6, 8.0
"""A crop without a cut-out (nothing transparent) also holds backdrop, maybe skin: colours near its border's
median are dropped, and only the best-fitting 60 % of the rest must be found in the result."""
FILLED = 0.5
"""Share of its box that a garment covers, about (.52 to .80 of padded boxes). Where fewer pixels differ from the
backdrop, the rest of the garment has the backdrop's colour (a print on a white shirt on white), and the colours that
are left fill that much less of the result."""
LEAST_OWN = 0.1
"""With fewer, all pixels count: a plain garment in the backdrop's colour."""


def judge_tryon(person: Pixels, result: Pixels, region: Pixels, garment_rgba: Pixels) -> Refused | None:
    """person, result: uint8 [H, W, 3] RGB, the input and the answer of a Dresser; region: mask [H, W], the
    only place that may change; garment_rgba: uint8 [h, w, 4] RGBA crop. About 11 ms at 768x1024.

    Codes: tryon_dtype, tryon_shape, tryon_size, tryon_not_strict, tryon_no_region, tryon_no_garment,
    tryon_blank, tryon_outside_changed, tryon_unchanged, tryon_wrong_garment.
    """
    fault = _input_fault(person, result, region, garment_rgba) or _blank_fault(result, region)
    if fault is not None:
        return fault
    change = _change(person, result)
    changed = (cv2.min(change, region) > CHANGED_LEVELS).astype(bool)
    return (
        _outside_fault(change, region)
        or _unchanged_fault(changed, region)
        or _color_fault(result[changed], garment_rgba)
    )


def _input_fault(person: Pixels, result: Pixels, region: Pixels, garment: Pixels) -> Refused | None:
    for value, channels, name in (
        (person, 3, "person"),
        (result, 3, "result"),
        (region, None, "region"),
        (garment, 4, "garment"),
    ):
        if (fault := picture_fault(value, channels, "tryon", name)) is not None:
            return fault
    for value, name in ((result, "result"), (region, "region")):
        if value.shape[:2] != person.shape[:2]:
            size, wanted = (f"{v.shape[1]}x{v.shape[0]}" for v in (value, person))
            return Refused(
                "tryon_size", f"The {name} is {size} px and the person {wanted}; they must be equal."
            )
    if (fault := strict_fault(region, "tryon", "region")) is not None:
        return fault
    for count, code, name in (
        (cv2.countNonZero(region), "tryon_no_region", "region"),
        (int(np.count_nonzero(garment[..., 3] >= SOLID)), "tryon_no_garment", "garment"),
    ):
        if count < MIN_PIXELS:
            return Refused(code, f"The {name} has {count} solid pixels; at least {MIN_PIXELS} are needed.")
    return None


def _blank_fault(result: Pixels, region: Pixels) -> Refused | None:
    for pixels, where in ((result.reshape(-1, 3), "image"), (result[region > 0], "repainted region")):
        if is_flat(sample(pixels, RESULT_SAMPLES), FLAT_LEVELS):
            return Refused("tryon_blank", f"The {where} is one flat colour within {FLAT_LEVELS} level.")
    return None


def _change(person: Pixels, result: Pixels) -> Pixels:
    """uint8 [H, W]: the largest difference over the three channels."""
    red, green, blue = cv2.split(cv2.absdiff(person, result))
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def _outside_fault(change: Pixels, region: Pixels) -> Refused | None:
    side = 2 * REACH_PX + 1
    outside = cv2.bitwise_not(cv2.dilate(region, np.ones((side, side), np.uint8)))
    wrong = cv2.min(change, outside) > OUTSIDE_LEVELS
    count = int(np.count_nonzero(wrong))
    if count == 0:
        return None
    return Refused(
        "tryon_outside_changed",
        f"{count} pixels changed by up to {int(change[wrong].max())} levels outside the region;"
        f" none may change by more than {OUTSIDE_LEVELS}.",
    )


def _unchanged_fault(changed: NDArray[np.bool_], region: Pixels) -> Refused | None:
    share = int(np.count_nonzero(changed)) / int(cv2.countNonZero(region))
    if share >= MIN_CHANGED:
        return None
    return Refused(
        "tryon_unchanged",
        f"Only {share:.2%} of the region changed by more than {CHANGED_LEVELS} levels;"
        f" at least {MIN_CHANGED:.0%} must.",
    )


def _color_fault(repainted: NDArray[np.uint8], garment: Pixels) -> Refused | None:
    """repainted: [N, 3], the changed pixels of the region, N >= 1."""
    own = _garment_pixels(garment)
    drawn = palette(sample(repainted, RESULT_SAMPLES))
    found = distance(palette(own.pixels), drawn, occupies=OCCUPIES * own.fills, share=own.share)
    if found <= MAX_DISTANCE:
        return None
    return Refused(
        "tryon_wrong_garment",
        f"The garment's colours are {found:.1f} Lab units away from the repainted ones;"
        f" at most {MAX_DISTANCE:.0f} is allowed.",
    )


class _Own(NamedTuple):
    """pixels: [N, 3] of the crop's garment. share: of them, that must be found in the result. fills: 0..1, the part of
    the garment that they are."""

    pixels: NDArray[np.uint8]
    share: float
    fills: float


def _garment_pixels(garment: Pixels) -> _Own:
    solid = garment[..., 3] >= SOLID
    if not solid.all():
        return _Own(sample(garment[solid][:, :3], GARMENT_SAMPLES), 1.0, 1.0)
    rgb = garment[..., :3]
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    pixels = sample(rgb.reshape(-1, 3), GARMENT_SAMPLES)
    backdrop = np.median(to_lab(border), axis=0)
    own = np.linalg.norm(to_lab(pixels) - backdrop, axis=1) > BACKDROP_GAP
    if own.mean() < LEAST_OWN:
        return _Own(pixels, BOX_SHARE, 1.0)
    return _Own(pixels[own], BOX_SHARE, min(1.0, float(own.mean()) / FILLED))
