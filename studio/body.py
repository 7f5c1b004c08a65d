"""A parametric body: proportions in, joints, torso profiles and limb radii out (no numba needed).

The profile tables are fractions of the height, drawn by eye after tailors' measurement tables.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from studio import layout as at
from studio.features import FaceShape
from studio.layout import TABLE
from studio.pose import Arm, Pose, direction, hand_frame, head_rows

Array = NDArray[np.float64]

# Heights of the torso rings, from below the crotch to inside the head.
_LEVELS = (0.44, 0.482, 0.525, 0.562, 0.602, 0.64, 0.68, 0.72, 0.76, 0.795, 0.816, 0.833, 0.852, 0.90)
_CENTRE = (-6, -10, -11, -6, 0, 4, 4, 6, 3, -3, -8, -10, -7, 2)
_ARM_AT = (0.0, 0.12, 0.3, 0.5, 0.56, 0.68, 0.85, 1.0)
_ARM = (0.0285, 0.0280, 0.0240, 0.0200, 0.0205, 0.0205, 0.0155, 0.0122)
_LEG_AT = (0.0, 0.12, 0.3, 0.44, 0.50, 0.56, 0.66, 0.76, 0.88, 1.0)
_LEG = (0.0465, 0.0460, 0.0395, 0.0310, 0.0285, 0.0280, 0.0315, 0.0270, 0.0180, 0.0162)

_STANDING = Pose()


@dataclass(frozen=True)
class BodyShape:
    """Proportions: height in metres, factors around 1, age in years, angles from hanging straight down.

    belly: depth of the waist; neck: its thickness; arm, elbow: degrees out and back in, of arms that hang as
    this person's do; stance: how far the feet are apart; age: bends an old back.
    """

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
    belly: float = 1.0
    neck: float = 1.0
    age: float = 32.0
    face: FaceShape = field(default_factory=FaceShape)


@dataclass(frozen=True)
class Body:
    """joints: [4, 3, 3] metres (left arm, right arm, left leg, right leg x root, bend, end).

    All of it straight: studio.posture bends and turns it. width, depth, centre: functions of y (m) giving the
    torso's half width, half depth and centre z (m); arm_radius, leg_radius: [TABLE] metres from root to end;
    hands: [2, 3, 3] see studio.pose.hand_frame; head_rows: [3, 3]; posture: see `_posture`.
    """

    shape: BodyShape
    joints: Array
    width: PchipInterpolator
    depth: PchipInterpolator
    centre: PchipInterpolator
    arm_radius: Array
    leg_radius: Array
    pose: Pose
    hands: Array
    head_rows: Array
    posture: Array

    @property
    def head(self) -> Array:
        """Centre of the head [3], in metres."""
        return np.array([0.0, 0.917, 0.013]) * self.shape.height

    @property
    def head_scale(self) -> float:
        """Size of the head relative to the one that studio.head models; tall people have smaller heads."""
        return float(0.945 * (self.shape.height / 1.72) ** 0.6 * (1.0 if self.shape.female else 1.02))

    @property
    def figure(self) -> Array:
        """The figure vector [FIGURE] of studio.layout, as far as the body decides it."""
        f = np.zeros(at.FIGURE)
        f[[at.HEAD_X, at.HEAD_Y, at.HEAD_Z]] = self.head
        f[at.HEAD_SCALE], f[at.LIMB_SCALE] = self.head_scale, self.hand_scale
        f[at.CHEST_Y], f[at.HEIGHT] = 0.83 * self.shape.height, self.shape.height
        f[at.FACE_WIDTH : at.AGE], f[at.AGE] = self.shape.face.values(), self.shape.age
        f[at.HEAD_TURN : at.HEAD_TURN + 9] = self.head_rows.ravel()
        f[at.LEFT_HAND : at.LEFT_HAND + 18] = self.hands.ravel()
        f[at.SWAY : at.SWAY + 4] = self.posture
        turn = math.radians(self.pose.turn)
        f[at.TURN_SIN], f[at.TURN_COS] = math.sin(turn), math.cos(turn)
        f[at.STOOL] = 0.19 if self.pose.seated else 0.0
        return f

    @property
    def hand_scale(self) -> float:
        """Size of hands and shoes relative to those of a woman of 1.72 m."""
        return self.shape.height / 1.72 * (1.0 if self.shape.female else 1.08)


def _torso_rings(s: BodyShape) -> tuple[list[float], list[float]]:
    """Half widths and half depths of the torso at _LEVELS, as fractions of the height."""
    thigh, belly, neck = 0.35 + 0.65 * s.hip, s.waist * s.belly, s.neck
    if s.female:
        width = [
            0.056 * thigh,
            0.083 * thigh,
            0.0905 * s.hip,
            0.0865 * s.hip,
            0.0755 * (s.hip * s.waist) ** 0.5,
        ]
        width += [0.0675 * s.waist, 0.0735 * s.waist**0.6, 0.0800 * s.bust, 0.0825 * s.bust**0.4]
        width += [0.0885 * s.shoulders, 0.0760 * s.shoulders, 0.0465, 0.0300 * neck, 0.0275 * neck]
        depth = [0.048 * thigh, 0.063 * thigh, 0.0690 * s.hip, 0.0640 * s.hip, 0.0545 * belly**0.8]
        depth += [0.0500 * belly, 0.0560 * belly**0.7, 0.0680 * s.bust, 0.0630 * s.bust, 0.0530, 0.0445]
        return width, [*depth, 0.0365, 0.0310 * neck, 0.0290 * neck]
    width = [0.056 * thigh, 0.078 * thigh, 0.0865 * s.hip, 0.0840 * s.hip, 0.0785 * (s.hip * s.waist) ** 0.5]
    width += [0.0770 * s.waist, 0.0835 * s.waist**0.6, 0.0930 * s.bust**0.7, 0.0985 * s.shoulders]
    width += [0.0990 * s.shoulders, 0.0850 * s.shoulders, 0.0570, 0.0355 * neck, 0.0325 * neck]
    depth = [0.048 * thigh, 0.060 * thigh, 0.0645 * s.hip, 0.0605 * s.hip**0.5 * belly**0.5, 0.0570 * belly]
    depth += [0.0570 * belly, 0.0610 * belly**0.8, 0.0665 * s.bust, 0.0660 * s.bust, 0.0575, 0.0475]
    return width, [*depth, 0.0400, 0.0360 * neck, 0.0340 * neck]


def _hanging(s: BodyShape, side: float) -> Arm:
    """An arm as it hangs from this person's shoulder; nobody hangs quite even, so the right one differs."""
    out, elbow = (s.arm, s.elbow) if side > 0.0 else (s.arm * 1.06, s.elbow * 0.6)
    return Arm(out=out, low_out=out - elbow, palm=44.0 if side > 0.0 else 52.0, hand_in=0.35 * (out - elbow))


