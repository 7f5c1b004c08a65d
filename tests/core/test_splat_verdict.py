"""The verdict on splats as SHARP makes them: two noisy layers on a square grid, of the person only, with veils."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.engines.test_relief import person_image, person_mask
from tryon.core.ports import Pixels
from tryon.core.quality import judge_splat
from tryon.core.splats import Gaussians
from tryon.core.words import Refused

SIZE, F_PX = (384, 512), 614.4
IMAGE: Pixels = np.asarray(cv2.resize(person_image(), SIZE), np.uint8)
MASK: Pixels = np.asarray(cv2.resize(person_mask(), SIZE), np.uint8)


def sharp_like(grid: int = 400, person_only: bool = True, veils: float = 0.05, seed: int = 0) -> Gaussians:
    """One Gaussian a cell and layer, jittered in place, depth, colour and opacity. The second layer is darker.
    veils: share of the front that is nearly transparent, nearer, and of any colour."""
    rng, (width, height) = np.random.default_rng(seed), SIZE
    colors = cv2.resize(IMAGE, (grid, grid), interpolation=cv2.INTER_AREA) / 255
    inside = cv2.resize(MASK, (grid, grid), interpolation=cv2.INTER_AREA) > 127
    y, x = np.nonzero(inside | (not person_only))
    count = len(x)
    z = 2.5 + 0.15 * np.sin(x * 20 / grid) + rng.normal(0, 0.01, count)
    u, v = ((axis + 0.5 + rng.normal(0, 0.4, count)) / grid for axis in (x, y))
    front = np.column_stack([(u - 0.5) * width * z / F_PX, (v - 0.5) * height * z / F_PX, z])
    back = front * (1 + rng.uniform(0.05, 0.3, (count, 1)))
    seen, opacities = colors[y, x] + rng.normal(0, 0.03, (count, 3)), rng.uniform(0.3, 1, 2 * count)
    veil = np.flatnonzero(rng.random(count) < veils)
    front[veil] *= 0.9
    opacities[veil], seen[veil] = 0.1, rng.random((len(veil), 3))
    rotations = rng.normal(size=(2 * count, 4))
    return Gaussians(
        np.concatenate([front, back]).astype(np.float32),
        rng.uniform(1e-4, 0.01, (2 * count, 3)).astype(np.float32),
        (rotations / np.linalg.norm(rotations, axis=1, keepdims=True)).astype(np.float32),
        opacities.astype(np.float32),
        np.clip(np.concatenate([seen, seen * 0.5]), 0, 1).astype(np.float32),
    )


def code(gaussians: Gaussians, image: Pixels = IMAGE, f_px: float = F_PX) -> str:
    refused = judge_splat(gaussians, image, f_px)
    return refused.code if isinstance(refused, Refused) else ""


@pytest.mark.parametrize("person_only", [True, False])
def test_a_right_one_passes(person_only: bool) -> None:
    assert code(sharp_like(person_only=person_only)) == ""


def test_what_is_judged_is_the_person_and_not_the_backdrop_that_was_dropped() -> None:
    other = np.where(MASK[..., None] > 0, IMAGE, np.uint8(255 - IMAGE)).astype(np.uint8)
    assert code(sharp_like(), other) == ""
    assert code(sharp_like(person_only=False), other) == "splat_wrong_image"


def test_veils_in_front_are_looked_through_until_they_hide_the_person() -> None:
    assert code(sharp_like(veils=0.15)) == ""
    good = sharp_like(veils=0.4)
    assert code(replace(good, opacities=np.full(len(good), 0.9, np.float32))) == "splat_wrong_image"


def test_faint_gaussians_add_up() -> None:
    good = sharp_like(veils=0)
    assert code(replace(good, opacities=np.full(len(good), 0.2, np.float32))) == ""
    assert code(replace(good, opacities=np.full(len(good), 0.01, np.float32))) == "splat_wrong_image"


@pytest.mark.parametrize("flip", [[-1, 1, 1], [1, -1, 1]])
def test_a_mirrored_one_is_refused(flip: list[int]) -> None:
    good = sharp_like()
    assert code(replace(good, positions=good.positions * np.array(flip, np.float32))) == "splat_wrong_image"


def test_another_look_in_the_same_outline_is_refused() -> None:
    assert code(sharp_like(), IMAGE[:, :, ::-1].copy()) == "splat_wrong_image"


def test_linear_colours_taken_for_srgb_are_refused() -> None:
    good = sharp_like()
    assert code(replace(good, colors=good.colors**2.2)) == "splat_wrong_image"


def test_the_full_size_is_judged_in_bounded_memory() -> None:
    """768 x 768 x 2. The Gaussians themselves are 66 MB."""
    full = sharp_like(grid=768, person_only=False)
    assert len(full) == 1_179_648
    tracemalloc.start()
    assert judge_splat(full, IMAGE, F_PX) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 250e6
