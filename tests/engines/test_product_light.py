"""Product photos that are out of focus, or taken on a dark or strongly coloured surface."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.engines.drawn_products import CATALOGUE, TEE, Studio, code, detect, found, photo_of
from tryon.core.ports import Pixels
from tryon.core.words import Category

TEE_PHOTO = CATALOGUE / "uploads" / "items" / "tee-sun.jpg"


def _on(paper: tuple[int, int, int], cloth: tuple[int, int, int]) -> Pixels:
    """A tee on paper of that colour, as the studio lights it."""
    studio = Studio(light=255, noise=0)
    studio.add(TEE, (0.2, 0.2, 0.8, 0.7), (0, 0, 0), weave=0)
    cover = studio.truths[0][..., None]
    bare = np.asarray(paper, np.float32) * (1 - cover) + np.asarray(cloth, np.float32) * cover
    noisy = bare + np.random.default_rng(4).normal(0, 1, bare.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


@pytest.mark.parametrize("paper", [(10, 10, 10), (70, 70, 74), (120, 120, 120)])
def test_a_dark_backdrop_is_refused(paper: tuple[int, int, int]) -> None:
    assert code(detect(_on(paper, (240, 238, 230)), Category.TOPS)[0]) == "dark_backdrop"


@pytest.mark.parametrize("paper", [(255, 210, 110), (120, 220, 130), (250, 140, 150)])
def test_a_strongly_coloured_backdrop_is_refused(paper: tuple[int, int, int]) -> None:
    assert code(detect(_on(paper, (30, 40, 90)), Category.TOPS)[0]) == "coloured_backdrop"


@pytest.mark.parametrize("paper", [(172, 172, 172), (235, 225, 205), (205, 220, 235), (240, 215, 215)])
def test_light_greys_and_pale_colours_are_welcome(paper: tuple[int, int, int]) -> None:
    found(detect(_on(paper, (30, 40, 90)), Category.TOPS)[0])


@pytest.mark.parametrize("sigma", [8, 14])
def test_a_blurred_photo_is_refused(sigma: float) -> None:
    blurred = np.asarray(cv2.GaussianBlur(photo_of(TEE_PHOTO), (0, 0), sigma), np.uint8)
    assert code(detect(blurred, Category.TOPS)[0]) == "blurred"


def test_a_little_soft_is_fine() -> None:
    soft = np.asarray(cv2.GaussianBlur(photo_of(TEE_PHOTO), (0, 0), 2), np.uint8)
    found(detect(soft, Category.TOPS)[0])
