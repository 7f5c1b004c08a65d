"""Pictures on their way in and out: canvas, white backdrop, masks, and the person's own pixels around the garment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tryon.core.ports import Pixels
from tryon.core.sizing import on_white
from tryon.engines.catvton.canvas import Canvas
from tryon.engines.catvton.prepare import crop_to, fit_on_white, mask_tensor, to_pixels
from tryon.engines.catvton.repaint import repaint

sides = st.integers(64, 200)


def smooth(width: int, height: int) -> Pixels:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height)], -1).astype(
        np.uint8
    )


@settings(deadline=None, max_examples=40)
@given(sides, sides, st.sampled_from([(96, 128), (128, 96), (192, 256)]))
def test_a_person_comes_back_whole_at_their_own_size(width: int, height: int, size: tuple[int, int]) -> None:
    person, canvas = smooth(width, height), Canvas.of((width, height), size)
    placed = canvas.picture(person)
    assert placed.size == size
    back = canvas.back(np.asarray(placed))
    assert back.shape == person.shape
    coarseness = max(width / canvas.inner[0], 1) * 255 / min(width, height)
    assert np.abs(back.astype(int) - person).max() <= 3 + 4 * coarseness


def test_a_person_of_the_canvas_size_is_not_resampled() -> None:
    rng = np.random.default_rng(0)
    person = rng.integers(0, 255, (128, 96, 3), dtype=np.uint8)
    canvas = Canvas.of((96, 128), (96, 128))
    assert np.array_equal(np.asarray(canvas.picture(person)), person)
    assert np.array_equal(canvas.back(person), person)


def test_a_narrow_person_keeps_every_pixel_and_its_edge_is_repeated() -> None:
    rng = np.random.default_rng(0)
    person = rng.integers(0, 255, (128, 70, 3), dtype=np.uint8)
    canvas = Canvas.of((70, 128), (96, 128))
    placed = np.asarray(canvas.picture(person))
    assert np.array_equal(placed[:, 13:83], person)
    assert (placed[:, :13] == person[:, :1]).all()
    assert (placed[:, 83:] == person[:, -1:]).all()
    region = np.full((128, 70), 255, np.uint8)
    mask = np.asarray(canvas.mask(region))
    assert mask[:, 13:83].all()
    assert not mask[:, :13].any()
    assert not mask[:, 83:].any()


def test_a_garment_is_laid_on_white_by_its_alpha() -> None:
    rgba = np.zeros((40, 20, 4), np.uint8)
    rgba[..., 0] = 200
    rgba[:20, :, 3] = 255
    rgba[20:30, :, 3] = 128
    rgb = on_white(rgba)
    assert (rgb[:20] == (200, 0, 0)).all()
    assert (rgb[30:] == 255).all()
    np.testing.assert_allclose(rgb[25, 5], (227, 127, 127), atol=1)
    opaque = rgba.copy()
    opaque[..., 3] = 255
    assert np.array_equal(on_white(opaque), opaque[..., :3])


@pytest.mark.parametrize(
    ("size", "inner"),
    [((40, 20), (0, 40, 96, 88)), ((20, 80), (32, 0, 64, 128)), ((96, 128), (0, 0, 96, 128))],
)
def test_a_garment_is_whole_and_in_the_middle(
    size: tuple[int, int], inner: tuple[int, int, int, int]
) -> None:
    placed = np.asarray(fit_on_white(Image.new("RGB", size, (10, 20, 30)), (96, 128)))
    left, top, right, bottom = inner
    assert (placed[top:bottom, left:right] == (10, 20, 30)).all()
    assert (placed == 255).all(-1).sum() == 96 * 128 - (right - left) * (bottom - top)


@pytest.mark.parametrize(
    ("size", "box"),
    [((100, 100), (12, 0, 87, 100)), ((60, 100), (0, 10, 60, 90)), ((96, 128), (0, 0, 96, 128))],
)
def test_the_published_crop_is_the_middle(size: tuple[int, int], box: tuple[int, int, int, int]) -> None:
    image = Image.fromarray(smooth(*size))
    wanted = image.crop(box).resize((96, 128), Image.Resampling.LANCZOS)
    assert np.array_equal(np.asarray(crop_to(image, (96, 128))), np.asarray(wanted))


def test_a_mask_begins_at_128() -> None:
    levels = np.array([[0, 127, 128, 255]], np.uint8)
    assert mask_tensor(Image.fromarray(levels)).flatten().tolist() == [0, 0, 1, 1]


def test_decoded_numbers_become_grey_levels() -> None:
    import torch

    decoded = torch.tensor([-9.0, -1.0, 0.0, 0.5, 1.0, 9.0]).reshape(1, 1, 1, 6).expand(1, 3, 1, 6)
    assert to_pixels(decoded)[0, 0, :, 0].tolist() == [0, 0, 128, 191, 255, 255]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(64, 300))
def test_outside_the_region_every_pixel_is_the_persons_own(seed: int, height: int) -> None:
    rng = np.random.default_rng(seed)
    person, result = (rng.integers(0, 255, (height, 80, 3), dtype=np.uint8) for _ in range(2))
    blobs = rng.random((height // 8 + 1, 11)) > 0.5
    region = np.kron(blobs, np.ones((8, 8)))[:height, :80].astype(np.uint8) * 255
    image = repaint(person, result, region)
    assert np.array_equal(image[region == 0], person[region == 0])
    low, high = np.minimum(person, result), np.maximum(person, result)
    assert ((low <= image) & (image <= high)).all()


def test_the_edge_is_soft_inwards_only_and_the_photos_border_is_no_edge() -> None:
    person, result = np.zeros((1000, 200, 3), np.uint8), np.full((1000, 200, 3), 200, np.uint8)
    region = np.zeros((1000, 200), np.uint8)
    region[500:, :] = 255
    column = repaint(person, result, region)[:, 100, 0]
    assert not column[:500].any()
    assert (np.diff(column[500:506].astype(int)) > 0).all()
    assert (column[506:] == 200).all()
    assert (repaint(person, result, np.full_like(region, 255)) == 200).all()
