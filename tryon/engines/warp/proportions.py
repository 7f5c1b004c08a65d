"""How this person differs from the average body, measured in the label map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tryon.core.ports import Pixels
from tryon.engines.warp.arrays import Points, across_run, run_at
from tryon.engines.warp.figure import ARM_AT, ARM_RADII, FACTOR_AT, LEG_AT, LEG_RADII, Figure
from tryon.engines.warp.warps import along_line

# Labels of limbs and of what covers them, and how much thicker, in trunks, that makes them.
_ARMS, _LEGS = {14: 0.0, 15: 0.0, 4: 0.04, 7: 0.035}, {12: 0.0, 13: 0.0}
# Where limbs are measured: away from the trunk and from hands and feet.
_SHARES = (0.42, 0.52, 0.62, 0.72, 0.82)
# Depths and half widths, in trunks, of what is worn on the body that figure.py describes: means of random renders.
_TOP = (0.35, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.85, 0.95), (
    0.323, 0.319, 0.321, 0.332, 0.345, 0.359, 0.373, 0.385, 0.4, 0.406,
)  # fmt: skip
_GOWN = (0.35, 0.45, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9), (
    0.285, 0.285, 0.293, 0.307, 0.317, 0.325, 0.339, 0.354, 0.378,
)  # fmt: skip
_PANTS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95), (0.296, 0.308, 0.32, 0.332, 0.344, 0.354)
_SKIRT = (0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95), (0.281, 0.295, 0.309, 0.322, 0.333, 0.342, 0.35)
_WORN = {4: _TOP, 5: _SKIRT, 6: _PANTS, 7: _GOWN}
# A belt is as wide as what it holds; a scarf hangs over the top.
_SAME = {4: (4, 17), 5: (5, 8), 6: (6, 8), 7: (7, 8, 17)}


def fitted(figure: Figure, labels: Pixels) -> Figure:
    """The figure with its factors from labels [H, W]; 1 or 0 where nothing can be measured."""
    arms, legs = (figure.shoulders, figure.elbows, figure.wrists), (figure.hips, figure.knees, figure.ankles)
    arm = _limbs(labels, arms, np.array([ARM_AT, ARM_RADII]), figure.trunk, _ARMS)
    leg = _limbs(labels, legs, np.array([LEG_AT, LEG_RADII]), figure.trunk, _LEGS)
    chest, waist, hips = _torso(figure, labels)
    # Sleeves that touch the body hide its sides; thighs and hips go together.
    hips = hips or (leg if leg != 1.0 else 0.0)
    return replace(figure, arm_factor=arm, leg_factor=leg, factors=(chest, waist, hips))


def _limbs(
    labels: Pixels, chain: tuple[Points, ...], table: Points, trunk: float, eases: dict[int, float]
) -> float:
    """Thickness of a pair of limbs over the average one; table: shares along and radii [2, M].

    eases: how much thicker, in trunks, the cloth of each label makes the limb.
    """
    found = [
        ratio
        for side in (0, 1)
        for share in _SHARES
        if (
            ratio := _thickness(
                labels, np.stack([joint[side] for joint in chain]), share, table, trunk, eases
            )
        )
    ]
    return float(np.clip(np.median(found), 0.85, 1.35)) if len(found) >= 2 else 1.0


def _thickness(
    labels: Pixels, joints: Points, share: float, table: Points, trunk: float, eases: dict[int, float]
) -> float | None:
    """At one share of one limb, where backdrop is on both sides of it."""
    if np.isnan(joints).any():
        return None
    at, behind = along_line(joints, np.array([share, share - 0.05]))
    way = (at - behind) / max(float(np.hypot(*(at - behind))), 1e-6)
    x, y = (int(value) for value in at)
    if not (0 <= y < labels.shape[0] and 0 <= x < labels.shape[1]):
        return None
    ease = eases.get(int(labels[y, x]))
    radius = float(np.interp(share, *table)) * trunk
    run = across_run(labels > 0, at, np.array([-way[1], way[0]]), 3.6 * radius)
    return None if ease is None or run is None else ((run[1] - run[0]) / 2 - ease * trunk) / radius


def _torso(figure: Figure, labels: Pixels) -> tuple[float, float, float]:
    """Factors of chest, waist and hips: what is worn there over what it measures on the average body."""
    found: list[list[float]] = [[], [], []]
    for level in np.arange(0.36, 1.0, 0.025):
        ratio = _worn_ratio(figure, labels, level)
        if ratio is not None:
            found[int(np.argmin(np.abs(np.array(FACTOR_AT[1:]) - level)))].append(ratio)
    chest, waist, hips = (float(np.median(ratios)) if len(ratios) >= 2 else 0.0 for ratios in found)
    return chest, waist, hips


def _worn_ratio(figure: Figure, labels: Pixels, level: float) -> float | None:
    """Half width of the cloth at one depth over the average, from the sides where backdrop is seen beside it."""
    x, y = figure.at(0.0, level * figure.trunk)
    if not (0 <= int(y) < labels.shape[0] and 0 <= int(x) < labels.shape[1]):
        return None
    row, own = labels[int(y)], int(labels[int(y), int(x)])
    run = run_at(np.isin(row, _SAME.get(own, ())), x)
    if run is None:
        return None
    levels, halves = _WORN[own]
    free = [
        abs(edge - x)
        for edge, beside in ((run[0], run[0] - 2), (run[1], run[1] + 1))
        if row[min(max(beside, 0), len(row) - 1)] == 0
    ]
    ratios = [half / (float(np.interp(level, levels, halves)) * figure.trunk) for half in free]
    # A sleeve that touches the body makes it too wide to be one.
    ratios = [ratio for ratio in ratios if 0.75 < ratio < 1.45]
    return float(np.mean(ratios)) if ratios else None
