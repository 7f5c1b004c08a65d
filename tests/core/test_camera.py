"""Where a picture's focal length comes from, and that a bad one is never quietly used."""

from __future__ import annotations

import math

import pytest
from PIL.TiffImagePlugin import IFDRational

from tryon.core.camera import Camera, Focal, focal_length
from tryon.core.errors import InvalidSetting

DIAGONAL_MM = math.hypot(36, 24)


def test_a_given_value_wins_over_exif() -> None:
    assert focal_length(Camera(focal_mm_35=28), 768, 1024, given=900) == Focal(900.0, "given")


def test_exif_wins_over_the_default() -> None:
    found = focal_length(Camera(focal_mm_35=30), 768, 1024)
    assert found.source == "exif"
    assert found.f_px == pytest.approx(887.5, abs=0.1)  # ml-sharp's own figure for 30 mm at this size


def test_without_exif_the_default_is_1_2_times_the_longest_side() -> None:
    assert focal_length(None, 768, 1024) == Focal(1228.8, "default")
    assert focal_length(Camera(), 1024, 768) == Focal(1228.8, "default")


@pytest.mark.parametrize(
    ("camera", "millimetres"),
    [
        (Camera(28, 4.25), 28),  # the 35 mm equivalent is used as it is
        (Camera(0, 4.25), 4.25 * 8.4),  # 0 means unknown: FocalLength, a phone's, scaled to full frame
        (Camera(0.5, 50), 50),
        (Camera(None, 50), 50),  # 10 mm and more is taken as 35 mm equivalent
        (Camera(None, 10), 10),
        (Camera(None, 9.99), 9.99 * 8.4),
        (Camera(5, None), 5),  # the phone rule belongs to the FocalLength fallback only
    ],
)
def test_exif_follows_the_reference_rule(camera: Camera, millimetres: float) -> None:
    found = focal_length(camera, 600, 800)
    assert found.source == "exif"
    assert found.f_px == pytest.approx(millimetres * 1000 / DIAGONAL_MM)


@pytest.mark.parametrize(
    "camera",
    [
        Camera(-3, None),
        Camera(0, 0),
        Camera(None, -50),
        Camera(None, 0.0),
        Camera(1e9, None),
        Camera(None, 1e9),
    ],
)
def test_exif_that_no_lens_can_have_gives_the_default(camera: Camera) -> None:
    assert focal_length(camera, 600, 800).source == "default"


@pytest.mark.parametrize("given", [0, -1, math.nan, math.inf, 1e9, 1, True, "900"])
def test_a_bad_given_value_is_an_error_and_not_replaced(given: float) -> None:
    with pytest.raises(InvalidSetting, match=r"f_px .* 600x800"):
        focal_length(Camera(focal_mm_35=28), 600, 800, given=given)


def test_exif_focal_length_scales_with_the_resized_picture_and_ignores_its_rotation() -> None:
    camera = Camera(focal_mm_35=28)
    full = focal_length(camera, 4000, 3000)
    assert focal_length(camera, 3000, 4000) == full
    assert focal_length(camera, 768, 1024).f_px == pytest.approx(full.f_px * 1024 / 4000)
    assert full.resized((4000, 3000), (1024, 768)).f_px == pytest.approx(full.f_px * 1024 / 4000)


def test_a_given_value_is_carried_to_another_size_explicitly() -> None:
    assert Focal(1000.0, "given").resized((3000, 4000), (768, 1024)) == Focal(256.0, "given")


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (28, 28.0),
        (IFDRational(425, 100), 4.25),
        (IFDRational(0, 0), None),
        (IFDRational(1, 0), None),
        (math.nan, None),
        (True, None),
        ("28", None),
        ((28, 1), None),
        (b"\x00\x1c", None),
        (None, None),
        (10**400, None),
    ],
)
def test_raw_exif_values_become_numbers_or_nothing(raw: object, number: float | None) -> None:
    assert Camera.from_exif(raw, raw) == Camera(number, number)
