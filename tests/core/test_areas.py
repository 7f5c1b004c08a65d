"""Fast shapes against slow ones, to the pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tryon.core import areas
from tryon.core.areas import Area, beyond, dilate, drop_specks

sizes, reaches = st.integers(1, 60), st.integers(0, 40)


def scattered(width: int, height: int, share: float, seed: int = 0) -> Area:
    return np.random.default_rng(seed).random((height, width)) < share


@settings(deadline=None, max_examples=60)
@given(sizes, sizes, reaches, reaches, st.sampled_from([0.0, 0.002, 0.05, 1.0]), st.integers(0, 99))
def test_growing_far_is_opencvs_dilation(
    width: int, height: int, sideways: int, upright: int, share: float, seed: int
) -> None:
    area = scattered(width, height, share, seed)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * sideways + 1, 2 * upright + 1))
    slow = cv2.dilate(area.astype(np.uint8), kernel).astype(bool)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(areas, "SMALL_KERNEL", 0)
        assert np.array_equal(dilate(area, sideways, upright), slow)
    assert np.array_equal(dilate(area, sideways, upright), slow)


@given(sizes, sizes, st.floats(-60, 140), st.floats(-60, 140), st.floats(0, 6.3), st.floats(0, 70))
def test_a_short_half_plane_is_the_long_one_near_its_point(
    width: int, height: int, x: float, y: float, angle: float, reach: float
) -> None:
    point, towards = np.array([x, y]), np.array([np.cos(angle), np.sin(angle)])
    away = np.hypot(*np.meshgrid(np.arange(width) + 0.5 - x, np.arange(height) + 0.5 - y))
    short, long = (beyond((height, width), point, towards, reach) for reach in (reach, np.inf))
    sure = np.abs(away - reach) > 1e-3
    assert np.array_equal(short[sure], (long & (away < reach))[sure])


def test_specks_go_and_what_is_large_stays() -> None:
    area = np.zeros((20, 30), bool)
    area[2:12, 2:12] = area[2:8, 20:26] = True
    assert np.array_equal(drop_specks(area, 0.3), area)
    speck = area.copy()
    speck[18, 18] = True
    assert np.array_equal(drop_specks(speck, 0.3), area)
    assert not drop_specks(np.zeros((5, 5), bool), 0.3).any()
