"""The committed body net is the one its card describes, and it reads the catalogue's people."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import pytest
from numpy.typing import NDArray

from studio.augment import Render, plain_view
from studio.labels import CLASSES, KEYPOINTS
from studio.scores import Parses, Scores, score
from tests.studio.files import CATALOGUE, USERS, WEIGHTS, depth_of, labels_of, pixels


@cache
def card() -> dict[str, Any]:
    return dict(json.loads((WEIGHTS / "body.json").read_text()))


@cache
def session() -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(WEIGHTS / "body.onnx", providers=["CPUExecutionProvider"])


def size() -> tuple[int, int]:
    """Width and height of what the net sees."""
    [image] = session().get_inputs()
    return image.shape[3], image.shape[2]


def read(image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
    """Label logits [18, h, w], keypoints [19, 3] and depth [h, w] of a picture of the net's size."""
    small = image.astype(np.float32) / 255.0
    outputs = session().run(["labels", "keypoints", "depth"], {"image": small.transpose(2, 0, 1)[None]})
    return tuple(output[0] for output in outputs)


@cache
def view_of(user: str) -> Render:
    """The user's photo with its truth, as the parser's second look sees it."""
    named = json.loads((CATALOGUE / "truth" / "users" / f"{user}.keypoints.json").read_text())
    points = np.array([named[name] for name in KEYPOINTS], np.float32)
    photo = pixels(CATALOGUE / "uploads" / "users" / f"{user}.jpg")
    return plain_view(Render(photo, labels_of(user), points, depth_of(user).astype(np.float32)), size())


@cache
def scores(user: str) -> Scores:
    view = view_of(user)
    labels, points, depth = read(view.image)
    found = Parses(labels.argmax(0)[None], points[None], depth[None])
    return score(found, Parses(view.labels[None], view.keypoints[None], view.depth[None]))


def test_the_card_pins_the_file() -> None:
    file = (WEIGHTS / "body.onnx").read_bytes()
    assert card()["sha256"] == hashlib.sha256(file).hexdigest()
    assert card()["bytes"] == len(file) < 1.5e6
    assert card()["licence"] == "Apache-2.0"


def test_the_card_reports_what_was_held_out() -> None:
    assert card()["held_out"]["clothes_iou"] >= 0.93
    assert card()["held_out"]["keypoints_px"] <= 8.0


def empty_room() -> NDArray[np.uint8]:
    width, height = size()
    return np.full((height, width, 3), (120, 140, 150), np.uint8)


def test_shapes_are_those_of_the_card() -> None:
    labels, points, depth = read(empty_room())
    assert f"[1, 3, {labels.shape[1]}, {labels.shape[2]}]" in card()["input"]["image"]
    assert labels.shape == (CLASSES, *size()[::-1])
    assert points.shape == (len(KEYPOINTS), 3)
    assert depth.shape == size()[::-1]


def test_an_empty_room_has_no_person_and_no_sure_keypoint() -> None:
    labels, points, _ = read(empty_room())
    assert (labels.argmax(0) > 0).mean() < 0.02
    assert points[:, 2].max() < 0.5


@pytest.mark.parametrize("user", USERS)
def test_the_clothes_of_every_sample_user_are_found(user: str) -> None:
    found = scores(user)
    assert found.clothes_iou >= 0.9
    assert found.iou["upper_clothes"] >= 0.9


@pytest.mark.parametrize("user", USERS)
def test_the_keypoints_of_every_sample_user_are_found(user: str) -> None:
    assert scores(user).keypoints_px <= 12.0


@pytest.mark.parametrize("user", USERS)
def test_the_depth_of_every_sample_user_is_found(user: str) -> None:
    assert scores(user).depth_correlation >= 0.85


@pytest.mark.parametrize("user", USERS)
def test_a_mirrored_photo_gives_mirrored_keypoints(user: str) -> None:
    image = view_of(user).image
    _, points, _ = read(image)
    _, mirrored, _ = read(np.ascontiguousarray(image[:, ::-1]))
    left, right = KEYPOINTS.index("left_wrist"), KEYPOINTS.index("right_wrist")
    assert mirrored[left, 0] > mirrored[right, 0]
    assert mirrored[left, :2] == pytest.approx([size()[0] - points[right, 0], points[right, 1]], abs=6.0)
