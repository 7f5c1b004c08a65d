"""Albedo (linear RGB) of cloth, hair and shoes at a point of their surface."""

from __future__ import annotations

import math

from studio.jit import kernel
from studio.layers import layer_distance, neckline
from studio.layout import (
    ARM_RADIUS,
    ARMS,
    BLOCK,
    CHEST_Y,
    CLOTH,
    COLLAR,
    COLLAR_BAND,
    CUT_BOTTOM,
    CUT_TOP,
    DENIM,
    DOTS,
    FLORAL,
    GINGHAM,
    HEATHER,
    HEIGHT,
    HEM_BAND,
    HOLLOW,
    HOOD,
    LEFT_ARM,
    LEFT_LEG,
    NECK_DROP,
    NECK_X,
    NECK_Y,
    PINSTRIPES,
    PLACKET,
    PLAID,
    PRINT,
    RIGHT_LEG,
    SLEEVE_END,
    STRIPES,
    VEE_DEPTH,
)
from studio.patterns import (
    block,
    buttons,
    dots,
    floral,
    gingham_weight,
    plaid,
    plaid_weight,
    seams,
    stripes,
    sunset,
)
from studio.sdf import Array, arm_limb, near_arm, noise, smooth_step
from studio.tailoring import on_sleeve, open_width

_ARM_METRES = 0.55


@kernel
def set_colour(out: Array, colour: Array, share: float) -> None:
    """Blend `share` of a colour into out [3]."""
    for c in range(3):
        out[c] += (colour[c] - out[c]) * share


@kernel
def cloth_colour(
    x: float, y: float, z: float, row: int, layers: Array, tables: Array, joints: Array, figure: Array,
    textures: Array, palette: Array, out: Array,
) -> None:  # fmt: skip
    """Albedo of the garment in `row`: base colour, pattern, bands, weave."""
    layer, texture, colours = layers[row], textures[row], palette[row]
    for c in range(3):
        out[c] = colours[0, c]
    kind = int(texture[0])
    on_arm, along = False, -1.0
    if layer[ARMS] > 0.0:
        d, along = arm_limb(x, y, z, joints, tables[row, ARM_RADIUS])
        on_arm = on_sleeve(x, y, d, along, joints[LEFT_ARM, 0])
    u, v = x / figure[HEIGHT], (figure[CHEST_Y] - y) / figure[HEIGHT]
    if on_arm:
        # On a sleeve the pattern runs along the arm and meets the body's at the seam.
        u, v = sleeve_frame(x, y, along, joints[near_arm(x, y, z, joints)], figure)
    front = z > joints[LEFT_ARM, 0, 2] - 0.02
    index = 0
    if kind == STRIPES:
        index = stripes(v, texture)
    elif kind == BLOCK:
        index = block(v, on_arm, along, texture)
    elif kind == DOTS:
        index = dots(u, v, texture)
    elif kind == PRINT and front and not on_arm:
        index = sunset(u, v)
    elif kind == PLAID:
        set_colour(out, colours[1], plaid_weight(u, v, texture))
        index = plaid(u, v, texture)
    elif kind == PINSTRIPES:
        index = stripes(u, texture)
    elif kind == GINGHAM:
        set_colour(out, colours[1], gingham_weight(u, v, texture))
    elif kind == HEATHER:
        set_colour(out, colours[1], 0.7 * smooth_step(noise(x * 320.0, y * 110.0, z * 320.0) * 2.2 - 0.8))
    elif kind == FLORAL:
        index = floral(u, v, texture)
    elif kind == DENIM and front:
        middle = 0.5 * (joints[LEFT_LEG, 0, 0] + joints[RIGHT_LEG, 0, 0])
        index = seams(x, layer[CUT_TOP] - y, y - layer[CUT_BOTTOM], middle, layer[CUT_BOTTOM] < 0.5)
    if kind == DENIM:
        denim(x, y, z, joints, out)
    if index > 0:
        set_colour(out, colours[index], 1.0)
    if layer[COLLAR] == HOOD and front and not on_arm and layer[HOLLOW] == 0.0:
        # Two cords hang out of a hood.
        below = layer[NECK_Y] - layer[NECK_DROP] - y
        if 0.0 < below < 0.15 and abs(abs(x) - 0.030 - 0.02 * below) < 0.0032:
            set_colour(out, colours[1], 1.0)
    if front and not on_arm and y > layer[PLACKET] and buttons(x, y, layer[NECK_Y]) > 0:
        set_colour(out, colours[1], 1.0)
    if front and not on_arm and abs(x) < open_width(y, layer) and layer[HOLLOW] == 0.0:
        set_colour(out, colours[2], 1.0)
    elif banded(x, y, z, on_arm, along, layer):
        set_colour(out, colours[2], 1.0)
        rib = 0.95 + 0.05 * math.sin(x * 1100.0)
        for c in range(3):
            out[c] *= rib
    if layer[HOLLOW] > 0.0 and layer_distance(x, y, z, layers[row + 2], tables[row], joints) < -0.5 * CLOTH:
        # Seen from inside, cloth is its plain base colour, and darker; behind the neck hangs a woven label.
        for c in range(3):
            out[c] = colours[0, c] * 0.8
        below = layer[NECK_Y] - 0.022 - y
        if z < 0.0 and abs(x) < 0.021 and 0.0 < below < 0.026 and layer[NECK_X] > 0.0:
            stripe = 0.25 if abs(below - 0.013) < 0.003 and abs(x) < 0.013 else 0.72
            for c in range(3):
                out[c] = stripe
    for c in range(3):
        # No dye is black: even jet black cloth returns 2% of the light, and shows its folds.
        out[c] = 0.012 + 0.985 * out[c]
    weave = 0.96 + 0.08 * noise(x * 700.0, y * 700.0, z * 700.0)
    for c in range(3):
        out[c] *= weave


