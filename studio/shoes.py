"""Distance and colours of the shoes, modelled for a woman of 1.72 m and scaled: sneaker, loafer, boot."""

from __future__ import annotations

import math

from studio.jit import kernel
from studio.layout import (
    BOOT,
    HEIGHT,
    LEFT_LEG,
    LIMB_SCALE,
    LOAFER,
    RIGHT_LEG,
    SHOE_COLOUR,
    SHOE_STYLE,
    SNEAKER,
)
from studio.sdf import Array, ellipsoid, smooth_min, smooth_step, stick

# The feet point outwards by this angle (radians), as people stand.
_TOES_OUT = 0.22


@kernel
def shoe_frame(x: float, y: float, z: float, joints: Array, figure: Array) -> tuple[float, float, float]:
    """Coordinates in the nearer shoe: x across (outwards), y up from its sole, z towards the toes."""
    one, other = joints[LEFT_LEG, 2], joints[RIGHT_LEG, 2]
    left = x > (one[0] + other[0]) * 0.5
    ankle = one if left else other
    angle = _TOES_OUT if left else -_TOES_OUT
    c, s = math.cos(angle), math.sin(angle)
    k = figure[LIMB_SCALE]
    rx, rz = x - ankle[0], z - ankle[2]
    across = rx * c - rz * s
    # The ankle is 4.5% of the height above the sole (studio.body): a raised foot takes its shoe along.
    sole = ankle[1] - 0.045 * figure[HEIGHT]
    return (across if left else -across) / k, (y - sole) / k, (rx * s + rz * c) / k


@kernel
def outline(a: float, c: float, grow: float) -> float:
    """Distance in the plane to the outline of a sole: heel, waist, ball and a rounded toe."""
    wide = 0.030 + 0.011 * smooth_step((c + 0.01) / 0.11) + grow
    middle = 0.004 * smooth_step(c / 0.10) - 0.005 * smooth_step((c - 0.10) / 0.08)
    q, _, _ = stick(a - middle, 0.0, c, 0.0, 0.0, -0.030, 0.0, 0.0, 0.146)
    toe = 0.012 * smooth_step((c - 0.13) / 0.06)
    return q - wide + toe


@kernel
def shoe_distance(x: float, y: float, z: float, joints: Array, figure: Array) -> float:
    """Distance to the nearer shoe: sole, upper and an opening for the ankle."""
    a, b, c = shoe_frame(x, y, z, joints, figure)
    style = int(figure[SHOE_STYLE])
    thick = 0.026 if style == SNEAKER else 0.014
    plan = outline(a, c, 0.003)
    heel = 0.010 * smooth_step((0.02 - c) / 0.01) if style != SNEAKER else 0.0
    sole = max(plan, max(b - thick - heel, 0.001 - b))
    top = 0.050 + 0.050 * smooth_step((0.115 - c) / 0.12) - 0.012 * smooth_step((-0.01 - c) / 0.05)
    if style == LOAFER:
        top -= 0.012 + 0.012 * smooth_step((0.05 - c) / 0.05)
    body = -smooth_min(-(plan + 0.004 + 0.30 * max(b - 0.02, 0.0)), -(b - top) * 0.8, 0.034)
    body = max(body, 0.004 - b)
    if style == BOOT:
        shaft = ellipsoid(a, 0.0, c - 0.002, 0.042, 1.0, 0.050)
        body = smooth_min(body, max(shaft, max(b - 0.175, 0.03 - b)), 0.03)
        body = max(body, -max(ellipsoid(a, 0.0, c - 0.002, 0.036, 1.0, 0.044), 0.12 - b))
    else:
        reach = 0.050 if style == LOAFER else 0.036
        body = max(body, -ellipsoid(a, b - 0.118, c - 0.004, 0.031, 0.056, reach))
        if style == SNEAKER:
            tongue, _, _ = stick(a, b, c, 0.0, 0.085, 0.052, 0.0, 0.098, 0.042)
            body = smooth_min(body, tongue - 0.009, 0.014)
    return float(smooth_min(body, sole, 0.003) * figure[LIMB_SCALE] * 0.8)


@kernel
def shoe_colour(a: float, b: float, c: float, figure: Array, palette: Array, out: Array) -> None:
    """Upper, laces, seams and sole; (a, b, c) is the point in `shoe_frame`'s coordinates."""
    style = int(figure[SHOE_STYLE])
    thick = 0.025 if style == SNEAKER else 0.015
    heel = 0.010 * smooth_step((0.02 - c) / 0.01) if style != SNEAKER else 0.0
    sole = smooth_step(0.5 + (thick + heel - b) / 0.002)
    if style == SNEAKER:
        lace = abs(a) < 0.019 and 0.052 < c < 0.112 and b > 0.055
        bar = smooth_step(0.5 + (0.0028 - abs(((c - a * 0.25) / 0.0145) % 1.0 - 0.5) * 0.0145) / 0.002)
        sole = max(sole, bar if lace else 0.0)
    seam = 0.0
    if style == LOAFER:
        seam = math.exp(-(((abs(a) - 0.027 + 0.05 * max(c - 0.11, 0.0)) / 0.0015) ** 2)) if c > 0.05 else 0.0
        seam = max(seam, math.exp(-((abs(c - 0.072) - 0.012) ** 2) / 0.0014**2) if b > 0.045 else 0.0)
    if style == BOOT:
        seam = 0.7 if abs(c - 0.002) < 0.014 and b > 0.085 else 0.0
    for i in range(3):
        upper = palette[SHOE_COLOUR, 0, i] * (1.0 - 0.45 * seam)
        out[i] = upper + (palette[SHOE_COLOUR, 1, i] - upper) * sole
