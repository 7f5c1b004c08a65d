"""Whether a body is whole and in proportion, told by its outline and joints: one drawn body, moved and shortened."""

from __future__ import annotations

import numpy as np
import pytest

from tryon.core.anatomy import ANKLES, Atr, Joint
from tryon.core.ports import Body, Pixels
from tryon.core.words import Refused
from tryon.engines.studio_parser.joint_checks import SHORTEST_LEGS, check_proportions
from tryon.engines.whole_checks import check_in_frame

TORSO = 100


def code(refused: Refused | None) -> str:
    return "accepted" if refused is None else refused.code


def outlined(top: int, bottom: int, left: int, right: int) -> Pixels:
    """Labels [400, 300] of a block of clothes that ends so many pixels before each edge."""
    labels = np.zeros((400, 300), np.uint8)
    labels[top : 400 - bottom, left : 300 - right] = Atr.DRESS
    return labels


@pytest.mark.parametrize("gap", [0, 1])
def test_a_person_cut_off_by_the_frame_is_refused_even_if_the_last_row_is_left_to_the_backdrop(
    gap: int,
) -> None:
    bodies = {
        "head_out_of_frame": outlined(gap, 40, 100, 100),
        "feet_out_of_frame": outlined(40, gap, 100, 100),
        "person_cut_off": outlined(40, 40, gap, 100),
    }
    points = np.zeros((19, 3), np.float32)
    assert {code(check_in_frame(Body(labels, points))) for labels in bodies.values()} == set(bodies)


def test_a_person_near_the_frame_is_whole() -> None:
    points = np.zeros((19, 3), np.float32)
    assert code(check_in_frame(Body(outlined(5, 5, 5, 5), points))) == "accepted"


def standing(legs: float) -> Body:
    """legs: from the hips to the ankles, in lengths of the torso."""
    points = np.zeros((19, 3), np.float32)
    places = {
        Joint.NECK: (0, 0), Joint.RIGHT_SHOULDER: (-0.34, 0.02), Joint.LEFT_SHOULDER: (0.34, 0.02),
        Joint.RIGHT_HIP: (-0.15, 1), Joint.LEFT_HIP: (0.15, 1),
        Joint.RIGHT_ANKLE: (-0.15, 1 + legs), Joint.LEFT_ANKLE: (0.15, 1 + legs),
    }  # fmt: skip
    for joint, (x, y) in places.items():
        points[joint] = 150 + TORSO * x, 50 + TORSO * y, 1
    return Body(outlined(40, 40, 100, 100), points)


@pytest.mark.parametrize(("legs", "found"), [(SHORTEST_LEGS - 0.05, "stretched"), (1.46, "accepted")])
def test_legs_too_short_for_the_torso_show_a_stretched_photo(legs: float, found: str) -> None:
    assert code(check_proportions(standing(legs))) == found


def test_legs_that_are_not_seen_are_not_too_short() -> None:
    body = standing(1.6)
    body.keypoints[list(ANKLES), 2] = 0
    assert code(check_proportions(body)) == "accepted"
