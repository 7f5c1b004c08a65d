"""The renderer's conventions, on one tiny picture."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from studio.backdrop import PERSON_BACKDROP, cyclorama
from studio.body import BodyShape, make_body
from studio.camera import frame, full_length
from studio.garments import Garment, cut
from studio.labels import (
    FACE,
    KEYPOINTS,
    LEFT_ARM,
    LEFT_LEG,
    LEFT_SHOE,
    PANTS,
    RIGHT_ARM,
    RIGHT_LEG,
    RIGHT_SHOE,
    UPPER_CLOTHES,
    keypoints,
)
from studio.render import Shot, shot
from studio.subject import Subject

SIZE = (48, 64)
BODY = make_body(BodyShape())
RED, BLUE = (200, 30, 30), (30, 30, 200)


@cache
def picture() -> Shot:
    """A person in a red T-shirt and blue shorts."""
    top = Garment("top", (RED,), sleeve=0.33)
    shorts = Garment("trousers", (BLUE,), hem=0.32, leg_width=0.5)
    backdrop = cyclorama(SIZE, PERSON_BACKDROP)
    return shot(Subject(BODY, upper=top, lower=shorts), full_length(SIZE), backdrop, antialias=0)


def column(label: int) -> float:
    return float(np.nonzero(picture().labels == label)[1].mean())


def test_a_shot_has_the_promised_arrays() -> None:
    taken = picture()
    assert taken.rgb.shape == (64, 48, 3)
    assert taken.labels.shape == taken.depth.shape == taken.alpha.shape == (64, 48)
    assert taken.keypoints.shape == (19, 3)
    assert {taken.rgb.dtype, taken.labels.dtype} == {np.dtype(np.uint8)}
    assert {taken.depth.dtype, taken.alpha.dtype, taken.keypoints.dtype} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("left", "right"), [(LEFT_ARM, RIGHT_ARM), (LEFT_LEG, RIGHT_LEG), (LEFT_SHOE, RIGHT_SHOE)]
)
def test_the_persons_left_is_on_the_right_of_the_image(left: int, right: int) -> None:
    assert column(left) > SIZE[0] / 2 > column(right)


def test_left_keypoints_are_on_the_right_of_the_image() -> None:
    points = dict(zip(KEYPOINTS, picture().keypoints, strict=True))
    for name in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "eye", "ear"):
        assert points[f"left_{name}"][0] > points[f"right_{name}"][0]
    assert (picture().keypoints[:, 2] == 1.0).all()


def test_the_face_is_above_the_top_and_the_top_above_the_shorts() -> None:
    rows = [np.nonzero(picture().labels == label)[0].mean() for label in (FACE, UPPER_CLOTHES, PANTS)]
    assert rows == sorted(rows)


@pytest.mark.parametrize(("label", "channel"), [(UPPER_CLOTHES, 0), (PANTS, 2)])
def test_cloth_has_the_colour_of_its_palette(label: int, channel: int) -> None:
    colour = picture().rgb[picture().labels == label].mean(axis=0)
    assert colour.argmax() == channel
    assert colour[channel] > 2.0 * np.delete(colour, channel).max()


def test_coverage_and_depth_belong_to_the_labels() -> None:
    taken = picture()
    assert ((taken.depth > 0) == (taken.labels > 0)).all()
    assert ((taken.alpha > 0) == (taken.labels > 0)).all()


def test_a_keypoint_outside_the_picture_scores_zero() -> None:
    points = keypoints(BODY, frame(SIZE, 0.6, (0.0, 1.5)))
    assert points[KEYPOINTS.index("nose"), 2] == 1.0
    assert points[KEYPOINTS.index("left_ankle"), 2] == 0.0


def test_a_garment_without_a_cut_is_refused() -> None:
    with pytest.raises(ValueError, match="'shoes' has no layer"):
        cut(Garment("shoes", (RED,)), BODY)
