"""The gallery shows every garment, turns splats and tells refusals in the engines' own words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.gallery import write
from bench.gallery.rasterised import picture, turned
from bench.gallery.refusals import Shown
from bench.gallery.samples import shown_looks
from studio.wardrobe import garments
from tryon.core.contact_sheet import PAPER
from tryon.core.ports import Pixels
from tryon.core.splats import Gaussians
from tryon.core.words import Refused

RED, BLUE = (255, 0, 0), (0, 0, 255)


def board(
    x: float, z: float, colour: tuple[int, int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Places and colours of a square of 0.4 m that faces the camera."""
    across, down = np.meshgrid(np.linspace(-0.2, 0.2, 41), np.linspace(-0.2, 0.2, 41))
    places = np.stack([across.ravel() + x, down.ravel(), np.full(across.size, z)], axis=1).astype(np.float32)
    return places, np.tile(np.array(colour, np.float32) / 255, (len(places), 1))


def splat(*boards: tuple[NDArray[np.float32], NDArray[np.float32]]) -> Gaussians:
    positions, colours = (np.concatenate([part[i] for part in boards]) for i in (0, 1))
    n = len(positions)
    still = np.tile(np.array([1, 0, 0, 0], np.float32), (n, 1))
    return Gaussians(positions, np.full((n, 3), 0.006, np.float32), still, np.ones(n, np.float32), colours)


def like(seen: Pixels, colour: tuple[int, int, int]) -> bool:
    return bool(np.all(np.abs(seen.astype(int) - colour) <= 4))


def test_the_nearer_board_hides_the_other_until_the_splat_is_turned_round() -> None:
    both = splat(board(0.0, 3.0, RED), board(0.0, 3.2, BLUE))
    seen = picture(both, (60, 80))
    assert seen.shape == (80, 60, 3)
    assert like(seen[40, 30], RED)
    assert tuple(seen[0, 0]) == PAPER
    assert like(picture(turned(both, 180.0), (60, 80))[40, 30], BLUE)


def test_a_board_has_no_holes() -> None:
    seen = picture(splat(board(0.0, 3.0, RED)), (60, 60))
    assert like(seen[10:50, 10:50], RED)


def test_a_half_opaque_gaussian_shows_half_of_what_is_behind_it() -> None:
    middle = np.array([[0.0, 0.0, 2.9]], np.float32), np.array([[0, 0, 1]], np.float32)
    both = splat(board(0.0, 3.0, RED), middle)
    both.opacities[-1], both.scales[-1] = 0.5, (0.04, 0.02, 0.001)
    seen = picture(both, (61, 61))
    assert like(seen[30, 30], (128, 0, 128))
    # One standard deviation across is two down: 57 pixels show 0.4 m.
    beside, below = seen[30, 36].astype(int), seen[36, 30].astype(int)
    assert beside[2] == pytest.approx(0.5 * np.exp(-0.5) * 255, abs=12)
    assert below[2] == pytest.approx(0.5 * np.exp(-2) * 255, abs=12)


def test_turning_right_brings_what_was_at_the_side_to_the_front() -> None:
    pair = splat(board(-0.5, 3.0, RED), board(0.5, 3.0, BLUE))
    red = pair.colors[:, 0] > 0.5
    places = turned(pair, 90.0).positions
    assert abs(float(places[red, 2].mean() - places[~red, 2].mean())) > 0.9
    assert abs(float(places[red, 0].mean() - places[~red, 0].mean())) < 0.01


def test_the_shown_looks_have_every_garment() -> None:
    shown = shown_looks(write.LOOKS)
    assert len(shown) == write.LOOKS
    assert {garment for outfit in shown for garment in outfit.split("+")} == set(
        garments("tops", "bottoms", "dress")
    )


def test_the_page_says_what_the_engines_said(tmp_path: Path) -> None:
    grey = np.full((8, 8, 3), 128, np.uint8)
    shown = [Shown("upside down", grey, Refused("upside_down", "Turn it.")), Shown("blurred", grey, None)]
    text = write.write_page(shown, tmp_path / "gallery.md").read_text()
    assert "| upside down | upside_down | Turn it. |" in text
    assert "| blurred | none | Not refused" in text
