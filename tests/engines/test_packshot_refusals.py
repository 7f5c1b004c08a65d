"""Product photos that no garment can be cut out of: nothing stands out, parts are lost, somebody wears it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.engines.drawn_products import (
    BOARD,
    CATALOGUE,
    JEANS,
    PULLOVER,
    TEE,
    Box,
    Studio,
    code,
    detect,
    found,
    iou,
    photo_of,
)
from tryon.core.words import Category

PEOPLE = [
    *sorted((CATALOGUE / "uploads" / "users").glob("*.jpg")),
    *sorted((CATALOGUE / "truth" / "looks").glob("*/*.webp"))[::4],
]


def test_fewer_garments_than_declared_refuses_the_missing_one() -> None:
    studio = Studio()
    studio.add(JEANS, (0.3, 0.1, 0.7, 0.9), (50, 80, 130))
    top, bottom = detect(studio.photo(), Category.TOPS, Category.BOTTOMS)
    assert code(top) == "garment_not_found"
    assert iou(found(bottom)[1], studio.truths[0]) >= 0.97


def test_an_empty_backdrop_has_nothing_that_stands_out() -> None:
    assert code(detect(Studio().photo(), Category.TOPS)[0]) == "nothing_stands_out"


def test_white_on_white_is_refused() -> None:
    studio = Studio(light=252)
    studio.add(TEE, (0.2, 0.15, 0.8, 0.75), (243, 243, 242), weave=2)
    studio.add(BOARD, (0.4, 0.3, 0.6, 0.45), (220, 60, 30))
    assert code(detect(studio.photo(), Category.TOPS)[0]) in {"fragments", "nothing_stands_out"}


def test_a_garment_in_pieces_is_refused() -> None:
    studio = Studio(noise=0.3)
    for top in (0.2, 0.35, 0.5):
        studio.add(BOARD, (0.25, top, 0.75, top + 0.12), (40, 60, 120))
    assert code(detect(studio.photo(), Category.TOPS)[0]) == "fragments"


@pytest.mark.parametrize("box", [(0.2, 0.4, 0.8, 1.2), (-0.2, 0.2, 0.5, 0.8), (0.3, -0.2, 0.9, 0.5)])
def test_a_garment_cut_by_the_photos_edge_is_refused(box: Box) -> None:
    studio = Studio()
    studio.add(TEE, box, (40, 70, 140))
    assert code(detect(studio.photo(), Category.TOPS)[0]) == "cut_off"


def test_a_busy_backdrop_is_refused() -> None:
    rng = np.random.default_rng(3)
    rough = rng.integers(0, 255, (32, 24, 3), dtype=np.uint8)
    image = np.asarray(cv2.resize(rough, (384, 512), interpolation=cv2.INTER_CUBIC), np.uint8)
    assert code(detect(image, Category.TOPS)[0]) == "busy_backdrop"


@pytest.mark.parametrize("path", PEOPLE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_person_wearing_it_is_refused(path: Path) -> None:
    image = photo_of(path)
    for category in (Category.TOPS, Category.BOTTOMS, Category.DRESS):
        assert code(detect(image, category)[0]) == "worn_garment"


def test_bare_arms_beside_a_shirt_that_is_cut_off_tell_that_it_is_worn() -> None:
    arm = [(0.1, 0), (1, 0.02), (0.8, 1), (0, 1)]
    studio = Studio()
    studio.add(arm, (0.12, 0.3, 0.26, 1.0), (206, 160, 130), weave=2)
    studio.add([(1 - x, y) for x, y in arm], (0.74, 0.3, 0.88, 1.0), (206, 160, 130), weave=2)
    studio.add(TEE, (0.1, -0.1, 0.9, 1.1), (40, 70, 140))
    assert code(detect(studio.photo(), Category.TOPS)[0]) == "worn_garment"


def test_a_skin_coloured_turtleneck_is_worn_by_nobody() -> None:
    turtleneck = [(0.4, 0), (0.6, 0), (0.59, 0.08), (0.75, 0.12), *PULLOVER[3:-1], (0.25, 0.12), (0.41, 0.08)]
    studio = Studio()
    studio.add(turtleneck, (0.15, 0.15, 0.85, 0.75), (206, 160, 130))
    found(detect(studio.photo(), Category.TOPS)[0])
