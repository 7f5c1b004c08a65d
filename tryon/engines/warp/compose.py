"""One outfit from its parts: beneath, shadow, garment, then what belongs in front of it."""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.words import Category, Order
from tryon.engines.warp.arrays import Flags, Floats, mix, shrink, soft
from tryon.engines.warp.beneath import uncover
from tryon.engines.warp.figure import WAIST
from tryon.engines.warp.pieces import Cut, coverage, reach, warp_all
from tryon.engines.warp.scene import (
    ARMS,
    BAG,
    DRESS,
    FACE,
    GLASSES,
    HAIR,
    HAT,
    UPPER,
    Scene,
    above_chin,
    arm_zone,
    hands,
    shoes,
)

# Contact shadow: how far it falls and how soft it is, in trunks, and how dark at most.
_SHADOW_FALL, _SHADOW_BLUR, _SHADOW = 0.025, 0.02, 0.35
# A bare arm is in front of a torso from this share of the upper arm on; above, the shoulder is under the cloth.
_ARM_FREE = 0.55


def compose(scene: Scene, garment: Cut, category: Category, order: Order = Order.UNTUCKED) -> Floats:
    """The scene's person wearing the garment, float32 [H, W, 3]."""
    worn = warp_all(scene.figure, garment, scene.shape)
    beneath = uncover(scene, category, reach(scene.figure, garment.marks), worn)
    canvas = beneath.image.copy()
    _contact_shadow(canvas, scene, coverage((*worn.sleeves, *worn.front), scene.shape))
    free = (
        _free_arms(scene, beneath.arms)
        if category is not Category.BOTTOMS
        else np.zeros(scene.shape, np.float32)
    )
    free = free * (1.0 - coverage(worn.sleeves, scene.shape))
    for piece in worn.sleeves:
        piece.onto(canvas)
    for piece in worn.front:
        piece.onto(canvas, 1.0 - free)
    front = soft(shrink(_in_front(scene, category, order) & ~beneath.gone, 1), 0.8)
    return mix(canvas, scene.person, front)


def _contact_shadow(canvas: Floats, scene: Scene, cover: Floats) -> None:
    """Darken what the garment lies on, along its lower edges; the backdrop is too far behind to be shaded."""
    trunk = scene.figure.trunk
    fall, blur = max(1, round(_SHADOW_FALL * trunk)), max(0.5, _SHADOW_BLUR * trunk)
    dropped = np.zeros_like(cover)
    dropped[fall:] = cover[:-fall]
    shadow = np.clip(cv2.GaussianBlur(dropped, (0, 0), blur) - cover, 0.0, 1.0) * _SHADOW
    near = np.linalg.norm(canvas - scene.backdrop, axis=-1)
    canvas *= (1.0 - shadow * np.clip(near / 30.0, 0.0, 1.0))[..., None]


def _free_arms(scene: Scene, painted: Floats) -> Floats:
    """Bare arms [H, W] 0..1 that hang in front of the torso: seen ones and painted ones, from mid upper arm on."""
    arms = np.maximum(soft(np.isin(scene.labels, ARMS), 0.7), painted)
    zone = arm_zone(scene, 0, _ARM_FREE, forearm=False) | arm_zone(scene, 1, _ARM_FREE, forearm=False)
    return arms * soft(zone, 0.7)


def _in_front(scene: Scene, category: Category, order: Order) -> Flags:
    """Pixels of the photo that stay in front of the garment. Tucked: the bottom is in front of the top."""
    labels, figure = scene.labels, scene.figure
    front = np.isin(labels, (HAT, HAIR, GLASSES, BAG)) | ((labels == FACE) & above_chin(scene))
    arms = np.isin(labels, ARMS)
    if category is Category.BOTTOMS:
        level = scene.levels() < WAIST * figure.trunk
        top = (labels == UPPER) if order is Order.UNTUCKED else (labels == UPPER) & level
        return np.asarray(front | arms | top | ((labels == DRESS) & level) | shoes(scene))
    front |= hands(scene)
    return np.asarray(front | shoes(scene) if category is Category.DRESS else front)
