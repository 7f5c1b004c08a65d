"""Folds of worn cloth: how far (m) it stands off its smooth cut, from drape lines to hems and cuffs.

Folds are true displacement, so outlines, shadows and occlusion know them; all heights are 0 or outwards, since
inwards lies the body. Lengths are metres on the body they are cut to.
"""

from __future__ import annotations

import math

from studio.jit import kernel
from studio.layout import (
    ARM_RADIUS,
    ARMS,
    CENTRE,
    CREASE,
    CUT_BOTTOM,
    CUT_TOP,
    FOLDS,
    FULLNESS,
    HEM_BAND,
    LEFT_ARM,
    LEFT_LEG,
    LEGS,
    PLEATS,
    RIGHT_ARM,
    RIGHT_LEG,
    SEED,
    SLEEVE_END,
    TABLE_HIGH,
    TABLE_LOW,
)
from studio.sdf import Array, arm_limb, lattice, lookup, near_arm, smooth_step

# The most that folds and details stand off the cut, in metres.
TALLEST = 0.014


@kernel
def noise2(x: float, y: float, seed: int) -> float:
    """Value noise in [0, 1] over a plane, unit period."""
    xi, yi = math.floor(x), math.floor(y)
    fx, fy = x - xi, y - yi
    fx, fy = fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy)
    a, b = lattice(xi, yi, seed), lattice(xi + 1, yi, seed)
    c, d = lattice(xi, yi + 1, seed), lattice(xi + 1, yi + 1, seed)
    return (a * (1.0 - fx) + b * fx) * (1.0 - fy) + (c * (1.0 - fx) + d * fx) * fy


@kernel
def ridges(x: float, y: float, seed: int) -> float:
    """0 to 0.85: long rounded crests between wide valleys, about one every unit of x."""
    r = 2.0 * noise2(x, y, seed) - 1.0
    return 1.0 - math.sqrt(1.6 * r * r + 0.0225) if abs(r) < 0.7817 else 0.0


@kernel
def bump(t: float) -> float:
    """Bell of width 1 around 0."""
    return math.exp(-t * t)


@kernel
def armpit_folds(x: float, y: float, shoulder: Array, size: float, seed: int) -> float:
    """A fan of folds from the armpit towards the chest."""
    px, py = abs(x) - shoulder[0] * 0.93, shoulder[1] - 0.075 * size - y
    r = math.sqrt(px * px + py * py)
    phi = math.atan2(py + 0.02, -px)
    fan = smooth_step(r / 0.05) * bump(r / (0.13 * size)) * smooth_step((phi - 0.05) * 2.5)
    return 0.0095 * fan * ridges(phi * 2.6 + r * 2.0, r * 4.0 + 3.0, seed)


@kernel
def hem_folds(s: float, y: float, above: float, bend: float, layer: Array, seed: int) -> float:
    """Folds of a top `above` metres from its hem, s metres around the body: over ribs it blouses and stacks."""
    stack = bump((above - 0.03) / 0.06) * (1.0 if layer[HEM_BAND] > 0.025 else 0.35)
    return 0.0075 * stack * ridges(y * 21.0 + bend * 3.0 - s * 5.0, s * 5.0, seed + 5)


@kernel
def torso_folds(x: float, y: float, z: float, layer: Array, tables: Array, joints: Array, seed: int) -> float:
    """Drape of a top: from the armpits, down from the chest, at the waist and over the hem."""
    shoulder = joints[LEFT_ARM, 0]
    size = shoulder[1] / 1.345
    u = (y - layer[TABLE_LOW]) / (layer[TABLE_HIGH] - layer[TABLE_LOW])
    zc = z - lookup(tables[CENTRE], u)
    # Metres around the body, 0 at the middle of the front.
    s = math.atan2(x, zc + 0.02) * 0.14
    side = 7 if x > 0.0 else 13
    # Left and right differ, and fade into each other in the middle.
    apart = smooth_step(abs(x) / 0.05)
    h = armpit_folds(x, y, shoulder, size, seed + side) * apart
    down = smooth_step((shoulder[1] - 0.13 * size - y) / (0.26 * size)) * layer[FULLNESS]
    bend = 0.35 * noise2(s * 5.0, y * 5.0, seed + 1)
    h += 0.0110 * down * ridges(s * 12.0 + bend * 2.0, y * 2.3 + bend, seed + 2)
    # Broad buckles, between chest and hem, that catch the light from one side.
    broad = ridges(s * 7.0 + y * 4.5, y * 5.0 - s * 3.0, seed + 8)
    h += 0.0090 * (0.3 + 0.7 * down) * broad
    waist = 0.815 * shoulder[1]
    across = bump((y - waist) / (0.085 * size)) * (0.35 + 0.65 * smooth_step((abs(x) - 0.03) / 0.08))
    slant = y * 19.0 - abs(s) * 11.0 + bend * 2.5
    h += 0.0095 * across * apart * ridges(slant, s * 4.0 + 2.0, seed + 3 + side)
    above = y - layer[CUT_BOTTOM] - layer[HEM_BAND]
    if above > -0.01:
        h += hem_folds(s, y, above, bend, layer, seed)
    pull = ridges(y * 9.0 + s * 5.0 + bend * 3.0, s * 3.0, seed + 6) * 0.0035
    return float(h + pull * smooth_step((shoulder[1] + 0.02 - y) / 0.1))


