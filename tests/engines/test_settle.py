"""Settled labels: the borders between skin or shoes and clothes lie where the colours change."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tryon.core.anatomy import Atr
from tryon.core.ports import Body, Pixels
from tryon.engines.studio_parser.body_net import WEIGHTS, BodyNet
from tryon.engines.studio_parser.edges import sharpen
from tryon.engines.studio_parser.settle import settle

CATALOGUE = Path(__file__).parents[2] / "studio" / "catalogue"
USERS = sorted((CATALOGUE / "uploads" / "users").glob("*.jpg"))
KEYPOINTS = np.zeros((19, 3), np.float32)
TROUSERS, SHOE, BACKDROP = (40, 44, 60), (225, 225, 220), (168, 190, 200)


def leg(shoe: tuple[int, int, int] = SHOE) -> tuple[Pixels, Pixels]:
    """A trouser leg that ends in a shoe, and the true labels."""
    labels = np.zeros((512, 384), np.uint8)
    labels[100:400, 150:230] = Atr.PANTS
    labels[400:450, 150:230] = Atr.LEFT_SHOE
    image = np.full((512, 384, 3), BACKDROP, np.uint8)
    image[labels == Atr.PANTS], image[labels == Atr.LEFT_SHOE] = TROUSERS, shoe
    noise = np.random.default_rng(0).normal(0, 1.5, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8), labels


def settled(image: Pixels, labels: Pixels) -> Pixels:
    return settle(image, Body(labels, KEYPOINTS)).labels


@pytest.mark.parametrize("rows", [slice(394, 400), slice(400, 406)])
def test_a_border_that_is_off_moves_to_the_change_of_colour(rows: slice) -> None:
    image, truth = leg()
    rough = truth.copy()
    rough[rows, 150:230] = Atr.PANTS + Atr.LEFT_SHOE - truth[rows, 150:230]
    assert np.array_equal(settled(image, rough), truth)


@pytest.mark.parametrize("rows", [slice(392, 400), slice(400, 408)])
def test_a_border_between_two_garments_moves_too(rows: slice) -> None:
    image, truth = leg()
    truth[truth == Atr.LEFT_SHOE] = Atr.UPPER
    rough = truth.copy()
    rough[rows, 150:230] = Atr.PANTS + Atr.UPPER - truth[rows, 150:230]
    assert np.array_equal(settled(image, rough), truth)


def test_stripes_in_the_other_garments_colour_stay() -> None:
    """Trousers striped in the shoe's colour explain a stripe as well as the shoe does."""
    image, truth = leg()
    for row in range(100, 400, 12):
        image[row : row + 6][truth[row : row + 6] == Atr.PANTS] = SHOE
    assert np.mean(settled(image, truth) == truth) > 0.995


def test_like_colours_are_left_to_the_net() -> None:
    image, truth = leg(shoe=(44, 48, 64))
    rough = truth.copy()
    rough[394:400, 150:230] = Atr.LEFT_SHOE
    assert np.mean(settled(image, rough) == rough) > 0.999


def test_a_patch_far_from_the_border_keeps_its_label() -> None:
    image, truth = leg()
    image[200:230, 180:200] = SHOE
    assert np.array_equal(settled(image, truth), truth)


def test_moves_leave_no_specks() -> None:
    image, truth = leg()
    image[396, 160] = image[397, 200] = SHOE
    assert np.array_equal(settled(image, truth), truth)


def test_nobody_stays_nobody() -> None:
    image, truth = leg()
    assert not settled(image, np.zeros_like(truth)).any()


def test_outline_and_joints_stay() -> None:
    image, truth = leg()
    rough = np.asarray(cv2.dilate(truth, np.ones((7, 7), np.uint8)), np.uint8)
    body = settle(image, Body(rough, KEYPOINTS))
    assert np.array_equal(body.labels > 0, rough > 0)
    assert body.keypoints is KEYPOINTS


def overlap(found: Pixels, truth: Pixels, *names: int) -> float:
    mine, true = np.isin(found, names), np.isin(truth, names)
    return float((mine & true).sum() / max((mine | true).sum(), 1))


def test_the_catalogues_people_gain_and_no_label_loses_much() -> None:
    shoes: list[float] = []
    arms: list[float] = []
    for path in USERS:
        image = np.array(Image.open(path).convert("RGB"))
        truth = np.array(Image.open(CATALOGUE / "truth" / "users" / f"{path.stem}.labels.png"))
        before = sharpen(image, BodyNet(WEIGHTS, 1).see(image).body)
        after = settle(image, before).labels
        for label in np.unique(truth):
            # A bare arm beside a mustard top, or a white sole on a white leg, may go to the neighbour of its colour.
            assert overlap(after, truth, label) >= overlap(before.labels, truth, label) - 0.05, (
                path.stem,
                label,
            )
        pairs = ((9, 10), shoes), ((14, 15), arms)
        for names, gains in pairs:
            assert overlap(after, truth, *names) >= 0.92, (path.stem, names)
            gains.append(overlap(after, truth, *names) - overlap(before.labels, truth, *names))
    assert np.mean(shoes) > 0.015
    assert np.mean(arms) > 0.0