def _arm(s: BodyShape, side: float, arm: Arm) -> list[Array]:
    """Shoulder, elbow and wrist of one arm; side +1 is the person's left."""
    h = s.height
    shoulder = np.array([side * (0.100 if s.female else 0.107) * s.shoulders * 0.93, 0.787, -0.005]) * h
    bend = shoulder + 0.172 * h * direction(side, arm.out, arm.forward)
    return [shoulder, bend, bend + 0.146 * h * direction(side, arm.low_out, arm.low_forward)]


def _leg(s: BodyShape, side: float, stance: float, pose: Pose) -> list[Array]:
    """Hip, knee and ankle of one leg; stance spreads the feet, the free leg bends its knee."""
    hip = 0.0450 * s.hip**0.6
    free = max(-side * pose.weight, 0.0)
    ahead = 0.5 * side * pose.stride / s.height + 0.022 * free
    wide = 0.016 * stance + 0.012 * free
    if pose.seated:
        return [
            np.array(p) * s.height
            for p in (
                [side * hip, 0.502, 0.0],
                [side * (hip + 0.03), 0.500, 0.235],
                [side * (hip + 0.03), 0.28, 0.235],
            )
        ]
    points = [
        [side * hip, 0.502, -0.006],
        [
            side * (hip + 0.006 * stance + 0.006 * free),
            0.282 + 0.004 * free,
            0.008 + 0.55 * ahead + 0.018 * free,
        ],
        [side * (hip + wide), 0.045, -0.014 + ahead],
    ]
    return [np.array(point) * s.height for point in points]


def _posture(s: BodyShape, pose: Pose) -> Array:
    """[4] sway (m), tilt of the hips (slope), lean of the upper body (m), lowering (m), see studio.posture."""
    stoop = 0.05 * min(max((s.age - 50.0) / 35.0, 0.0), 1.0)
    return np.array(
        [
            0.024 * s.height * pose.weight,
            0.055 * pose.weight,
            stoop * s.height,
            0.235 * s.height if pose.seated else 0.0,
        ]
    )


def make_body(shape: BodyShape, pose: Pose = _STANDING) -> Body:
    """Joints and tables of a person in a pose."""
    h = shape.height
    arms = [pose.left or _hanging(shape, 1.0), pose.right or _hanging(shape, -1.0)]
    legs = [_leg(shape, 1.0, shape.stance, pose), _leg(shape, -1.0, shape.stance * 0.8, pose)]
    joints = np.array([_arm(shape, 1.0, arms[0]), _arm(shape, -1.0, arms[1]), *legs])
    width, depth = _torso_rings(shape)
    levels = np.array(_LEVELS) * h
    along = np.linspace(0.0, 1.0, TABLE)
    arm_size = h * shape.limbs * (1.0 if shape.female else 1.17)
    leg_size = h * shape.limbs * (1.0 if shape.female else 1.04)
    return Body(
        shape=shape,
        joints=joints,
        width=PchipInterpolator(levels, np.array(width) * h),
        depth=PchipInterpolator(levels, np.array(depth) * h),
        centre=PchipInterpolator(levels, np.array(_CENTRE) * 1e-3 * h),
        arm_radius=PchipInterpolator(_ARM_AT, np.array(_ARM) * arm_size)(along),
        leg_radius=PchipInterpolator(_LEG_AT, np.array(_LEG) * leg_size)(along),
        pose=pose,
        hands=np.array([hand_frame(1.0, arms[0]), hand_frame(-1.0, arms[1])]),
        head_rows=head_rows(pose),
        posture=_posture(shape, pose),
    )