@kernel
def sleeve_folds(
    x: float, y: float, z: float, along: float, end: float, arm: Array, side: float, seed: int
) -> float:
    """Folds of a sleeve: under the arm, bunched inside the elbow, stacked at the cuff, long ones if short."""
    dx, dy = arm[2, 0] - arm[0, 0], arm[2, 1] - arm[0, 1]
    length = math.sqrt(dx * dx + dy * dy) + 1e-9
    # Across the arm in the picture's plane, positive on the outer side.
    b = side * ((x - arm[0, 0]) * -dy + (y - arm[0, 1]) * dx) / length
    zc = z - arm[1, 2]
    m = along * 0.55
    turn = 0.5 * noise2(m * 7.0, zc * 9.0, seed + 20)
    inner = smooth_step(0.75 - b / 0.07)
    elbow = 0.0080 * bump((along - 0.53) / 0.13) * (0.35 + 0.65 * inner)
    h = elbow * ridges(m * 26.0 + b * 9.0 * side + turn * 2.0, zc * 6.0 + b * 3.0, seed + 21)
    under = 0.0065 * bump((along - 0.2) / 0.16) * (0.4 + 0.6 * inner)
    h += under * ridges(m * 17.0 - b * 14.0 + turn, zc * 5.0, seed + 22)
    if end < 0.7:
        lengthwise = 0.0055 * smooth_step((along - 0.1) * 4.0)
        h += lengthwise * ridges(b * 14.0 + zc * 9.0 + turn, m * 4.0, seed + 23)
    else:
        h += 0.0045 * ridges(m * 11.0 - b * 7.0 + turn * 2.0, b * 8.0 + zc * 4.0, seed + 24)
        stack = bump(((end - along) * 0.55 - 0.05) / 0.05)
        h += 0.0055 * stack * ridges(m * 38.0 + b * 8.0 + turn, zc * 7.0 + b * 6.0, seed + 25)
    return h


@kernel
def leg_folds(x: float, y: float, z: float, layer: Array, joints: Array, seed: int) -> float:
    """Folds of trousers: pull lines from the crotch, knees, a crease, and stacks over the shoes."""
    left = x > 0.5 * (joints[LEFT_LEG, 1, 0] + joints[RIGHT_LEG, 1, 0])
    leg = joints[LEFT_LEG if left else RIGHT_LEG]
    side, size = (1.0 if left else -1.0), leg[0, 1] / 0.86
    t = min(max((leg[0, 1] - y) / (leg[0, 1] - leg[2, 1]), 0.0), 1.0)
    b = (x - leg[0, 0] - (leg[2, 0] - leg[0, 0]) * t) * side
    middle = 0.5 * (joints[LEFT_LEG, 0, 0] + joints[RIGHT_LEG, 0, 0])
    px, py = abs(x - middle), y - leg[0, 1] + 0.055 * size
    r = math.sqrt(px * px + py * py)
    phi = math.atan2(py, px + 0.008)
    pick = seed + (31 if left else 37)
    turn = noise2(b * 8.0, y * 7.0, pick)
    fan = bump(r / (0.13 * size)) * smooth_step(px / 0.03) * smooth_step((z + 0.05) * 12.0)
    h = 0.0075 * fan * ridges(phi * 2.4 + turn * 0.5, r * 4.0, pick + 1)
    hang = 0.0050 * smooth_step((leg[0, 1] + 0.02 - y) / 0.15)
    h += hang * ridges(b * 13.0 + turn * 1.2, y * 2.2, pick + 2)
    knee = bump((y - leg[1, 1]) / (0.095 * size))
    h += 0.0075 * knee * ridges(y * 21.0 + b * 13.0 + turn * 1.5, b * 6.0 + z * 4.0, pick + 3)
    if layer[CUT_BOTTOM] < 0.16 * size:
        stack = bump((y - layer[CUT_BOTTOM] - 0.04) / (0.10 * size))
        h += 0.0095 * stack * ridges(y * 19.0 - b * 10.0 + turn * 2.0, b * 7.0 + z * 5.0, pick + 4)
    if layer[CREASE] > 0.0 and z > leg[1, 2] - 0.02:
        fade = smooth_step((leg[0, 1] + 0.03 - y) / 0.15)
        h = h * (1.0 - 0.4 * fade) + 0.006 * fade * bump(b / 0.010)
    return h


