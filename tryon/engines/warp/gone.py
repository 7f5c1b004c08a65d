"""Which pixels are painted anew: the old clothes, what a parser missed of them, and limbs that are covered now."""

from __future__ import annotations

import numpy as np

from tryon.core.words import Category
from tryon.engines.warp.arrays import Flags, grow, shrink
from tryon.engines.warp.figure import WAIST
from tryon.engines.warp.pieces import Reach
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
    limbs,
    shoes,
)

# Pixels from the old clothes' edge at which another garment shows its own colour.
_SEAM_ROOM = 3
# How far a parser misses the edge of the clothes, in trunks: anywhere, and at the neck.
_CRUMBS, _COLLAR = 0.09, 0.04


def painted_anew(scene: Scene, old: Flags, category: Category, reach: Reach) -> Flags:
    """Pixels [H, W] that show something else once the old clothes `old` [H, W] are gone and the new ones are on."""
    fringe, face = FRINGE * scene.figure.trunk, (scene.labels == FACE) & above_chin(scene)
    gone = _with_edge(scene, old, face, fringe) | _missed(scene, old, face, category, fringe)
    covered = _covered(scene, category, reach)
    return np.asarray(gone | (grow(covered, fringe) & (covered | (scene.labels == 0))))


def _with_edge(scene: Scene, old: Flags, face: Flags, fringe: float) -> Flags:
    """The old clothes with their blended edge: a pixel of it on hair, face, hat and bag, none on shoes."""
    narrow = np.isin(scene.labels, (HAIR, HAT, GLASSES, BAG)) | face
    return np.asarray(grow(old, fringe) & ~(narrow & ~grow(old, 1)) & ~shoes(scene))


def _missed(scene: Scene, old: Flags, face: Flags, category: Category, fringe: float) -> Flags:
    """Crumbs of the old clothes that the labels call backdrop, limb or neck, with their blended edge."""
    labels = scene.labels
    touched = limbs(category) if category is Category.BOTTOMS else (*limbs(category), FACE)
    crumbs = _no_shadow(scene, old, _crumbs(scene, old, touched) & ~face)
    return np.asarray(grow(crumbs, fringe) & np.isin(labels, (0, *touched)) & ~face)


def _crumbs(scene: Scene, old: Flags, touched: tuple[int, ...]) -> Flags:
    """What has the old clothes' colour near them, and is labelled backdrop or one of `touched`."""
    stays = np.isin(scene.labels, (UPPER, SKIRT, PANTS)) & ~grow(old, _SEAM_ROOM)
    return remnants(
        scene.person,
        scene.labels,
        old,
        stays,
        scene.backdrop,
        scene.skin.colour,
        touched,
        _CRUMBS * scene.figure.trunk,
    )


def _no_shadow(scene: Scene, old: Flags, crumbs: Flags) -> Flags:
    """The crumbs without those that are shadows."""
    # At the shoes the floor's shadow passes for dark trousers.
    ankles = float(np.nanmax(scene.figure.level(scene.figure.ankles), initial=0.0)) or np.inf
    crumbs = crumbs & (scene.levels() < ankles - 0.05 * scene.figure.trunk)
    # The chin's shadow passes for dark cloth, and so does the neck's blended edge.
    collar = grow(shrink(crumbs, 1), 1) & grow(old, _COLLAR * scene.figure.trunk)
    return np.asarray(crumbs & ((scene.labels != FACE) | collar))


def _covered(scene: Scene, category: Category, reach: Reach) -> Flags:
    """Bare limbs that are under the new garment."""
    covered = np.zeros(scene.shape, np.bool_)
    if category is not Category.TOPS:
        level = scene.levels()
        covered |= np.isin(scene.labels, LEGS) & (level < reach.legs) & (level > WAIST * scene.figure.trunk)
    if category is not Category.BOTTOMS:
        for side in (0, 1):
            covered |= np.isin(scene.labels, ARMS) & beside_arm(scene, side, reach.arms[side])
    return covered
