"""The photo as it is sent: as large as the model sees it, and not a byte of metadata more."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.peers.openai_requests import MOST_BYTES
from tryon.engines.openai_vision.picture import as_jpeg, data_uri, photo_digest, working_size


@pytest.mark.parametrize(
    ("size", "working"),
    [
        ((3000, 4000), (768, 1024)),
        ((4000, 3000), (1024, 768)),
        ((5000, 5000), (768, 768)),
        ((768, 2048), (768, 2048)),
        ((1000, 8000), (256, 2048)),
        ((64, 64), (64, 64)),
    ],
)
def test_sizes(size: tuple[int, int], working: tuple[int, int]) -> None:
    assert working_size(*size) == working


def test_colours_stay_what_they_are() -> None:
    image = np.zeros((1600, 1200, 3), np.uint8)
    image[:, :600], image[:, 600:] = (200, 30, 40), (20, 60, 220)
    with Image.open(BytesIO(as_jpeg(image))) as small:
        pixels = np.asarray(small, np.int16)
    assert pixels.shape == (1024, 768, 3)
    assert np.abs(pixels[:, :350] - (200, 30, 40)).max() <= 4
    assert np.abs(pixels[:, -350:] - (20, 60, 220)).max() <= 4


def test_even_noise_is_small_enough() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (2048, 768, 3), np.uint8)
    assert len(as_jpeg(noise)) < MOST_BYTES


def test_the_uri_holds_the_jpeg() -> None:
    jpeg = as_jpeg(np.full((80, 64, 3), 120, np.uint8))
    head, _, data = data_uri(jpeg).partition(",")
    assert (head, b64decode(data)) == ("data:image/jpeg;base64", jpeg)


def test_the_same_photo_is_one_with_the_same_pixels_and_size() -> None:
    image = np.arange(64 * 80 * 3, dtype=np.uint8).reshape(64, 80, 3)
    other = image.copy()
    other[5, 5, 1] ^= 1
    assert photo_digest(image) == photo_digest(np.asfortranarray(image))
    assert len({photo_digest(image), photo_digest(other), photo_digest(image.reshape(80, 64, 3))}) == 3
