"""Where a garment's landmarks belong on a body: pairs of (garment, photo) positions for the warps.

A garment is scaled by one width that garment and body share, its height by the body's own proportions; both
follow the trunk's lean. Shares are of the trunk (see tryon.engines.warp.figure) and were measured on people of
average proportions wearing the same garments.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tryon.engines.warp.arrays import Points
from tryon.engines.warp.figure import ARM_AT, ARM_RADII, LEG_AT, LEG_RADII, WAIST, Figure
from tryon.engines.warp.marks import SkirtMarks, Sleeve, TopMarks, TrouserMarks

# The armpits of a garment are this share of the shoulder joints' distance apart.
_PIT_SPAN = 0.96
# A skirt's waistband sits above the widest part of the waist's row and has less ease.
_SKIRT_WAIST = 0.88
# Trunk over shoulder span, and trunk over hip width, of the average body that packshots are made for.
_TRUNK_TO_SPAN, _TRUNK_TO_HIP = 1.46, 1.5
# The shoulder seam lies this far above the joints.
_SEAM = 0.16
# Cloth over a hip or waist: the least ease, as a factor.
_EASE = 1.04
# A sleeve that covers more of the arm than this is a long one and ends at the wrist.
_LONG_SLEEVE = 0.75
# Trousers longer than this many trunks, from the waist, are long ones and end at the ankles.
_LONG_LEG = 1.5
# The least and the most half width of a sleeve, in bare arm radii at that height.
_SLEEVE_RANGE = (1.35, 2.2)


@dataclass(frozen=True, slots=True)
class Pairs:
    """source: [N, 2] positions on the garment; target: [N, 2] on the photo."""

    source: Points
    target: Points


@dataclass(frozen=True, slots=True)
class Strip:
    """A sleeve on the body: its outer and inner edge, polylines [M, 2] from the shoulder seam to the cuff.

    end: how far along shoulder, elbow and wrist it reaches, in pixels.
    """

    sleeve: Sleeve
    outer: Points
    inner: Points
    end: float


def _proportion(actual: float, average: float) -> float:
    """How much longer than average the body is for its width; extremes are more often bad keypoints than people."""
    return float(np.clip(actual / average, 0.82, 1.2))


def top_scale(figure: Figure, marks: TopMarks) -> tuple[float, float]:
    """Photo pixels per garment pixel, across and down."""
    across = _PIT_SPAN * figure.span / marks.width
    return across, across * _proportion(figure.trunk / figure.span, _TRUNK_TO_SPAN)


def place_top(figure: Figure, marks: TopMarks, points: Points) -> Points:
    """Photo positions of garment positions [..., 2] by the plain scaling, before any fitting."""
    across, down = top_scale(figure, marks)
    middle, seam = marks.pit[:, 0].mean(), marks.shoulder[:, 1].mean()
    x, y = (points[..., 0] - middle) * across, (points[..., 1] - seam) * down - _SEAM * figure.trunk
    return np.asarray(figure.origin + x[..., None] * figure.across + y[..., None] * figure.down)


def torso_pairs(figure: Figure, marks: TopMarks) -> Pairs:
    """Neck, shoulders, armpits, sides and hem; the sides are let out where the body is wider."""
    rigid = np.concatenate([marks.neck, marks.neck.mean(0, keepdims=True), marks.shoulder, marks.pit])
    edges = np.concatenate([marks.sides, marks.hem[None]])
    source = np.concatenate([rigid, edges.reshape(-1, 2), edges[-1:].mean(1)])
    placed = _let_out(figure, place_top(figure, marks, edges))
    target = np.concatenate([place_top(figure, marks, rigid), placed.reshape(-1, 2), placed[-1:].mean(1)])
    return Pairs(source, target)


def _let_out(figure: Figure, edges: Points) -> Points:
    """Edges [N, 2, 2] moved apart to at least the body's width with some ease."""
    level, offset = figure.level(edges), figure.offset(edges)
    least = _EASE * figure.half_width(level)
    # Below the hips cloth hangs free.
    least = np.where(level > 1.0 * figure.trunk, 0.0, least) * np.array([-1.0, 1.0])
    wider = np.where(np.abs(least) > np.abs(offset), least, offset)
    return np.asarray(edges + (wider - offset)[..., None] * figure.across)


