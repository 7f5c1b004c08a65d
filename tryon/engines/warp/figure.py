"""Where the body is: joints by image side, a frame that leans with the trunk, and typical sizes.

Sizes that keypoints do not give are shares of the trunk (mid shoulders to mid hips), after an average adult:
trunk 0.282, shoulder joints 0.195 apart, of a height of 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tryon.core.words import Refused
from tryon.engines.warp.arrays import Points
from tryon.engines.warp.mannequin import SEAM, SPAN

# OpenPose-18 (right, left) pairs and single points.
_SHOULDERS, _ELBOWS, _WRISTS = (2, 5), (3, 6), (4, 7)
_HIPS, _KNEES, _ANKLES = (8, 11), (9, 12), (10, 13)
_CHIN = 18
_JOINTS = ("shoulders", "elbows", "wrists", "hips", "knees", "ankles")

# Half widths of the bare trunk by depth below the shoulder joints, both as shares of the trunk.
_LEVELS = (
    -0.28, -0.24, -0.2, -0.15, -0.12, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.93, 1.05,
)  # fmt: skip
_WIDTHS = (
    0.105, 0.11, 0.14, 0.215, 0.275, 0.315, 0.345, 0.335, 0.31, 0.289, 0.283, 0.274, 0.262, 0.249, 0.258, 0.275, 0.293,
    0.304, 0.298,
)  # fmt: skip
# Distance of the shoulder joints, as a share of the trunk, for which _WIDTHS holds.
_SHOULDER_SPAN = SPAN
# Depths at which the shoulders, chest, waist and hips have their own factor.
FACTOR_AT = (0.1, 0.42, 0.6, 0.85)
WAIST = 0.645
"""Where a waistband sits: this share of the way from the shoulder joints to the hip joints."""
ARM_AT, ARM_RADII = (0.0, 0.3, 0.5, 0.68, 0.85, 1.0), (0.1, 0.084, 0.07, 0.072, 0.054, 0.043)
"""Bare arm: shares of its length from shoulder to wrist, and radii there in trunks."""
LEG_AT, LEG_RADII = (
    (0.0, 0.12, 0.3, 0.46, 0.62, 0.72, 0.88, 1.0),
    (0.163, 0.161, 0.139, 0.105, 0.106, 0.103, 0.063, 0.057),
)
"""Bare leg from hip to ankle, likewise; the calf is wider than the knee."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Joints [2, 2] (image-left side first; NaN where not seen), chin [2], and the leaning frame of the trunk.

    origin: mid shoulders; down, across: unit vectors along the trunk and towards the image's right.
    arm_factor, leg_factor, and factors of chest, waist and hips: how much thicker or wider than average these are,
    0 where that was not seen (see proportions.py). seam: depth of a worn shoulder seam, in trunks (see joints.py).
    """

    shoulders: Points
    elbows: Points
    wrists: Points
    hips: Points
    knees: Points
    ankles: Points
    chin: Points
    origin: Points
    down: Points
    across: Points
    trunk: float
    arm_factor: float = 1.0
    leg_factor: float = 1.0
    factors: tuple[float, float, float] = (0.0, 0.0, 0.0)
    seam: float = SEAM

    @property
    def span(self) -> float:
        """Distance between the shoulder joints, in pixels."""
        return float(np.hypot(*(self.shoulders[1] - self.shoulders[0])))

    def at(self, across: float | Points, down: float | Points) -> Points:
        """Image position of points given in the trunk's frame, in pixels from the mid shoulders."""
        return np.asarray(
            self.origin + np.multiply.outer(across, self.across) + np.multiply.outer(down, self.down)
        )

    def level(self, point: Points) -> Points:
        """Depth of points [..., 2] below the shoulder joints, in pixels along the trunk."""
        return np.asarray((point - self.origin) @ self.down)

    def offset(self, point: Points) -> Points:
        """Distance of points [..., 2] to the right of the trunk's middle line, in pixels."""
        return np.asarray((point - self.origin) @ self.across)

    def half_width(self, level: float | Points) -> Points:
        """Half width of the bare trunk at a depth below the shoulder joints, both in pixels."""
        share = np.asarray(level) / self.trunk
        return np.asarray(np.interp(share, _LEVELS, _WIDTHS) * self.trunk * self.widening(level))

    def widening(self, level: float | Points) -> Points:
        """How much wider than average the body is at a depth in pixels; what was not seen is as its neighbour above."""
        known = [float(np.clip(self.span / self.trunk / _SHOULDER_SPAN, 0.8, 1.25))]
        for factor in self.factors:
            known.append(factor or known[-1])
        return np.asarray(np.interp(np.asarray(level) / self.trunk, FACTOR_AT, known))


def read_figure(keypoints: NDArray[np.float32]) -> Figure | Refused:
    """The figure in keypoints [19, 3]; refused without shoulders and hips, which every garment hangs on."""
    points = np.where(keypoints[:, 2:] > 0, keypoints[:, :2], np.nan).astype(np.float64)
    shoulders, hips = points[list(_SHOULDERS)], points[list(_HIPS)]
    if np.isnan([shoulders, hips]).any():
        return Refused(
            "keypoints_missing",
            "shoulders and hips were not all found in the photo; use one that shows the whole body",
        )
    # A mirrored photo or a back view has the person's right on the image's right.
    swap = slice(None, None, -1) if shoulders[0, 0] > shoulders[1, 0] else slice(None)
    chains = (_SHOULDERS, _ELBOWS, _WRISTS, _HIPS, _KNEES, _ANKLES)
    joints: dict[str, Any] = dict(zip(_JOINTS, (points[list(pair)][swap] for pair in chains), strict=True))
    trunk = float(np.hypot(*(hips.mean(0) - shoulders.mean(0))))
    if trunk < 8 or np.hypot(*(shoulders[1] - shoulders[0])) < 0.25 * trunk:
        return Refused(
            "pose_unsuitable", "the person is too small or turned sideways; use a photo taken from the front"
        )
    nowhere = np.zeros(2)
    return leaning(
        Figure(**joints, chin=points[_CHIN], origin=nowhere, down=nowhere, across=nowhere, trunk=trunk)
    )


def leaning(figure: Figure) -> Figure:
    """The figure with the frame that its shoulders and hips give."""
    origin = figure.shoulders.mean(0)
    spine = figure.hips.mean(0) - origin
    trunk = float(np.hypot(*spine))
    down = spine / trunk
    return replace(figure, origin=origin, down=down, across=np.array([down[1], -down[0]]), trunk=trunk)


def missing(figure: Figure, **joints: bool) -> Refused | None:
    """Refusal naming the joints (elbows=True, ...) that are needed and were not seen."""
    lost = [name for name, needed in joints.items() if needed and np.isnan(getattr(figure, name)).any()]
    if not lost:
        return None
    return Refused(
        "keypoints_missing",
        f"{' and '.join(lost)} were not found in the photo; use one that shows the whole body",
    )


def moved(figure: Figure, shift: Points) -> Figure:
    """The same figure in the coordinates of a crop whose corner is at `shift`."""
    names = (*_JOINTS, "chin", "origin")
    shifted: dict[str, Any] = {name: getattr(figure, name) - shift for name in names}
    return replace(figure, **shifted)
