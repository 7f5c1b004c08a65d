"""What shows once the old garment is gone: backdrop, bare skin, and the other garment carried on under it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tryon.core.ports import Pixels
from tryon.core.words import Category
from tryon.engines.warp.arrays import Flags, Floats, Points, grow, mix, soft
from tryon.engines.warp.figure import ARM_AT, ARM_RADII, LEG_AT, LEG_RADII, WAIST, Figure
from tryon.engines.warp.pieces import Reach
from tryon.engines.warp.skin import Skin, match, paint_limb, paint_trunk
from tryon.engines.warp.warps import Box, axis_coordinates, box_around

Shares = tuple[float, ...]

# ATR-18 labels.
HAT, HAIR, GLASSES, UPPER, SKIRT, PANTS, DRESS, BELT = range(1, 9)
SHOES, FACE, LEGS, ARMS, BAG, SCARF = (9, 10), 11, (12, 13), (14, 15), 16, 17
_LOWER = (SKIRT, PANTS, BELT, *LEGS)
# The blended edge of the old garment is this wide, in trunks: 2 to 3 pixels of a photo 1024 high.
_FRINGE = 0.011
# The shade an old hem or cuff throws on the skin is this many times as wide.
_SHADED = 4.0
# Painted skin takes on the tone of the skin it meets over this length, in trunks.
_MEETING = 0.035
# Down to this depth, in trunks, hands and sleeves hang over the other garment; no hip is further out than _ASIDE.
_HIP_ZONE, _ASIDE = 1.6, 0.75
# Colour distance from the backdrop that tells something worn from nothing.
_WORN = 18.0


@dataclass(frozen=True, slots=True)
class Scene:
    """One person cropped to where a garment may go.

    person: float32 [H, W, 3]; labels: [H, W] ATR-18 of the original photo; backdrop: float32 [H, W, 3];
    figure: in the crop's coordinates.
    """

    person: Floats
    labels: Pixels
    backdrop: Floats
    figure: Figure
    skin: Skin

    @property
    def shape(self) -> tuple[int, int]:
        return self.labels.shape[0], self.labels.shape[1]

    def levels(self) -> Points:
        """Depth below the shoulder joints of each pixel [H, W]."""
        y, x = np.mgrid[: self.shape[0], : self.shape[1]].astype(np.float64)
        return self.figure.level(np.stack([x, y], -1))


def worn(scene: Scene, category: Category) -> Flags:
    """Pixels [H, W] of the clothes that the new garment replaces.

    A dress counts as a top above the waist and as a bottom below it, so that a new top leaves its skirt.
    """
    labels = scene.labels
    dress = labels == DRESS
    above = scene.levels() < WAIST * scene.figure.trunk
    match category:
        case Category.TOPS:
            return np.asarray(np.isin(labels, (UPPER, SCARF)) | (dress & above))
        case Category.BOTTOMS:
            return np.asarray(np.isin(labels, (SKIRT, PANTS, BELT)) | (dress & ~above))
        case _:
            return np.isin(labels, (UPPER, SKIRT, PANTS, DRESS, BELT, SCARF))


@dataclass(frozen=True, slots=True)
class Beneath:
    """image: float32 [H, W, 3] without the old garment; arms: coverage [H, W] of the skin painted for bare arms."""

    image: Floats
    arms: Floats


def uncover(scene: Scene, category: Category, reach: Reach) -> Beneath:
    """The person without the clothes that `category` replaces; limbs are bare beyond the new garment's reach."""
    old = worn(scene, category)
    gone = _gone(scene, old, category, reach)
    # Painted a little wider than it will show, so that no backdrop shines through the blended edge.
    room = grow(gone, 3).astype(np.float32)
    image, arms, legs = (
        scene.backdrop.copy(),
        np.zeros(scene.shape, np.float32),
        np.zeros(scene.shape, np.float32),
    )
    if category is not Category.BOTTOMS:
        paint_trunk(image, room, _trunk_outline(scene.figure), scene.skin)
    if category is not Category.TOPS:
        for side in (0, 1):
            legs = np.maximum(legs, _bare_leg(image, scene, side, reach.legs))
    if category is not Category.DRESS:
        _carry_on(image, scene, gone, category)
    if category is not Category.BOTTOMS:
        for side in (0, 1):
            arms = np.maximum(arms, _bare_arm(image, scene, side, reach.arms[side]))
    bare = np.isin(scene.labels, (*ARMS, *LEGS)) & ~gone
    match(image, np.maximum(arms, legs), scene.person, bare, _MEETING * scene.figure.trunk)
    erased = soft(gone, 0.7)
    return Beneath(mix(scene.person, image, erased), arms * erased)


