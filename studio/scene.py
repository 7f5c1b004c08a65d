"""The whole scene as one distance: body, hair, shoes and garments, and which of them is nearest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.figure import hair_distance, hand_distance, head_distance, shoe_distance
from studio.jit import kernel
from studio.layers import layer_distance
from studio.layout import (
    BODY,
    CLOTH,
    HAIR,
    HEAD_Y,
    HOLLOW,
    LOWER,
    LOWER_CLOTH,
    LOWER_INSIDE,
    NOTHING,
    SHOE,
    SHOES,
    SKIN,
    UPPER,
    UPPER_CLOTH,
    UPPER_INSIDE,
)
from studio.sdf import Array, smooth_min

Flags = NDArray[np.int64]


@kernel
def skin_distance(
    x: float, y: float, z: float, layers: Array, tables: Array, joints: Array, figure: Array
) -> float:
    """Distance to the naked figure; head and hands are only evaluated near them."""
    d = layer_distance(x, y, z, layers[BODY], tables[BODY], joints)
    top = figure[HEAD_Y]
    if y > top - 0.35:
        d = smooth_min(d, head_distance(x, y, z, figure), 0.02)
    if abs(x) > 0.08 and top * 0.3 < y < top * 0.75:
        d = smooth_min(d, hand_distance(x, y, z, joints, figure), 0.015)
    return d


@kernel
def cloth_distance(
    x: float, y: float, z: float, row: int, inside: int, layers: Array, tables: Array, joints: Array
) -> float:
    """Distance to a garment, hollow if it is worn by nobody."""
    d = layer_distance(x, y, z, layers[row], tables[row], joints)
    if layers[row, HOLLOW] > 0.0:
        inner = layer_distance(x, y, z, layers[inside], tables[row], joints)
        d = max(d, -(inner + CLOTH))
    return d


@kernel
def scene(
    x: float, y: float, z: float, layers: Array, tables: Array, joints: Array, figure: Array, shown: Flags
) -> tuple[float, int]:
    """Distance to the nearest surface and its material."""
    best, material = 1e3, NOTHING
    if shown[BODY] > 0:
        best, material = skin_distance(x, y, z, layers, tables, joints, figure), SKIN
        if y > figure[HEAD_Y] - 0.4:
            d = hair_distance(x, y, z, figure)
            if d < best:
                best, material = d, HAIR
    if shown[SHOES] > 0 and y < 0.35:
        d = shoe_distance(x, y, z, joints, figure)
        if d < best:
            best, material = d, SHOE
    if shown[LOWER] > 0:
        d = cloth_distance(x, y, z, LOWER, LOWER_INSIDE, layers, tables, joints)
        if d < best:
            best, material = d, LOWER_CLOTH
    if shown[UPPER] > 0:
        d = cloth_distance(x, y, z, UPPER, UPPER_INSIDE, layers, tables, joints)
        if d < best:
            best, material = d, UPPER_CLOTH
    return best, material
