"""Distance and strands of the hair: a cap that thins out at the hairline, curtains, locks, tails and curls."""

from __future__ import annotations

import math

from studio.head import head_point, skull
from studio.jit import kernel
from studio.layout import (
    BALD,
    BOB,
    BUN,
    CROP,
    CURLS,
    HAIR_LENGTH,
    HAIR_STYLE,
    HEAD_SCALE,
    HEAD_X,
    HEAD_Y,
    HEAD_Z,
    LONG_HAIR,
    PONYTAIL,
    SHORT_HAIR,
    SIDE_PART,
)
from studio.sdf import Array, ellipsoid, noise, smooth_min, smooth_step, stick

# Beyond this distance (m) from the centre of the head, its hair is only a ball; long hair has only its locks.
_NEAR, _NEAR_LONG = 0.24, 0.31
# Where (m, y of the head) the volume of long hair ends, within the shoulders of everybody.
_IN_SHOULDERS = -0.27


@kernel
def hairline(x: float, y: float, z: float, style: int) -> float:
    """How far (m) a point of the head is outside the hair, negative where hair grows."""
    side = abs(x)
    hanging = style in (LONG_HAIR, BOB)
    part = 0.004 * smooth_step(abs(x + 0.02) / 0.02) if style == SIDE_PART else 0.0
    ragged = 0.007 * (noise(x * 110.0 + 40.0, y * 30.0, z * 60.0) - 0.5)
    below = 0.075 + part + ragged - 9.0 * side * side - y
    before = z - (0.040 if hanging else 0.026 + 0.2 * max(y, 0.0))
    face = smooth_min(below * 0.85, before, 0.022)
    if hanging:
        return float(max(face, -0.07 - y))
    low = -0.066 + 0.092 * smooth_step((z + 0.064) / 0.036) - 0.045 * smooth_step((z - 0.004) / 0.008)
    return float(max(face, low - y))


@kernel
def thickness(x: float, y: float, z: float, style: int) -> float:
    """Thickness (m) of the cap of hair away from the hairline."""
    top = smooth_step((y - 0.01) / 0.09)
    if style == CROP:
        return 0.0035
    if style == SHORT_HAIR:
        return 0.006 + 0.014 * top + 0.006 * top * smooth_step((z + 0.02) / 0.08)
    if style == SIDE_PART:
        part = 1.0 - 0.55 * math.exp(-(((x + 0.026) / 0.007) ** 2))
        return 0.006 + (0.019 + 0.10 * max(x + 0.026, 0.0)) * top * part * smooth_step((0.09 - x) / 0.05)
    if style == CURLS:
        return 0.034 + 0.012 * top
    if style in (BUN, PONYTAIL):
        return 0.008 + 0.004 * top
    part = 1.0 - 0.35 * math.exp(-(((x - 0.012) / 0.008) ** 2))
    return (0.014 + 0.006 * top) * part


@kernel
def grown(x: float, y: float, z: float, style: int) -> float:
    """0 on the face to 1 where the hair has its whole thickness."""
    edge = 0.055 if style == CURLS else (0.024 if style in (SHORT_HAIR, SIDE_PART) else 0.030)
    return smooth_step((0.003 - hairline(x, y, z, style)) / edge)


@kernel
def cap(x: float, y: float, z: float, style: int, figure: Array) -> float:
    """Distance to the hair that lies on the skull, thin at the hairline."""
    bare = skull(x, y, z, figure)
    if bare > 0.09:
        return bare - 0.06
    thick = thickness(x, y, z, style)
    if style in (SHORT_HAIR, SIDE_PART):
        # Locks swept to the side.
        thick *= 0.85 + 0.30 * noise(z * 75.0 + x * 25.0, x * 18.0 - y * 18.0, 5.0)
    return bare + 0.003 - (thick + 0.003) * grown(x, y, z, style)