@kernel
def sleeve_frame(x: float, y: float, along: float, arm: Array, figure: Array) -> tuple[float, float]:
    """Pattern coordinates on a sleeve, as fractions of the height: across the arm and down from the chest line."""
    dx, dy = arm[2, 0] - arm[0, 0], arm[2, 1] - arm[0, 1]
    length = math.sqrt(dx * dx + dy * dy) + 1e-9
    across = arm[0, 0] + ((x - arm[0, 0]) * -dy + (y - arm[0, 1]) * dx) / length
    down = figure[CHEST_Y] - arm[0, 1] + along * length
    return across / figure[HEIGHT], down / figure[HEIGHT]


@kernel
def denim(x: float, y: float, z: float, joints: Array, out: Array) -> None:
    """Twill grain, and thighs faded towards a pale blue."""
    grain = 0.80 + 0.2 * noise(x * 420.0, y * 130.0, z * 420.0)
    grain += 0.12 * noise(x * 900.0, y * 900.0, z * 900.0)
    leg = joints[LEFT_LEG if x > 0.5 * (joints[LEFT_LEG, 1, 0] + joints[RIGHT_LEG, 1, 0]) else RIGHT_LEG]
    a, b = (x - 0.5 * (leg[0, 0] + leg[1, 0])) / 0.06, (y - leg[1, 1] - 0.14) / 0.2
    faded = 0.20 * math.exp(-a * a - b * b)
    for c in range(3):
        pale = 0.30 + 0.13 * c
        out[c] = out[c] * grain * (1.0 - faded) + pale * faded


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
        to_end = (layer[SLEEVE_END] - along) * _ARM_METRES
        cuff = on_arm and layer[SLEEVE_END] < 2.0 and to_end < layer[HEM_BAND]
        return bool(cuff or y - layer[CUT_BOTTOM] < layer[HEM_BAND])
    return False
