"""Light: normals with folds, ambient occlusion, soft shadows and one shaded sample (linear RGB)."""

from __future__ import annotations

import math

import numpy as np

from studio.face import skin_colour
from studio.field import DOUBT, NEAR, Field, coarse, distance
from studio.folds import fold_height
from studio.hair import hair_tone, strand_height
from studio.jit import kernel
from studio.layout import (
    BODY,
    CROP,
    CURLS,
    EVERY_PART,
    HAIR,
    HAIR_COLOUR,
    HAIR_STYLE,
    KEY,
    LOWER,
    LOWER_CLOTH,
    NEAR_ARMS,
    NEAR_LEGS,
    NEAR_LOWER,
    NEAR_SKIN,
    NEAR_TORSO,
    NEAR_UPPER,
    PROP,
    SHOE,
    SKIN,
    SKIN_COLOUR,
    TURN_COS,
    TURN_SIN,
    UPPER,
    UPPER_CLOTH,
)
from studio.posture import straighten
from studio.scene import Flags, scene
from studio.sdf import Array, smooth_step
from studio.shoes import shoe_colour, shoe_frame
from studio.texture import cloth_colour

# Step of the numerical gradient, in metres: about the size of a pixel at 1024 rows.
_STEP = 0.0012


@kernel
def folds(x: float, y: float, z: float, material: int, layers: Array, figure: Array) -> float:
    """Height (m) of folds and strands above the smooth surface; it only bends the normals."""
    if material == SKIN:
        return 0.0
    x, y, z = straighten(x, y, z, figure)
    if material == HAIR:
        return strand_height(x, y, z, figure)
    return 0.0


@kernel
def own_parts(material: int) -> int:
    """Bits of what is measured for the normal of a surface: itself; hair lies on everything else."""
    layer = NEAR_TORSO | NEAR_ARMS | NEAR_LEGS
    if material == SKIN:
        return NEAR_SKIN | layer
    if material == UPPER_CLOTH:
        return NEAR_UPPER | layer
    if material == LOWER_CLOTH:
        return NEAR_LOWER | layer
    return EVERY_PART


@kernel
def normal(
    x: float, y: float, z: float, material: int, layers: Array, tables: Array, joints: Array, figure: Array,
    shown: Flags, field: Field, out: Array,
) -> None:  # fmt: skip
    """Unit normal [3] of the folded surface, from four samples on a tetrahedron."""
    out[:] = 0.0
    _, parts = coarse(x, y, z, field)
    parts &= own_parts(material)
    for k in range(4):
        a, b, c = (1.0 if k in (0, 3) else -1.0), (1.0 if k > 1 else -1.0), (1.0 if k in (1, 3) else -1.0)
        px, py, pz = x + a * _STEP, y + b * _STEP, z + c * _STEP
        d, _ = scene(px, py, pz, layers, tables, joints, figure, shown, parts)
        d -= folds(px, py, pz, material, layers, figure)
        out[0] += a * d
        out[1] += b * d
        out[2] += c * d
    out /= math.sqrt(out[0] ** 2 + out[1] ** 2 + out[2] ** 2) + 1e-12


@kernel
def occlusion(
    x: float, y: float, z: float, n: Array, layers: Array, tables: Array, joints: Array, figure: Array,
    shown: Flags, field: Field,
) -> float:  # fmt: skip
    """Ambient light that reaches a point, 0.12 to 1, from five samples along the normal and the floor."""
    dark, weight = 0.0, 1.0
    for k in range(5):
        h = 0.012 + 0.035 * k
        px, py, pz = x + n[0] * h, y + n[1] * h, z + n[2] * h
        d = distance(px, py, pz, NEAR, layers, tables, joints, figure, shown, field)
        dark += (h - min(d, y + n[1] * h)) * weight
        weight *= 0.72
    return min(max(1.0 - 2.6 * dark, 0.12), 1.0)


@kernel
def shadow(
    x: float, y: float, z: float, soft: float, steps: int, reach: float, layers: Array, tables: Array,
    joints: Array, figure: Array, shown: Flags, field: Field,
) -> float:  # fmt: skip
    """Share of the key light that reaches a point; `soft` is the tangent of the light's half angle."""
    kx, ky, kz = figure[KEY], figure[KEY + 1], figure[KEY + 2]
    light, t = 1.0, 0.02
    for _ in range(steps):
        px, py, pz = x + kx * t, y + ky * t, z + kz * t
        # What is further than the penumbra is wide takes no light: there the map is good enough.
        trust = min(soft * t + DOUBT, NEAR)
        d = distance(px, py, pz, trust, layers, tables, joints, figure, shown, field)
        light = min(light, 0.5 + 0.5 * d / (soft * t + 0.004))
        if light < 0.0 or t > reach:
            break
        t += min(max(abs(d), 0.012), 0.09)
    return smooth_step(light)


