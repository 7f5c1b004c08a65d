"""A body taken apart into the sets that the mask algebra works on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tryon.core import anatomy
from tryon.core.anatomy import Atr, Joint, Lip, joint, limb, seen
from tryon.core.areas import Area, beyond, labelled, shape_of
from tryon.core.ports import Body

ARM_WIDTH, LEG_WIDTH = 0.20, 0.30
"""Capsule diameters in torso lengths: 6% and 9% of the stature, a sleeved arm and a thigh."""

HAND_REACH, FOOT_REACH = 0.9, 0.75
"""Reach of a hand past the wrist in forearms (a hand is 0.74 of one), of a foot past the ankle in shins."""

_LOWER_CLOTHES = (Atr.SKIRT, Atr.PANTS, Atr.BELT)
_ARMS, _LEGS = (Atr.LEFT_ARM, Atr.RIGHT_ARM), (Atr.LEFT_LEG, Atr.RIGHT_LEG)


@dataclass(frozen=True, slots=True)
class Parts:
    """Boolean [H, W] each.

    tops, bottoms: clothes and bare skin above and below the waist; a dress is split at the hips. Disjoint,
        and without protected pixels: a mask that grew around a hand would leave a rim of it.
    arms, legs: capsules along the limbs, where sleeves and trouser legs go when the labels miss them.
    protected: what no garment may paint over.
    """

    tops: Area
    bottoms: Area
    arms: Area
    legs: Area
    face: Area
    person: Area
    protected: Area


def take_apart(body: Body) -> Parts:
    """`body` must have a measurable torso."""
    other = np.zeros_like(body.labels) if body.lip is None else body.lip
    face = _face(body, other, certain=body.lip is not None)
    below, torso = anatomy.below_hips(body), anatomy.torso_length(body)
    protected = _protected(body, other) | face
    tops = (_tops(body, other, below) | labelled(body.labels, Atr.FACE)) & ~protected
    arms = np.logical_or.reduce([limb(body, arm, ARM_WIDTH * torso) for arm in anatomy.ARMS])
    legs = np.logical_or.reduce([limb(body, leg, LEG_WIDTH * torso) for leg in anatomy.LEGS])
    return Parts(
        tops=tops,
        bottoms=_bottoms(body, other, below) & ~tops & ~protected,
        arms=arms,
        legs=legs & below & ~arms,
        face=face,
        person=body.labels > 0,
        protected=protected,
    )


def _tops(body: Body, other: NDArray[np.uint8], below: Area) -> Area:
    area = labelled(body.labels, Atr.UPPER, Atr.SCARF, *_ARMS)
    area |= labelled(other, Lip.UPPER, Lip.COAT, Lip.SCARF, Lip.LEFT_ARM, Lip.RIGHT_ARM)
    area |= _whole(body, other) & ~below
    # Where the two parsers differ the ATR map decides, so that no pixel belongs to both halves.
    return area & ~labelled(body.labels, *_LOWER_CLOTHES, *_LEGS)


def _bottoms(body: Body, other: NDArray[np.uint8], below: Area) -> Area:
    area = labelled(body.labels, *_LOWER_CLOTHES, *_LEGS)
    area |= labelled(other, Lip.PANTS, Lip.SKIRT, Lip.LEFT_LEG, Lip.RIGHT_LEG)
    return area | _high_socks(body, other) | (_whole(body, other) & below)


def _whole(body: Body, other: NDArray[np.uint8]) -> Area:
    return labelled(body.labels, Atr.DRESS) | labelled(other, Lip.DRESS, Lip.JUMPSUIT)


def _high_socks(body: Body, other: NDArray[np.uint8]) -> Area:
    """Socks above mid-shin go with the legs; below it they stay as they are."""
    socks = labelled(other, Lip.SOCKS)
    for _, knee, ankle in anatomy.LEGS:
        ends = seen(body, knee, ankle)
        if len(ends) == 2:
            socks &= ~beyond(shape_of(socks), np.mean(ends, axis=0), ends[1] - ends[0])
    return socks


def _face(body: Body, other: NDArray[np.uint8], certain: bool) -> Area:
    """Label 11 without the neck: what is above the chin, square to the line from chin to neck.

    certain: the second parser knows the face, so the neck can be told even where no chin is seen.
    """
    chin, neck = joint(body, Joint.CHIN), joint(body, Joint.NECK)
    under = np.full(body.labels.shape, certain)
    if chin is not None:
        under = beyond(shape_of(under), chin, np.array([0.0, 1.0]) if neck is None else neck - chin)
    head = labelled(other, Lip.FACE, Lip.HAIR, Lip.HAT, Lip.SUNGLASSES)
    face: Area = labelled(body.labels, Atr.FACE) & (head | ~under)
    return face | labelled(other, Lip.FACE)


def _protected(body: Body, other: NDArray[np.uint8]) -> Area:
    """Hair, accessories, shoes, hands and bare feet."""
    kept = labelled(body.labels, Atr.HAIR, Atr.HAT, Atr.SUNGLASSES, Atr.BAG, Atr.LEFT_SHOE, Atr.RIGHT_SHOE)
    kept |= labelled(other, Lip.HAIR, Lip.HAT, Lip.GLOVE, Lip.SUNGLASSES, Lip.LEFT_SHOE, Lip.RIGHT_SHOE)
    bare = labelled(body.labels, *_ARMS) | labelled(other, Lip.LEFT_ARM, Lip.RIGHT_ARM)
    kept |= bare & _ends(body, anatomy.ARMS, HAND_REACH)
    legs = labelled(body.labels, *_LEGS) | labelled(other, Lip.LEFT_LEG, Lip.RIGHT_LEG)
    return kept | (legs & _ends(body, anatomy.LEGS, FOOT_REACH))


def _ends(body: Body, chains: tuple[tuple[int, int, int], ...], reach: float) -> Area:
    """Past the last joint of each limb (wrist, ankle), in the direction of its last bone."""
    area: Area = np.zeros(body.labels.shape, bool)
    for _, middle, last in chains:
        ends = seen(body, middle, last)
        if len(ends) == 2:
            bone = ends[1] - ends[0]
            area = area | beyond(shape_of(area), ends[1], bone, reach * float(np.linalg.norm(bone)))
    return area
