"""Albedo (linear RGB) of cloth, hair and shoes at a point of their surface."""

from __future__ import annotations

import math

from studio.jit import kernel
from studio.layers import layer_distance, neckline
from studio.layout import (
    ARM_RADIUS,
    ARMS,
    BLOCK,
    BUTTONS,
    CHEST_Y,
    CLOTH,
    COLLAR_BAND,
    CUT_BOTTOM,
    CUT_TOP,
    DENIM,
    DOTS,
    FLORAL,
    HEIGHT,
    HEM_BAND,
    HOLLOW,
    LEFT_ARM,
    LEFT_LEG,
    NECK_X,
    NECK_Y,
    PLAID,
    PRINT,
    RIGHT_LEG,
    SLEEVE_END,
    STRIPES,
    TROUSERS,
    VEE_DEPTH,
)
from studio.patterns import block, buttons, dots, floral, plaid, plaid_weight, seams, stripes, sunset
from studio.sdf import Array, arm_limb, noise

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
        on_arm = d < 0.01 and along > 0.12
    u, v = x / figure[HEIGHT], (figure[CHEST_Y] - y) / figure[HEIGHT]
    if on_arm and kind != FLORAL:
        # On a sleeve the pattern runs along the arm, 0.33 of the height long; flowers lie any way up.
        v = along * 0.33
    front = z > joints[LEFT_ARM, 0, 2] - 0.02
    index = 0
    if kind == STRIPES:
        index = stripes(v, texture)
    elif kind == BLOCK:
        index = block(v, on_arm, along, texture)
    elif kind == DOTS:
        index = dots(u, v, texture)
    elif kind == BUTTONS and front and not on_arm:
        if abs(abs(x) - 0.016) < 0.0012:
            set_colour(out, colours[2], 0.6)
        index = buttons(x, y, layer[NECK_Y])
    elif kind == PRINT and front and not on_arm:
        index = sunset(u, v)
    elif kind == PLAID:
        set_colour(out, colours[1], plaid_weight(u, v, texture))
        index = plaid(u, v, texture)
    elif kind == FLORAL:
        index = floral(u, v, texture)
    elif kind in (DENIM, TROUSERS) and front:
        middle = 0.5 * (joints[LEFT_LEG, 0, 0] + joints[RIGHT_LEG, 0, 0])
        index = seams(x, layer[CUT_TOP] - y, y - layer[CUT_BOTTOM], middle, layer[CUT_BOTTOM] < 0.5)
    if kind == DENIM:
        denim(x, y, z, joints, out)
    if index > 0:
        set_colour(out, colours[index], 1.0)
    if banded(x, y, z, on_arm, along, layer):
        set_colour(out, colours[2], 1.0)
        rib = 0.9 + 0.1 * math.sin(x * 900.0)
        for c in range(3):
            out[c] *= rib
    if layer[HOLLOW] > 0.0 and layer_distance(x, y, z, layers[row + 2], tables[row], joints) < -0.5 * CLOTH:
        # Seen from inside, cloth is its plain base colour, and darker.
        for c in range(3):
            out[c] = colours[0, c] * 0.8
    weave = 0.96 + 0.08 * noise(x * 700.0, y * 700.0, z * 700.0)
    for c in range(3):
        out[c] *= weave


@kernel
def denim(x: float, y: float, z: float, joints: Array, out: Array) -> None:
    """Twill grain, and thighs faded towards a pale blue."""
    grain = 0.80 + 0.2 * noise(x * 420.0, y * 130.0, z * 420.0)
    grain += 0.12 * noise(x * 900.0, y * 900.0, z * 900.0)
    leg = joints[LEFT_LEG if x > 0.5 * (joints[LEFT_LEG, 1, 0] + joints[RIGHT_LEG, 1, 0]) else RIGHT_LEG]
    a, b = (x - 0.5 * (leg[0, 0] + leg[1, 0])) / 0.06, (y - leg[1, 1] - 0.14) / 0.2
    faded = 0.26 * math.exp(-a * a - b * b)
    for c in range(3):
        pale = 0.55 + 0.125 * c
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
