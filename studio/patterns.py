"""Patterns of cloth: which palette colour a point of a garment has.

u, v are metres across and down from the chest line divided by the height of the person (so a pattern is as
large on everybody); every function returns a palette index 0, 1 or 2.
"""

from __future__ import annotations

import math

from studio.jit import kernel
from studio.sdf import Array, lattice


@kernel
def stripes(v: float, texture: Array) -> int:
    """Horizontal stripes: texture [_, period, share of the second colour]."""
    return 1 if (v / texture[1]) % 1.0 < texture[2] else 0


@kernel
def block(v: float, on_arm: bool, along: float, texture: Array) -> int:
    """A yoke between v = texture[1] and texture[2]; on the arms beyond texture[3] of their length."""
    if on_arm:
        return 1 if along > texture[3] else 0
    return 1 if texture[1] < v < texture[2] else 0


@kernel
def dots(u: float, v: float, texture: Array) -> int:
    """Staggered dots: texture [_, period, squared radius in periods]."""
    row = math.floor(v / texture[1])
    a = (u / texture[1] + 0.5 * (row % 2)) % 1.0 - 0.5
    b = (v / texture[1]) % 1.0 - 0.5
    return 1 if a * a + b * b < texture[2] else 0


@kernel
def buttons(x: float, y: float, neck_y: float) -> int:
    """Buttons every 85 mm down the middle, from below the neck (metres)."""
    row = (neck_y - 0.03 - y) / 0.085
    if row > 0.0:
        b = ((row % 1.0) - 0.5) * 0.085
        if x * x + b * b < 0.0062**2:
            return 1
    return 0


@kernel
def sunset(u: float, v: float) -> int:
    """A print on the chest: half a sun over three waves."""
    b = v - 0.145
    if math.sqrt(u * u + b * b) < 0.05 and b < 0.012:
        return 1
    if abs(u) < 0.062 and 0.018 < b < 0.062 and ((b + 0.004 * math.sin(u * 160.0)) / 0.0165) % 1.0 < 0.5:
        return 2
    return 0


@kernel
def plaid(u: float, v: float, texture: Array) -> int:
    """The thin lines of a plaid of period texture[1] (its broad bands are a blend, see plaid_weight)."""
    return 2 if abs((u / texture[1]) % 1.0 - 0.7) < 0.03 or abs((v / texture[1]) % 1.0 - 0.7) < 0.03 else 0


@kernel
def plaid_weight(u: float, v: float, texture: Array) -> float:
    """Share of the second colour in the broad bands of a plaid: 0, 0.35 or 0.7 where they cross."""
    across = 0.35 if (u / texture[1]) % 1.0 < 0.42 else 0.0
    down = 0.35 if (v / texture[1]) % 1.0 < 0.42 else 0.0
    return across + down


@kernel
def gingham_weight(u: float, v: float, texture: Array) -> float:
    """Share of the second colour in a small check of period texture[1]: 0, 0.5 or 1 where bands cross."""
    across = 0.5 if (u / texture[1]) % 1.0 < 0.5 else 0.0
    return across + (0.5 if (v / texture[1]) % 1.0 < 0.5 else 0.0)


@kernel
def floral(u: float, v: float, texture: Array) -> int:
    """Scattered blossoms and small sprigs in two colours, about one a cell of texture[1]."""
    cell = texture[1]
    iu, iv = math.floor(u / cell), math.floor(v / cell)
    colour = 0
    for di in range(-1, 2):
        for dj in range(-1, 2):
            h1, h2 = lattice(iu + di, iv + dj, 5), lattice(iu + di, iv + dj, 9)
            h3 = lattice(iu + di, iv + dj, 17)
            a = u / cell - (iu + di + 0.15 + 0.7 * h1)
            b = v / cell - (iv + dj + 0.15 + 0.7 * h2)
            r, turn = math.sqrt(a * a + b * b), math.atan2(b, a) + h3 * 6.0
            size = 0.24 + 0.12 * h3
            if h3 > 0.45 and r < size * (1.0 + 0.28 * math.cos(5.0 * turn)):
                colour = 0 if r < 0.22 * size else 1
            elif h3 <= 0.25 and r < 0.30 * abs(math.cos(1.5 * turn)) ** 3:
                colour = 2
    return colour


@kernel
def seams(x: float, below_waist: float, above_hem: float, middle: float, long: bool) -> int:
    """Coloured stitches of jeans: waistband, fly, pockets, hem and the button; arguments in metres."""
    if (x - middle) ** 2 + (below_waist - 0.019) ** 2 < 0.008**2:
        return 2
    if 0.0325 < below_waist < 0.0352 or (long and abs(above_hem - 0.024) < 0.0014):
        return 1
    if below_waist > 0.036:
        across = abs(x - middle)
        fly = (x - middle - 0.034) if below_waist < 0.13 else -0.05
        curve = math.sqrt((x - middle) ** 2 + (below_waist - 0.13) ** 2) - 0.034
        if abs(fly) < 0.0013 or (x > middle and below_waist >= 0.13 and abs(curve) < 0.0014):
            return 1
        pocket = 0.078 - math.sqrt((across - 0.165) ** 2 + ((below_waist - 0.038) * 1.05) ** 2)
        if abs(pocket + 0.006) < 0.0012 or abs(pocket + 0.013) < 0.0012:
            return 1
    return 0
