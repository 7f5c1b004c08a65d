"""What shows once the old garment is gone: backdrop, bare skin, and the other garment carried on under it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from tryon.core.words import Category
from tryon.engines.warp.arrays import Flags, Floats, Points, grow, mix, shrink, soft
from tryon.engines.warp.carry import carry_on
from tryon.engines.warp.figure import ARM_AT, ARM_RADII, LEG_AT, LEG_RADII, WAIST, Figure
from tryon.engines.warp.pieces import Reach, Worn, coverage
from tryon.engines.warp.remnants import remnants
from tryon.engines.warp.scene import (
    ARMS,
    BAG,
    FACE,
    FRINGE,
    GLASSES,
    HAIR,
    HAT,
    LEGS,
    PANTS,
    SKIRT,
    UPPER,
    Scene,
    above_chin,
    beside_arm,
    hands,
    limbs,
    shoes,
    worn,
)
from tryon.engines.warp.skin import match, paint_limb, paint_trunk
from tryon.engines.warp.unshaded import unshaded

Shares = tuple[float, ...]

# The shade that an old hem or cuff throws on the skin is this long, in trunks.
_SHADE = 0.1
# The instep goes on under the shoe this far below the ankle, in trunks.
_INSTEP = 0.14
# Painted skin takes on the tone of the skin it meets over this length, in trunks.
_MEETING = 0.035
# Pixels from the old clothes' edge at which another garment shows its own colour.
_SEAM_ROOM = 3
# How far a parser misses the edge of the clothes, in trunks: anywhere, and at the neck.
_CRUMBS, _COLLAR = 0.09, 0.04


@dataclass(frozen=True, slots=True)
class Beneath:
    """image: float32 [H, W, 3] without the old garment; arms: coverage [H, W] of the skin painted for bare arms;
    gone: pixels [H, W] that were painted anew."""

    image: Floats
    arms: Floats
    gone: Flags


def uncover(scene: Scene, category: Category, reach: Reach, new: Worn) -> Beneath:
    """The person without the clothes that `category` replaces; limbs are bare beyond the new garment's reach.

    new: the garment that will lie on top; the inside of its back is seen behind the neck.
    """
    old = worn(scene, category)
    scene = replace(scene, person=unshaded(scene, old, category))
    gone = _gone(scene, old, category, reach)
    behind = coverage(new.back, scene.shape)
    gone |= (behind > 0.1) & (scene.labels == 0)
    # Painted a little wider than it will show, so that no backdrop shines through the blended edge.
    room = grow(gone, 3).astype(np.float32)
    image, nothing = scene.backdrop.copy(), np.zeros(scene.shape, np.float32)
    trunk, arms, legs = nothing, nothing.copy(), nothing.copy()
    for piece in new.back:
        piece.onto(image)
    if category is not Category.BOTTOMS:
        clear = room * ~_over_shoulders(scene, reach, new)
        trunk = paint_trunk(image, clear, _trunk_outline(scene.figure), scene.skin)
    if category is not Category.TOPS:
        for side in (0, 1):
            legs = np.maximum(legs, _bare_leg(image, scene, side, reach.legs))
    if category is not Category.DRESS:
        carry_on(image, scene, gone, category)
    if category is not Category.BOTTOMS:
        for side in (0, 1):
            arms = np.maximum(arms, _bare_arm(image, scene, side, reach.arms[side]))
    skin, shade = np.maximum(arms, legs), _shade(scene, old, category)
    bare = np.isin(scene.labels, limbs(category)) & ~gone & (shade < 0.02)
    match(image, skin, scene.person, bare, _MEETING * scene.figure.trunk)
    if category is not Category.BOTTOMS:
        image = _necked(image, scene, np.asarray(trunk * (1.0 - skin), np.float32), gone)
    erased = np.maximum(soft(gone, 0.7), shade * skin)
    return Beneath(mix(scene.person, image, erased), arms * erased, gone)


def _necked(image: Floats, scene: Scene, trunk: Floats, gone: Flags) -> Floats:
    """The trunk's skin with the neck's own tone: it is in the chin's shadow."""
    neck = (scene.labels == FACE) & ~above_chin(scene) & ~gone
    painted = trunk * grow(gone, 2)
    canvas = image.copy()
    canvas[neck] = scene.skin.colour
    match(canvas, np.maximum(painted, neck), scene.person, neck, _MEETING * scene.figure.trunk)
    return mix(image, canvas, painted)


