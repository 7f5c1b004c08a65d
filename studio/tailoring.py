"""What is sewn onto a garment: collars, plackets, pockets, waistbands, hems, seams and open fronts.

Heights are metres above the smooth cut, negative for stitches and for the inner top of an open front.
"""

from __future__ import annotations

import math

from studio.jit import kernel
from studio.layout import (
    ARM_RADIUS,
    ARMS,
    BUTTON_Y,
    CHEST_POCKET,
    CLOTH_KIND,
    COLLAR,
    CUT_BOTTOM,
    CUT_TOP,
    FLAPS,
    HEM_BAND,
    JEANS,
    KANGAROO,
    KNIT,
    LAPEL,
    LEFT_ARM,
    LEFT_LEG,
    LEGS,
    NECK_X,
    NECK_Y,
    OPEN_LOW,
    OPEN_TOP,
    PLACKET,
    POCKETS,
    RIGHT_ARM,
    RIGHT_LEG,
    SHIRT_COLLAR,
    SLANTED,
    SLEEVE_END,
    STITCH,
    WAISTBAND,
)
from studio.sdf import Array, arm_limb, smooth_step

# Length of an arm (m) on a person of 1.72 m, for lengths along sleeves.
ARM_METRES = 0.55


@kernel
def groove(s: float, depth: float) -> float:
    """A line of stitches 4 mm wide where s = 0 (metres)."""
    return -depth * math.exp(-((s / 0.0022) ** 2))


@kernel
def raised(inside: float) -> float:
    """0 to 1 over the 3 mm within the edge of a piece of cloth, from its distance to the edge (m)."""
    return smooth_step(inside / 0.003)


@kernel
def open_width(y: float, layer: Array) -> float:
    """Half width (m) of the open front at y, negative where it is closed or there is none."""
    top, low, button = layer[NECK_Y], layer[CUT_BOTTOM], layer[BUTTON_Y]
    if layer[OPEN_TOP] <= 0.0:
        return -1.0
    if button <= low:
        return float(layer[OPEN_LOW] + (layer[OPEN_TOP] - layer[OPEN_LOW]) * (y - low) / (top - low))
    if y > button:
        return float(layer[OPEN_TOP] * (y - button) / (top - button))
    return float(layer[OPEN_LOW] * ((button - y) / (button - low)) ** 2 - 0.001)


@kernel
def seam_x(y: float, shoulder: Array) -> float:
    """|x| of the armhole's seam at y: nearly straight, a little hollow towards the chest."""
    t = (y - shoulder[1] + 0.03) / 0.08
    return float(0.93 * shoulder[0] - 0.008 * math.exp(-t * t))


@kernel
def on_sleeve(x: float, y: float, d: float, along: float, shoulder: Array) -> bool:
    """Whether a point of a top belongs to a sleeve: beyond the seam and on the arm (d m off its radius)."""
    # A forearm across the body is a sleeve wherever it is.
    return bool(d < 0.02 and (abs(x) > seam_x(y, shoulder) or (along > 0.5 and d < 0.012)))


@kernel
def collar_distance(x: float, y: float, z: float, torso: float, edge: float, layer: Array) -> float:
    """Distance to a shirt's folded collar or to a hood that lies behind the neck; edge: y of the neckline."""
    size = layer[NECK_Y] / 1.453
    if layer[COLLAR] == SHIRT_COLLAR:
        forward = smooth_step((z + 0.03) / 0.09)
        upper = edge + (0.022 - 0.012 * forward) * size
        lower = edge - (0.028 + 0.030 * forward * smooth_step((0.09 * size - abs(x)) / 0.05)) * size
        stand = 0.003 + 0.011 * (upper - y) / max(upper - lower, 0.01)
        d = abs(torso - stand) - 0.0022
        d = max(d, max(y - upper, lower - y) * 0.6)
        if z > 0.0:
            d = max(d, (0.006 + 0.62 * (upper - y) - abs(x)) * 0.7)
        return float(d)
    back = smooth_step((0.035 - z) / 0.12)
    q = math.sqrt((x / 0.083) ** 2 + ((z + 0.012) / 0.080) ** 2) / size
    ring = (q - 1.0) * 0.078 * size
    rise = y - layer[NECK_Y] + (0.062 - 0.052 * back + 0.2 * max(ring, 0.0)) * size
    d = math.sqrt(ring * ring * (1.0 - 0.35 * back) + rise * rise * 0.8) - (0.012 + 0.022 * back) * size
    return float(d * 0.8)


