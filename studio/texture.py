"""Albedo (linear RGB) of cloth at a point of a garment: its pattern, its trims, its weave."""

from __future__ import annotations

import math

from studio.jit import kernel
from studio.layout import (
    ARM_RADIUS,
    ARMS,
    BLOCK,
    CHEST_Y,
    CUT_BOTTOM,
    CUT_TOP,
    DENIM,
    DOTS,
    FLORAL,
    GINGHAM,
    HEATHER,
    HEIGHT,
    LEFT_ARM,
    LEFT_LEG,
    PINSTRIPES,
    PLAID,
    PRINT,
    RIGHT_LEG,
    STRIPES,
)
from studio.patterns import block, dots, floral, gingham_weight, plaid, plaid_weight, seams, stripes, sunset
from studio.sdf import Array, arm_limb, near_arm, noise, smooth_step
from studio.tailoring import on_sleeve
from studio.trims import lining, set_colour, trims


@kernel
def cloth_colour(
    x: float, y: float, z: float, row: int, layers: Array, tables: Array, joints: Array, figure: Array,
    textures: Array, palette: Array, out: Array,
) -> None:  # fmt: skip
    """Albedo of the garment in `row`, out [3]: base colour, pattern, trims, lining, weave."""
    layer, colours = layers[row], palette[row]
    set_colour(out, colours[0], 1.0)
    on_arm, along = False, -1.0
    if layer[ARMS] > 0.0:
        d, along = arm_limb(x, y, z, joints, tables[row, ARM_RADIUS])
        on_arm = on_sleeve(x, y, d, along, joints[LEFT_ARM, 0])
    u, v = x / figure[HEIGHT], (figure[CHEST_Y] - y) / figure[HEIGHT]
    if on_arm:
        # On a sleeve the pattern runs along the arm and meets the body's at the seam.
        u, v = sleeve_frame(x, y, along, joints[near_arm(x, y, z, joints)], figure)
    front = z > joints[LEFT_ARM, 0, 2] - 0.02
    kind, texture = int(textures[row, 0]), textures[row]
    blend(x, y, z, u, v, kind, texture, colours, out)
    index = 0
    if kind == BLOCK:
        index = block(v, on_arm, along, texture)
    elif front:
        index = printed(x, y, u, v, on_arm, kind, layer, joints)
    index = max(index, repeated(u, v, kind, texture))
    if kind == DENIM:
        denim(x, y, z, joints, out)
    if index > 0:
        set_colour(out, colours[index], 1.0)
    trims(x, y, z, on_arm, along, front, layer, colours, out)
    lining(x, y, z, layer, layers[row + 2], tables[row], joints, colours, out)
    weave(x, y, z, out)


@kernel
def weave(x: float, y: float, z: float, out: Array) -> None:
    """The grain of threads. No dye is black: even jet black cloth returns 2% of the light, and shows its folds."""
    grain = 0.96 + 0.08 * noise(x * 700.0, y * 700.0, z * 700.0)
    for c in range(3):
        out[c] = (0.012 + 0.985 * out[c]) * grain


@kernel
def blend(
    x: float, y: float, z: float, u: float, v: float, kind: int, texture: Array, colours: Array, out: Array
) -> None:
    """The second colour of patterns that mix two yarns."""
    if kind == PLAID:
        set_colour(out, colours[1], plaid_weight(u, v, texture))
    elif kind == GINGHAM:
        set_colour(out, colours[1], gingham_weight(u, v, texture))
    elif kind == HEATHER:
        set_colour(out, colours[1], 0.7 * smooth_step(noise(x * 320.0, y * 110.0, z * 320.0) * 2.2 - 0.8))


@kernel
def repeated(u: float, v: float, kind: int, texture: Array) -> int:
    """Row of the palette of patterns that repeat over the whole garment, 0 for the ground."""
    if kind == STRIPES:
        return stripes(v, texture)
    if kind == DOTS:
        return dots(u, v, texture)
    if kind == PLAID:
        return plaid(u, v, texture)
    if kind == PINSTRIPES:
        return stripes(u, texture)
    if kind == FLORAL:
        return floral(u, v, texture)
    return 0


@kernel
def printed(
    x: float, y: float, u: float, v: float, on_arm: bool, kind: int, layer: Array, joints: Array
) -> int:
    """Row of the palette of what only the front has: a print on the chest, the seams of jeans."""
    if kind == PRINT and not on_arm:
        return sunset(u, v)
    if kind == DENIM:
        middle = 0.5 * (joints[LEFT_LEG, 0, 0] + joints[RIGHT_LEG, 0, 0])
        return seams(x, layer[CUT_TOP] - y, y - layer[CUT_BOTTOM], middle, layer[CUT_BOTTOM] < 0.5)
    return 0


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
