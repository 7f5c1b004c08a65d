"""Where a top or a dress belongs on a body: its torso by the trunk, its sleeves by the arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tryon.engines.warp import mannequin
from tryon.engines.warp.arrays import Points
from tryon.engines.warp.figure import ARM_AT, ARM_RADII, Figure
from tryon.engines.warp.marks import Sleeve, TopMarks
from tryon.engines.warp.placing import Pairs, let_out, placed
from tryon.engines.warp.warps import along_line, smooth_line

# Cloth of a sleeve is at least this much wider than the bare arm.
_SLEEVE_EASE = 1.12
# The sleeve turns from following the trunk to following the arm over this length beyond its seam, in trunks.
_TURN = 0.2
# The mesh of a sleeve: nodes along and across, and how far it reaches before the joint, past the cuff, and sideways.
_ALONG, _ACROSS, _BEFORE, _PAST, _ASIDE = 26, 9, 0.22, 0.08, 1.5


def place_top(figure: Figure, marks: TopMarks, points: Points) -> Points:
    """Photo positions of garment positions [..., 2] on the trunk."""
    return placed(figure, mannequin.top_places(marks, points))


def torso_pairs(figure: Figure, marks: TopMarks) -> Pairs:
    """Neck, shoulders, armpits, sides and hem; the sides are let out where the body is wider."""
    rigid = np.concatenate([marks.neck, marks.neck.mean(0, keepdims=True), marks.shoulder, marks.pit])
    edges = np.concatenate([marks.sides, marks.hem[None]])
    source = np.concatenate([rigid, edges.reshape(-1, 2), edges[-1:].mean(1)])
    on_body = let_out(figure, place_top(figure, marks, edges))
    target = np.concatenate([place_top(figure, marks, rigid), on_body.reshape(-1, 2), on_body[-1:].mean(1)])
    return Pairs(source, target)


@dataclass(frozen=True, slots=True)
class SleeveMesh:
    """pairs: nodes of a regular grid over the flat sleeve and on the photo; end: pixels of the arm it covers."""

    pairs: Pairs
    end: float


def sleeve_mesh(figure: Figure, marks: TopMarks, side: int) -> SleeveMesh:
    """One sleeve: cloth at the seam stays with the trunk, the rest turns and bends with the arm."""
    assert marks.sleeves is not None
    unit, ghost = mannequin.top_unit(marks), mannequin.ghost_arm(marks, side)
    # Towards the trunk, on either side of the picture.
    inwards = np.array([ghost.along[1], -ghost.along[0]]) * (1.0 if side == 0 else -1.0)
    along, across = (
        axis.ravel()
        for axis in np.meshgrid(
            np.linspace(-_BEFORE * unit, ghost.length + _PAST * unit, _ALONG),
            np.linspace(-_ASIDE, _ASIDE, _ACROSS),
        )
    )
    width = np.interp(along, (0.0, ghost.length), ghost.halves)
    source = ghost.joint + along[:, None] * ghost.along + (across * width)[:, None] * inwards
    share = along / ghost.length * ghost.share
    on_arm = _on_arm(figure, side, share, across * _worn_width(figure, share, width / unit))
    turn = _smooth(_beyond_seam(source, marks.sleeves[side], side) / (_TURN * unit))[:, None]
    target = place_top(figure, marks, source) * (1.0 - turn) + on_arm * turn
    return SleeveMesh(Pairs(source, target), ghost.share * _length(arm_of(figure, side)))


def arm_of(figure: Figure, side: int) -> Points:
    """Shoulder, elbow and wrist [3, 2]; an unseen wrist continues the upper arm."""
    arm = np.stack([figure.shoulders[side], figure.elbows[side], figure.wrists[side]])
    if np.isnan(arm[2]).any():
        arm[2] = 2 * arm[1] - arm[0]
    return arm


def _worn_width(figure: Figure, share: Points, width: Points) -> Points:
    """Half widths in pixels on this arm, at shares of it, of a sleeve of half width `width` in trunks."""
    bare = np.interp(share, ARM_AT, ARM_RADII)
    eased = width + (figure.arm_factor - 1.0) * bare
    return np.asarray(np.maximum(eased, _SLEEVE_EASE * bare * figure.arm_factor) * figure.trunk)


def _on_arm(figure: Figure, side: int, share: Points, off: Points) -> Points:
    """Photo positions [N, 2] at shares of the arm, `off` pixels to its inner side."""
    arm = arm_of(figure, side)
    elbow = float(np.hypot(*(arm[1] - arm[0]))) / _length(arm)
    line = smooth_line(arm)
    stops = np.interp(share, (0.0, mannequin.ELBOW, 1.0), (0.0, elbow, 1.0))
    step = 0.04
    first, last = along_line(line, np.array([0.0, step])), along_line(line, np.array([1.0 - step, 1.0]))
    on_line = along_line(line, np.clip(stops, 0.0, 1.0))
    on_line += np.minimum(share, 0.0)[:, None] * (first[1] - first[0]) / step
    on_line += np.maximum(share - 1.0, 0.0)[:, None] * (last[1] - last[0]) / step
    ahead = along_line(line, np.clip(stops + step, 2 * step, 1.0))
    behind = along_line(line, np.clip(stops - step, 0.0, 1.0 - 2 * step))
    way = ahead - behind
    way /= np.maximum(np.hypot(*way.T), 1e-6)[:, None]
    inner = np.stack([way[:, 1], -way[:, 0]], -1) * (1.0 if side == 0 else -1.0)
    return np.asarray(on_line + inner * off[:, None])


def _beyond_seam(points: Points, sleeve: Sleeve, side: int) -> Points:
    """Distance [N] of garment positions beyond the line from shoulder to armpit."""
    way = sleeve.pit - sleeve.shoulder
    outwards = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-6)
    outwards *= np.sign(outwards[0]) * (-1.0 if side == 0 else 1.0)
    return np.asarray((points - sleeve.shoulder) @ outwards)


def _smooth(share: Points) -> Points:
    share = np.clip(share, 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share))


def _length(line: Points) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())