def sleeve_strip(figure: Figure, marks: TopMarks, side: int) -> Strip:
    """The strip that one sleeve takes along the arm: its own length, or to the wrist when it is a long one."""
    assert marks.sleeves is not None
    sleeve, scale = marks.sleeves[side], float(np.mean(top_scale(figure, marks)))
    shoulder, pit = place_top(figure, marks, np.stack([sleeve.shoulder, sleeve.pit]))
    arm = _arm(figure, side)
    whole = _length(arm)
    # The seam crosses the arm some way down from the joint.
    start = float(((shoulder + pit) / 2 - arm[0]) @ (arm[1] - arm[0])) / max(_length(arm[:2]), 1e-6)
    end = _sleeve_end(sleeve, scale, start, whole)
    stops = [end] if end < 1.1 * _length(arm[:2]) else [_length(arm[:2]), end]
    axis = np.stack([arm[0], *(_cut(arm, stop)[-1] for stop in stops)])
    outer, inner = [shoulder], [pit]
    for index, stop in enumerate(stops, start=1):
        half = _half_width(figure, sleeve, scale, (stop - start) / (end - start), stop / whole)
        inward = _inward(axis, index, pit - shoulder) * half
        outer.append(axis[index] - inward)
        inner.append(axis[index] + inward)
    return Strip(sleeve, np.array(outer), np.array(inner), end)


def _sleeve_end(sleeve: Sleeve, scale: float, start: float, whole: float) -> float:
    """How far along the arm the cuff is, in pixels."""
    length = float(np.hypot(*(sleeve.axis[1] - sleeve.axis[0]))) * scale
    return whole * 1.01 if start + length > _LONG_SLEEVE * whole else start + max(length, 0.1 * whole)


def _half_width(figure: Figure, sleeve: Sleeve, scale: float, along: float, on_arm: float) -> float:
    """Half width in pixels at a share of the sleeve's length, which is at a share of the arm's."""
    radius = float(np.interp(on_arm, ARM_AT, ARM_RADII)) * figure.trunk * figure.arm_factor
    ends = (sleeve.pit - sleeve.shoulder, sleeve.cuff_in - sleeve.cuff_out)
    seam, cuff = (_thickness(end, sleeve.axis[1] - sleeve.axis[0]) * scale / 2 for end in ends)
    return float(np.clip(seam + (cuff - seam) * along, _SLEEVE_RANGE[0] * radius, _SLEEVE_RANGE[1] * radius))


def _thickness(across: Points, along: Points) -> float:
    """Width of a strip square to its axis, from a line across it that may slant."""
    return float(abs(along[0] * across[1] - along[1] * across[0]) / max(float(np.hypot(*along)), 1e-6))


def _arm(figure: Figure, side: int) -> Points:
    """Shoulder, elbow and wrist [3, 2]; an unseen wrist continues the upper arm."""
    arm = np.stack([figure.shoulders[side], figure.elbows[side], figure.wrists[side]])
    if np.isnan(arm[2]).any():
        arm[2] = 2 * arm[1] - arm[0]
    return arm


def _length(line: Points) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def _inward(axis: Points, index: int, hint: Points) -> Points:
    """Unit normal [2] of a polyline at one of its points, on the side that `hint` points to."""
    along = axis[min(index + 1, len(axis) - 1)] - axis[index - 1]
    normal = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6)
    return np.asarray(normal * (np.sign(normal @ hint) or 1.0))


def _cut(line: Points, length: float) -> Points:
    """The first `length` pixels of a polyline [N, 2], run on straight when it is shorter."""
    kept = [line[0]]
    for start, end in pairwise(line):
        piece = float(np.hypot(*(end - start)))
        if piece >= length:
            return np.array([*kept, start + (end - start) * length / max(piece, 1e-6)])
        kept.append(end)
        length -= piece
    unit = (line[-1] - line[-2]) / max(float(np.hypot(*(line[-1] - line[-2]))), 1e-6)
    return np.array([*kept[:-1], kept[-1] + unit * length])


def _bottom_scale(figure: Figure, edges: Points) -> tuple[float, float]:
    """Across: widest row above the thighs on the body's hips; down: by the body's proportions."""
    hips = 2 * float(figure.half_width(0.95 * figure.trunk)) * _EASE
    across = hips / float((edges[:, 1, 0] - edges[:, 0, 0]).max())
    return across, across * _proportion(figure.trunk / hips, _TRUNK_TO_HIP / _EASE)


