"""How somebody stands, told by joints: one standing body, and what becomes of it when it turns or folds its arms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tryon.core.anatomy import Atr, Joint
from tryon.core.ports import Body
from tryon.core.words import Refused
from tryon.engines.studio_parser.stance_checks import check_stance, stance

HEIGHT = 500.0
Points = dict[Joint, tuple[float, float, float]]

STANDING: Points = {
    Joint.NOSE: (0.0, 0.93, 0.06), Joint.CHIN: (0.0, 0.87, 0.05), Joint.NECK: (0.0, 0.79, 0.0),
    Joint.RIGHT_EYE: (-0.018, 0.945, 0.05), Joint.LEFT_EYE: (0.018, 0.945, 0.05),
    Joint.RIGHT_EAR: (-0.04, 0.935, 0.0), Joint.LEFT_EAR: (0.04, 0.935, 0.0),
    Joint.RIGHT_SHOULDER: (-0.1, 0.78, 0.0), Joint.RIGHT_ELBOW: (-0.15, 0.62, 0.0),
    Joint.RIGHT_WRIST: (-0.18, 0.47, 0.02), Joint.LEFT_SHOULDER: (0.1, 0.78, 0.0),
    Joint.LEFT_ELBOW: (0.15, 0.62, 0.0), Joint.LEFT_WRIST: (0.18, 0.47, 0.02),
    Joint.RIGHT_HIP: (-0.05, 0.5, 0.0), Joint.RIGHT_KNEE: (-0.06, 0.27, 0.0),
    Joint.RIGHT_ANKLE: (-0.06, 0.045, 0.0), Joint.LEFT_HIP: (0.05, 0.5, 0.0),
    Joint.LEFT_KNEE: (0.06, 0.27, 0.0), Joint.LEFT_ANKLE: (0.06, 0.045, 0.0),
}  # fmt: skip
"""The person's left, up, and forward, in heights."""

SITTING = STANDING | {
    Joint.RIGHT_KNEE: (-0.06, 0.48, 0.24), Joint.LEFT_KNEE: (0.06, 0.48, 0.24),
    Joint.RIGHT_ANKLE: (-0.06, 0.25, 0.24), Joint.LEFT_ANKLE: (0.06, 0.25, 0.24),
}  # fmt: skip
FOLDED = STANDING | {Joint.RIGHT_WRIST: (0.04, 0.64, 0.1), Joint.LEFT_WRIST: (-0.04, 0.62, 0.1)}
HOLDING = STANDING | {Joint.LEFT_ELBOW: (0.13, 0.62, 0.0), Joint.LEFT_WRIST: (0.06, 0.56, 0.12)}
ON_HIP = STANDING | {Joint.LEFT_ELBOW: (0.22, 0.66, -0.04), Joint.LEFT_WRIST: (0.11, 0.55, 0.0)}


def seen(points: Points, degrees: float = 0.0, face: bool = True) -> Body:
    """The body, turned to its left; the face and the hair are squares of their usual areas."""
    joints: NDArray[np.float32] = np.ones((19, 3), np.float32)
    a = math.radians(degrees)
    for joint, (left, up, forward) in points.items():
        joints[joint, :2] = 250 + HEIGHT * (left * math.cos(a) + forward * math.sin(a)), HEIGHT * (1.02 - up)
    labels = np.zeros((520, 500), np.uint8)
    labels[15:35, 220:280] = Atr.HAIR
    labels[35:90, 230:270] = Atr.FACE if face else Atr.HAIR
    return Body(labels, joints)


def code(body: Body) -> str:
    refused = check_stance(body)
    return refused.code if isinstance(refused, Refused) else "accepted"


@pytest.mark.parametrize("degrees", [-25, -10, 0, 10, 25])
def test_who_faces_the_camera_is_accepted(degrees: float) -> None:
    assert code(seen(STANDING, degrees)) == "accepted"


@pytest.mark.parametrize("degrees", [150, 180, 200])
def test_a_back_is_told_by_its_shoulders(degrees: float) -> None:
    assert code(seen(STANDING, degrees)) == "back_view"


def test_a_back_is_told_by_its_hair_when_the_joints_are_taken_for_a_front() -> None:
    assert code(seen(STANDING, face=False)) == "back_view"


@pytest.mark.parametrize("degrees", [-100, -80, 75, 90, 105])
def test_a_side_is_told_by_narrow_shoulders_and_the_nose(degrees: float) -> None:
    assert code(seen(STANDING, degrees)) == "side_view"


def test_a_photo_that_was_stretched_shows_no_side() -> None:
    narrow = {joint: (0.5 * left, up, forward) for joint, (left, up, forward) in STANDING.items()}
    assert code(seen(narrow)) == "accepted"


@pytest.mark.parametrize("degrees", [-15, 0, 15])
def test_who_sits_is_told_by_the_knees(degrees: float) -> None:
    assert code(seen(SITTING, degrees)) == "seated"


@pytest.mark.parametrize("points", [FOLDED, HOLDING], ids=["folded", "holding"])
def test_arms_before_the_clothes_are_told_by_the_hands(points: Points) -> None:
    assert code(seen(points)) == "arms_in_front"


def test_a_hand_on_the_hip_is_welcome() -> None:
    assert code(seen(ON_HIP)) == "accepted"


def test_legs_and_hands_that_are_not_seen_break_no_rule() -> None:
    body = seen(STANDING)
    hidden = [joint for joint in Joint if "KNEE" in joint.name or "WRIST" in joint.name]
    body.keypoints[hidden, 2] = 0
    assert code(body) == "accepted"
    found = stance(body)
    assert found is not None
    assert (found.thigh, found.hand) == (math.inf, math.inf)


def test_a_torso_that_is_not_seen_is_not_judged() -> None:
    body = seen(SITTING, 180)
    body.keypoints[Joint.LEFT_HIP, 2] = 0
    assert stance(body) is None
    assert code(body) == "accepted"
