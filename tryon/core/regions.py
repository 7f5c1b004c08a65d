"""The area of a photo that a dresser may repaint for a garment: larger than what is worn there now.

A new garment has another shape (a flared skirt on somebody in trousers, a longer top), so the region starts
from the body part's own area, takes its convex hull, and grows. Protected parts are subtracted LAST.
"""

from __future__ import annotations

import numpy as np

from tryon.core import anatomy
from tryon.core.anatomy import ANKLES, KNEES, Atr, below_hips
from tryon.core.areas import Area, Point, dilate, drop_specks, hulls, labelled, polygon, shape_of, strict
from tryon.core.masks import SMALLEST_PART, check_legs, check_person, own_area
from tryon.core.parts import Parts, take_apart
from tryon.core.ports import Body, Pixels
from tryon.core.words import MaskKind, Order, Refused

UPPER_GROWTH = 0.03
"""Of the stature, to every side: a loose sleeve or oversized top."""

LOWER_GROWTH, LOWER_RISE = 0.05, 0.02
"""Of the stature, sideways and upright: wide trousers; trousers do not grow longer than the legs."""

WAIST = -0.35
"""The natural waist from the hip line, in torso lengths: 0.62 - 0.52 of the stature."""

CUFF = 0.05
"""Of the lower body's area: smaller pieces of a top below the waist are cuffs, not its hem."""

HEM = {Order.UNTUCKED: 0.30, Order.TUCKED: 0.0}
"""How far below the hip line a top reaches, in torso lengths. Untucked: to mid-thigh (0.43 of the stature), a
tunic. Tucked: only under the waistband of the bottom, which is painted after it."""

FLARE_WAIST, FLARE_HEM = 0.12, 0.21
"""Half-widths of the A-line a skirt may fill, of the stature: at the waist, and from the knees down."""


def repaint_region(body: Body, kind: MaskKind, order: Order = Order.UNTUCKED) -> Pixels | Refused:
    """uint8 [H, W], 255 where a garment of that kind may change the photo, or why there is no such area.

    kind: upper, lower or overall; ValueError for the others, which no garment covers.
    order: who is in front where top and bottom overlap. A bottom may always rise to the waist.
    """
    if kind not in (MaskKind.UPPER, MaskKind.LOWER, MaskKind.OVERALL):
        raise ValueError(f"no garment is worn on {kind.value!r}; ask for upper, lower or overall")
    refused = check_person(body) or (check_legs(body) if kind is MaskKind.LOWER else None)
    if refused:
        return refused
    parts = take_apart(body)
    region = _upper(body, parts, order) if kind is MaskKind.UPPER else _lower(body, parts, kind)
    # Without the islands that arms and sleeves cut off from a skirt's area.
    region = drop_specks(region & ~parts.protected, SMALLEST_PART)
    if not region.any():
        return Refused("empty_mask", f"No pixel may change for a garment of kind {kind.value}.")
    return strict(region)


def _upper(body: Body, parts: Parts, order: Order) -> Area:
    hem = below_hips(body, HEM[order])
    band = parts.bottoms & below_hips(body, WAIST) & ~hem
    growth = round(UPPER_GROWTH * anatomy.stature(body))
    region = dilate(hulls(own_area(parts, MaskKind.UPPER) | band), growth, growth)
    return region & ~(parts.bottoms & hem)


def _lower(body: Body, parts: Parts, kind: MaskKind) -> Area:
    tall = anatomy.stature(body)
    area = own_area(parts, kind)
    if kind is MaskKind.LOWER:
        waistband = labelled(body.labels, Atr.UPPER, Atr.DRESS) & ~parts.arms & below_hips(body, WAIST)
        area = drop_specks(area | waistband, CUFF)
    region = dilate(hulls(area), round(LOWER_GROWTH * tall), round(LOWER_RISE * tall)) | _flare(body)
    region[(anatomy.person_box(body) or (0, 0, 0, 0))[3] :] = False
    if kind is MaskKind.OVERALL:
        return region
    # Arms and sleeves hang in front of a skirt, and above the waist the top stays.
    bare = labelled(body.labels, Atr.LEFT_ARM, Atr.RIGHT_ARM)
    return region & below_hips(body, WAIST) & ~bare & ~(parts.tops & parts.arms)


def _flare(body: Body) -> Area:
    """The A-line of a skirt: widening from waist to knees, then straight down to the ankles."""
    tall, torso = anatomy.stature(body), anatomy.torso_length(body)
    hip, down = anatomy.hip_line(body)
    side = np.array([down[1], -down[0]])
    knee = _level(body, hip, down, KNEES, 0.8 * torso)
    ankle = max(_level(body, hip, down, ANKLES, 1.6 * torso), knee)
    profile = [(WAIST * torso, FLARE_WAIST), (knee, FLARE_HEM), (ankle, FLARE_HEM)]
    left = [hip + down * depth - side * width * tall for depth, width in profile]
    right = [hip + down * depth + side * width * tall for depth, width in profile]
    return polygon(shape_of(body.labels), left + right[::-1])


def _level(body: Body, hip: Point, down: Point, joints: tuple[int, int], otherwise: float) -> float:
    """How deep below the hip line the lower of two joints is, in pixels."""
    depths = [float((point - hip) @ down) for point in anatomy.seen(body, *joints)]
    return max(depths, default=otherwise)
