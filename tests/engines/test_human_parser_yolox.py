"""YOLOX's input and answer, against loops over pixels and rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bench.parser_nets.script import Person, detections
from tests.engines.slow_parsers import iou, suppressed, yolox_boxes, yolox_pixel
from tryon.core.ports import Body
from tryon.engines.human_parser.yolox import decode, find_people, overlaps, prepare, suppress

SIZES = [(480, 640), (640, 640), (33, 17), (641, 479), (64, 512), (1, 1), (2999, 2001), (5, 3)]


def noise(width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    """Smooth and rough at once, so that a shift of a pixel shows."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(0, 200, width)[None, :, None] * np.linspace(0.3, 1, height)[:, None, None]
    return np.clip(ramp * (1.0, 0.5, 0.2) + rng.integers(0, 40, (height, width, 3)), 0, 255).astype(np.uint8)


def places(width: int, height: int, count: int = 60) -> list[tuple[int, int]]:
    """Corners, edges, and pixels between."""
    rng = np.random.default_rng(width)
    corners = [(x, y) for x in (0, 1, width - 1) for y in (0, 1, height - 1)]
    between = zip(
        rng.integers(0, width, count).tolist(), rng.integers(0, height, count).tolist(), strict=True
    )
    return [*corners, *between]


@pytest.mark.parametrize("size", SIZES)
def test_the_input_is_the_photo_in_the_top_left_corner(size: tuple[int, int]) -> None:
    image = noise(*size)
    tensor = prepare(image)
    assert (tensor.shape, tensor.dtype.name) == ((1, 3, 640, 640), "float32")
    ratio = min(640 / size[1], 640 / size[0])
    inner = int(size[0] * ratio), int(size[1] * ratio)
    edges = [(inner[0] - 1, inner[1] - 1), (min(inner[0], 639), 0), (0, min(inner[1], 639))]
    for column, row in [*edges, *places(640, 640)]:
        # OpenCV rounds to whole greys.
        np.testing.assert_allclose(tensor[0, :, row, column], yolox_pixel(image, column, row), atol=1.01)


def test_the_input_is_in_the_order_blue_green_red() -> None:
    red = np.zeros((640, 640, 3), np.uint8)
    red[..., 0] = 255
    assert prepare(red)[0, :, 320, 320].tolist() == [0, 0, 255]


def random_answer(seed: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    answer = rng.normal(0, 0.7, (8400, 85)).astype(np.float32)
    answer[:, 4:] = rng.random((8400, 81), np.float32) ** 2
    return answer


def test_rows_become_boxes_and_scores() -> None:
    answer, ratio = random_answer(1), 640 / 1024
    boxes, scores = decode(answer, ratio)
    slow = yolox_boxes(answer, ratio)
    np.testing.assert_allclose(boxes, [box for box, _ in slow], rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(scores, [each for _, each in slow], rtol=1e-5)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_suppression_is_the_slow_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 60, (25, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(1, 50, (25, 2))], axis=1).astype(np.float32)
    scores = rng.random(25).astype(np.float32)
    slow = [index for index in suppressed(boxes.tolist(), scores.tolist()) if scores[index] > 0.3]
    assert suppress(boxes, scores) == slow
    found = overlaps(boxes[0], boxes[1:])
    np.testing.assert_allclose(found, [iou(boxes[0].tolist(), box) for box in boxes[1:].tolist()], rtol=1e-4)


def person(box: tuple[float, float, float, float], score: float, width: int, height: int) -> Person:
    return Person(Body(np.zeros((height, width), np.uint8), np.zeros((19, 3), np.float32)), box, score)


@pytest.mark.parametrize(("width", "height"), [(768, 1024), (1000, 400), (333, 777)])
def test_known_people_come_back_to_a_thousandth_of_a_pixel(width: int, height: int) -> None:
    boxes = [(0.1, 0.2, 0.4, 0.9), (0.55, 0.1, 0.7, 0.6), (-0.02, 0.7, 0.05, 1.03)]
    size = np.array([width, height, width, height])
    people = [
        person(tuple((size * box).tolist()), score, width, height)
        for box, score in zip(boxes, (0.6, 0.9, 0.35), strict=True)
    ]
    found = find_people(detections(people), width, height)
    assert [round(each.score, 5) for each in found] == [0.9, 0.6, 0.35]
    for each, known in zip(found, (people[1], people[0], people[2]), strict=True):
        np.testing.assert_allclose(each.box, known.box, atol=1e-3)


def test_other_classes_unsure_people_and_doubles_are_left_out() -> None:
    people = [person((100, 100, 200, 400), 0.9, 640, 640), person((104, 108, 204, 404), 0.8, 640, 640),
              person((300, 300, 350, 400), 0.3, 640, 640)]  # fmt: skip
    answer = detections(people)
    dog = detections([person((400, 100, 500, 300), 0.9, 640, 640)])
    dog[0, :, 5:] = np.roll(dog[0, :, 5:], 16, axis=1)
    [found] = find_people(answer + dog, 640, 640)
    np.testing.assert_allclose(found.box, (100, 100, 200, 400), atol=1e-3)
    assert find_people(np.zeros((1, 8400, 85), np.float32), 640, 640) == []
