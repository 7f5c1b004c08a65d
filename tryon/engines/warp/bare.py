"""Bare skin painted where clothes were: arms and legs as tapered tubes along their joints, and the trunk."""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.words import Category
from tryon.engines.warp.arrays import Floats, Points, mix
from tryon.engines.warp.figure import ARM_AT, ARM_RADII, LEG_AT, LEG_RADII, WAIST, Figure
from tryon.engines.warp.pieces import Reach
from tryon.engines.warp.scene import Scene
from tryon.engines.warp.skin import Skin
from tryon.engines.warp.warps import axis_coordinates, box_around, smooth_line

Shares = tuple[float, ...]

# The instep goes on under the shoe this far below the ankle, in trunks.
_INSTEP = 0.14
# A knee's light and shade, as shares of the skin's own.
_CAP, _BELOW = 0.04, 0.07


def paint_trunk(canvas: Floats, scene: Scene, where: Floats) -> Floats:
    """Paint the bare trunk and neck into `canvas` [H, W, 3] in place, as far as `where` [H, W] 0..1 allows.

    Returns its coverage [H, W].
    """
    mask = np.zeros(where.shape, np.uint8)
    outline = _trunk_outline(scene.figure)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    cover = mask.astype(np.float32) / np.float32(255) * where
    canvas[:] = mix(canvas, scene.skin.colour, cover)
    return cover


def paint_arms(canvas: Floats, scene: Scene, category: Category, reach: Reach) -> Floats:
    """Paint both arms below the new sleeves into `canvas` in place; returns their coverage, none for bottoms."""
    arms = np.zeros(scene.shape, np.float32)
    if category is not Category.BOTTOMS:
        for side in (0, 1):
            arms = np.maximum(arms, _bare_arm(canvas, scene, side, reach.arms[side]))
    return arms


def paint_legs(canvas: Floats, scene: Scene, category: Category, reach: Reach) -> Floats:
    """Paint both legs below the new hem into `canvas` in place; returns their coverage, none for tops."""
    legs = np.zeros(scene.shape, np.float32)
    if category is not Category.TOPS:
        for side in (0, 1):
            legs = np.maximum(legs, _bare_leg(canvas, scene, side, reach.legs))
    return legs


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


def paint_limb(
    canvas: Floats,
    joints: Points,
    at: Points,
    radii: Points,
    reach: tuple[float, float],
    skin: Skin,
    bend: float,
) -> Floats:
    """Paint a bare limb into `canvas` [H, W, 3] in place.

    joints: [N, 2] from root to end; radii: [M] pixels at shares `at` [M] of its length; reach: where along it
    the skin begins and how far past its end it goes, pixels; bend: how strongly a knee shows, 0..1. Returns the
    limb's coverage [H, W].
    """
    painted = np.zeros(canvas.shape[:2], np.float32)
    box = box_around(joints, float(radii.max()) + 2, (canvas.shape[0], canvas.shape[1]))
    if box is None:
        return painted
    along, off = axis_coordinates(smooth_line(joints), box)
    length = np.cumsum(np.hypot(*np.diff(joints, axis=0).T))[-1]
    radius = np.interp(along, at * length, radii).astype(np.float32)
    painted[box.slices] = _round_cover(along, off, radius) * (
        (along > reach[0]) & (along < length + reach[1])
    )
    # Positive `off` is towards (-uy, ux) of the axis; for a limb that hangs down that is the image's left.
    side = -np.sign(joints[-1, 1] - joints[0, 1]) or 1.0
    colours = _lit(skin, off / radius * np.float32(side), along / np.float32(length), bend)
    canvas[box.slices] = mix(canvas[box.slices], colours, painted[box.slices])
    return painted


def _round_cover(along: Floats, off: Floats, radius: Floats) -> Floats:
    """Coverage [h, w] of a limb by the distances along and off its axis; its root is round, as a shoulder is."""
    away = np.hypot(off, np.minimum(along, 0.0))
    return np.asarray(np.clip((radius - away) / 1.5 + 0.5, 0.0, 1.0))


def _lit(skin: Skin, u: Floats, share: Floats, bend: float) -> Floats:
    """Colours [h, w, 3] at -1..1 across a limb and at shares of its length, both [h, w]; bend as in `paint_limb`."""
    shade = 1.0 + bend * _knee(share) * np.clip(1.0 - u * u, 0.0, 1.0)
    return np.asarray(skin.shaded(u) * shade[..., None])


def _knee(share: Floats) -> Floats:
    """Light on the kneecap and the soft shade below it, around the middle of a leg."""
    cap, below = np.exp(-(((share - 0.47) / 0.035) ** 2)), np.exp(-(((share - 0.54) / 0.03) ** 2))
    return np.asarray(_CAP * cap - _BELOW * below, np.float32)