@kernel
def albedo(
    x: float, y: float, z: float, material: int, layers: Array, tables: Array, joints: Array, figure: Array,
    textures: Array, palette: Array, out: Array,
) -> None:  # fmt: skip
    """Colour of the surface itself, out [3] in linear RGB."""
    x, y, z = straighten(x, y, z, figure)
    if material == SKIN:
        skin_colour(x, y, z, figure, palette, out)
    elif material == HAIR:
        tone = hair_tone(x, y, z, figure)
        for i in range(3):
            out[i] = palette[HAIR_COLOUR, 0, i] * tone
    elif material == PROP:
        out[:] = 0.45
    elif material == SHOE:
        a, b, c = shoe_frame(x, y, z, joints, figure)
        shoe_colour(a, b, c, figure, palette, out)
    else:
        row = UPPER if material == UPPER_CLOTH else LOWER
        cloth_colour(x, y, z, row, layers, tables, joints, figure, textures, palette, out)


@kernel
def gloss(material: int, half: float, grazing: float, up: float) -> float:
    """Specular term of a material: a highlight and a sheen at grazing angles."""
    if material == SKIN:
        return 0.040 * half**18 + 0.022 * half**60 + 0.05 * grazing
    if material == HAIR:
        return 0.030 * grazing
    if material == SHOE:
        return 0.06 * half**24 + 0.03 * grazing
    return 0.02 * half**10 + 0.05 * grazing * max(0.3, up)


@kernel
def hair_shine(n: Array, hx: float, hy: float, hz: float) -> float:
    """The soft band of light across strands that hang down over a surface of normal n (Kajiya and Kay)."""
    tx, ty, tz = n[0] * n[1], n[1] * n[1] - 1.0, n[2] * n[1]
    size = math.sqrt(tx * tx + ty * ty + tz * tz) + 0.05
    along = (tx * hx + ty * hy + tz * hz) / size
    across = math.sqrt(max(1.0 - along * along, 0.0))
    return float(0.075 * across**26 * max(0.4 + 0.6 * n[1], 0.30))


@kernel
def exposure(palette: Array) -> float:
    """Light on skin: less on fair skin, which would burn out, more on dark skin, which would lose its shape."""
    tone = palette[SKIN_COLOUR, 0]
    grey = 0.21 * tone[0] + 0.72 * tone[1] + 0.07 * tone[2]
    return float(1.22 - 0.62 * min(grey, 0.65))


@kernel
def receive(
    x: float, y: float, z: float, n: Array, facing: float, layers: Array, tables: Array, joints: Array,
    figure: Array, shown: Flags, field: Field, light: Array,
) -> None:  # fmt: skip
    """Measure light [2], the shares of ambient and key light that reach a point of normal n.

    facing: cosine between n and the key light; a point that faces away is dark anyway and needs no shadow.
    """
    light[0], light[1] = occlusion(x, y, z, n, layers, tables, joints, figure, shown, field), 1.0
    if facing > -0.3:
        px, py, pz = x + n[0] * 0.006, y + n[1] * 0.006, z + n[2] * 0.006
        light[1] = shadow(px, py, pz, 0.11, 18, 0.8, layers, tables, joints, figure, shown, field)


@kernel
def fold_light(
    x: float, y: float, z: float, material: int, layers: Array, tables: Array, joints: Array, figure: Array
) -> float:
    """Share of the room that cloth sees: valleys between folds less, crests all of it."""
    row = UPPER if material == UPPER_CLOTH else LOWER
    px, py, pz = straighten(x, y, z, figure)
    height = fold_height(px, py, pz, layers[row], tables[row], joints)
    return float(1.0 - 0.34 * (1.0 - smooth_step(height / 0.006)))


@kernel
def highlight(
    dx: float, dy: float, dz: float, material: int, n: Array, ambient: float, lit: float, figure: Array
) -> float:
    """Light that the surface mirrors to a ray of direction (dx, dy, dz), the same in all channels."""
    hx, hy, hz = figure[KEY] - dx, figure[KEY + 1] - dy, figure[KEY + 2] - dz
    size = math.sqrt(hx * hx + hy * hy + hz * hz)
    half = max((n[0] * hx + n[1] * hy + n[2] * hz) / size, 0.0)
    grazing = (1.0 + min(n[0] * dx + n[1] * dy + n[2] * dz, 0.0)) ** 3
    shine = gloss(material, half, grazing, 0.5 + 0.5 * n[1]) * (0.3 + 0.7 * lit) * ambient
    if material == HAIR and figure[HAIR_STYLE] != CURLS and figure[HAIR_STYLE] != CROP:
        shine += hair_shine(n, hx / size, hy / size, hz / size) * (0.4 + 0.6 * lit) * ambient
    return float(shine)


