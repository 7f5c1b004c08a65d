"""The whole scene as one distance: body, hair, shoes and garments, and which of them is nearest."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from studio.folds import TALLEST, fold_height
from studio.hair import hair_distance
from studio.hands import hand_distance
from studio.head import head_distance
from studio.jit import kernel
from studio.layers import cut_distance, layer_distance, neckline
from studio.layout import (
    BODY,
    CLOTH,
    DROP,
    FOLDS,
    HAIR,
    HEAD_Y,
    HEIGHT,
    HOLLOW,
    LOWER,
    LOWER_CLOTH,
    LOWER_INSIDE,
    NEAR_HAIR,
    NEAR_LOWER,
    NEAR_PROP,
    NEAR_SHOE,
    NEAR_SKIN,
    NEAR_UPPER,
    NECK_X,
    NOTHING,
    OPEN_TOP,
    PROP,
    SHOE,
    SHOES,
    SKIN,
    STOOL,
    UPPER,
    UPPER_CLOTH,
    UPPER_INSIDE,
)
from studio.posture import straighten
from studio.sdf import Array, smooth_min, smooth_step
from studio.shoes import shoe_distance
from studio.tailoring import detail_height, open_width

Flags = NDArray[np.int64]
# Beyond this distance (m) folds are not measured; any less, and hair would lie on where they might have been.
_UNFOLDED = 0.05


@kernel
def neck_relief(x: float, y: float, z: float, figure: Array) -> float:
    """Height (m) of collar bones, the pit between them and the two sinews of the neck."""
    h = figure[HEIGHT]
    side, up, front = abs(x) / h, y / h, z / h
    if front < 0.004 or up < 0.79 or up > 0.865:
        return 0.0
    bone = up - 0.8165 - 0.16 * max(side - 0.010, 0.0)
    relief = 0.0045 * math.exp(-((bone / 0.0042) ** 2)) * smooth_step((side - 0.007) / 0.012)
    relief *= smooth_step((0.088 - side) / 0.03)
    relief -= 0.0040 * math.exp(-((side / 0.0065) ** 2) - ((up - 0.8195) / 0.006) ** 2)
    sinew = side - 0.008 - 0.42 * max(up - 0.8205, 0.0)
    relief += 0.0022 * math.exp(-((sinew / 0.0042) ** 2)) * smooth_step((up - 0.817) / 0.008)
    return relief * smooth_step((front - 0.004) / 0.012) * smooth_step((0.865 - up) / 0.02)


@kernel
def skin_distance(
    x: float, y: float, z: float, layers: Array, tables: Array, joints: Array, figure: Array, parts: int
) -> float:
    """Distance to the naked figure; head and hands are balls from afar."""
    d = layer_distance(x, y, z, layers[BODY], tables[BODY], joints, parts)
    top = figure[HEAD_Y]
    if y > top - 0.35:
        if d < 0.02:
            d -= neck_relief(x, y, z, figure)
        d = smooth_min(d, head_distance(x, y, z, figure), 0.016)
    hand = hand_distance(x, y, z, joints, figure)
    if hand < 0.03:
        return smooth_min(d, hand, 0.010)
    return min(d, hand)


@kernel
def cloth_distance(
    x: float,
    y: float,
    z: float,
    row: int,
    inside: int,
    layers: Array,
    tables: Array,
    joints: Array,
    parts: int,
) -> float:
    """Distance to a garment with its folds and details, hollow if it is worn by nobody."""
    layer = layers[row]
    d = layer_distance(x, y, z, layer, tables[row], joints, parts)
    if d > _UNFOLDED:
        return d - TALLEST
    if layer[FOLDS] > 0.0:
        edge = neckline(x, z, layer) if layer[NECK_X] > 0.0 else 0.0
        # An edge stands as high as the cloth behind it: folds must not lift the cloth over its own cut.
        height = fold_height(x, y, z, layer, tables[row], joints)
        height += detail_height(x, y, z, edge, layer, tables[row], joints)
        d -= min(height, TALLEST)
        d = max(d, cut_distance(x, y, z, layer, tables[row]))
        if layer[HOLLOW] > 0.0 and layer[OPEN_TOP] > 0.0 and z > 0.0:
            # Nobody's inner top: an open front shows the inside of the back.
            d = max(d, (open_width(y, layer) - abs(x)) * 0.5)
    if layers[row, HOLLOW] > 0.0:
        inner = layer_distance(x, y, z, layers[inside], tables[row], joints, parts)
        d = max(d, -(inner + CLOTH))
    return float(d)


@kernel
def stool_distance(x: float, y: float, z: float, figure: Array) -> float:
    """Distance to a box that is seated on, its top at the underside of the thighs."""
    half, top = figure[STOOL], 0.462 * figure[HEIGHT]
    return float(max(abs(x) - half, abs(z - 0.04) - half, y - top))


@kernel
def scene(
    x: float, y: float, z: float, layers: Array, tables: Array, joints: Array, figure: Array, shown: Flags,
    parts: int,
) -> tuple[float, int]:  # fmt: skip
    """Distance to the nearest surface and its material at a point of the bent body, of the parts (bits) near."""
    x, y, z = straighten(x, y, z, figure)
    best, material = 1e3, NOTHING
    if shown[BODY] > 0 and parts & NEAR_SKIN:
        best, material = skin_distance(x, y, z, layers, tables, joints, figure, parts), SKIN
    if shown[SHOES] > 0 and parts & NEAR_SHOE and y < figure[DROP] + 0.35:
        d = shoe_distance(x, y, z, joints, figure)
        if d < best:
            best, material = d, SHOE
    if shown[LOWER] > 0 and parts & NEAR_LOWER:
        d = cloth_distance(x, y, z, LOWER, LOWER_INSIDE, layers, tables, joints, parts)
        if d < best:
            best, material = d, LOWER_CLOTH
    if shown[UPPER] > 0 and parts & NEAR_UPPER:
        d = cloth_distance(x, y, z, UPPER, UPPER_INSIDE, layers, tables, joints, parts)
        if d < best:
            best, material = d, UPPER_CLOTH
    if shown[BODY] > 0 and parts & NEAR_HAIR and y > figure[HEAD_Y] - 0.65:
        d = hair_distance(x, y, z, best, figure)
        if d < best:
            best, material = d, HAIR
    if figure[STOOL] > 0.0 and parts & NEAR_PROP:
        d = stool_distance(x, y, z, figure)
        if d < best:
            best, material = d, PROP
    return best, material