def _shade(scene: Scene, old: Flags, category: Category) -> Floats:
    """How much of the bare limbs' own pixels [H, W] is the old garment's shade: less with every pixel from its edge."""
    limb = np.isin(scene.labels, limbs(category)) & ~hands(scene)
    if not limb.any():
        return np.zeros(scene.shape, np.float32)
    away = cv2.distanceTransform((~old).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(np.clip(1.3 - away / (_SHADE * scene.figure.trunk), 0.0, 1.0) * limb, np.float32)


def _gone(scene: Scene, old: Flags, category: Category, reach: Reach) -> Flags:
    """Pixels to paint anew: the old clothes, their blended edge, crumbs that labels missed, and limbs now covered."""
    fringe, labels = FRINGE * scene.figure.trunk, scene.labels
    face = (labels == FACE) & above_chin(scene)
    kept = np.isin(labels, (HAIR, HAT, GLASSES, BAG)) | face | shoes(scene)
    gone = grow(old, fringe) & ~(kept & ~grow(old, 1)) & ~shoes(scene)
    touched = limbs(category) if category is Category.BOTTOMS else (*limbs(category), FACE)
    stays = np.isin(labels, (UPPER, SKIRT, PANTS)) & ~grow(old, _SEAM_ROOM)
    crumbs = remnants(
        scene.person,
        labels,
        old,
        stays,
        scene.backdrop,
        scene.skin.colour,
        touched,
        _CRUMBS * scene.figure.trunk,
    )
    # At the shoes the floor's shadow passes for dark trousers.
    ankles = float(np.nanmax(scene.figure.level(scene.figure.ankles), initial=0.0)) or np.inf
    crumbs &= (scene.levels() < ankles - 0.05 * scene.figure.trunk) & ~face
    # The chin's shadow passes for dark cloth, and so does the neck's blended edge.
    collar = grow(shrink(crumbs, 1), 1) & grow(old, _COLLAR * scene.figure.trunk)
    crumbs &= (labels != FACE) | collar
    gone |= grow(crumbs, fringe) & np.isin(labels, (0, *touched)) & ~face
    covered = np.zeros(scene.shape, np.bool_)
    if category is not Category.TOPS:
        level = scene.levels()
        covered |= np.isin(labels, LEGS) & (level < reach.legs) & (level > WAIST * scene.figure.trunk)
    if category is not Category.BOTTOMS:
        for side in (0, 1):
            covered |= np.isin(labels, ARMS) & beside_arm(scene, side, reach.arms[side])
    return np.asarray(gone | (grow(covered, fringe) & (covered | (labels == 0))))


def _over_shoulders(scene: Scene, reach: Reach, new: Worn) -> Flags:
    """Pixels [H, W] above the new garment's shoulders, where no skin may look out over the cloth."""
    off = np.abs(scene.offsets())
    cloth = coverage((*new.back, *new.sleeves, *new.front), scene.shape) > 0.5
    under = np.maximum.accumulate(cloth, axis=0)
    zone = (off > reach.shoulders[0]) & (off < reach.shoulders[1]) & (scene.levels() < 0)
    return np.asarray(zone & ~under)


def _trunk_outline(figure: Figure) -> Points:
    """Polygon [N, 2] of the bare trunk from the chin to the waist."""
    level = np.linspace(-0.28, WAIST + 0.02, 40) * figure.trunk
    half = figure.half_width(level)
    return np.concatenate([figure.at(-half, level), figure.at(half, level)[::-1]])


def _bare_arm(image: Floats, scene: Scene, side: int, start: float) -> Floats:
    figure = scene.figure
    joints = np.stack([figure.shoulders[side], figure.elbows[side], figure.wrists[side]])
    # The sleeve hangs over the first stretch of bare skin.
    start = start - 0.03 * figure.trunk if start > 0 else -np.inf
    return _limb(image, scene, joints, (ARM_AT, ARM_RADII), figure.arm_factor, (start, 2.0), 0.0)


def _bare_leg(image: Floats, scene: Scene, side: int, hem: float) -> Floats:
    figure = scene.figure
    joints = np.stack([figure.hips[side], figure.knees[side], figure.ankles[side]])
    start = hem - float(figure.level(joints[0])) - 0.06 * figure.trunk
    reach = start, _INSTEP * figure.trunk
    return _limb(image, scene, joints, (LEG_AT, LEG_RADII), figure.leg_factor, reach, 1.0)


def _limb(
    image: Floats,
    scene: Scene,
    joints: Points,
    table: tuple[Shares, Shares],
    factor: float,
    reach: tuple[float, float],
    bend: float,
) -> Floats:
    """Paint one limb's skin over its reach, as far as its joints were seen; returns its coverage [H, W]."""
    seen = ~np.isnan(joints).any(1)
    if seen.sum() < 2:
        return np.zeros(scene.shape, np.float32)
    # A limb whose end was not seen is painted to its bend, which is about half of it.
    at = np.array(table[0]) / (1.0 if seen.all() else 0.5)
    radii = np.array(table[1]) * scene.figure.trunk * factor
    return paint_limb(image, joints[seen], at, radii, reach, scene.skin, bend if seen.all() else 0.0)