def _gone(scene: Scene, old: Flags, category: Category, reach: Reach) -> Flags:
    """Pixels to paint anew: the old clothes, their blended edge, their shadow on the skin, and limbs now covered."""
    fringe, labels = _FRINGE * scene.figure.trunk, scene.labels
    kept = np.isin(labels, (HAIR, HAT, GLASSES, BAG, *SHOES)) | ((labels == FACE) & above_chin(scene))
    gone = grow(old, fringe) & ~(kept & ~grow(old, 1))
    limbs = LEGS if category is Category.BOTTOMS else ARMS if category is Category.TOPS else (*LEGS, *ARMS)
    shaded = grow(old, _SHADED * fringe) & np.isin(labels, limbs) & ~_hands(scene)
    covered = np.zeros(scene.shape, np.bool_)
    if category is not Category.TOPS:
        level = scene.levels()
        covered |= np.isin(labels, LEGS) & (level < reach.legs) & (level > WAIST * scene.figure.trunk)
    if category is not Category.BOTTOMS:
        for side in (0, 1):
            covered |= np.isin(labels, ARMS) & _beside_arm(scene, side, reach.arms[side])
    return np.asarray(gone | shaded | (grow(covered, fringe) & (covered | (labels == 0))))


def above_chin(scene: Scene) -> Flags:
    """Pixels [H, W] of the height of the face; the neck, which a collar may cover, is below."""
    figure = scene.figure
    chin = -0.28 * figure.trunk if np.isnan(figure.chin).any() else float(figure.level(figure.chin))
    return np.asarray(scene.levels() < chin)


def _hands(scene: Scene) -> Flags:
    figure, zone = scene.figure, np.zeros(scene.shape, np.bool_)
    for side in (0, 1):
        zone |= arm_zone(scene, side, 1.0, forearm=True)
    return zone & np.isin(scene.labels, ARMS) if not np.isnan(figure.wrists).all() else zone


def arm_zone(scene: Scene, side: int, start: float, forearm: bool) -> Flags:
    """Pixels [H, W] beside an arm, from `start` of the upper arm on, or from `start` of the forearm on."""
    figure = scene.figure
    first, last = (figure.elbows, figure.wrists) if forearm else (figure.shoulders, figure.elbows)
    line = np.stack([first[side], last[side]])
    zone = np.zeros(scene.shape, np.bool_)
    if not np.isnan(line).any():
        along, off = axis_coordinates(line, Box(0, 0, scene.shape[1], scene.shape[0]))
        length = float(np.hypot(*(line[1] - line[0])))
        zone |= (along > start * length) & (np.abs(off) < 0.45 * figure.trunk)
    return zone


def _beside_arm(scene: Scene, side: int, end: float) -> Flags:
    """Pixels [H, W] beside the first `end` pixels of an arm."""
    figure, zone = scene.figure, np.zeros(scene.shape, np.bool_)
    line = np.stack([figure.shoulders[side], figure.elbows[side], figure.wrists[side]])
    if end <= 0 or np.isnan(line).any():
        return zone
    box = box_around(line, 0.3 * figure.trunk, scene.shape)
    if box is not None:
        along, off = axis_coordinates(line, box)
        zone[box.slices] = (along < end) & (np.abs(off) < 0.3 * figure.trunk)
    return zone


def _trunk_outline(figure: Figure) -> Points:
    """Polygon [N, 2] of the bare trunk from the chin to the waist."""
    level = np.linspace(-0.28, WAIST + 0.02, 40) * figure.trunk
    half = figure.half_width(level)
    return np.concatenate([figure.at(-half, level), figure.at(half, level)[::-1]])


def _bare_arm(image: Floats, scene: Scene, side: int, start: float) -> Floats:
    figure = scene.figure
    joints = np.stack([figure.shoulders[side], figure.elbows[side], figure.wrists[side]])
    # The sleeve hangs over the first stretch of bare skin.
    start = start - 0.03 * figure.trunk if start > 0 else 0.0
    return _limb(image, scene, joints, (ARM_AT, ARM_RADII), figure.arm_factor, start)


def _bare_leg(image: Floats, scene: Scene, side: int, hem: float) -> Floats:
    figure = scene.figure
    joints = np.stack([figure.hips[side], figure.knees[side], figure.ankles[side]])
    start = hem - float(figure.level(joints[0])) - 0.06 * figure.trunk
    return _limb(image, scene, joints, (LEG_AT, LEG_RADII), figure.leg_factor, start)


def _limb(
    image: Floats, scene: Scene, joints: Points, table: tuple[Shares, Shares], factor: float, start: float
) -> Floats:
    """Paint one limb's skin from `start` pixels on, as far as its joints were seen; returns its coverage [H, W]."""
    seen = ~np.isnan(joints).any(1)
    if seen.sum() < 2:
        return np.zeros(scene.shape, np.float32)
    # A limb whose end was not seen is painted to its bend, which is about half of it.
    at = np.array(table[0]) / (1.0 if seen.all() else 0.5)
    radii = np.array(table[1]) * scene.figure.trunk * factor
    return paint_limb(image, joints[seen], at, radii, start, scene.skin)