def _place_bottom(figure: Figure, edges: Points, points: Points, across: float, down: float) -> Points:
    middle, top = edges[0, :, 0].mean(), edges[0, 0, 1]
    x, y = (points[..., 0] - middle) * across, (points[..., 1] - top) * down + WAIST * figure.trunk
    return np.asarray(figure.origin + x[..., None] * figure.across + y[..., None] * figure.down)


def skirt_pairs(figure: Figure, marks: SkirtMarks) -> Pairs:
    """Waistband on the waist, sides let out over the hips, the rest as it falls."""
    waist = 2 * float(figure.half_width(WAIST * figure.trunk)) * _SKIRT_WAIST
    across = waist / float(marks.edges[0, 1, 0] - marks.edges[0, 0, 0])
    down = across * _proportion(figure.trunk / figure.span, _TRUNK_TO_SPAN)
    placed = _let_out(figure, _place_bottom(figure, marks.edges, marks.edges, across, down))
    return Pairs(_with_middle(marks.edges), _with_middle(placed))


def _with_middle(edges: Points) -> Points:
    """Edges [N, 2, 2] as [3N, 2] points: left, right and the middle between."""
    return np.concatenate([edges.reshape(-1, 2), edges.mean(1)])


def needs_ankles(figure: Figure, marks: TrouserMarks) -> bool:
    """Whether the trousers are long ones, which end at the ankles."""
    _, down = _bottom_scale(figure, marks.edges)
    return float(marks.end[..., 1].mean() - marks.edges[0, 0, 1]) * down > _LONG_LEG * figure.trunk


def trouser_pairs(figure: Figure, marks: TrouserMarks) -> tuple[Pairs, Pairs]:
    """One set per leg; both share the waist, the hips and the crotch, so the legs meet without a gap."""
    across, down = _bottom_scale(figure, marks.edges)
    length = float(marks.end[..., 1].mean() - marks.edges[0, 0, 1])
    if needs_ankles(figure, marks):
        down = (float(figure.level(figure.ankles).mean()) - WAIST * figure.trunk) / length
    edges = _let_out(figure, _place_bottom(figure, marks.edges, marks.edges, across, down))
    crotch = _place_bottom(figure, marks.edges, marks.crotch[None], across, down)
    shared = np.concatenate([marks.edges.reshape(-1, 2), marks.edges.mean(1)[:-1], marks.crotch[None]])
    placed = np.concatenate([edges.reshape(-1, 2), edges.mean(1)[:-1], crotch])
    legs = []
    for side in (0, 1):
        rows = np.stack([marks.knee[side], marks.end[side]])
        target = _leg_rows(figure, side, _place_bottom(figure, marks.edges, rows, across, down))
        legs.append(
            Pairs(
                np.concatenate([shared, rows.reshape(-1, 2)]), np.concatenate([placed, target.reshape(-1, 2)])
            )
        )
    return legs[0], legs[1]


def _leg_rows(figure: Figure, side: int, rows: Points) -> Points:
    """Edges [N, 2, 2] of a leg's rows, centred on the leg and at least as wide as it."""
    level = figure.level(rows)
    joints = np.stack([figure.hips[side], figure.knees[side], figure.ankles[side]])
    joints = joints[~np.isnan(joints).any(1)]
    stops = figure.level(joints)
    centre = np.interp(level[:, 0], stops, figure.offset(joints))
    # A leg seen down to the knee only is half of one.
    length = (stops[-1] - stops[0]) * (1.0 if len(stops) == 3 else 2.0)
    share = (level[:, 0] - stops[0]) / length
    radius = np.interp(share, LEG_AT, LEG_RADII) * figure.trunk * figure.leg_factor
    half = np.maximum(np.abs(np.diff(figure.offset(rows), axis=1)[:, 0]) / 2, 1.1 * radius)
    sign = -1.0 if side == 0 else 1.0
    offset = np.stack([centre + sign * half, centre - sign * half], axis=1)
    return figure.at(offset, level)


def hem_level(figure: Figure, pairs: Pairs) -> float:
    """How deep below the shoulder joints a placed garment reaches, in pixels."""
    return float(figure.level(pairs.target).max())