@kernel
def open_height(x: float, y: float, wide: float, layer: Array) -> float:
    """An open front, half of it `wide` metres, and what lies along it: lapels with their notches, or a facing."""
    size, side, below = layer[NECK_Y] / 1.453, abs(x), layer[NECK_Y] - y
    h = -0.0075 * smooth_step((wide - side) / 0.004 + 1.0)
    if layer[LAPEL] <= 0.0:
        return h + 0.002 * raised(wide + 0.028 - side) * raised(side - wide + 0.003)
    notch = below - 0.085 * size - 0.35 * (side - wide)
    broad = layer[LAPEL] * smooth_step((y - layer[BUTTON_Y] + 0.01) / (0.16 * size))
    broad *= 0.80 if notch < 0.0 else 1.0
    h += 0.0038 * raised(wide + broad - side) * raised(side - wide + 0.003)
    return h + (groove(notch, 0.003) if wide < side < wide + layer[LAPEL] else 0.0)


@kernel
def pocket_height(x: float, y: float, layer: Array) -> float:
    """A top's pockets: one on the chest, a kangaroo's, or a jacket's with flaps."""
    size, side, below = layer[NECK_Y] / 1.453, abs(x), layer[NECK_Y] - y
    kind, h = layer[POCKETS], 0.0
    if kind == CHEST_POCKET:
        a, b = abs(x - 0.075 * size) - 0.047 * size, abs(below - 0.175 * size) - 0.055 * size
        inside = -max(a, b)
        h += 0.0016 * raised(inside) + groove(inside - 0.006, 0.0007)
    elif kind == KANGAROO:
        up = y - layer[CUT_BOTTOM] - layer[HEM_BAND]
        inside = min(min(up + 0.004, 0.185 * size - up), 0.155 * size - side - max(up - 0.07, 0.0) * 0.55)
        h += 0.0038 * raised(inside) + groove(inside - 0.009, 0.0009)
    elif kind == FLAPS:
        a, b = (
            abs(side - 0.098 * size) - 0.060 * size,
            abs(y - layer[CUT_BOTTOM] - 0.17 * size) - 0.024 * size,
        )
        h += 0.0028 * raised(-max(a, b))
        a, b = abs(x - 0.085 * size) - 0.045 * size, abs(below - 0.16 * size - 0.15 * x) - 0.010 * size
        h += 0.0016 * raised(-max(a, b))
    return h


@kernel
def front_height(x: float, y: float, layer: Array) -> float:
    """Placket, pockets, lapels and the open front of a top."""
    size, side = layer[NECK_Y] / 1.453, abs(x)
    h, wide = 0.0, open_width(y, layer)
    if y > layer[PLACKET]:
        h += 0.0018 * raised(0.016 * size - side) + groove(side - 0.0125 * size, 0.0008)
    if wide > -0.5:
        h += open_height(x, y, wide, layer)
    return h + pocket_height(x, y, layer)


@kernel
def hem_height(x: float, above: float, hem: float, layer: Array) -> float:
    """A ribbed band or a stitched hem (m wide), `above` metres from its end, and the ribs of knitwear."""
    h, band = 0.0, layer[HEM_BAND]
    if band > 0.0:
        h -= 0.0035 * smooth_step((band - above) / 0.006 + 0.5)
        if above < band:
            h += 0.0009 * math.sin(x * 1100.0)
    elif hem > 0.0:
        h += groove(above - hem, 0.0009) + 0.0011 * raised(hem - above)
    if layer[CLOTH_KIND] == KNIT and above > band:
        h += 0.0006 * math.sin(x * 620.0)
    return h