def _carry_on(image: Floats, scene: Scene, gone: Flags, category: Category) -> None:
    """Continue the garment that stays into the erased area: trousers up to the waist, a top down to the hips.

    Each pixel takes the colour mirrored at the nearest edge of what is seen, which continues patterns.
    """
    seen = _staying(scene, gone, category)
    if seen.sum() < 50:
        return
    hidden = grow(gone, 3) & ~seen & _within(scene, seen, category)
    if hidden.any():
        image[:] = mix(image, _mirrored(scene.person, seen, hidden), soft(hidden | seen, 0.7))


def _staying(scene: Scene, gone: Flags, category: Category) -> Flags:
    """Visible pixels of the other garment or of bare legs; by colour where the base wears it and the photo did not."""
    level = scene.levels() / scene.figure.trunk
    if category is Category.BOTTOMS:
        return np.isin(scene.labels, (UPPER, DRESS)) & ~gone & (level < 1.0)
    nothing = ~grow(scene.labels > 0, _FRINGE * scene.figure.trunk)
    new = nothing & (np.linalg.norm(scene.person - scene.backdrop, axis=-1) > _WORN)
    # Only near the hips: further down the floor's shadow also differs from the backdrop.
    lower = np.isin(scene.labels, (*_LOWER, DRESS)) | (new & (level < _HIP_ZONE))
    return np.asarray(lower & ~gone & (level > WAIST))


def _within(scene: Scene, seen: Flags, category: Category) -> Flags:
    """Pixels where the other garment goes on under the erased one: inside its outline, carried on up to the waist."""
    figure = scene.figure
    y, x = np.mgrid[: scene.shape[0], : scene.shape[1]].astype(np.float64)
    level, offset = scene.levels() / figure.trunk, figure.offset(np.stack([x, y], -1))
    if category is Category.BOTTOMS:
        inside = np.abs(offset) < 1.03 * figure.half_width(level * figure.trunk)
        return np.asarray(inside & (level > 0.3) & (level < 1.0))
    row_level = level[:, level.shape[1] // 2]
    left, right = (_side_extent(scene, seen, offset, row_level, sign) for sign in (-1.0, 1.0))
    return np.asarray(
        (offset > left[:, None]) & (offset < right[:, None]) & (level > WAIST) & (level < _HIP_ZONE)
    )


def _side_extent(scene: Scene, seen: Flags, offset: Points, row_level: Points, sign: float) -> Points:
    """Offset [H] of the other garment's edge on one side, from the rows where backdrop is seen beside it.

    Rows in between, where an arm or the old garment hangs over the edge, are interpolated; at the waist it is the
    body's own width.
    """
    outward = np.where(seen & (np.abs(offset) < _ASIDE * scene.figure.trunk), offset * sign, -np.inf)
    column = outward.argmax(1)
    rows = np.arange(len(column))
    edge = outward[rows, column]
    step = max(2, round(2 * _FRINGE * scene.figure.trunk))
    beside = np.clip(column + int(sign) * step, 0, scene.shape[1] - 1)
    open_air = (scene.labels[rows, beside] == 0) & ~seen[rows, beside]
    known = np.isfinite(edge) & open_air & (row_level > WAIST) & (row_level < _HIP_ZONE)
    waist = 1.03 * float(scene.figure.half_width(WAIST * scene.figure.trunk))
    levels, edges = np.r_[WAIST, row_level[known]], np.r_[waist, edge[known]]
    return np.asarray(sign * np.interp(row_level, levels, edges))


def _mirrored(image: Floats, seen: Flags, hidden: Flags) -> Floats:
    """Colours [H, W, 3] for hidden pixels: of the point mirrored at the nearest seen pixel, or of that pixel itself."""
    _, nearest = cv2.distanceTransformWithLabels(
        (~seen).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    order = np.zeros(nearest.max() + 1, np.int64)
    order[nearest[seen]] = np.flatnonzero(seen)
    rows, columns = np.nonzero(hidden)
    near_y, near_x = np.divmod(order[nearest[rows, columns]], seen.shape[1])
    far_y = np.clip(2 * near_y - rows, 0, seen.shape[0] - 1)
    far_x = np.clip(2 * near_x - columns, 0, seen.shape[1] - 1)
    use = seen[far_y, far_x]
    colours = image.copy()
    colours[rows, columns] = image[np.where(use, far_y, near_y), np.where(use, far_x, near_x)]
    return colours
