"""The measures of the evaluation, on arrays whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.evaluate.depths import splat_depth
from bench.evaluate.metrics import (
    correlation,
    followed,
    grown,
    iou,
    keypoint_px,
    label_iou,
    soft_iou,
    ssim_map,
    tints,
)
from tryon.core.splats import Gaussians


def square(left: int, size: int = 20) -> NDArray[np.bool_]:
    area = np.zeros((40, 60), dtype=bool)
    area[10 : 10 + size, left : left + size] = True
    return area


def picture(seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (64, 64, 3), dtype=np.uint8)


def test_iou_of_areas() -> None:
    assert iou(square(10), square(10)) == 1.0
    assert iou(square(10), square(20)) == pytest.approx(1 / 3)
    assert iou(square(0), square(30)) == 0.0
    assert iou(np.zeros((4, 4), bool), np.zeros((4, 4), bool)) == 1.0


def test_a_garment_of_the_wrong_label_is_no_hit() -> None:
    true = np.where(square(10), 5, 0)
    assert label_iou(true, true, (5, 6)) == 1.0
    assert label_iou(np.where(square(10), 6, 0), true, (5, 6)) == 0.0
    assert label_iou(np.where(square(20), 5, 0), true, (5, 6)) == pytest.approx(1 / 3)


def test_soft_iou_counts_half_covered_pixels_as_halves() -> None:
    whole, half = np.full((4, 4), 255, np.uint8), np.full((4, 4), 51, np.uint8)
    assert soft_iou(whole, whole) == 1.0
    assert soft_iou(half, whole) == pytest.approx(0.2)


def test_keypoints_are_measured_at_1024_and_only_where_seen() -> None:
    true = np.array([[10, 10, 1], [20, 20, 1], [900, 900, 0]], np.float32)
    found = np.array([[13, 14, 1], [20, 20, 0], [0, 0, 1]], np.float32)
    assert keypoint_px(found, true, 512) == pytest.approx(5.0)
    assert np.isnan(keypoint_px(found[2:], true[2:], 512))


def test_ssim_is_one_for_equal_pictures_and_low_for_noise() -> None:
    assert ssim_map(picture(), picture()) == pytest.approx(np.ones((64, 64)))
    assert abs(ssim_map(picture(), picture(1)).mean()) < 0.1
    brighter = np.clip(picture() * 0.8 + 40, 0, 255).astype(np.uint8)
    assert 0.8 < ssim_map(picture(), brighter).mean() < 1.0


def test_an_area_grows_by_a_share_of_the_height() -> None:
    grew = grown(square(20), 0.1)
    assert grew[10, 16]
    assert not grew[10, 15]


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 30, 90)])
@pytest.mark.parametrize("light", [1.0, 0.6])
def test_pixels_that_show_a_tinted_garment_follow_it(colour: tuple[int, int, int], light: float) -> None:
    """Whatever its colour, and in shade too; where the other garment is they go the other way."""
    garment = np.dstack([np.full((40, 60, 3), colour, np.uint8), np.full((40, 60), 255, np.uint8)])
    orange, azure = tints(garment)
    shown = []
    for here, there in ((orange, azure), (azure, orange)):
        image = np.full((40, 60, 3), 120, np.uint8)
        image[square(0)] = (here[..., :3] * light)[square(0)]
        image[square(30)] = (there[..., :3] * light)[square(30)]
        shown.append(image)
    follows = followed(shown[0], shown[1])
    assert follows[square(0)] == pytest.approx(light, abs=0.02)
    assert follows[square(30)] == pytest.approx(-light, abs=0.02)
    assert not follows[~(square(0) | square(30))].any()


def test_correlation_ignores_scale_and_sees_opposites() -> None:
    depth = np.random.default_rng(0).random((40, 60))
    assert correlation(3 * depth + 2, depth, square(10)) == pytest.approx(1.0)
    assert correlation(-depth, depth, square(10)) == pytest.approx(-1.0)
    assert correlation(np.ones_like(depth), depth, square(10)) == 0.0


def test_the_depth_of_a_splat_is_that_of_its_nearest_gaussians() -> None:
    """A tilted plane of Gaussians at 2 to 3 m in front of a wall at 9 m; nothing beside the wall."""
    f_px, size = 100.0, (120, 80)
    x, y = (values.ravel() + 0.5 for values in np.meshgrid(np.arange(20.0, 100.0), np.arange(10.0, 70.0)))
    z = np.concatenate([2.0 + x / 120, np.full(len(x), 9.0)])
    across, down = (np.tile(v, 2) - middle for v, middle in ((x, 60), (y, 40)))
    positions = np.stack([across * z / f_px, down * z / f_px, z], axis=1).astype(np.float32)
    n = len(positions)
    splat = Gaussians(
        positions,
        np.full((n, 3), 0.01, np.float32),
        np.tile(np.array([1, 0, 0, 0], np.float32), (n, 1)),
        np.ones(n, np.float32),
        np.ones((n, 3), np.float32),
    )
    depth = splat_depth(splat, size, f_px)
    assert depth.shape == (40, 60)
    wide = np.arange(10, 50)
    assert depth[20, 10:50] == pytest.approx(2.0 + (2 * wide + 1) / 120, abs=0.01)
    assert np.isnan(depth[20, 0])
    assert np.isnan(depth[39, 59])