@kernel
def upper_height(
    x: float, y: float, z: float, edge: float, layer: Array, tables: Array, joints: Array
) -> float:
    """Sewn details of a top or a dress; edge: y of the neckline there."""
    h, sleeve = 0.0, False
    hem, above = layer[STITCH], y - layer[CUT_BOTTOM]
    if layer[ARMS] > 0.0:
        arm = joints[LEFT_ARM if x > 0.0 else RIGHT_ARM]
        d, along = arm_limb(x, y, z, joints, tables[ARM_RADIUS])
        sleeve = on_sleeve(x, y, d, along, arm[0])
        if d < 0.03 and y > arm[0, 1] - 0.16:
            h += groove(abs(x) - seam_x(y, arm[0]), 0.0016)
        if sleeve:
            to_end = (layer[SLEEVE_END] - along) * ARM_METRES
            above = to_end
            if layer[SLEEVE_END] > 0.75 and layer[COLLAR] == SHIRT_COLLAR:
                # A shirt's cuff.
                h += 0.0022 * raised(0.058 - to_end) + groove(to_end - 0.052, 0.0007)
                hem = 0.0
    if not sleeve and z > -0.02:
        h += front_height(x, y, layer)
    return h + hem_height(x, above, hem, layer)


@kernel
def lower_height(x: float, y: float, z: float, layer: Array, joints: Array) -> float:
    """Waistband, belt loops, fly, pockets, side seams and hems of trousers and skirts."""
    below, above = layer[CUT_TOP] - y, y - layer[CUT_BOTTOM]
    hip = joints[LEFT_LEG, 0]
    size, h, band = hip[1] / 0.86, 0.0, layer[WAISTBAND]
    if band > 0.0:
        h += 0.0016 * raised(band - below) + groove(below - band, 0.0010)
    if layer[STITCH] > 0.0:
        h += groove(above - layer[STITCH], 0.0009) + 0.0012 * raised(layer[STITCH] - above)
    if layer[LEGS] <= 0.0 or z < -0.01:
        return h
    middle = 0.5 * (hip[0] + joints[RIGHT_LEG, 0, 0])
    if band > 0.0 and -0.002 < below < band + 0.008:
        for loop in (0.062, 0.118):
            h += 0.0024 * raised(0.0055 - abs(abs(x - middle) - loop * size))
    if below > band and (layer[POCKETS] == JEANS or layer[POCKETS] == SLANTED):
        h += (
            0.0012
            * raised(0.038 * size - abs(x - middle - 0.019))
            * raised(0.16 * size - below)
            * (x > middle)
        )
        h += groove(x - middle, 0.0016) if below < 0.21 * size else 0.0
        edge = pocket_edge(x - middle, below - band, layer[POCKETS], size)
        if -0.02 < edge < 0.02:
            h += groove(edge, 0.0018) - 0.0008 * raised(edge)
    return h


@kernel
def pocket_edge(x: float, below: float, kind: float, size: float) -> float:
    """Distance (m) into a trouser pocket's opening, negative on the front panel."""
    side = abs(x)
    if kind == SLANTED:
        far = (side - 0.105 * size) - 0.30 * (below - 0.02 * size)
        return far if below < 0.15 * size else -1.0
    return 0.078 * size - math.sqrt((side - 0.165 * size) ** 2 + (below * 1.05) ** 2)


@kernel
def detail_height(
    x: float, y: float, z: float, edge: float, layer: Array, tables: Array, joints: Array
) -> float:
    """Height (m) of all sewn details of a garment at a point near its surface."""
    if layer[NECK_X] > 0.0:
        return upper_height(x, y, z, edge, layer, tables, joints)
    return lower_height(x, y, z, layer, joints)
