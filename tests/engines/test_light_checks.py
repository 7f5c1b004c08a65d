"""Dark, burnt out, blurred and unnatural photos, and backdrops: the catalogue's photos, spoiled step by step."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tryon.core.ports import Body, Pixels
from tryon.core.words import Refused
from tryon.engines.light_checks import check_backdrop, check_darkness, check_light, check_sharp
from tryon.engines.studio_parser.quality_checks import check_quality

CATALOGUE = Path(__file__).parents[2] / "studio" / "catalogue"
USERS = ("u1", "u2", "u3", "u4")
each_user = pytest.mark.parametrize("user", USERS)


def photo(user: str) -> Pixels:
    """At half of its size."""
    image = Image.open(CATALOGUE / "uploads" / "users" / f"{user}.jpg").convert("RGB")
    return np.array(image.reduce(2))


def truth(user: str) -> Body:
    folder = CATALOGUE / "truth" / "users"
    points = json.loads((folder / f"{user}.keypoints.json").read_text())
    labels = np.array(Image.open(folder / f"{user}.labels.png"))[::2, ::2]
    return Body(np.ascontiguousarray(labels), np.array(list(points.values()), np.float32) / np.float32(2))


def exposed(image: Pixels, light: float) -> Pixels:
    """As if `light` times as much light had fallen on the sensor."""
    linear: NDArray[np.float64] = (image / 255.0) ** 2.2 * light
    return np.asarray(np.clip(255 * linear ** (1 / 2.2), 0, 255), np.uint8)


def blurred(image: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


def noisy(image: Pixels, strength: float = 5) -> Pixels:
    noise = np.random.default_rng(3).normal(0, strength, image.shape)
    return np.asarray(np.clip(image + noise, 0, 255), np.uint8)


def code(refused: Refused | None) -> str:
    return "accepted" if refused is None else refused.code


@each_user
def test_a_photo_that_is_too_dark_is_refused_and_a_dim_one_is_not(user: str) -> None:
    image = photo(user)
    found = [code(check_darkness(exposed(image, light))) for light in (1, 0.3, 0.01)]
    assert found == ["accepted", "accepted", "too_dark"]


@each_user
def test_a_burnt_out_person_is_refused_and_a_bright_one_is_not(user: str) -> None:
    image, body = photo(user), truth(user)
    found = [code(check_light(exposed(image, light), body)) for light in (1, 1.3, 30)]
    assert found == ["accepted", "accepted", "overexposed"]


@each_user
def test_a_blurred_photo_is_refused_at_any_size_and_with_noise(user: str) -> None:
    image, body = photo(user), truth(user)
    assert code(check_sharp(noisy(blurred(image, 1)), body)) == "accepted"
    spoiled = blurred(image, 4.5)
    large = np.asarray(cv2.resize(spoiled, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR), np.uint8)
    twice = Body(np.ascontiguousarray(body.labels.repeat(2, 0).repeat(2, 1)), body.keypoints * 2)
    assert code(check_sharp(spoiled, body)) == "blurred"
    assert code(check_sharp(noisy(spoiled), body)) == "blurred"
    assert code(check_sharp(large, twice)) == "blurred"


@each_user
def test_a_negative_has_no_face_and_a_person_under_a_lamp_has_one(user: str) -> None:
    image, body = photo(user), truth(user)
    assert code(check_light(np.asarray(255 - image, np.uint8), body)) == "no_face"
    assert (
        code(check_light(np.asarray(np.clip(image * (1.0, 0.8, 0.55), 0, 255), np.uint8), body)) == "accepted"
    )


def test_a_person_in_red_light_has_no_face() -> None:
    """Skin in the middle: the darkest and the palest stay nearer to natural colours."""
    image, body = photo("u3"), truth("u3")
    red = np.asarray(np.clip(image * (1.35, 0.8, 0.8), 0, 255), np.uint8)
    assert code(check_light(red, body)) == "no_face"


def test_burnt_skin_is_refused_before_it_is_white() -> None:
    bright = np.asarray(np.clip(photo("u3") * 1.8, 0, 255), np.uint8)
    assert code(check_light(bright, truth("u3"))) == "overexposed"


@each_user
def test_a_black_and_white_photo_is_refused_and_one_of_little_contrast_is_not(user: str) -> None:
    image, body = photo(user), truth(user)
    grey = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2).astype(np.uint8)
    faint = np.asarray(0.35 * image + 80, np.uint8)
    assert [code(check_quality(each, body)) for each in (image, faint, grey)] == ["accepted"] * 2 + [
        "no_colour"
    ]


@each_user
def test_strong_noise_is_refused_and_a_little_is_not(user: str) -> None:
    image, body = photo(user), truth(user)
    found = [code(check_quality(noisy(image, strength), body)) for strength in (5, 20, 40)]
    assert found == ["accepted", "noisy", "noisy"]


@each_user
def test_a_photo_of_few_colours_is_refused(user: str) -> None:
    image, body = Image.fromarray(photo(user)), truth(user)
    few = np.array(image.convert("P", palette=Image.Palette.ADAPTIVE, colors=32).convert("RGB"))
    assert code(check_quality(few, body)) == "few_colours"


def bricks(shape: tuple[int, ...], low: int = 60, high: int = 190) -> Pixels:
    """Rows of 20 x 10 pixels, every one of its own grey."""
    tones = np.random.default_rng(4).integers(low, high, (shape[0] // 10 + 1, shape[1] // 20 + 2))
    wall = np.repeat(np.repeat(tones, 10, axis=0), 20, axis=1)[: shape[0], : shape[1]]
    return np.repeat(wall[..., None], 3, axis=2).astype(np.uint8)


@each_user
def test_bricks_are_no_backdrop_and_a_wall_over_a_floor_is_one(user: str) -> None:
    image, body = photo(user), truth(user)
    person = body.labels[..., None] > 0
    floor = image.copy()
    floor[435:] = 0.7 * floor[435:]
    assert code(check_backdrop(image, body)) == "accepted"
    assert code(check_backdrop(np.where(person, image, floor), body)) == "accepted"
    assert code(check_backdrop(np.where(person, image, bricks(image.shape)), body)) == "busy_backdrop"


def test_a_person_with_nothing_around_is_cut_off() -> None:
    labels = np.full((512, 384), 4, np.uint8)
    body = Body(labels, np.zeros((19, 3), np.float32))
    assert code(check_backdrop(bricks((512, 384)), body)) == "person_cut_off"
