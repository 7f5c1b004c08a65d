"""Distances of a layer: one closed skin around torso, arms and legs, cut by hem, sleeves and neckline.

The body is a layer, and so is every garment (see studio.layout for the arrays).
"""

from __future__ import annotations

import math

from studio.jit import kernel
from studio.layout import (
    ARM_RADIUS,
    ARMPIT,
    ARMS,
    CENTRE,
    COLLAR,
    CUT_BOTTOM,
    CUT_TOP,
    DEPTH,
    EVERY_PART,
    FLUTE_DEPTH,
    FLUTE_Y,
    FLUTES,
    FOLDS,
    HEM_CURVE,
    LEFT_ARM,
    LEFT_LEG,
    LEG_RADIUS,
    LEGS,
    NEAR_ARMS,
    NEAR_LEGS,
    NEAR_TORSO,
    NECK_DROP,
    NECK_X,
    NECK_Y,
    RIGHT_LEG,
    SAG,
    SEED,
    SHIRT_COLLAR,
    SLEEVE_END,
    STRAP_X,
    TABLE_HIGH,
    TABLE_LOW,
    TORSO,
    VEE_DEPTH,
    VEE_X,
    WIDTH,
)
from studio.sdf import Array, arm_limb, limb, lookup, smooth_min, smooth_step
from studio.tailoring import collar_distance

# Fraction of an arm's length in metres that converts a cut along the arm to a distance (an arm is 0.55 m).
ARM_METRES = 0.55
# Legs or a whole layer this far away (m) are as good as a plane; soft shadows look no further.
FAR = 0.35
# Nothing of a leg in its clothes is higher above the hip joint than this (m).
LEG_ROOM = 0.16


@kernel
def neckline(x: float, z: float, layer: Array) -> float:
    """Height of the neckline over (x, z): lower at the front, and a V below it if the garment has one."""
    forward = smooth_step((z + 0.045) / 0.08)
    q = x / layer[NECK_X]
    height = layer[NECK_Y] - 0.009 - layer[NECK_DROP] * forward + 0.036 * q * q
    if layer[VEE_DEPTH] > 0.0 and forward > 0.3:
        vee = layer[NECK_Y] - layer[VEE_DEPTH] * forward + abs(x) / layer[VEE_X] * layer[VEE_DEPTH]
        height = min(height, vee)
    return float(height)


@kernel
def torso(x: float, y: float, z: float, layer: Array, tables: Array) -> float:
    """Distance to the stacked superellipses of the torso tables (exponent 2.3: boxy, as a chest is)."""
    u = (y - layer[TABLE_LOW]) / (layer[TABLE_HIGH] - layer[TABLE_LOW])
    wide, deep = lookup(tables[WIDTH], u), lookup(tables[DEPTH], u)
    zc = z - lookup(tables[CENTRE], u)
    if layer[FLUTES] > 0.0 and y < layer[FLUTE_Y]:
        angle = math.atan2(x, zc)
        depth = layer[FLUTE_DEPTH] * min((layer[FLUTE_Y] - y) / 0.45, 1.0)
        wave = math.sin(layer[FLUTES] * angle + 1.7 * math.sin(angle * 2.0))
        wave += 0.4 * math.sin(layer[FLUTES] * 1.7 * angle + 1.3)
        wide *= 1.0 + depth * wave
        deep *= 1.0 + depth * wave
    ax, az = abs(x / wide), abs(zc / deep)
    k0 = (ax**2.3 + az**2.3) ** (1.0 / 2.3) + 1e-9
    k1 = math.sqrt((x / wide / wide) ** 2 + (zc / deep / deep) ** 2) + 1e-9
    d = (k0 - 1.0) * (math.sqrt(ax * ax + az * az) + 1e-9) / k1
    if k0 < 1.0:
        # Near the axis the estimate grows to the half width, and rays would step out of a hollow garment.
        d = max(d, (k0 - 1.0) * min(wide, deep))
    beyond = max(y - layer[TABLE_HIGH], layer[TABLE_LOW] - y)
    return math.sqrt(max(d, 0.0) ** 2 + beyond * beyond) if beyond > 0.0 else d


@kernel
def legs(x: float, y: float, z: float, radius: Array, joints: Array) -> float:
    """Distance to both legs, joined softly at the crotch."""
    left, _ = limb(x, y, z, joints[LEFT_LEG], radius)
    right, _ = limb(x, y, z, joints[RIGHT_LEG], radius)
    return smooth_min(left, right, 0.012)