@kernel
def illuminate(
    n: Array, facing: float, skin: bool, ambient: float, lit: float, shine: float, figure: Array,
    palette: Array, out: Array,
) -> None:  # fmt: skip
    """Turn the albedo in out [3] into radiance: by warm key light, cool room, fill and rim, and with the shine."""
    # The normal as the camera sees it: fill and rim light stay where they are when the person turns.
    vx = n[0] * figure[TURN_COS] + n[2] * figure[TURN_SIN]
    vz = n[2] * figure[TURN_COS] - n[0] * figure[TURN_SIN]
    fill = max(vx * 0.4647 + vz * 0.55 + n[1] * 0.1, 0.0)
    rim = max(-vz * 0.2 + abs(vx) * 0.9 - 0.45, 0.0)
    up = 0.5 + 0.5 * n[1]
    gain = exposure(palette) if skin else 1.0
    for c in range(3):
        warm, cool = 1.03 - 0.035 * c, 0.97 + 0.035 * c
        # Light that went a little way through skin comes out red: its shadows begin later and softer.
        wrap = 0.44 - 0.12 * c if skin else 0.18
        seen = lit ** (0.70 + 0.15 * c) if skin else lit
        key = 1.12 * max((facing + wrap) / (1.0 + wrap), 0.0) * seen
        shaded = ambient ** (0.75 + 0.15 * c) if skin else ambient
        total = key * warm + shaded * ((0.30 + 0.17 * up) * cool + 0.22 * fill + 0.10 * rim)
        out[c] = out[c] * total * gain + shine


@kernel
def shade(
    x: float, y: float, z: float, dx: float, dy: float, dz: float, material: int, layers: Array,
    tables: Array, joints: Array, figure: Array, shown: Flags, field: Field, textures: Array, palette: Array,
    light: Array, out: Array,
) -> None:  # fmt: skip
    """Radiance of the point a ray of direction (dx, dy, dz) hit, out [3] in linear RGB.

    light: [2] shares of ambient and key light that reach the point, measured and filled if they are negative.
    """
    n = np.empty(3)
    normal(x, y, z, material, layers, tables, joints, figure, shown, field, n)
    albedo(x, y, z, material, layers, tables, joints, figure, textures, palette, out)
    facing = n[0] * figure[KEY] + n[1] * figure[KEY + 1] + n[2] * figure[KEY + 2]
    if light[0] < 0.0:
        receive(x, y, z, n, facing, layers, tables, joints, figure, shown, field, light)
    ambient, lit = light[0], light[1]
    if material in (UPPER_CLOTH, LOWER_CLOTH):
        valley = fold_light(x, y, z, material, layers, tables, joints, figure)
        ambient *= valley
        lit *= 0.9 + 0.1 * valley
    shine = highlight(dx, dy, dz, material, n, ambient, lit, figure)
    illuminate(n, facing, material == SKIN, ambient, lit, shine, figure, palette, out)


@kernel
def floor_light(
    x: float, z: float, layers: Array, tables: Array, joints: Array, figure: Array, shown: Flags, field: Field
) -> float:
    """Share of light on the floor at (x, 0, z): contact shadow under the feet and the soft cast shadow."""
    vx, vz = x * figure[TURN_COS] + z * figure[TURN_SIN], z * figure[TURN_COS] - x * figure[TURN_SIN]
    # The shadow of a person falls to the right and behind; elsewhere nothing is darker.
    if shown[BODY] == 0 or vx < -0.8 or vx > 1.3 or vz > 0.7 or vz < -2.0:
        return 1.0
    dark, weight = 0.0, 1.0
    for k in range(5):
        h = 0.02 + 0.06 * k
        trust = min(h + DOUBT, NEAR)
        d = distance(x, h, z, trust, layers, tables, joints, figure, shown, field)
        dark += max(h - d, 0.0) * weight
        weight *= 0.7
    cast = shadow(x, 0.0, z, 0.2, 22, 1.6, layers, tables, joints, figure, shown, field)
    fade = min(max((vz + 2.0) / 1.6, 0.0), 1.0) * min(max((1.3 - vx) / 0.6, 0.0), 1.0)
    fade *= min((vx + 0.8) / 0.2, 1.0)
    return float((1.0 - min(1.9 * dark, 0.75)) * (1.0 - 0.26 * (1.0 - cast) * fade))
