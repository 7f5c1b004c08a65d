"""Albedo of skin: the softly painted features of the face, wider in reality than a pixel of a photo."""

from __future__ import annotations

import math

from studio.hair import hairline
from studio.head import beard_weight, head_point
from studio.jit import kernel
from studio.layout import (
    AGE,
    BALD,
    BEARD,
    BROW,
    EYE_COLOUR,
    EYE_GAP,
    EYE_SIZE,
    FACE_WIDTH,
    HAIR_COLOUR,
    HAIR_STYLE,
    LIPS,
    NOSE,
    NOSE_LENGTH,
    SKIN_COLOUR,
)
from studio.sdf import Array, noise, smooth_step

# Eyes sit 31 mm from the middle, as on an average adult (63 mm apart).
_EYE_X, _EYE_Y = 0.031, 0.0040
# Height of the line between the lips and half the width of the mouth.
_MOUTH_Y, _MOUTH_X = -0.0655, 0.0230


@kernel
def scale_colour(out: Array, r: float, g: float, b: float, share: float) -> None:
    """Multiply out [3] by (r, g, b), by a share (0 to 1) of the way."""
    out[0] *= 1.0 + (r - 1.0) * share
    out[1] *= 1.0 + (g - 1.0) * share
    out[2] *= 1.0 + (b - 1.0) * share


@kernel
def inside(distance: float, width: float) -> float:
    """1 inside, 0 outside an edge `width` metres soft; distance: metres inside."""
    return smooth_step(0.5 + distance / width)


@kernel
def ridge(distance: float, width: float) -> float:
    """A soft line: 1 on it, 0 far from it."""
    return math.exp(-((distance / width) ** 2))


@kernel
def lips(side: float, y: float, figure: Array, out: Array) -> None:
    """A closed mouth with a cupid's bow, its corners a little up."""
    q = side / _MOUTH_X
    if q > 1.15:
        return
    line = y - _MOUTH_Y - 0.0026 * q * q + 0.0006 * ridge(side, 0.005)
    taper = max(1.0 - q * q, 0.0) ** 0.7
    upper = 0.0060 * figure[LIPS] * taper * (1.0 - 0.20 * ridge(side, 0.0035))
    lower = 0.0078 * figure[LIPS] * taper
    share = inside(upper - line, 0.0022) * inside(lower + line, 0.0026) * smooth_step((1.0 - q) * 6.0)
    tint = 0.75 if figure[LIPS] > 1.0 else 0.45
    scale_colour(out, 0.86, 0.56, 0.58, share * (tint if line > 0.0 else tint * 0.85))
    scale_colour(out, 0.42, 0.30, 0.30, 0.62 * ridge(line, 0.0011) * smooth_step((1.08 - q) * 5.0))
    scale_colour(out, 0.80, 0.74, 0.72, 0.5 * ridge(line + lower + 0.004, 0.0035) * taper)


@kernel
def eyes(x: float, side: float, y: float, figure: Array, palette: Array, out: Array) -> None:
    """Lids and lashes around an almond with a calm iris, partly under the upper lid."""
    size, gap = figure[EYE_SIZE], _EYE_X * figure[EYE_GAP]
    a = (side - gap) / (0.0142 * size)
    b = y - _EYE_Y - 0.0010 * a
    round_ = max(1.0 - a * a, 0.0)
    upper, lower = 0.0045 * size * round_**0.75, -0.0036 * size * round_**0.9
    near = math.exp(-(max(abs(a) - 0.7, 0.0) ** 2) * 14.0)
    scale_colour(out, 0.90, 0.83, 0.81, 0.7 * near * ridge(b - upper - 0.0030, 0.0042))
    scale_colour(out, 0.66, 0.56, 0.53, 0.45 * near * ridge(b - upper - 0.0042, 0.0012))
    scale_colour(out, 0.88, 0.82, 0.82, 0.5 * near * ridge(b - lower + 0.0050, 0.0040))
    share = inside(upper - b, 0.0012) * inside(b - lower, 0.0012) * inside((1.0 - abs(a)) * 0.014, 0.0012)
    if share > 0.0:
        _eyeball(x, side - gap, b, upper, size, share, palette, out)
    lash = ridge(b - upper - 0.0002, 0.00095 + 0.0004 * max(a, 0.0)) * inside((1.08 - abs(a)) * 0.014, 0.002)
    scale_colour(out, 0.16, 0.13, 0.12, 0.85 * lash)
    scale_colour(
        out, 0.55, 0.45, 0.43, 0.45 * ridge(b - lower, 0.0008) * inside((1.0 - abs(a)) * 0.014, 0.003)
    )


@kernel
def _eyeball(
    x: float, across: float, b: float, upper: float, size: float, share: float, palette: Array, out: Array
) -> None:
    """White, iris, pupil and a small catchlight, blended into out by `share`."""
    r = math.sqrt(across * across + (b - 0.0006) ** 2)
    iris, pupil = inside(0.0060 * size - r, 0.0012), inside(0.0024 * size - r, 0.0010)
    rim = ridge(r - 0.0055 * size, 0.0010)
    left = across if x > 0.0 else -across
    light = ridge(math.sqrt((left + 0.0016) ** 2 + (b - 0.0022) ** 2), 0.0010)
    shade = (1.0 - 0.50 * ridge(upper - b, 0.0022)) * (
        1.0 - 0.25 * smooth_step((abs(across) - 0.006) / 0.008)
    )
    for c in range(3):
        white = (0.46 - 0.025 * c) * shade
        ring = palette[EYE_COLOUR, 0, c] * (1.0 - 0.5 * rim) * (0.55 + 0.45 * shade)
        value = white + (ring - white) * iris
        value += (0.012 - value) * pupil
        value += (0.85 - value) * 0.7 * light
        out[c] += (value - out[c]) * share