@kernel
def skirt_folds(x: float, y: float, z: float, layer: Array, tables: Array, joints: Array, seed: int) -> float:
    """Falls of a skirt from its waist, or knife pleats; pull lines over the hips of a narrow one."""
    u = (y - layer[TABLE_LOW]) / (layer[TABLE_HIGH] - layer[TABLE_LOW])
    angle = math.atan2(x, z - lookup(tables[CENTRE], u))
    top = min(layer[CUT_TOP], 0.82 * joints[LEFT_ARM, 0, 1])
    down = smooth_step((top - 0.02 - y) / 0.25)
    if layer[PLEATS] > 0.0:
        saw = (angle * layer[PLEATS] / (2.0 * math.pi)) % 1.0
        tooth = saw / 0.86 if saw < 0.86 else (1.0 - saw) / 0.14
        return float(0.0105 * (0.35 + 0.65 * down) * tooth * smooth_step((top - 0.03 - y) / 0.05))
    turn = 0.5 * noise2(angle * 2.0, y * 4.0, seed + 41)
    h = 0.0075 * down * layer[FULLNESS] * ridges(angle * 2.6 + turn, y * 0.9, seed + 42)
    gather = bump((top - 0.05 - y) / 0.09)
    h += 0.0060 * gather * layer[FULLNESS] * ridges(angle * 4.2 + turn, y * 2.0, seed + 43)
    pull = bump((y - joints[LEFT_LEG, 0, 1]) / 0.11) * (1.2 - layer[FULLNESS])
    h += 0.0055 * pull * ridges(y * 15.0 + abs(angle) * 2.0 + turn * 2.0, angle * 1.4, seed + 44)
    return float(h)


@kernel
def fold_height(x: float, y: float, z: float, layer: Array, tables: Array, joints: Array) -> float:
    """Height (m) of all folds of a garment at a point near its surface."""
    if layer[FOLDS] <= 0.0:
        return 0.0
    seed = int(layer[SEED])
    if layer[LEGS] > 0.0:
        return float(leg_folds(x, y, z, layer, joints, seed) * layer[FOLDS])
    hip = joints[LEFT_LEG, 0, 1] + 0.1 * joints[LEFT_ARM, 0, 1]
    if layer[CUT_TOP] < 0.93 * joints[LEFT_ARM, 0, 1]:
        return float(skirt_folds(x, y, z, layer, tables, joints, seed) * layer[FOLDS])
    worn = 0.0
    h = 0.0
    if layer[ARMS] > 0.0:
        d, along = arm_limb(x, y, z, joints, tables[ARM_RADIUS])
        worn = smooth_step((0.022 - d) / 0.02) * smooth_step((along - 0.04) / 0.1)
        if worn > 0.0:
            left = near_arm(x, y, z, joints) == LEFT_ARM
            arm = joints[LEFT_ARM if left else RIGHT_ARM]
            seed_arm = seed + (50 if left else 83)
            h = worn * sleeve_folds(x, y, z, along, layer[SLEEVE_END], arm, 1.0 if left else -1.0, seed_arm)
    if worn < 1.0:
        drape = torso_folds(x, y, z, layer, tables, joints, seed)
        long = smooth_step((hip - y) / 0.12) if layer[CUT_BOTTOM] < 0.48 * joints[LEFT_ARM, 0, 1] else 0.0
        if long > 0.0:
            drape += (skirt_folds(x, y, z, layer, tables, joints, seed) - drape) * long
        h += (1.0 - worn) * drape
    return float(h * layer[FOLDS])
