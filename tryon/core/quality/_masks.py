"""The verdict on one mask of a user's photo, judged against the label map it was made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels
from tryon.core.quality._arrays import picture_fault, strict_fault
from tryon.core.words import MaskKind, Refused

HEAD, FACE, SHOES = (1, 2, 3), 11, (9, 10)
MAX_PROTECTED = 0.005
"""Share of face, hair and shoe pixels that a garment's mask may touch. The mask algebra subtracts them last,
so a right mask measures 0; the margin is for masks that were resized once."""
FACE_ROWS, FACE_AREA = 0.5, 0.5
"""ATR has one label for face and neck, and an upper mask does cover the neck: the upper half of the label's
rows is face under most necklines (the chin measured .64 to .65 of them, and lower with high collars). Under a deep V
the label reaches down to the chest, but no more than half of its pixels do: the upper half of them is face then."""
MIN_LABEL = 0.002
"""A label smaller than this share of the photo is a speck or a sliver that proves nothing."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """area: allowed share of the photo. cover: alternatives, the first one present is used: these labels must
    lie inside the mask by `least`. keep: face, hair and shoes must stay outside.
    own: the mask must lie on these labels by MIN_OWN (None: no such rule)."""

    area: tuple[float, float]
    cover: tuple[tuple[tuple[int, ...], float], ...]
    keep: bool = True
    own: tuple[int, ...] | None = None


# Areas measured on full-length photos: upper .12-.14, lower .10-.11, overall .21-.25, full body .21-.25, face
# .007-.009; the upper bounds admit a person who fills the frame, the lower ones one 1/5 as tall as the photo.
# Masks come from the very label map that they are judged against: they measured 1.00 of the clothes, and the
# face .65 of its label (the rest is neck, more of it under a low neckline). A dress is cut at the hip, so it
# proves little of an upper or lower mask; hands and feet are protected, so arms and legs count only in part.
_RULES = {
    MaskKind.UPPER: _Rule((0.004, 0.60), (((4,), 0.95), ((7,), 0.3), ((14, 15), 0.5))),
    MaskKind.LOWER: _Rule((0.004, 0.60), (((5, 6), 0.95), ((12, 13), 0.6), ((7,), 0.3))),
    MaskKind.OVERALL: _Rule((0.008, 0.85), (((4, 5, 6, 7), 0.95), ((12, 13, 14, 15), 0.5))),
    MaskKind.FULL_BODY: _Rule((0.010, 0.95), ((tuple(range(1, 18)), 0.95),), keep=False),
    MaskKind.FACE: _Rule((0.0002, 0.40), (((11,), 0.4),), keep=False, own=(1, 2, 3, 11)),
}
MIN_OWN = 0.9


def judge_mask(mask: Pixels, photo_size: tuple[int, int], kind: MaskKind, labels: Pixels) -> Refused | None:
    """mask: uint8 [H, W]. photo_size: (width, height). labels: uint8 [H, W], ATR-18, at the photo's size.

    Codes: mask_dtype, mask_shape, mask_size, mask_not_strict, mask_area, mask_misses_clothes,
    mask_off_target, mask_covers_protected, mask_nothing_to_cover.
    """
    for value, name in ((mask, "mask"), (labels, "label map")):
        if (fault := picture_fault(value, None, "mask", name)) is not None:
            return fault
        if value.shape != (photo_size[1], photo_size[0]):
            size, wanted = f"{value.shape[1]}x{value.shape[0]}", f"{photo_size[0]}x{photo_size[1]}"
            return Refused(
                "mask_size", f"The {name} is {size} px and its photo {wanted}; they must be equal."
            )
    rule, inside = _RULES[kind], mask == 255
    return (
        strict_fault(mask, "mask", "mask")
        or _area_fault(inside, kind, rule)
        or _cover_fault(inside, kind, labels, rule)
        or _target_fault(inside, kind, labels, rule)
        or (_protected_fault(inside, kind, labels) if rule.keep else None)
    )


def _area_fault(inside: NDArray[np.bool_], kind: MaskKind, rule: _Rule) -> Refused | None:
    area, (low, high) = float(inside.mean()), rule.area
    if low <= area <= high:
        return None
    return Refused(
        "mask_area", f"The {kind} mask covers {area:.2%} of the photo, outside {low:.2%} to {high:.0%}."
    )


def _cover_fault(inside: NDArray[np.bool_], kind: MaskKind, labels: Pixels, rule: _Rule) -> Refused | None:
    for wanted, least in rule.cover:
        target = np.isin(labels, wanted)
        if float(target.mean()) >= MIN_LABEL:
            share = float(inside[target].mean())
            if share >= least:
                return None
            return Refused(
                "mask_misses_clothes",
                f"The {kind} mask holds {share:.1%} of what it must cover (labels {list(wanted)});"
                f" at least {least:.0%} is needed.",
            )
    return Refused("mask_nothing_to_cover", f"The label map shows nothing that a {kind} mask could cover.")


def _target_fault(inside: NDArray[np.bool_], kind: MaskKind, labels: Pixels, rule: _Rule) -> Refused | None:
    if rule.own is None:
        return None
    share = float(np.isin(labels[inside], rule.own).mean())
    if share >= MIN_OWN:
        return None
    return Refused(
        "mask_off_target", f"{share:.1%} of the {kind} mask lies on the head; at least {MIN_OWN:.0%} must."
    )


def _chin(face: NDArray[np.bool_]) -> int:
    """The row above which the label is face for sure; 0 without one."""
    widths = face.sum(axis=1)
    rows = np.flatnonzero(widths)
    if not rows.size:
        return 0
    by_area = int(np.searchsorted(np.cumsum(widths), FACE_AREA * widths.sum()))
    return min(int(rows[0] + FACE_ROWS * (rows[-1] - rows[0])), by_area)


def _protected_fault(inside: NDArray[np.bool_], kind: MaskKind, labels: Pixels) -> Refused | None:
    protected = np.isin(labels, (*HEAD, *SHOES))
    chin = _chin(labels == FACE)
    protected[:chin] |= labels[:chin] == FACE
    touched = float(inside[protected].mean()) if protected.any() else 0.0
    if touched < MAX_PROTECTED:
        return None
    return Refused(
        "mask_covers_protected",
        f"The {kind} mask touches {touched:.2%} of face, hair and shoes;"
        f" less than {MAX_PROTECTED:.1%} is allowed.",
    )
