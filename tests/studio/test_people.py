"""What pictures of people promise: exact labels and joints in every pose, the same head in every outfit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio import layout as at
from studio.backdrop import PERSON_BACKDROP, busy_backdrop, cyclorama
from studio.body import Body, BodyShape, make_body
from studio.camera import Camera, frame, full_length
from studio.casting import random_looks, random_pose, random_shape
from studio.garments import Garment
from studio.labels import (
    FACE,
    HAIR,
    KEYPOINTS,
    LEFT_ARM,
    LEFT_LEG,
    RIGHT_ARM,
    RIGHT_LEG,
    UPPER_CLOTHES,
    keypoints,
)
from studio.pose import CROSSED, ON_HIP, Pose
from studio.render import Shot, shot
from studio.subject import Looks, Subject

SIZE = (48, 64)
SHAPE = BodyShape()
TEE = Garment("top", ((200, 30, 30),), sleeve=0.33)
SHORTS = Garment("trousers", ((30, 30, 200),), hem=0.32, leg_width=0.5)
LOOKS = Looks(hair_style=at.SIDE_PART)


def picture(pose: Pose, looks: Looks = LOOKS, upper: Garment = TEE, camera: Camera | None = None) -> Shot:
    """A person in a red T-shirt and blue shorts, without anti-aliasing."""
    subject = Subject(make_body(SHAPE, pose), looks, upper, SHORTS)
    return shot(subject, camera or full_length(SIZE), cyclorama(SIZE, PERSON_BACKDROP), antialias=0)


def points(body: Body) -> dict[str, tuple[float, float, float]]:
    return {
        name: (float(x), float(y), float(score))
        for name, (x, y, score) in zip(KEYPOINTS, keypoints(body, full_length(SIZE)), strict=True)
    }


def close_up(centre: float, extent: float) -> Camera:
    return frame(SIZE, extent, (0.0, centre * SHAPE.height))


@pytest.mark.parametrize(
    "pose",
    [Pose(), Pose(weight=1.0, stride=0.1, head_turn=15.0), Pose(left=ON_HIP, right=ON_HIP), Pose(turn=35.0)],
    ids=["even", "weight", "hips", "three-quarter"],
)
def test_a_joint_lies_on_the_part_of_the_body_it_names(pose: Pose) -> None:
    taken = picture(pose)
    parts = {
        "left_wrist": LEFT_ARM, "right_wrist": RIGHT_ARM, "left_knee": LEFT_LEG, "right_knee": RIGHT_LEG, "nose": FACE,
    }  # fmt: skip
    for name, label in parts.items():
        x, y, score = taken.keypoints[KEYPOINTS.index(name)]
        near = taken.labels[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2]
        assert score == 1.0
        assert (near == label).any(), name


def test_the_back_shows_no_face() -> None:
    back = Pose(turn=180.0)
    taken = picture(back)
    assert not (taken.labels == FACE).any()
    assert (taken.labels == HAIR).any()
    scores = {name: score for name, (_, _, score) in points(make_body(SHAPE, back)).items()}
    assert {name for name, score in scores.items() if score == 0.0} == {
        "nose",
        "left_eye",
        "right_eye",
        "chin",
    }


def test_somebody_who_turns_their_back_has_their_left_hand_on_the_left_of_the_picture() -> None:
    labels = picture(Pose(turn=180.0)).labels
    assert np.nonzero(labels == LEFT_ARM)[1].mean() < SIZE[0] / 2 < np.nonzero(labels == RIGHT_ARM)[1].mean()


def test_from_the_side_only_the_nearer_ear_and_eye_count() -> None:
    seen = {name for name, (_, _, score) in points(make_body(SHAPE, Pose(turn=90.0))).items() if score > 0.0}
    assert "right_ear" in seen
    assert "left_ear" not in seen


def test_long_hair_over_the_clothes_is_hair() -> None:
    camera = close_up(0.80, 0.6)
    bare = picture(Pose(), LOOKS, camera=camera).labels
    long = picture(Pose(), replace(LOOKS, hair_style=at.LONG_HAIR, hair_length=0.4), camera=camera).labels
    over = (bare == UPPER_CLOTHES) & (long == HAIR)
    assert over.sum() > 20
    assert ((long == UPPER_CLOTHES) | over)[bare == UPPER_CLOTHES].all()


def test_the_same_head_is_the_same_in_another_outfit() -> None:
    camera = close_up(0.94, 0.2)
    blouse = replace(TEE, palette=((240, 240, 240),), sleeve=0.95, ease=0.02)
    one, other = picture(Pose(), camera=camera), picture(Pose(), upper=blouse, camera=camera)
    head = slice(0, 40)
    assert (one.labels[head] == other.labels[head]).all()
    assert np.abs(one.rgb[head].astype(int) - other.rgb[head].astype(int)).mean() < 1.0


def test_crossed_arms_hide_the_chest() -> None:
    x, y, _ = points(make_body(SHAPE, Pose()))["neck"]
    chest = slice(int(y) + 3, int(y) + 14), slice(int(x) - 4, int(x) + 5)
    arms = [
        np.isin(picture(pose).labels[chest], (LEFT_ARM, RIGHT_ARM)).mean()
        for pose in (Pose(), Pose(*CROSSED))
    ]
    assert arms[0] == 0.0
    assert arms[1] > 0.15


def test_a_seated_person_is_lower_and_the_stool_is_background() -> None:
    standing, seated = points(make_body(SHAPE, Pose())), points(make_body(SHAPE, Pose(seated=True)))
    assert seated["nose"][1] - standing["nose"][1] > 0.15 * SIZE[1]
    assert abs(seated["left_knee"][1] - seated["left_hip"][1]) < 2.0
    taken = picture(Pose(seated=True))
    assert ((taken.alpha > 0) & (taken.labels == 0)).any()


def test_standing_on_one_leg_moves_the_hips_but_not_the_feet() -> None:
    even, left = points(make_body(SHAPE, Pose())), points(make_body(SHAPE, Pose(weight=1.0)))
    assert left["left_hip"][0] > even["left_hip"][0]
    assert left["left_hip"][1] < left["right_hip"][1]
    assert abs(left["left_ankle"][0] - even["left_ankle"][0]) < 0.3


def test_random_people_are_of_all_ages_and_do_all_sorts_of_things() -> None:
    rng = np.random.default_rng(1)
    shapes, poses = [random_shape(rng) for _ in range(200)], [random_pose(rng) for _ in range(200)]
    looks = [random_looks(rng, shape) for shape in shapes]
    assert min(s.age for s in shapes) < 25 < 70 < max(s.age for s in shapes)
    assert {look.hair_style for look in looks} == set(range(at.CROP + 1))
    assert {look.shoe_style for look in looks} == {at.SNEAKER, at.LOAFER, at.BOOT}
    assert not any(look.beard for look, shape in zip(looks, shapes, strict=True) if shape.female)
    assert any(pose.from_behind for pose in poses)
    assert any(pose.seated for pose in poses)


@pytest.mark.parametrize("seed", range(6))
def test_a_busy_backdrop_is_busier_than_a_roll(seed: int) -> None:
    busy = busy_backdrop(np.random.default_rng(seed), SIZE)
    assert busy.shape == (64, 48, 3)
    assert 0.0 <= busy.min() <= busy.max() <= 1.0
    edges = [np.abs(np.diff(p, axis=1)).mean() for p in (busy, cyclorama(SIZE, PERSON_BACKDROP))]
    assert edges[0] > 5.0 * edges[1]
