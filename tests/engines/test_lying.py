"""Garments that lie askew or upside down are refused with what to do; a little askew is fine."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engines.drawn_products import (
    CATALOGUE,
    JEANS,
    PULLOVER,
    SKIRT,
    TEE,
    Studio,
    code,
    detect,
    drawn,
    found,
    photo_of,
)
from tryon.core.words import Category, Refused

Outline = list[tuple[float, float]]
STRAIGHT: Outline = [(0.02, 0), (0.98, 0), (1, 1), (0, 1)]
ANKLES: Outline = [(0.1, 0), (0.9, 0), (1, 0.25), (0.8, 1), (0.2, 1), (0, 0.25)]

GARMENTS = [
    (TEE, 0.6, 0.5, Category.TOPS),
    (PULLOVER, 0.7, 0.6, Category.TOPS),
    (JEANS, 0.4, 0.75, Category.BOTTOMS),
    (SKIRT, 0.5, 0.4, Category.BOTTOMS),
]
ITEMS = [
    ("tee-sun", Category.TOPS),
    ("polo-block", Category.TOPS),
    ("sweater-stripe", Category.TOPS),
    ("dress-floral", Category.DRESS),
    ("jeans-blue", Category.BOTTOMS),
    ("shorts-sand", Category.BOTTOMS),
    ("skirt-plaid", Category.BOTTOMS),
]


@pytest.mark.parametrize(("item", "category"), ITEMS)
def test_a_garment_upside_down_is_refused(item: str, category: Category) -> None:
    photo = photo_of(CATALOGUE / "uploads" / "items" / f"{item}.jpg")
    [answer] = detect(np.ascontiguousarray(photo[::-1, ::-1]), category)
    assert code(answer) == "upside_down"
    assert isinstance(answer, Refused)
    assert answer.message.startswith("The garment lies upside down; turn the photo")


@pytest.mark.parametrize(("outline", "width", "height", "category"), GARMENTS[1:])
def test_a_drawn_one_too(outline: Outline, width: float, height: float, category: Category) -> None:
    """Not the drawn tee, whose neck is nearly as wide as its hem."""
    over = [(x, 1 - y) for x, y in outline]
    assert code(detect(drawn(over, width, height), category)[0]) == "upside_down"
    found(detect(drawn(outline, width, height), category)[0])


@pytest.mark.parametrize(("outline", "width", "height"), [(STRAIGHT, 0.45, 0.42), (ANKLES, 0.34, 0.75)])
def test_what_the_outline_cannot_tell_is_believed(outline: Outline, width: float, height: float) -> None:
    """A straight skirt, and slim trousers whose legs touch down to the ankles."""
    found(detect(drawn(outline, width, height), Category.BOTTOMS)[0])


@pytest.mark.parametrize("tilt", [-12, 10, 20, 45])
@pytest.mark.parametrize(("outline", "width", "height", "category"), GARMENTS)
def test_a_garment_that_lies_askew_is_refused(
    outline: Outline, width: float, height: float, category: Category, tilt: float
) -> None:
    assert code(detect(drawn(outline, 0.8 * width, 0.8 * height, tilt), category)[0]) == "askew"


@pytest.mark.parametrize("tilt", [-5, 5])
@pytest.mark.parametrize(("outline", "width", "height", "category"), GARMENTS)
def test_a_little_askew_is_fine(
    outline: Outline, width: float, height: float, category: Category, tilt: float
) -> None:
    found(detect(drawn(outline, width, height, tilt), category)[0])


def test_a_garment_with_unlike_halves_has_no_axis() -> None:
    """One sleeve lies folded behind: nothing is said of its tilt."""
    one_sleeve = [*TEE[:5], (0.75, 1), (0.25, 1), (0.25, 0.1)]
    studio = Studio()
    studio.add(one_sleeve, (0.2, 0.2, 0.8, 0.7), (40, 70, 140))
    found(detect(studio.photo(), Category.TOPS)[0])


def test_shoes_lie_in_any_way() -> None:
    photo = photo_of(CATALOGUE / "uploads" / "items" / "shoes-brown.jpg")
    found(detect(np.ascontiguousarray(photo[::-1]), Category.SHOES)[0])
