"""Sharper outlines: the backdrop decides near the net's edges, the net decides inside."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tryon.core.anatomy import Atr
from tryon.core.ports import Body, Pixels
from tryon.engines.studio_parser.edges import sharpen

BACKDROP, SHIRT, SKIN, SHOE = (168, 190, 200), (150, 40, 60), (220, 170, 140), (40, 40, 46)
KEYPOINTS = np.zeros((19, 3), np.float32)


def scene(width: int = 384, height: int = 512) -> tuple[Pixels, Pixels]:
    """A shirt with two bare arms below its sleeves on a plain backdrop, and the true labels."""
    labels = np.zeros((height, width), np.uint8)
    cv2.rectangle(labels, (130, 120), (250, 330), int(Atr.UPPER), -1)
    for left, label in ((100, Atr.RIGHT_ARM), (260, Atr.LEFT_ARM)):
        cv2.rectangle(labels, (left, 140), (left + 20, 300), int(label), -1)
        cv2.rectangle(labels, (left, 140), (left + 20, 180), int(Atr.UPPER), -1)
    image = np.full((height, width, 3), BACKDROP, np.uint8)
    image[labels == Atr.UPPER] = SHIRT
    image[np.isin(labels, (Atr.LEFT_ARM, Atr.RIGHT_ARM))] = SKIN
    noise = np.random.default_rng(0).normal(0, 1.5, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8), labels


def sharpened(image: Pixels, labels: Pixels) -> Pixels:
    return sharpen(image, Body(labels, KEYPOINTS)).labels


def person_iou(found: Pixels, truth: Pixels) -> float:
    return float(((found > 0) & (truth > 0)).sum() / ((found > 0) | (truth > 0)).sum())


@pytest.mark.parametrize("pixels", [-5, -3, 3, 5])
def test_an_outline_that_is_off_is_moved_to_the_edge_in_the_photo(pixels: int) -> None:
    """Both kinds of error: labels that are too large and labels that are too small."""
    image, truth = scene()
    grow = cv2.dilate if pixels > 0 else cv2.erode
    rough = grow(truth, np.ones((2 * abs(pixels) + 1,) * 2, np.uint8))
    assert person_iou(np.asarray(rough, np.uint8), truth) < 0.95
    assert person_iou(sharpened(image, np.asarray(rough, np.uint8)), truth) > 0.99


def test_found_pixels_take_the_nearest_label() -> None:
    image, truth = scene()
    rough = np.asarray(cv2.erode(truth, np.ones((7, 7), np.uint8)), np.uint8)
    assert np.mean(sharpened(image, rough) == truth) > 0.99


def test_backdrop_between_arm_and_body_is_given_back() -> None:
    """The net may fill the gap; it is open below, so it is backdrop."""
    image, truth = scene()
    filled = truth.copy()
    filled[180:290, 121:130] = Atr.UPPER
    assert np.mean(sharpened(image, filled)[200:280, 123:128] > 0) < 0.02


def test_a_garment_in_the_backdrops_colour_is_left_to_the_net() -> None:
    image, truth = scene()
    image[truth == Atr.UPPER] = BACKDROP
    found = sharpened(image, truth)
    assert np.mean(found[140:310, 150:230] == Atr.UPPER) == 1.0


def test_a_shadow_at_the_feet_is_not_a_shoe() -> None:
    image, truth = scene()
    cv2.rectangle(truth, (140, 400), (180, 420), int(Atr.RIGHT_SHOE), -1)
    image[truth == Atr.RIGHT_SHOE] = SHOE
    shaded = tuple(int(0.8 * channel) for channel in BACKDROP)
    cv2.rectangle(image, (140, 421), (200, 430), shaded, -1)
    assert not sharpened(image, truth)[424:430, 140:200].any()


def test_an_empty_label_map_stays_empty() -> None:
    image, truth = scene()
    assert not sharpened(image, np.zeros_like(truth)).any()


def test_large_photos_are_worked_on_small_and_keep_their_size() -> None:
    image, truth = scene()
    big = cv2.resize(image, (1536, 2048), interpolation=cv2.INTER_LINEAR)
    labels = cv2.resize(truth, (1536, 2048), interpolation=cv2.INTER_NEAREST)
    found = sharpened(np.asarray(big, np.uint8), np.asarray(labels, np.uint8))
    assert found.shape == (2048, 1536)
    assert person_iou(found, np.asarray(labels, np.uint8)) > 0.97


def test_a_floor_of_another_colour_is_no_shoe() -> None:
    image, truth = scene()
    cv2.rectangle(truth, (140, 380), (180, 440), int(Atr.RIGHT_SHOE), -1)
    image[410:] = np.random.default_rng(1).normal((90, 60, 30), 1.5, image[410:].shape).clip(0, 255)
    image[truth == Atr.RIGHT_SHOE] = SHOE
    rough = np.asarray(cv2.dilate(truth, np.ones((9, 9), np.uint8)), np.uint8)
    assert person_iou(sharpened(image, rough), truth) > 0.98
