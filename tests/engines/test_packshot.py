"""Cut-outs of garments on a plain backdrop: drawn ones with noise, and the catalogue's rendered ones."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.engines.drawn_products import BOARD, CATALOGUE, JEANS, SKIRT, TEE, Studio, detect, found, iou
from tryon.core.ports import DetectJob, SeenGarment
from tryon.core.words import Category, Refused
from tryon.engines.packshot import PADDING, PackshotDetector
from tryon.engines.packshot.shadows import find_shadows

ITEMS = sorted((CATALOGUE / "uploads" / "items").glob("*.jpg"))

# Outlines in a unit square, y down.
DRESS = [(0.2, 0), (0.8, 0), (0.68, 0.35), (1, 1), (0, 1), (0.32, 0.35)]
SHOE = [(0, 0.2), (0.3, 0), (0.5, 0.5), (1, 0.6), (1, 1), (0, 1)]


@pytest.mark.parametrize(
    ("outline", "category", "colour"),
    [
        (TEE, Category.TOPS, (40, 70, 140)),
        (TEE, Category.TOPS, (200, 190, 150)),
        (JEANS, Category.BOTTOMS, (60, 90, 140)),
        (SKIRT, Category.BOTTOMS, (170, 30, 50)),
        (DRESS, Category.DRESS, (20, 90, 80)),
    ],
)
@pytest.mark.parametrize("size", [(384, 512), (600, 800), (300, 300)])
def test_one_garment_is_cut_out_cleanly(
    outline: list[tuple[float, float]], category: Category, colour: tuple[int, ...], size: tuple[int, int]
) -> None:
    studio = Studio(*size)
    studio.add(outline, (0.2, 0.15, 0.8, 0.85), colour)
    answer, alpha = found(detect(studio.photo(), category)[0])
    truth = studio.truths[0]
    assert alpha.shape == truth.shape
    assert iou(alpha, truth) >= 0.97
    # No halo: away from the edge there is neither backdrop inside nor coverage outside.
    reach = np.ones((9, 9), np.uint8)
    assert (alpha[cv2.dilate(truth, reach) == 0] > 0).mean() <= 3e-4
    assert (alpha[cv2.erode(truth, reach) == 1] == 255).all()
    assert np.abs(np.subtract(padded(truth), answer.box)).max() <= 5


def padded(truth: NDArray[np.float32]) -> tuple[int, ...]:
    rows, columns = np.flatnonzero((truth > 0.5).any(1)), np.flatnonzero((truth > 0.5).any(0))
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    pad = round(PADDING * max(right - left, bottom - top))
    return left - pad, top - pad, right + pad, bottom + pad


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_garments_go_to_their_categories(order: tuple[int, int]) -> None:
    studio = Studio()
    studio.add(TEE, (0.05, 0.1, 0.45, 0.45), (150, 40, 60))
    studio.add(JEANS, (0.6, 0.1, 0.9, 0.9), (50, 80, 130))
    wanted = [(Category.TOPS, Category.BOTTOMS)[index] for index in order]
    answers = detect(studio.photo(), *wanted)
    for answer, index in zip(answers, order, strict=True):
        assert iou(found(answer)[1], studio.truths[index]) >= 0.97


def test_a_long_vest_and_slim_trousers_are_not_mistaken_for_each_other() -> None:
    """One is no wider at its top than the other; straps and a waistband tell them apart."""
    vest = [(0.2, 0), (0.35, 0), (0.5, 0.15), (0.65, 0), (0.8, 0), (1, 0.3), (1, 1), (0, 1), (0, 0.3)]
    slim = [(0.1, 0), (0.9, 0), (1, 0.25), (0.8, 1), (0.52, 1), (0.5, 0.5), (0.48, 1), (0.2, 1), (0, 0.25)]
    studio = Studio()
    studio.add(vest, (0.08, 0.2, 0.42, 0.6), (40, 130, 110))
    studio.add(slim, (0.58, 0.15, 0.92, 0.9), (120, 90, 50))
    top, bottom = detect(studio.photo(), Category.TOPS, Category.BOTTOMS)
    for answer, truth in zip((top, bottom), studio.truths, strict=True):
        assert iou(found(answer)[1], truth) >= 0.97


@pytest.mark.parametrize("throat", [0.0, 0.004, 0.01])
def test_the_gap_between_a_sleeve_and_the_side_stays_open(throat: float) -> None:
    """Down to a throat of a pixel or two at the cuff; a fold of that width has no gap behind it."""
    left, right = 0.19 - throat, 0.81 + throat
    sweater = [
        (0.35, 0), (0.65, 0), (0.9, 0.2), (1, 0.9), (right, 0.9), (0.84, 0.6), (0.75, 0.35), (0.72, 0.6),
        (0.79, 0.9), (0.8, 1), (0.2, 1), (0.21, 0.9), (0.28, 0.6), (0.25, 0.35), (0.16, 0.6), (left, 0.9),
        (0, 0.9), (0.1, 0.2),
    ]  # fmt: skip
    studio = Studio(600, 800)
    studio.add(sweater, (0.1, 0.2, 0.9, 0.8), (70, 40, 120))
    [answer] = detect(studio.photo(), Category.TOPS)
    _, alpha = found(answer)
    gap = np.zeros_like(alpha)
    corners = np.array([(0.25, 0.45), (0.27, 0.6), (0.245, 0.7), (0.2, 0.7), (0.19, 0.6)])
    cv2.fillPoly(gap, [np.rint((corners * (0.8, 0.6) + (0.1, 0.2)) * (600, 800)).astype(np.int32)], 255)
    assert alpha[gap > 0].mean() < 10
    assert iou(alpha, studio.truths[0]) >= 0.97


def test_an_undeclared_garment_is_left_out() -> None:
    studio = Studio()
    studio.add(TEE, (0.05, 0.1, 0.45, 0.45), (150, 40, 60))
    studio.add(SKIRT, (0.55, 0.55, 0.95, 0.9), (50, 80, 130))
    [answer] = detect(studio.photo(), Category.BOTTOMS)
    assert iou(found(answer)[1], studio.truths[1]) >= 0.97


def test_a_pair_of_shoes_is_one_detection() -> None:
    studio = Studio()
    studio.add(SHOE, (0.1, 0.5, 0.4, 0.65), (110, 60, 30))
    studio.add([(1 - x, y) for x, y in SHOE], (0.6, 0.52, 0.9, 0.67), (110, 60, 30))
    studio.add(TEE, (0.3, 0.05, 0.75, 0.4), (50, 80, 130))
    tee, shoes = detect(studio.photo(), Category.TOPS, Category.SHOES)
    assert iou(found(tee)[1], studio.truths[2]) >= 0.97
    assert iou(found(shoes)[1], studio.truths[0] + studio.truths[1]) >= 0.96


def test_a_white_stripe_at_the_hem_is_not_eaten() -> None:
    studio = Studio(light=238)
    studio.add(TEE, (0.2, 0.2, 0.8, 0.8), (30, 40, 80))
    studio.add(BOARD, (0.35, 0.78, 0.65, 0.8), (252, 252, 252), weave=1)
    _, alpha = found(detect(studio.photo(), Category.TOPS)[0])
    assert (alpha[studio.truths[1] == 1] > 127).mean() >= 0.85


@pytest.mark.parametrize("shadow", [0.06, 0.12, 0.18])
@pytest.mark.parametrize(
    ("outline", "category", "colour"),
    [
        (TEE, Category.TOPS, (40, 70, 140)),
        (JEANS, Category.BOTTOMS, (70, 75, 80)),
        (DRESS, Category.DRESS, (196, 168, 140)),
        (SKIRT, Category.BOTTOMS, (252, 251, 248)),
    ],
)
def test_a_soft_shadow_is_no_garment(
    outline: list[tuple[float, float]], category: Category, colour: tuple[int, int, int], shadow: float
) -> None:
    studio = Studio(light=232)
    studio.add(outline, (0.2, 0.15, 0.8, 0.85), colour, shadow=shadow)
    _, alpha = found(detect(studio.photo(), category)[0])
    assert iou(alpha, studio.truths[0]) >= 0.97


def test_a_pale_grey_garment_is_no_shadow() -> None:
    """It is as dark as its own shadow; it may keep some of that, and loses none of its hems."""
    studio = Studio(light=240)
    studio.add(TEE, (0.2, 0.2, 0.8, 0.8), (212, 212, 212), shadow=0.12)
    _, alpha = found(detect(studio.photo(), Category.TOPS)[0])
    assert (alpha[studio.truths[0] == 1] > 127).mean() >= 0.98


def test_without_bare_backdrop_there_is_no_shadow() -> None:
    everywhere = np.ones((40, 30), bool)
    assert not find_shadows(np.full((40, 30, 3), -8, np.float32), everywhere).any()


def test_a_batch_answers_each_photo_in_order_and_the_same_again() -> None:
    good, empty = Studio(), Studio().photo()
    good.add(TEE, (0.2, 0.2, 0.8, 0.8), (30, 40, 80))
    jobs = [DetectJob(image, (SeenGarment(Category.TOPS, "top"),)) for image in (empty, good.photo())]
    first, second = (PackshotDetector().detect(jobs) for _ in range(2))
    assert isinstance(first[0][0], Refused)
    assert found(first[1][0])[1].tobytes() == found(second[1][0])[1].tobytes()
    assert PackshotDetector().detect([DetectJob(empty, ())]) == [()]


@pytest.mark.parametrize("path", ITEMS, ids=lambda path: path.stem)
def test_the_catalogues_packshots_match_their_true_alpha(path: Path) -> None:
    image = np.array(Image.open(path).convert("RGB"))
    categories = [Category(name) for name in json.loads(path.with_suffix(".json").read_text())["categories"]]
    answers = detect(image, *categories)
    for category, answer in zip(categories, answers, strict=True):
        truth = np.array(
            Image.open(CATALOGUE / "truth" / "items" / f"{path.stem}.{category.value}.alpha.png")
        )
        alpha = found(answer)[1]
        assert iou(alpha, np.asarray(truth / 255, np.float32)) >= 0.97
        parts, _ = cv2.connectedComponents((alpha > 0).astype(np.uint8), connectivity=4)
        assert parts - 1 == (2 if category is Category.SHOES else 1), "specks beside the cut-out"
