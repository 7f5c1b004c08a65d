"""Masks of a parsed body: which pixels belong to the upper, lower, whole outfit, whole person and face.

The algebra works on sets of labels and on shapes from joints, at the photo's size; nothing is resized. What
must survive a try-on (face, hair, accessories, shoes, hands, bare feet) is subtracted LAST.
"""

from __future__ import annotations

import numpy as np

from tryon.core import anatomy
from tryon.core.anatomy import Atr, Lip
from tryon.core.areas import Area, dilate, drop_specks, fill_holes, labelled, strict
from tryon.core.parts import Parts, take_apart
from tryon.core.ports import Body, Pixels
from tryon.core.words import MaskKind, Refused

SMALLEST_PERSON = 0.01
"""Least share of the photo's pixels that counts as a person."""

DILATION = 0.012
"""Size of the dilation kernel over the photo's longest side; it hides the jagged edge of a parser."""

SMALLEST_PART = 0.02
"""Parts below this share of the largest are specks; a sleeve or leg apart from the rest is larger."""

PARSERS_AGREE = 0.5
"""Least IoU of the clothes in both label maps; below it one of them looks at something else."""


def make_masks(body: Body) -> dict[MaskKind, Pixels | Refused]:
    """Every kind of mask of one person, uint8 [H, W] with only 0 and 255, or the reason why there is none.

    Without `body.lip` the chin keypoint parts the neck from the face.
    """
    refused = check_person(body) or check_agreement(body)
    if refused:
        return dict.fromkeys(MaskKind, refused)
    parts = take_apart(body)
    return {kind: _mask(body, parts, kind) for kind in MaskKind}


def check_person(body: Body) -> Refused | None:
    """Why no mask at all can be made of this body, if so."""
    if np.count_nonzero(body.labels) < SMALLEST_PERSON * body.labels.size:
        return Refused("no_person", "No person was found; use a photo of one person in full view.")
    if len(anatomy.seen(body, *anatomy.TORSO)) < 3 or anatomy.torso_length(body) < 1:
        return Refused(
            "torso_not_seen", "Shoulders and hips were not found; use a photo of one person from the front."
        )
    return None


def check_agreement(body: Body) -> Refused | None:
    """Refused when two parsers see different clothes. Raises ValueError on maps of different sizes."""
    lip = body.lip
    if lip is None:
        return None
    if lip.shape != body.labels.shape:
        raise ValueError(f"the LIP map is {lip.shape}, the body {body.labels.shape}; sizes must match")
    ours = labelled(body.labels, Atr.UPPER, Atr.SKIRT, Atr.PANTS, Atr.DRESS)
    theirs = labelled(lip, Lip.UPPER, Lip.DRESS, Lip.COAT, Lip.PANTS, Lip.JUMPSUIT, Lip.SKIRT)
    if np.count_nonzero(ours & theirs) >= PARSERS_AGREE * np.count_nonzero(ours | theirs):
        return None
    return Refused("parsers_disagree", "The clothes are not clear; use a sharper photo of one person.")


def check_legs(body: Body) -> Refused | None:
    """Refused when neither knee is inside the photo."""
    if any(anatomy.in_frame(body, knee) for knee in anatomy.KNEES):
        return None
    return Refused("legs_not_visible", "The legs are not visible; use a photo that shows the whole person.")


def own_area(parts: Parts, kind: MaskKind) -> Area:
    """The part of the body such a garment is worn on, before any dilation; upper and lower are disjoint."""
    upper = parts.tops | (parts.arms & ~parts.bottoms)
    lower = parts.bottoms | (parts.legs & ~parts.tops)
    return {MaskKind.UPPER: upper, MaskKind.LOWER: lower, MaskKind.OVERALL: upper | lower}[kind]


def _mask(body: Body, parts: Parts, kind: MaskKind) -> Pixels | Refused:
    if kind is MaskKind.LOWER and (refused := check_legs(body)):
        return refused
    match kind:
        case MaskKind.FACE:
            area = parts.face
        case MaskKind.FULL_BODY:
            area = drop_specks(parts.person, SMALLEST_PART)
        case _:
            area = _garment_area(parts, kind)
    if not area.any():
        return Refused("empty_mask", f"No pixel belongs to the {kind.value.replace('_', ' ')} mask.")
    return strict(area)


def _garment_area(parts: Parts, kind: MaskKind) -> Area:
    other = {MaskKind.UPPER: parts.bottoms, MaskKind.LOWER: parts.tops}.get(kind)
    reach = round(DILATION * max(parts.person.shape) / 2)
    grown = dilate(own_area(parts, kind), reach, reach)
    holes = fill_holes(grown) & ~grown
    # A hand on the hip encloses a piece of the trousers: that hole is the other garment's.
    grown |= holes if other is None else holes & ~other
    return drop_specks(grown, SMALLEST_PART) & ~parts.protected
