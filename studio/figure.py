"""Distances of what is not cloth: head, hair, hands and shoes, modelled for a person of 1.72 m and scaled."""

from __future__ import annotations

import math

from studio.jit import kernel
from studio.layout import (
    BALD,
    BUN,
    CURLS,
    HAIR_STYLE,
    HEAD_SCALE,
    HEAD_X,
    HEAD_Y,
    HEAD_Z,
    LEFT_ARM,
    LEFT_LEG,
    LIMB_SCALE,
    LONG_HAIR,
    RIGHT_ARM,
    RIGHT_LEG,
    SHORT_HAIR,
)
from studio.sdf import Array, ellipsoid, noise, smooth_min, stick

# The feet point outwards by this angle (radians), as people stand.
_TOES_OUT = 0.22


@kernel
def head_distance(x: float, y: float, z: float, figure: Array) -> float:
    """Distance to the head: skull, jaw, chin, nose, brows, lips and ears."""
    scale = figure[HEAD_SCALE]
    x, y, z = (x - figure[HEAD_X]) / scale, (y - figure[HEAD_Y]) / scale, (z - figure[HEAD_Z]) / scale
    side = abs(x)
    d = ellipsoid(x, y - 0.02, z + 0.012, 0.074, 0.098, 0.092)
    d = smooth_min(d, ellipsoid(x, y + 0.045, z - 0.018, 0.057, 0.068, 0.062), 0.05)
    d = smooth_min(d, ellipsoid(x, y + 0.095, z - 0.052, 0.022, 0.018, 0.02), 0.035)
    nose, _, _ = stick(x, y, z, 0.0, 0.018, 0.083, 0.0, -0.022, 0.099)
    d = smooth_min(d, nose - 0.0085, 0.022)
    d = smooth_min(d, ellipsoid(side - 0.042, y - 0.028, z - 0.066, 0.02, 0.01, 0.012), 0.02)
    d = smooth_min(d, ellipsoid(side - 0.008, y + 0.0525, z - 0.077, 0.017, 0.009, 0.008), 0.02)
    ear = ellipsoid(side - 0.078, y - 0.002, z + 0.005, 0.01, 0.026, 0.017)
    return float(smooth_min(d, ear, 0.012) * scale)


@kernel
def hair_distance(x: float, y: float, z: float, figure: Array) -> float:
    """Distance to the hair: a cap cut at the hairline, plus curtains, a bun or curls."""
    style = int(figure[HAIR_STYLE])
    if style == BALD:
        return 1e3
    scale = figure[HEAD_SCALE]
    x, y, z = (x - figure[HEAD_X]) / scale, (y - figure[HEAD_Y]) / scale, (z - figure[HEAD_Z]) / scale
    side = abs(x)
    front = z - 0.035
    face = min(front, (0.072 - 0.5 * max(side - 0.03, 0.0) - y) * 0.9 + front * 0.12)
    if style == CURLS:
        d = ellipsoid(x, y - 0.045, z + 0.03, 0.112, 0.118, 0.112) - noise(x * 60, y * 60, z * 60) * 0.014
        d = max(d, face - 0.006)
    else:
        d = max(ellipsoid(x, y - 0.028, z + 0.016, 0.083, 0.104, 0.1), face)
    if style == SHORT_HAIR:
        d = max(d, -0.055 - y)
        if y < 0.02:
            d = max(d, z - 0.02 - 0.3 * y)
    elif style == LONG_HAIR:
        curtain = ellipsoid(side - 0.062, y + 0.04, z + 0.018, 0.032, 0.14, 0.07)
        back = ellipsoid(x, y + 0.05, z + 0.055, 0.085, 0.15, 0.05)
        d = smooth_min(d, smooth_min(curtain, back, 0.04), 0.02)
    elif style == BUN:
        if y < 0.02:
            d = max(d, z - 0.015 - 0.35 * y)
        d = smooth_min(d, ellipsoid(x, y - 0.135, z + 0.035, 0.043, 0.038, 0.043), 0.02)
    return float(d * scale * 0.8)


@kernel
def hand_distance(x: float, y: float, z: float, joints: Array, figure: Array) -> float:
    """Distance to the hand on this side: palm, four fingers and a thumb, half turned to the camera."""
    side = 1.0 if x > 0.0 else -1.0
    arm = joints[LEFT_ARM if x > 0.0 else RIGHT_ARM]
    dx, dy, dz = arm[2, 0] - arm[1, 0], arm[2, 1] - arm[1, 1], arm[2, 2] - arm[1, 2]
    length = math.sqrt(dx * dx + dy * dy + dz * dz)
    dx, dy, dz = dx / length, dy / length, dz / length
    rx, ry, rz = x - arm[2, 0], y - arm[2, 1], z - arm[2, 2]
    k = figure[LIMB_SCALE]
    down = rx * dx + ry * dy + rz * dz
    across, depth = (ry * dx - rx * dy) / k, (rz - down * dz) / k
    down /= k
    # Turned about the forearm by 44 degrees: cosine 0.72, sine 0.69.
    a, b = across * 0.72 - depth * 0.69 * side, across * 0.69 * side + depth * 0.72
    d = ellipsoid(a, down - 0.045, b, 0.017, 0.05, 0.038)
    for finger in range(4):
        off = (finger - 1.5) * 0.0175
        tip = 0.155 - 0.012 * abs(finger - 1.3)
        q, _, _ = stick(a, down, b, 0.0, 0.075, off, -0.008 * side, tip, off * 0.75)
        d = smooth_min(d, q - 0.0088, 0.010)
    thumb, _, _ = stick(a, down, b, 0.0, 0.02, 0.03, -0.004, 0.092, 0.052)
    return float(smooth_min(d, thumb - 0.011, 0.015) * k)


@kernel
def shoe_frame(x: float, y: float, z: float, joints: Array, figure: Array) -> tuple[float, float, float]:
    """Coordinates in the nearer shoe: x across, y up from the floor, z towards the toes, of a size 1 shoe."""
    left = x > (joints[LEFT_LEG, 2, 0] + joints[RIGHT_LEG, 2, 0]) * 0.5
    ankle = joints[LEFT_LEG if left else RIGHT_LEG, 2]
    angle = _TOES_OUT if left else -_TOES_OUT
    c, s = math.cos(angle), math.sin(angle)
    k = figure[LIMB_SCALE]
    rx, rz = x - ankle[0], z - ankle[2]
    return (rx * c - rz * s) / k, y / k, (rx * s + rz * c) / k


@kernel
def shoe_distance(x: float, y: float, z: float, joints: Array, figure: Array) -> float:
    """Distance to the nearer shoe: sole, vamp and an opening for the ankle."""
    a, b, c = shoe_frame(x, y, z, joints, figure)
    wide = 0.036 + 0.012 * min(max(c / 0.16, 0.0), 1.0)
    d = ellipsoid(a, b - 0.035, c - 0.065, wide * 1.12, 0.05, 0.135)
    d = smooth_min(d, ellipsoid(a, b - 0.06, c + 0.002, 0.04, 0.055, 0.052), 0.04)
    d = max(d, max(0.003 - b, b - 0.105))
    d = max(d, -ellipsoid(a, b - 0.115, c + 0.002, 0.032, 0.05, 0.042))
    sole = max(ellipsoid(a, b - 0.012, c - 0.062, wide * 1.22, 0.06, 0.145), max(b - 0.022, 0.001 - b))
    return float(min(d, sole) * figure[LIMB_SCALE] * 0.85)
