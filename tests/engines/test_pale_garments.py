"""White and ivory garments on pale paper, with the soft shadow that they throw on it."""

from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tryon.core.ports import Detected, DetectJob, Pixels, SeenGarment
from tryon.core.words import Category, Refused
from tryon.engines.packshot import PackshotDetector
from tryon.engines.packshot.pale import finest, has_edge, pale_cloth

Colour = tuple[int, int, int]

TEE = [
    (150, 110), (176, 128), (208, 128), (234, 110), (276, 130), (330, 236), (294, 262), (268, 220), (268, 410),
    (116, 410), (116, 220), (90, 262), (54, 236), (108, 130),
]  # fmt: skip
PAPER, WHITE, IVORY = (222, 218, 212), (240, 238, 236), (230, 223, 208)


def tee() -> NDArray[np.float32]:
    """Coverage [512, 384]."""
    fine = np.zeros((2048, 1536), np.uint8)
    cv2.fillPoly(fine, [4 * np.array(TEE, np.int32)], 255)
    small = cv2.resize(fine, (384, 512), interpolation=cv2.INTER_AREA)
    return np.asarray(small / 255, np.float32)


def photo(cloth: Colour, paper: Colour = PAPER, uneven: float = 0.0) -> Pixels:
    """A JPEG of the tee, one side of it in shade. uneven: levels by which a blot in the paper is lighter."""
    alpha = tee()
    fallen = cv2.GaussianBlur(np.roll(alpha, (6, 4), (0, 1)), (0, 0), 5)
    y, x = np.mgrid[0:512, 0:384].astype(np.float32)
    blot = uneven * np.exp(-((x - 190) ** 2 + (y - 250) ** 2) / (2 * 60.0**2))
    scene = (np.array(paper, np.float32) + blot[..., None]) * (1 - 0.1 * fallen[..., None])
    shade = 1 - 0.09 * np.clip((x - 200) / 120, 0, 1)
    scene += (np.array(cloth, np.float32) * shade[..., None] - scene) * alpha[..., None]
    file = BytesIO()
    Image.fromarray(np.clip(scene + 0.5, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=92)
    return np.array(Image.open(file))


def found(picture: Pixels) -> Detected | Refused:
    [[answer]] = PackshotDetector().detect([DetectJob(picture, (SeenGarment(Category.TOPS, ""),))])
    return answer


@pytest.mark.parametrize("cloth", [WHITE, IVORY, (226, 226, 230), (236, 220, 220)])
def test_pale_cloth_is_cut_out_whole(cloth: Colour) -> None:
    answer = found(photo(cloth))
    assert isinstance(answer, Detected)
    assert answer.alpha is not None
    alpha, truth = answer.alpha / 255, tee()
    assert np.minimum(alpha, truth).sum() / np.maximum(alpha, truth).sum() >= 0.94


def test_cloth_of_the_papers_own_colour_is_refused() -> None:
    answer = found(photo(PAPER))
    assert isinstance(answer, Refused)
    assert answer.code in {"fragments", "nothing_stands_out", "not_a_garment"}


def test_light_on_the_paper_is_no_cloth() -> None:
    """A blot of light has no edge, whatever its shape."""
    y, x = np.mgrid[0:128, 0:96].astype(np.float32)
    light = 3 * np.exp(-((x - 48) ** 2 + (y - 64) ** 2) / (2 * 20.0**2))
    residual = np.dstack([light, np.zeros_like(light), np.zeros_like(light)])
    blot = light > 1
    assert not has_edge(blot, residual)
    assert has_edge(blot, np.where(blot[..., None], residual, 0).astype(np.float32))


def test_a_shadow_keeps_the_papers_tint() -> None:
    paper = np.tile(np.array([86.0, 2.0, 12.0], np.float32), (4, 4, 1))
    shadow = paper * np.float32(-0.1)
    shadow[..., 0] = -0.1 * (86 + 16)
    assert not pale_cloth(shadow, paper, 0.7).any()
    assert pale_cloth(shadow + np.array([0, 0, 2], np.float32), paper, 0.7).all()
    assert pale_cloth(np.array([1, 0, 0], np.float32) * np.ones_like(paper), paper, 0.7).all()


def test_rough_paper_shows_nothing_pale() -> None:
    rng, border = np.random.default_rng(1), np.ones((32, 32), bool)
    smooth, rough = (rng.normal(0, sigma, (32, 32, 3)).astype(np.float32) for sigma in (0.05, 3.0))
    assert finest(smooth, border) == pytest.approx(0.7)
    assert finest(rough, border) == pytest.approx(2.0)
