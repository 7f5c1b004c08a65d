"""One person cropped to where a garment may go, and which pixels are what."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tryon.core.ports import Pixels
from tryon.core.words import Category
from tryon.engines.warp.arrays import Flags, Floats, Points, grow, shrink
from tryon.engines.warp.figure import WAIST, Figure
from tryon.engines.warp.skin import Skin
from tryon.engines.warp.warps import Box, axis_coordinates, box_around

# ATR-18 labels.
HAT, HAIR, GLASSES, UPPER, SKIRT, PANTS, DRESS, BELT = range(1, 9)
SHOES, FACE, LEGS, ARMS, BAG, SCARF = (9, 10), 11, (12, 13), (14, 15), 16, 17
FRINGE = 0.011
"""The blended edge of the old garment is this wide, in trunks: 2 to 3 pixels of a photo 1024 high."""

# Slivers of a shoe's label thinner than twice this, in trunks, are not the shoe.
_FRAY = 0.012


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
        return _along(self.shape, self.figure.origin, self.figure.down)

    def offsets(self) -> Points:
        """Distance of each pixel [H, W] to the right of the trunk's middle line."""
        return _along(self.shape, self.figure.origin, self.figure.across)


def _along(shape: tuple[int, int], origin: Points, way: Points) -> Points:
    """Distance [H, W] of each pixel from `origin` [2] along the unit vector `way` [2]."""
    x, y = ((np.arange(size) - at) * share for size, at, share in zip(shape[::-1], origin, way, strict=True))
    return np.asarray(np.add.outer(y, x), np.float64)


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


def limbs(category: Category) -> tuple[int, ...]:
    """Labels of the limbs that a garment covers or bares."""
    return {Category.TOPS: ARMS, Category.BOTTOMS: LEGS}.get(category, (*ARMS, *LEGS))


def above_chin(scene: Scene) -> Flags:
    """Pixels [H, W] of the height of the face; the neck, which a collar may cover, is below."""
    figure = scene.figure
    chin = -0.28 * figure.trunk if np.isnan(figure.chin).any() else float(figure.level(figure.chin))
    return np.asarray(scene.levels() < chin)


def shoes(scene: Scene) -> Flags:
    """Pixels [H, W] of the shoes: their labels without frayed edges and notches where a trouser's hem lay."""
    found, size = np.zeros(scene.shape, np.bool_), _FRAY * scene.figure.trunk
    clothes = np.isin(scene.labels, (PANTS, SKIRT, DRESS, *LEGS, *SHOES))
    for label in SHOES:
        whole = grow(shrink(scene.labels == label, size), size)
        points = np.argwhere(whole)[:, ::-1]
        if len(points):
            hull = np.zeros(scene.shape, np.uint8)
            cv2.fillConvexPoly(hull, cv2.convexHull(points.astype(np.int32)), 1)
            found |= hull.astype(np.bool_) & clothes
    return found


def hands(scene: Scene) -> Flags:
    """Pixels [H, W] of arms beyond the wrists."""
    beyond = arm_zone(scene, 0, 1.0, forearm=True) | arm_zone(scene, 1, 1.0, forearm=True)
    return np.isin(scene.labels, ARMS) & beyond


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


def beside_arm(scene: Scene, side: int, end: float) -> Flags:
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
