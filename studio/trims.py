"""Colours of what is sewn on: bands, buttons, cords, open fronts, and the lining with its label."""

from __future__ import annotations

import math

from studio.jit import kernel
from studio.layers import layer_distance, neckline
from studio.layout import (
    CLOTH,
    COLLAR,
    COLLAR_BAND,
    CUT_BOTTOM,
    HEM_BAND,
    HOLLOW,
    HOOD,
    NECK_DROP,
    NECK_X,
    NECK_Y,
    PLACKET,
    SLEEVE_END,
    VEE_DEPTH,
)
from studio.patterns import buttons
from studio.sdf import Array
from studio.tailoring import ARM_METRES, open_width


@kernel
def set_colour(out: Array, colour: Array, share: float) -> None:
    """Blend `share` of a colour into out [3]."""
    for c in range(3):
        out[c] += (colour[c] - out[c]) * share


@kernel
def trims(
    x: float, y: float, z: float, on_arm: bool, along: float, front: bool, layer: Array, colours: Array,
    out: Array,
) -> None:  # fmt: skip
    """Cords and buttons in the second colour; ribbed bands, and what an open front shows, in the third."""
    before = front and not on_arm
    if before and layer[COLLAR] == HOOD and layer[HOLLOW] == 0.0:
        # Two cords hang out of a hood.
        below = layer[NECK_Y] - layer[NECK_DROP] - y
        if 0.0 < below < 0.15 and abs(abs(x) - 0.030 - 0.02 * below) < 0.0032:
            set_colour(out, colours[1], 1.0)
    if before and y > layer[PLACKET] and buttons(x, y, layer[NECK_Y]) > 0:
        set_colour(out, colours[1], 1.0)
    if before and abs(x) < open_width(y, layer) and layer[HOLLOW] == 0.0:
        set_colour(out, colours[2], 1.0)
    elif banded(x, y, z, on_arm, along, layer):
        set_colour(out, colours[2], 1.0)
        rib = 0.95 + 0.05 * math.sin(x * 1100.0)
        for c in range(3):
            out[c] *= rib


@kernel
def lining(
    x: float, y: float, z: float, layer: Array, inside: Array, tables: Array, joints: Array, colours: Array,
    out: Array,
) -> None:  # fmt: skip
    """Seen from inside, cloth is its plain base colour, and darker; behind the neck hangs a woven label."""
    if layer[HOLLOW] == 0.0 or layer_distance(x, y, z, inside, tables, joints) >= -0.5 * CLOTH:
        return
    for c in range(3):
        out[c] = colours[0, c] * 0.8
    below = layer[NECK_Y] - 0.022 - y
    if z < 0.0 and abs(x) < 0.021 and 0.0 < below < 0.026 and layer[NECK_X] > 0.0:
        out[:] = 0.25 if abs(below - 0.013) < 0.003 and abs(x) < 0.013 else 0.72


@kernel
def banded(x: float, y: float, z: float, on_arm: bool, along: float, layer: Array) -> bool:
    """Whether a point lies on the ribbed band of neck, cuff or hem."""
    if layer[COLLAR_BAND] > 0.0:
        slope = 0.07 * abs(x) / (layer[NECK_X] * layer[NECK_X])
        below = neckline(x, z, layer) - y
        below = below * 0.6 if layer[VEE_DEPTH] > 0.0 else below / math.sqrt(1.0 + min(slope * slope, 4.0))
        if below < layer[COLLAR_BAND] and abs(x) < layer[NECK_X] * 2.0:
            return True
    if layer[HEM_BAND] > 0.0:
        to_end = (layer[SLEEVE_END] - along) * ARM_METRES
        cuff = on_arm and layer[SLEEVE_END] < 2.0 and to_end < layer[HEM_BAND]
        return bool(cuff or y - layer[CUT_BOTTOM] < layer[HEM_BAND])
    return False
