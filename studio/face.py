"""Albedo of skin: the painted features of the face."""

from __future__ import annotations

import math

from studio.jit import kernel
from studio.layout import EYE_COLOUR, HAIR_COLOUR, HEAD_SCALE, HEAD_X, HEAD_Y, HEAD_Z, SKIN_COLOUR
from studio.sdf import Array

# Eyes sit 31 mm from the middle, as on an average adult (63 mm apart).
_EYE_X, _EYE_Y = 0.031, 0.006


@kernel
def scale_colour(out: Array, r: float, g: float, b: float) -> None:
    """Multiply out [3] by (r, g, b)."""
    out[0] *= r
    out[1] *= g
    out[2] *= b


@kernel
def lips(side: float, y: float, out: Array) -> None:
    """A mouth 50 mm wide, with a darker line between the lips."""
    half = 0.025
    if side < half:
        line = y + 0.0525 - 0.005 * (side / half) ** 2
        if abs(line) < 0.0085 * (1.0 - (side / half) ** 2) + 0.0006:
            scale_colour(out, 0.88, 0.60, 0.62)
        if abs(line - 0.0005) < 0.0011:
            scale_colour(out, 0.6, 0.52, 0.52)


@kernel
def eyes(x: float, side: float, y: float, palette: Array, out: Array) -> None:
    """White, iris, pupil, highlight, upper lid and lashes."""
    a, b = (side - _EYE_X) / 0.0160, (y - _EYE_Y) / 0.0076
    r2 = a * a + b * b
    if r2 >= 1.0:
        if r2 < 1.5 and b > -0.1:
            scale_colour(out, 0.2, 0.16, 0.16)
        return
    out[0], out[1], out[2] = 0.72, 0.71, 0.70
    iris = math.sqrt((side - _EYE_X) ** 2 + (y - _EYE_Y - 0.001) ** 2)
    if iris < 0.0075:
        for c in range(3):
            out[c] = palette[EYE_COLOUR, 0, c] if iris < 0.0064 else palette[EYE_COLOUR, 0, c] * 0.4
    if iris < 0.0034:
        out[0], out[1], out[2] = 0.01, 0.01, 0.01
    if (x - 0.0015 - math.copysign(_EYE_X, x)) ** 2 + (y - 0.0095) ** 2 < 0.0014**2:
        out[0], out[1], out[2] = 1.0, 1.0, 1.0
    if b > 0.3:
        scale_colour(out, 0.45, 0.45, 0.45)


@kernel
def brows(side: float, y: float, palette: Array, out: Array) -> None:
    """Arched, thinner towards the temples, in the colour of the hair."""
    arch = y - (0.0275 + 0.005 * (1.0 - ((side - _EYE_X) / 0.02) ** 2))
    thick = 0.0030 * (1.0 - 0.5 * max((side - 0.03) / 0.02, 0.0))
    if abs(side - 0.032) < 0.019 and abs(arch) < thick:
        for c in range(3):
            out[c] = palette[HAIR_COLOUR, 0, c] * 0.85 + 0.15 * out[c]


@kernel
def skin_colour(x: float, y: float, z: float, figure: Array, palette: Array, out: Array) -> None:
    """Skin with cheeks, mouth, eyes, brows and nostrils."""
    for c in range(3):
        out[c] = palette[SKIN_COLOUR, 0, c]
    scale = figure[HEAD_SCALE]
    x, y, z = (x - figure[HEAD_X]) / scale, (y - figure[HEAD_Y]) / scale, (z - figure[HEAD_Z]) / scale
    if y < -0.13 or z < 0.0:
        return
    side = abs(x)
    blush = 0.16 * math.exp(-(((side - 0.045) / 0.02) ** 2) - ((y + 0.022) / 0.02) ** 2)
    scale_colour(out, 1.0 + 0.2 * blush, 1.0 - 0.5 * blush, 1.0 - 0.5 * blush)
    lips(side, y, out)
    eyes(x, side, y, palette, out)
    brows(side, y, palette, out)
    if (side - 0.0065) ** 2 + ((y + 0.0285) * 1.6) ** 2 < 0.003**2:
        scale_colour(out, 0.5, 0.45, 0.45)
