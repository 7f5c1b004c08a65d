"""A parametric body: proportions in, joints, torso profiles and limb radii out (no numba needed).

The profile tables are fractions of the height, drawn by eye after tailors' measurement tables.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from studio.layout import TABLE

Array = NDArray[np.float64]

# Heights of the torso rings, from below the crotch to inside the head.
_LEVELS = (0.44, 0.475, 0.52, 0.56, 0.60, 0.635, 0.68, 0.72, 0.76, 0.795, 0.815, 0.832, 0.850, 0.90)
_CENTRE = (-6, -8, -8, -4, 0, 4, 4, 6, 4, -2, -8, -10, -6, 2)
_ARM_AT = (0.0, 0.12, 0.3, 0.5, 0.56, 0.68, 0.85, 1.0)
_ARM = (0.034, 0.031, 0.0265, 0.0225, 0.0225, 0.0225, 0.0175, 0.0145)
_LEG_AT = (0.0, 0.12, 0.3, 0.46, 0.52, 0.62, 0.72, 0.88, 1.0)
_LEG = (0.052, 0.050, 0.042, 0.0325, 0.031, 0.033, 0.031, 0.020, 0.018)


@dataclass(frozen=True)
class BodyShape:
    """Proportions: height in metres, factors around 1, angles in degrees from hanging straight down."""

    height: float = 1.72
    female: bool = True
    shoulders: float = 1.0
    waist: float = 1.0
    hip: float = 1.0
    bust: float = 1.0
    limbs: float = 1.0
    arm: float = 16.0
    elbow: float = 6.0
    stance: float = 1.0


@dataclass(frozen=True)
class Body:
    """joints: [4, 3, 3] metres (left arm, right arm, left leg, right leg x root, bend, end).

    width, depth, centre: functions of y (m) giving the torso's half width, half depth and centre z (m);
    arm_radius, leg_radius: [TABLE] metres from root to end.
    """

    shape: BodyShape
    joints: Array
    width: PchipInterpolator
    depth: PchipInterpolator
    centre: PchipInterpolator
    arm_radius: Array
    leg_radius: Array

    @property
    def head(self) -> Array:
        """Centre of the head [3], in metres."""
        return np.array([0.0, 0.928, 0.012]) * self.shape.height

    @property
    def head_scale(self) -> float:
        """Size of the head relative to the one that studio.figure models, a person of 1.72 m."""
        return self.shape.height / 1.72 * 0.99


def _torso_rings(s: BodyShape) -> tuple[list[float], list[float]]:
    """Half widths and half depths of the torso at _LEVELS, as fractions of the height."""
    if s.female:
        width = [0.060, 0.085, 0.0935 * s.hip, 0.090 * s.hip, 0.078 * s.hip**0.5, 0.0705 * s.waist]
        width += [0.077 * s.waist**0.5, 0.084 * s.bust, 0.086, 0.092 * s.shoulders, 0.079 * s.shoulders]
        width += [0.050, 0.0325, 0.030]
        depth = [0.050, 0.064, 0.070 * s.hip, 0.066 * s.hip, 0.056, 0.052 * s.waist, 0.058]
        depth += [0.068 * s.bust, 0.065 * s.bust, 0.055, 0.045, 0.036, 0.031, 0.030]
        return width, depth
    width = [0.060, 0.082, 0.090 * s.hip, 0.088 * s.hip, 0.082 * s.waist**0.5, 0.081 * s.waist]
    width += [0.087 * s.waist**0.5, 0.097, 0.102 * s.shoulders, 0.106 * s.shoulders, 0.092 * s.shoulders]
    width += [0.060, 0.037, 0.034]
    depth = [0.050, 0.062, 0.066 * s.hip, 0.062 * s.hip, 0.058 * s.waist, 0.058 * s.waist, 0.062]
    depth += [0.068 * s.bust, 0.067 * s.bust, 0.058, 0.048, 0.040, 0.036, 0.034]
    return width, depth


def _arm(s: BodyShape, side: float, angle: float, elbow: float) -> list[Array]:
    """Shoulder, elbow and wrist of one arm; side +1 is the person's left, angles in radians."""
    h = s.height
    shoulder = np.array([side * (0.100 if s.female else 0.112) * s.shoulders * 0.93, 0.782, -0.004]) * h
    bend = shoulder + 0.172 * h * np.array([side * math.sin(angle), -math.cos(angle), -0.06])
    low = angle - elbow
    return [shoulder, bend, bend + 0.150 * h * np.array([side * math.sin(low), -math.cos(low), 0.16])]


def _leg(s: BodyShape, side: float, stance: float) -> list[Array]:
    """Hip, knee and ankle of one leg; stance spreads the feet."""
    hip = 0.052 * s.hip**0.5
    points = [
        [side * hip, 0.50, -0.004],
        [side * (hip + 0.006 * stance), 0.275, 0.006],
        [side * (hip + 0.016 * stance), 0.045, -0.012],
    ]
    return [np.array(point) * s.height for point in points]


def make_body(shape: BodyShape) -> Body:
    """Joints and tables of a standing person; nobody stands quite even, so the right side differs."""
    h, angle, elbow = shape.height, math.radians(shape.arm), math.radians(shape.elbow)
    joints = np.array(
        [
            _arm(shape, 1.0, angle, elbow),
            _arm(shape, -1.0, angle * 1.06, elbow * 0.6),
            _leg(shape, 1.0, shape.stance),
            _leg(shape, -1.0, shape.stance * 0.8),
        ]
    )
    width, depth = _torso_rings(shape)
    levels = np.array(_LEVELS) * h
    along = np.linspace(0.0, 1.0, TABLE)
    arm_size = h * shape.limbs * (1.0 if shape.female else 1.14)
    return Body(
        shape=shape,
        joints=joints,
        width=PchipInterpolator(levels, np.array(width) * h),
        depth=PchipInterpolator(levels, np.array(depth) * h),
        centre=PchipInterpolator(levels, np.array(_CENTRE) * 1e-3 * h),
        arm_radius=PchipInterpolator(_ARM_AT, np.array(_ARM) * arm_size)(along),
        leg_radius=PchipInterpolator(_LEG_AT, np.array(_LEG) * h * shape.limbs)(along),
    )
