"""What shows once the old garment is gone: backdrop, bare skin, and the other garment carried on under it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from tryon.core.words import Category
from tryon.engines.warp.arrays import Flags, Floats, grow, mix, shrink, soft
from tryon.engines.warp.bare import paint_arms, paint_legs, paint_trunk
from tryon.engines.warp.carry import carry_on
from tryon.engines.warp.gone import painted_anew
from tryon.engines.warp.pieces import Reach, Worn, coverage
from tryon.engines.warp.scene import FACE, Scene, above_chin, hands, limbs, worn
from tryon.engines.warp.tone import match
from tryon.engines.warp.unshaded import unshaded

# The shade that an old hem or cuff throws on the skin is this long, in trunks.
_SHADE = 0.1
# Half the width of what a parser may take for neck, in trunks.
_COLLAR_END = 0.025
# Painted skin takes on the tone of the skin it meets over this length, in trunks.
_MEETING = 0.035


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
    gone = painted_anew(scene, old, category, reach) | _behind_neck(scene, new)
    image, trunk = _behind_limbs(scene, category, gone, ~_over_shoulders(scene, reach, new), new)
    legs = paint_legs(image, scene, category, reach)
    if category is not Category.DRESS:
        carry_on(image, scene, gone, category)
    arms = paint_arms(image, scene, category, reach)
    skin, shade = np.maximum(arms, legs), _shade(scene, old, category)
    bare = np.isin(scene.labels, limbs(category)) & ~gone & (shade < 0.02)
    match(image, skin, scene.person, bare, _MEETING * scene.figure.trunk)
    if category is not Category.BOTTOMS:
        image = _necked(image, scene, np.asarray(trunk * (1.0 - skin), np.float32), gone)
    erased = np.maximum(soft(gone, 0.7), shade * skin)
    return Beneath(mix(scene.person, image, erased), arms * erased, gone)


def _behind_neck(scene: Scene, new: Worn) -> Flags:
    """Backdrop [H, W] that the inside of the new garment's back hides."""
    return np.asarray((coverage(new.back, scene.shape) > 0.1) & (scene.labels == 0))


def _behind_limbs(
    scene: Scene, category: Category, gone: Flags, allowed: Flags, new: Worn
) -> tuple[Floats, Floats]:
    """Backdrop, the inside of the new garment's back and, for what is worn on it, the bare trunk where it is `gone`
    and `allowed` [H, W]: the picture [H, W, 3], and the trunk's coverage [H, W]."""
    image = scene.backdrop.copy()
    for piece in new.back:
        piece.onto(image)
    if category is Category.BOTTOMS:
        return image, np.zeros(scene.shape, np.float32)
    # Painted a little wider than it will show, so that no backdrop shines through the blended edge.
    room = grow(gone, 3).astype(np.float32)
    trunk = paint_trunk(image, scene, room * allowed)
    # The neck is skin wherever the trunk's own outline has its neck; a collar's end that is labelled neck is not.
    size = _COLLAR_END * scene.figure.trunk
    neck = gone & grow(shrink(scene.labels == FACE, size), size) & (trunk < 0.5)
    image[neck] = scene.skin.colour
    return image, np.maximum(trunk, neck)


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


def _over_shoulders(scene: Scene, reach: Reach, new: Worn) -> Flags:
    """Pixels [H, W] above the new garment's shoulders, where no skin may look out over the cloth."""
    off = np.abs(scene.offsets())
    cloth = coverage((*new.back, *new.sleeves, *new.front), scene.shape) > 0.5
    under = np.maximum.accumulate(cloth, axis=0)
    zone = (off > reach.shoulders[0]) & (off < reach.shoulders[1]) & (scene.levels() < 0)
    return np.asarray(zone & ~under)
