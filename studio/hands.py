"""Distance of the hands: palm, four half curled fingers and a thumb, on a person of 1.72 m and scaled."""

from __future__ import annotations

import math

from studio.jit import kernel
from studio.layout import LEFT_ARM, LEFT_HAND, LIMB_SCALE, RIGHT_ARM, RIGHT_HAND
from studio.sdf import Array, ellipsoid, smooth_min, stick

# Beyond this distance (m) from its middle a hand is only a ball.
_NEAR = 0.13


@kernel
def finger(d: float, a: float, b: float, c: float, which: int) -> float:
    """`d` with finger 0 (index) to 3 (little): two bones, curled towards the palm."""
    base = 0.0265 - 0.0172 * which
    start = 0.094 - 0.0022 * (which - 1.0) ** 2 - (0.004 if which == 3 else 0.0)
    first, second = 0.044 - 0.0022 * (which - 1.0) ** 2, 0.037 - 0.0020 * (which - 1.0) ** 2
    bend = 0.50 + 0.03 * which
    spread = 0.045 * (1.2 - which)
    b1 = start + first * math.cos(bend)
    c1, a1 = first * math.sin(bend), base + first * spread
    b2 = b1 + second * math.cos(bend * 1.8)
    c2, a2 = c1 + second * math.sin(bend * 1.8), a1 + second * spread * 0.4
    thick = 0.0082 if which < 3 else 0.0070
    q, _, _ = stick(a, b, c, base * 0.9, start - 0.03, -0.002, a1, b1, c1)
    tip, t, _ = stick(a, b, c, a1, b1, c1, a2, b2, c2)
    q = min(q - thick, tip - thick + 0.0014 * min(max(t, 0.0), 1.0))
    return float(smooth_min(d, q, 0.0035))


@kernel
def one_hand(x: float, y: float, z: float, wrist: Array, frame: Array, k: float) -> float:
    """Distance to a hand at `wrist` [3]; frame [9]: rows towards the thumb, the fingers and the palm."""
    rx, ry, rz = (x - wrist[0]) / k, (y - wrist[1]) / k, (z - wrist[2]) / k
    far = math.sqrt(rx * rx + ry * ry + rz * rz)
    if far > 0.30:
        return (far - 0.20) * k
    a = frame[0] * rx + frame[1] * ry + frame[2] * rz
    b = frame[3] * rx + frame[4] * ry + frame[5] * rz
    c = frame[6] * rx + frame[7] * ry + frame[8] * rz
    ball = math.sqrt(a * a + (b - 0.085) ** 2 + c * c)
    if ball > _NEAR:
        return (ball - 0.10) * k
    d = ellipsoid(a - 0.002, b - 0.062, c - 0.001, 0.0385, 0.052, 0.0165)
    heel, _, _ = stick(a, b, c, 0.0, -0.01, 0.0, 0.004, 0.035, 0.0)
    d = smooth_min(d, heel - 0.0205, 0.02)
    for which in range(4):
        d = finger(d, a, b, c, which)
    ball_of_thumb, _, _ = stick(a, b, c, 0.017, 0.028, 0.008, 0.036, 0.064, 0.018)
    thumb, _, _ = stick(a, b, c, 0.036, 0.064, 0.018, 0.037, 0.100, 0.022)
    d = smooth_min(d, ball_of_thumb - 0.0125, 0.014)
    return float(smooth_min(d, thumb - 0.0090, 0.006) * k)


@kernel
def hand_distance(x: float, y: float, z: float, joints: Array, figure: Array) -> float:
    """Distance to the nearer hand."""
    k = figure[LIMB_SCALE]
    left = one_hand(x, y, z, joints[LEFT_ARM, 2], figure[LEFT_HAND : LEFT_HAND + 9], k)
    right = one_hand(x, y, z, joints[RIGHT_ARM, 2], figure[RIGHT_HAND : RIGHT_HAND + 9], k)
    return min(left, right)