@kernel
def curtain(x: float, y: float, z: float, low: float) -> float:
    """Distance to hair that falls from the head on both sides and behind, down to y = low."""
    side = abs(x)
    wide = 0.0800 + 0.009 * smooth_step((0.05 - y) / 0.16)
    ax, az = x / wide, (z + 0.022) / 0.086
    k0 = math.sqrt(ax * ax + az * az) + 1e-9
    d = (k0 - 1.0) * 0.084
    d = -smooth_min(-d, 0.050 - y, 0.05)
    opening = smooth_min(z - 0.000, 0.0645 - side, 0.02)
    d = -smooth_min(-d, -opening, 0.01)
    d = -smooth_min(-d, -(z - 0.050 - 0.25 * (y - 0.0)), 0.02)
    return float(-smooth_min(-d, -(low - y), 0.018))


@kernel
def mane(x: float, y: float, z: float, low: float) -> float:
    """Distance to long hair that falls from the head and widens evenly to the shoulders, down to y = low.

    It ends inside the shoulders, where `locks` go on over chest and back; its sides get squarer further down.
    """
    side, down = abs(x), smooth_step(-y / 0.20)
    wide = 0.0835 + 0.0225 * smooth_step((0.07 - y) / 0.28)
    ax, az = side / wide, abs(z + 0.022) / 0.086
    power = 2.0 + 1.5 * down
    d = ((ax**power + az**power + 1e-9) ** (1.0 / power) - 1.0) * 0.084
    d = -smooth_min(-d, 0.050 - y, 0.05)
    opening = smooth_min(z, 0.0645 - side, 0.02)
    d = -smooth_min(-d, -opening, 0.01)
    front = max(0.050 + 0.25 * y, 0.030) + 0.2 * max(-0.08 - y, 0.0)
    d = -smooth_min(-d, front - z, 0.02)
    return float(-smooth_min(-d, y - low, 0.018))


@kernel
def locks(x: float, y: float, z: float, length: float, cover: float) -> float:
    """Distance to hair lying on the shoulders, the chest and the back, on what is at distance `cover`."""
    side = abs(x)
    down = min(max((-0.13 - y) / (length - 0.13), 0.0), 1.0)
    sway = 0.004 * math.sin(38.0 * y + (1.0 if x > 0.0 else 0.0)) * down
    front = abs(side - 0.083 - sway) - 0.034 * (1.0 - 0.45 * down * down)
    front = max(front, -0.03 - z)
    back = max(side - 0.104 * (1.0 - 0.22 * down), z + 0.01)
    region = smooth_min(front, back, 0.01)
    end = 0.5 * abs(side - 0.083) if z > 0.0 else 2.5 * side * side
    region = -smooth_min(-region, length + y - end, 0.02)
    # Any higher, they would lie on the jaw.
    region = max(region, y + 0.125)
    shell = cover - 0.019 * (1.0 - 0.4 * down)
    return float(-smooth_min(-region, -shell, 0.014))


@kernel
def tail(x: float, y: float, z: float, style: int) -> float:
    """Distance to a bun on the crown or a ponytail over the person's left shoulder."""
    if style == BUN:
        return ellipsoid(x, y - 0.112, z + 0.062, 0.040, 0.034, 0.040)
    q, t, _ = stick(x, y, z, 0.0, 0.062, -0.105, 0.055, -0.06, -0.105)
    p, u, _ = stick(x, y, z, 0.055, -0.06, -0.105, 0.078, -0.165, -0.075)
    first = q - 0.020 - 0.010 * min(max(t, 0.0), 1.0)
    second = p - 0.030 + 0.022 * min(max(u, 0.0), 1.0) ** 2
    return smooth_min(first, second, 0.02)


@kernel
def dressed(d: float, x: float, y: float, z: float, style: int) -> float:
    """The distance d to a cap of hair, with what its style adds: a bob's sides, a bun, a ponytail or curls."""
    if style == BOB:
        return smooth_min(d, curtain(x, y, z, -0.100), 0.025)
    if style in (BUN, PONYTAIL):
        return smooth_min(d, tail(x, y, z, style), 0.012)
    if style == CURLS and d < 0.05:
        curl = 0.016 * noise(x * 48.0, y * 48.0, z * 48.0) - 0.008
        curl += 0.007 * noise(x * 120.0, y * 120.0, z * 120.0) - 0.003
        d -= curl * grown(x, y, z, style)
    return d


