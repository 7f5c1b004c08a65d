"""How somebody stands: arms, hands, weight, head, and the side they show. No numba here.

Left and right are the person's own. Directions are unit vectors [3]: x to the person's left, y up, z forward.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# The head turns about the top of the neck: relative to its centre, on the head of studio.head (m).
HEAD_PIVOT = (0.0, -0.075, -0.02)


@dataclass(frozen=True)
class Arm:
    """An arm's bones and hand, in degrees.

    out, forward: the upper arm from hanging straight down, away from the body and to the front; low_out,
    low_forward: the same of the forearm (negative: inwards, over the chest). hand_in: the fingers towards the
    body from the forearm's line. palm: 0 to the thigh, 90 to the back.
    """

    out: float = 16.0
    forward: float = -3.0
    low_out: float = 11.0
    low_forward: float = 9.0
    hand_in: float = 4.0
    palm: float = 32.0


ON_HIP = Arm(out=44.0, forward=-14.0, low_out=-47.0, low_forward=14.0, hand_in=-20.0, palm=10.0)
CROSSED = (
    Arm(out=12.0, forward=14.0, low_out=-99.0, low_forward=36.0, hand_in=0.0, palm=60.0),
    Arm(out=12.0, forward=20.0, low_out=-95.0, low_forward=50.0, hand_in=0.0, palm=60.0),
)


@dataclass(frozen=True)
class Pose:
    """What a body does; the default stands evenly, facing the camera, its arms hanging as its shape says.

    left, right: an arm that does not just hang. weight: -1 on the right leg to 1 on the left one. stride: how
    far (m) the left foot is before the right one. turn: degrees the whole person is turned to their own left
    (90 shows the right side, 180 the back). head_turn, head_tilt, head_nod: degrees to the left, towards
    the left shoulder, and down. seated: on a stool.
    """

    left: Arm | None = None
    right: Arm | None = None
    weight: float = 0.0
    stride: float = 0.0
    turn: float = 0.0
    head_turn: float = 0.0
    head_tilt: float = 0.0
    head_nod: float = 0.0
    seated: bool = False

    @property
    def from_behind(self) -> bool:
        """Whether the camera sees more of the back of the head than of the face."""
        return math.cos(math.radians(self.turn + self.head_turn)) < -0.2


def direction(side: float, out: float, forward: float) -> Array:
    """Unit vector of a bone `out` degrees from straight down to the side +1 (left) or -1, and `forward`."""
    o, f = math.radians(out), math.radians(forward)
    return np.array([side * math.sin(o) * math.cos(f), -math.cos(o) * math.cos(f), math.sin(f)])


def hand_frame(side: float, arm: Arm) -> Array:
    """[3, 3] rows towards the thumb, the fingers and the palm of a hand, unit vectors."""
    fingers = direction(side, arm.low_out - arm.hand_in, arm.low_forward)
    inward, front = np.array([-side, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    turn = math.radians(arm.palm)
    palm = inward * math.cos(turn) - front * math.sin(turn)
    if abs(fingers @ palm) > 0.9:
        palm = np.array([0.0, 0.0, -1.0])
    palm = palm - fingers * (palm @ fingers)
    palm /= np.linalg.norm(palm)
    thumb = np.cross(palm, fingers) * side
    return np.array([thumb, fingers, palm])


def head_rows(pose: Pose) -> Array:
    """[3, 3] the head's own axes (left, up, out of the face) as rows."""
    turn, tilt, nod = (math.radians(a) for a in (pose.head_turn, pose.head_tilt, pose.head_nod))
    c, s = math.cos(turn), math.sin(turn)
    yaw = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])
    c, s = math.cos(nod), math.sin(nod)
    pitch = np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])
    c, s = math.cos(tilt), math.sin(tilt)
    roll = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return np.asarray(roll @ pitch @ yaw)
