"""Where trousers, shorts and skirts belong on a body."""

from __future__ import annotations

import numpy as np

from tryon.engines.warp import mannequin
from tryon.engines.warp.arrays import Points
from tryon.engines.warp.figure import LEG_AT, LEG_RADII, Figure
from tryon.engines.warp.marks import SkirtMarks, TrouserMarks
from tryon.engines.warp.placing import Pairs, let_out, placed

# Trousers that end below this depth, in trunks, are long ones and need the ankles.
_LONG = 2.15


def _places(marks: TrouserMarks | SkirtMarks, points: Points) -> Points:
    """Places [..., 2] (across, down) in trunks of garment positions."""
    trousers = isinstance(marks, TrouserMarks) or marks.legs
    unit = mannequin.bottom_unit(marks, trousers)
    middle, top = marks.edges[0, :, 0].mean(), marks.edges[0, 0, 1]
    band = mannequin.WAISTBAND if trousers else mannequin.SKIRT_BAND
    down = (points[..., 1] - top) / unit + band
    return np.stack([(points[..., 0] - middle) / unit, down], -1)


def skirt_pairs(figure: Figure, marks: SkirtMarks) -> Pairs:
    """Waistband on the waist, sides let out over the hips, the rest as it falls."""
    on_body = let_out(figure, placed(figure, _places(marks, marks.edges)))
    return Pairs(_with_middle(marks.edges), _with_middle(on_body))


def _with_middle(edges: Points) -> Points:
    """Edges [N, 2, 2] as [3N, 2] points: left, right and the middle between."""
    return np.concatenate([edges.reshape(-1, 2), edges.mean(1)])


def needs_ankles(marks: TrouserMarks) -> bool:
    """Whether the trousers are long ones, which end at the ankles."""
    return float(_places(marks, marks.end)[..., 1].mean()) > _LONG


def trouser_pairs(figure: Figure, marks: TrouserMarks) -> tuple[Pairs, Pairs]:
    """One set per leg; both share the waist, the hips and the crotch, so the legs meet without a gap."""
    edges = let_out(figure, placed(figure, _places(marks, marks.edges)))
    crotch = placed(figure, _places(marks, marks.crotch[None]))
    shared = np.concatenate([marks.edges.reshape(-1, 2), marks.edges.mean(1)[:-1], marks.crotch[None]])
    on_body = np.concatenate([edges.reshape(-1, 2), edges.mean(1)[:-1], crotch])
    legs = []
    for side in (0, 1):
        rows = np.stack([marks.knee[side], marks.end[side]])
        target = _leg_rows(figure, side, placed(figure, _places(marks, rows)))
        legs.append(
            Pairs(
                np.concatenate([shared, rows.reshape(-1, 2)]),
                np.concatenate([on_body, target.reshape(-1, 2)]),
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
