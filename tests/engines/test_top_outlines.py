"""Tops whose outline is not as simple as a tee's: each has the same body, so its armpits and hem are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tryon.core.ports import Pixels
from tryon.core.words import Category, Refused
from tryon.engines.packshot.category_scores import category_scores
from tryon.engines.packshot.silhouettes import Candidate
from tryon.engines.warp.find_marks import find_marks
from tryon.engines.warp.marks import TopMarks

Half = list[tuple[float, float]]

# The image-left half of a long-sleeved top around x = 150, from the neck to the middle of the hem.
NECK: Half = [(150, 30), (130, 16), (92, 30)]
SLEEVE: Half = [(14, 196), (42, 210)]
BODY: Half = [(92, 96), (92, 240), (150, 240)]
TAILS: Half = [(92, 96), (92, 222), (112, 236), (150, 242)]
OPEN_FRONT: Half = [(92, 96), (92, 240), (140, 240), (150, 200)]
LYING_CLOSE: Half = [(44, 232), (76, 240), (88, 200), (92, 240), (150, 240)]


def crop(half: Half, extra: tuple[tuple[int, int], tuple[int, int]] | None = None) -> Pixels:
    """[280, 300, 4]: the half and its mirror image; extra: a hair on the cut-out from one point to the other."""
    outline = half + [(300 - x, y) for x, y in half[::-1]]
    alpha = np.zeros((280, 300), np.uint8)
    cv2.fillPoly(alpha, [np.array(outline, np.int32)], 255)
    if extra is not None:
        cv2.line(alpha, *extra, 255, 1)
    return np.dstack([np.full((280, 300, 3), 120, np.uint8), alpha])


def marks(garment: Pixels) -> TopMarks:
    found = find_marks(garment, Category.TOPS)
    assert isinstance(found, TopMarks), found
    return found


@pytest.mark.parametrize("body", [BODY, TAILS, OPEN_FRONT], ids=["straight", "tails", "open front"])
def test_armpits_and_hem_are_found_whatever_the_hem_is_like(body: Half) -> None:
    found = marks(crop(NECK + SLEEVE + body))
    assert found.sleeves is not None
    np.testing.assert_allclose(found.pit, [(92, 96), (208, 96)], atol=4)
    np.testing.assert_allclose(found.hem, [(92, 240), (208, 240)], atol=6)
    np.testing.assert_allclose(found.sleeves[0].axis[1], (28, 203), atol=10)


def test_a_hair_at_the_shoulder_hides_nothing() -> None:
    found = marks(crop(NECK + SLEEVE + BODY, ((200, 28), (232, 12))))
    np.testing.assert_allclose(found.pit, [(92, 96), (208, 96)], atol=4)


def test_a_sleeve_that_touches_the_side_below_a_gap_still_has_its_armpit() -> None:
    garment = crop(NECK + SLEEVE + BODY)
    cv2.rectangle(garment, (44, 190), (100, 204), (120, 120, 120, 255), -1)
    found = marks(garment)
    assert found.sleeves is not None
    np.testing.assert_allclose(found.pit[0], (92, 96), atol=6)


def test_a_sleeve_that_lies_against_the_side_leaves_the_armpit_at_a_likely_height() -> None:
    """All that is left of the gap is a notch at the hem."""
    found = marks(crop(NECK + LYING_CLOSE))
    assert found.sleeves is not None
    assert np.all(found.pit[:, 1] < 180)
    assert found.width == pytest.approx(116, rel=0.25)


def test_a_long_vest_that_flares_has_no_sleeves() -> None:
    found = marks(
        crop([(150, 40), (130, 16), (106, 24), (104, 110), (84, 190), (82, 240), (110, 256), (150, 258)])
    )
    assert found.sleeves is None


def test_a_drop_has_no_hem() -> None:
    drop = [
        (150.0, 30.0),
        (120.0, 16.0),
        *((150 - 90 * np.sin(a), 150 - 90 * np.cos(a)) for a in np.linspace(0.9, 3.14)),
    ]
    found = find_marks(crop(drop), Category.TOPS)
    assert isinstance(found, Refused)
    assert found.code in {"garment_outline_unclear", "sleeves_unclear"}


VEST: Half = [(150, 26), (128, 16), (118, 34), (96, 44), (96, 110), (90, 180), (84, 250), (150, 254)]
SKIRT: Half = [(150, 20), (106, 20), (92, 80), (60, 250), (150, 254)]


@pytest.mark.parametrize(("half", "likelier"), [(VEST, Category.TOPS), (SKIRT, Category.BOTTOMS)])
def test_a_vest_with_a_collar_is_told_from_a_skirt_by_its_shoulders(half: Half, likelier: Category) -> None:
    scores = category_scores(Candidate(crop(half)[..., 3] > 127), [])
    other = Category.BOTTOMS if likelier is Category.TOPS else Category.TOPS
    assert scores[likelier] - scores[other] >= 0.5