@kernel
def with_legs(d: float, x: float, y: float, z: float, tables: Array, joints: Array) -> float:
    """The distance d to a layer's torso, joined with its legs."""
    over = y - joints[LEFT_LEG, 0, 1] - LEG_ROOM
    if over > FAR:
        return float(min(d, over))
    return smooth_min(d, legs(x, y, z, tables[LEG_RADIUS], joints), 0.05)


@kernel
def opened(d: float, x: float, y: float, z: float, layer: Array, joints: Array) -> float:
    """The distance d to a layer's trunk, with its neckline and armholes cut out."""
    if layer[NECK_X] > 0.0:
        # The neckline is steep, above all a V: unscaled, rays would step through the thin cloth behind it.
        d = max(d, (y - neckline(x, z, layer)) * (0.45 if layer[VEE_DEPTH] > 0.0 else 0.7))
    if layer[STRAP_X] > 0.0:
        # The armhole ends at 94% of the shoulder's height; below it the cloth closes round the side.
        below = max(joints[LEFT_ARM, 0, 1] * 0.94 - y, 0.0)
        d = max(d, (abs(x) - layer[STRAP_X] - 3.0 * below) * 0.3)
    return d


@kernel
def with_arms(d: float, x: float, y: float, z: float, layer: Array, tables: Array, joints: Array) -> float:
    """The distance d to a layer's trunk, joined with its arms, which may end in sleeves."""
    # The shoulder fits; further down the sleeve hangs off the arm.
    sag = layer[SAG] * smooth_step((joints[LEFT_ARM, 0, 1] - 0.02 - y) / 0.1)
    px = x + 0.7 * sag if x > 0.0 else x - 0.7 * sag
    arm, along = arm_limb(px, y + 0.7 * sag, z, joints, tables[ARM_RADIUS])
    if layer[SLEEVE_END] < 1.0:
        arm = max(arm, (along - layer[SLEEVE_END]) * ARM_METRES)
    if arm < 0.2:
        # Only the armpit is webbed: a hand on the hip and crossed arms lie on the body.
        d = smooth_min(d, arm, 0.006 + layer[ARMPIT] * smooth_step(1.0 - along / 0.42))
    return d


@kernel
def with_collar(d: float, x: float, y: float, z: float, trunk: float, layer: Array) -> float:
    """The distance d to a layer, joined with its collar, which stands on the torso at distance `trunk`."""
    edge = collar_distance(x, y, z, trunk, neckline(x, z, layer), layer)
    return min(d, edge) if layer[COLLAR] == SHIRT_COLLAR else smooth_min(d, edge, 0.02)


@kernel
def layer_distance(
    x: float, y: float, z: float, layer: Array, tables: Array, joints: Array, parts: int = EVERY_PART
) -> float:
    """Distance to a whole layer with its cuts; only of its parts that may be near (bits)."""
    beyond = max(y - layer[CUT_TOP], layer[CUT_BOTTOM] - y)
    if beyond > FAR:
        return float(beyond)
    d = 1e3
    if layer[TORSO] > 0.0 and parts & NEAR_TORSO:
        d = torso(x, y, z, layer, tables)
    trunk = d
    if layer[LEGS] > 0.0 and parts & NEAR_LEGS:
        d = with_legs(d, x, y, z, tables, joints)
    d = opened(d, x, y, z, layer, joints)
    if layer[ARMS] > 0.0 and parts & NEAR_ARMS:
        d = with_arms(d, x, y, z, layer, tables, joints)
    d = max(d, cut_distance(x, y, z, layer, tables))
    if layer[COLLAR] > 0.0 and y > layer[NECK_Y] - 0.16:
        d = with_collar(d, x, y, z, trunk, layer)
    return float(d)


@kernel
def cut_distance(x: float, y: float, z: float, layer: Array, tables: Array) -> float:
    """Distance to the cuts above and below; a hem is a soft wave, lower in front if it is curved."""
    low = layer[CUT_BOTTOM]
    if layer[FOLDS] > 0.0 and y < low + 0.03:
        u = (low - layer[TABLE_LOW]) / (layer[TABLE_HIGH] - layer[TABLE_LOW])
        q = x / max(lookup(tables[WIDTH], u), 0.05)
        low += 0.0018 * (math.sin(x * 31.0 + layer[SEED]) + math.sin(x * 53.0 + z * 20.0 + 2.0 * layer[SEED]))
        low += layer[HEM_CURVE] * (q * q - 0.5)
    return float(max(y - layer[CUT_TOP], low - y))