@kernel
def hair_distance(x: float, y: float, z: float, cover: float, figure: Array) -> float:
    """Distance to the hair; long hair lies on what is at distance `cover` (skin or clothes)."""
    style = int(figure[HAIR_STYLE])
    if style == BALD:
        return 1e3
    scale = figure[HEAD_SCALE]
    bx, by, bz = (x - figure[HEAD_X]) / scale, (y - figure[HEAD_Y]) / scale, (z - figure[HEAD_Z]) / scale
    length = figure[HAIR_LENGTH]
    ball = math.sqrt(bx * bx + by * by + bz * bz)
    whole = _NEAR_LONG if style == LONG_HAIR else _NEAR
    near = max(length + 0.06, whole) if style == LONG_HAIR else whole
    if ball > near:
        return float((ball - near + 0.03) * scale)
    if ball > whole:
        return float(locks(bx, by, bz, length, cover / scale) * scale * 0.7)
    hx, hy, hz = head_point(x, y, z, figure)
    d = cap(hx, hy, hz, style, figure)
    if style == LONG_HAIR:
        # Its lower end follows the body, not the head.
        t = smooth_step((-0.03 - by) / 0.15)
        mx, my, mz = hx + t * (bx - hx), hy + t * (by - hy), hz + t * (bz - hz)
        d = smooth_min(d, mane(mx, my, mz, max(-length, _IN_SHOULDERS)), 0.025)
        d = smooth_min(d, locks(bx, by, bz, length, cover / scale), 0.018)
    else:
        d = dressed(d, hx, hy, hz, style)
    return float(d * scale * 0.7)


@kernel
def strands(x: float, y: float, z: float, figure: Array) -> tuple[float, float, float]:
    """Coordinates across, along and across the strands, in widths of a strand; (x, y, z): of the body."""
    style = int(figure[HAIR_STYLE])
    x, y, z = head_point(x, y, z, figure)
    if style in (BUN, PONYTAIL):
        return 26.0 * math.atan2(x, y - 0.03), 8.0 * z, 3.0
    if style == SIDE_PART and y > 0.03:
        return 150.0 * z, 20.0 * (x - y), 3.0
    if style in (LONG_HAIR, BOB, SIDE_PART) or y < -0.03:
        wave = 0.004 * math.sin(34.0 * y)
        return 165.0 * (x + wave), 8.0 * y, 165.0 * (z + wave)
    return 20.0 * math.atan2(x, z + 0.03), 8.0 * y, 3.0


@kernel
def strand_height(x: float, y: float, z: float, figure: Array) -> float:
    """Height (m) of locks and strands above the smooth hair."""
    style = int(figure[HAIR_STYLE])
    if style in (CURLS, CROP):
        grain = noise(x * 330.0, y * 330.0, z * 330.0)
        return (0.0016 if style == CURLS else 0.0004) * grain
    u, v, w = strands(x, y, z, figure)
    return float(0.0026 * noise(u * 0.45, v * 1.2, w * 0.45) + 0.0010 * noise(u * 1.7, v, w * 1.7))


@kernel
def hair_tone(x: float, y: float, z: float, figure: Array) -> float:
    """Factor (around 1) of the hair's colour: lighter and darker strands."""
    style = int(figure[HAIR_STYLE])
    if style in (CURLS, CROP):
        return 0.75 + 0.5 * noise(x * 150.0, y * 150.0, z * 150.0)
    u, v, w = strands(x, y, z, figure)
    return 0.70 + 0.34 * noise(u * 0.5, v * 0.8, w * 0.5) + 0.28 * noise(u * 1.9, v, w * 1.9)
