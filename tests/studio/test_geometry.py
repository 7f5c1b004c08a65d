"""Cameras, bodies, garments and scores, without rendering anything."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from studio import layout as at
from studio.body import Array, BodyShape, make_body
from studio.camera import frame, full_length
from studio.garments import Garment, Layer, cut
from studio.scores import Parses, score
from studio.subject import Subject, build
from studio.wardrobe import PEOPLE, garments

GREY = ((90, 90, 90),)
BODY = make_body(BodyShape())


def levels(layer: Layer) -> Array:
    """Heights (m) of the torso tables."""
    return np.linspace(layer.parameters[at.TABLE_LOW], layer.parameters[at.TABLE_HIGH], at.TABLE)


def test_a_frame_spans_its_extent() -> None:
    camera = frame((300, 400), 2.0, (0.1, 1.0))
    points = np.array([[0.1, 2.0, 0.0], [0.1, 0.0, 0.0], [0.85, 1.0, 0.0]])
    assert camera.project(points) == pytest.approx(np.array([[150.0, 0.0], [150.0, 400.0], [300.0, 200.0]]))


def test_a_camera_that_looks_down_still_centres_its_target() -> None:
    camera = frame((300, 400), 1.0, (0.0, 0.3), pitch=0.6)
    assert camera.position[1] == pytest.approx(0.3 + 6.5 * math.sin(0.6))
    assert camera.project(np.array([[0.0, 0.3, 0.0]])) == pytest.approx(np.array([[150.0, 200.0]]))


@pytest.mark.parametrize("user", PEOPLE)
def test_the_catalogues_people_fit_their_pictures(user: str) -> None:
    shape = PEOPLE[user].shape
    body = make_body(shape)
    top = np.array([[0.0, shape.height * 1.06, 0.0], [0.0, 0.0, 0.2]])
    xy = full_length((768, 1024)).project(np.concatenate([top, body.joints.reshape(-1, 3)]))
    assert ((xy > 0) & (xy < [768, 1024])).all()
    assert shape.arm >= 14.0


def test_left_joints_mirror_right_ones_roughly() -> None:
    left, right = BODY.joints[[at.LEFT_ARM, at.LEFT_LEG]], BODY.joints[[at.RIGHT_ARM, at.RIGHT_LEG]]
    assert (left[..., 0] > 0).all()
    assert np.abs(left * [-1, 1, 1] - right).max() < 0.03


@pytest.mark.parametrize(
    "garment", garments("tops", "bottoms", "dress").values(), ids=garments("tops", "bottoms", "dress")
)
def test_every_garment_of_the_shop_lies_outside_every_body(garment: Garment) -> None:
    for person in PEOPLE.values():
        body = make_body(person.shape)
        layer = cut(garment, body)
        y = levels(layer)
        h = person.shape.height
        low, high = layer.parameters[at.CUT_BOTTOM], min(layer.parameters[at.CUT_TOP], 0.83 * h)
        covered = (y > max(low, 0.47 * h)) & (y < high)
        assert (layer.tables[at.WIDTH] - body.width(y))[covered].min() > 0.001
        assert (layer.tables[at.DEPTH] - body.depth(y))[covered].min() > 0.001


def test_a_top_is_wider_than_trousers_where_both_are() -> None:
    top, trousers = cut(Garment("top", GREY, sleeve=0.3), BODY), cut(Garment("trousers", GREY), BODY)
    y = np.linspace(0.51, 0.59, 9) * BODY.shape.height
    widths = [np.interp(y, levels(layer), layer.tables[at.WIDTH]) for layer in (top, trousers)]
    assert (widths[0] - widths[1]).min() > 0.01


def test_only_garments_that_nobody_wears_are_hollow() -> None:
    worn = Subject(BODY, upper=Garment("top", GREY, sleeve=0.3))
    alone = replace(worn, person=False, shoes=False)
    assert build(worn).layers[at.UPPER, at.HOLLOW] == 0.0
    assert build(alone).layers[at.UPPER, at.HOLLOW] == 1.0
    assert build(alone).layers[at.UPPER_INSIDE, at.NECK_X] == 0.0


def test_scores_of_the_truth_are_perfect_and_a_shift_costs_what_it_should() -> None:
    labels = np.zeros((1, 256, 192), dtype=np.uint8)
    labels[0, 100:200, 50:100] = 4
    points = np.zeros((1, 19, 3))
    points[0, :5] = [60.0, 120.0, 1.0]
    depth = np.arange(256.0)[None, :, None].repeat(192, axis=2)
    true = Parses(labels, points, depth)
    assert score(true, true).clothes_iou == 1.0
    found = Parses(np.roll(labels, 10, axis=2), points + np.array([3.0, 4.0, 0.0]), 7.0 - 0.5 * depth)
    moved = score(found, true)
    assert moved.depth_correlation == -1.0
    assert moved.clothes_iou == pytest.approx(40 / 60, abs=1e-3)
    assert moved.iou["upper_clothes"] == pytest.approx(40 / 60, abs=1e-3)
    assert moved.keypoints_px == 20.0