@kernel
def brows(side: float, y: float, z: float, figure: Array, palette: Array, out: Array) -> None:
    """Arched, thinner and lower towards the temples, in the colour of the hair, soft at their edges."""
    u = (side - 0.0125) / 0.038
    if u < -0.15 or u > 1.1:
        return
    arch = y - 0.0252 - 0.0050 * smooth_step(u / 0.62) + 0.0085 * max(u - 0.62, 0.0) ** 1.5 * 2.4
    thick = 0.0030 * figure[BROW] * (1.0 - 0.72 * max(u, 0.0) ** 1.6)
    share = inside(thick - abs(arch), 0.0030) * smooth_step((u + 0.10) / 0.25) * smooth_step((1.08 - u) / 0.3)
    share *= 0.62 + 0.3 * noise(side * 900.0 + y * 500.0, y * 260.0, z * 60.0)
    for c in range(3):
        dark = palette[HAIR_COLOUR, 0, c] * 0.55 + 0.10 * palette[SKIN_COLOUR, 0, c]
        out[c] += (dark - out[c]) * share * 0.92


@kernel
def blood(x: float, y: float, z: float, figure: Array, out: Array) -> None:
    """Where skin is redder: cheeks, tip of the nose, ears."""
    side = abs(x)
    low = -0.032 * figure[NOSE_LENGTH]
    blush = ridge(side - 0.042, 0.020) * ridge(y + 0.024, 0.020) * 0.8
    blush += 0.5 * ridge(side, 0.012) * ridge(y - low, 0.010) + 0.5 * smooth_step((side - 0.074) / 0.006)
    scale_colour(out, 1.02, 0.83, 0.80, min(blush, 1.0) * 0.75)
    wing = math.sqrt(((side - 0.0062 * figure[NOSE]) / 1.25) ** 2 + (y - low + 0.0088) ** 2)
    scale_colour(out, 0.36, 0.26, 0.24, 0.75 * ridge(wing, 0.0026))
    crease = ridge(side - 0.0178 * figure[NOSE], 0.0016) * ridge(y - low + 0.004, 0.005)
    scale_colour(out, 0.66, 0.56, 0.54, 0.55 * crease)


@kernel
def lines(side: float, y: float, figure: Array, out: Array) -> None:
    """Lines of age: from nose to mouth, on the forehead, beside and under the eyes."""
    old = min(max((figure[AGE] - 30.0) / 40.0, 0.0), 1.2)
    if old <= 0.0:
        return
    t = min(max((-0.040 - y) / 0.028, 0.0), 1.0)
    fold = ridge(side - 0.019 - 0.011 * t, 0.0020) * smooth_step((-0.036 - y) / 0.006)
    fold *= smooth_step((y + 0.078) / 0.012)
    brow = ridge(math.sin((y + 0.9 * side * side) * 560.0) - 1.0, 0.5) * ridge(side, 0.035)
    brow *= ridge(y - 0.056, 0.014)
    bag = ridge(y + 0.0085 + 3.0 * (side - 0.030) ** 2 * 8.0, 0.0016) * ridge(side - 0.030, 0.013)
    crow = ridge(math.sin((y - 0.004) * 900.0 / (1.0 + 25.0 * max(side - 0.046, 0.0))), 0.45)
    crow *= ridge(side - 0.053, 0.006) * ridge(y - 0.003, 0.010)
    scale_colour(out, 0.72, 0.62, 0.60, min(0.65 * fold + 0.30 * brow + 0.45 * bag + 0.30 * crow, 1.0) * old)


@kernel
def skin_colour(x: float, y: float, z: float, figure: Array, palette: Array, out: Array) -> None:
    """Skin with cheeks, mouth, eyes, brows, nostrils, a beard and the shade of thin hair."""
    mottle = 0.97 + 0.06 * noise(x * 45.0, y * 45.0, z * 45.0)
    for c in range(3):
        out[c] = palette[SKIN_COLOUR, 0, c] * (mottle if c == 0 else 0.5 * (1.0 + mottle))
    x, y, z = head_point(x, y, z, figure)
    if y < -0.15 or abs(x) > 0.12 or abs(z) > 0.16:
        return
    side = abs(x)
    if z > 0.0:
        blood(x, y, z, figure, out)
        lines(side / figure[FACE_WIDTH], y, figure, out)
        lips(side, y, figure, out)
        eyes(x, side, y, figure, palette, out)
        brows(side, y, z, figure, palette, out)
    _hair_on_skin(x, y, z, figure, palette, out)


@kernel
def _hair_on_skin(x: float, y: float, z: float, figure: Array, palette: Array, out: Array) -> None:
    """A beard, stubble, and the roots along the hairline."""
    share = 0.0
    if figure[BEARD] > 0.0:
        grain = 0.75 + 0.5 * noise(x * 500.0, y * 500.0, z * 500.0)
        share = min(beard_weight(x, y, z) * (0.30 + 0.70 * figure[BEARD]) * grain, 0.95)
    style = int(figure[HAIR_STYLE])
    if style != BALD:
        share = max(share, 0.75 * smooth_step((0.006 - hairline(x, y, z, style)) / 0.010))
    for c in range(3):
        out[c] += (palette[HAIR_COLOUR, 0, c] - out[c]) * share
