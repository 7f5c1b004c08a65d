"""What an outline says of the declared category: other cuts are believed, another garment is named, a ball is none."""

from __future__ import annotations

import math

import pytest

from tests.engines.drawn_products import (
    BOARD,
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

# Outlines in a unit square, y down.
TANK = [
    (0.2, 0), (0.32, 0), (0.38, 0.2), (0.62, 0.2), (0.68, 0), (0.8, 0),
    (0.82, 0.22), (1, 0.38), (1, 1), (0, 1), (0, 0.38), (0.18, 0.22),
]  # fmt: skip
SLEEVELESS = [
    (0.1, 0.06), (0.35, 0), (0.5, 0.08), (0.65, 0), (0.9, 0.06), (0.86, 0.3),
    (0.95, 0.4), (1, 1), (0, 1), (0.05, 0.4), (0.14, 0.3),
]  # fmt: skip
COAT = [
    (0.4, 0), (0.6, 0), (0.85, 0.05), (1, 0.55), (0.88, 0.57), (0.8, 0.25), (0.85, 1),
    (0.15, 1), (0.2, 0.25), (0.12, 0.57), (0, 0.55), (0.15, 0.05),
]  # fmt: skip
TUNIC = [
    (0.36, 0), (0.64, 0), (0.85, 0.05), (1, 0.3), (0.88, 0.36), (0.78, 0.26), (0.92, 1),
    (0.08, 1), (0.22, 0.26), (0.12, 0.36), (0, 0.3), (0.15, 0.05),
]  # fmt: skip
WIDE_LEGS = [(0.28, 0), (0.72, 0), (1, 1), (0.53, 1), (0.5, 0.36), (0.47, 1), (0, 1)]
SHORTS = [(0.12, 0), (0.88, 0), (1, 1), (0.54, 1), (0.5, 0.6), (0.46, 1), (0, 1)]
MINI = [(0.12, 0), (0.88, 0), (1, 1), (0, 1)]
STRAIGHT = [(0.02, 0), (0.98, 0), (1, 1), (0, 1)]
SLEEVELESS_DRESS = [
    (0.25, 0), (0.36, 0), (0.42, 0.1), (0.58, 0.1), (0.64, 0), (0.75, 0), (0.74, 0.15), (0.8, 0.2),
    (0.72, 0.4), (1, 1), (0, 1), (0.28, 0.4), (0.2, 0.2), (0.26, 0.15),
]  # fmt: skip
SHIRT_DRESS = [
    (0.38, 0), (0.62, 0), (0.82, 0.05), (1, 0.4), (0.88, 0.43), (0.77, 0.22), (0.72, 0.42), (0.84, 1),
    (0.16, 1), (0.28, 0.42), (0.23, 0.22), (0.12, 0.43), (0, 0.4), (0.18, 0.05),
]  # fmt: skip
BALL = [
    (0.5 + 0.5 * math.cos(turn / 30 * math.pi), 0.5 + 0.5 * math.sin(turn / 30 * math.pi))
    for turn in range(60)
]


@pytest.mark.parametrize("tilt", [-5, 0, 6])
@pytest.mark.parametrize(
    ("outline", "width", "height", "category"),
    [
        (TANK, 0.62, 0.6, Category.TOPS),
        (SLEEVELESS, 0.55, 0.55, Category.TOPS),
        (COAT, 0.5, 0.8, Category.TOPS),
        (PULLOVER, 0.7, 0.6, Category.TOPS),
        (TUNIC, 0.55, 0.75, Category.TOPS),
        (WIDE_LEGS, 0.5, 0.75, Category.BOTTOMS),
        (SHORTS, 0.5, 0.35, Category.BOTTOMS),
        (MINI, 0.5, 0.3, Category.BOTTOMS),
        (SKIRT, 0.5, 0.75, Category.BOTTOMS),
        (STRAIGHT, 0.45, 0.42, Category.BOTTOMS),
        (SLEEVELESS_DRESS, 0.5, 0.75, Category.DRESS),
        (SHIRT_DRESS, 0.55, 0.8, Category.DRESS),
    ],
)
def test_other_cuts_are_believed(
    outline: list[tuple[float, float]], width: float, height: float, category: Category, tilt: float
) -> None:
    found(detect(drawn(outline, width, height, tilt), category)[0])


def test_a_hangers_hook_does_not_make_trousers_a_top() -> None:
    studio = Studio()
    studio.add(JEANS, (0.3, 0.2, 0.7, 0.9), (50, 80, 130))
    studio.add(BOARD, (0.48, 0.1, 0.52, 0.21), (60, 60, 60))
    found(detect(studio.photo(), Category.BOTTOMS)[0])


@pytest.mark.parametrize(
    ("item", "declared", "likelier"),
    [
        ("tee-sun", Category.BOTTOMS, Category.TOPS),
        ("polo-block", Category.BOTTOMS, Category.TOPS),
        ("sweater-stripe", Category.DRESS, Category.TOPS),
        ("sweater-stripe", Category.BOTTOMS, Category.TOPS),
        ("jeans-blue", Category.TOPS, Category.BOTTOMS),
        ("jeans-blue", Category.DRESS, Category.BOTTOMS),
        ("jeans-blue", Category.SHOES, Category.BOTTOMS),
        ("shorts-sand", Category.TOPS, Category.BOTTOMS),
        ("skirt-plaid", Category.TOPS, Category.BOTTOMS),
        ("skirt-plaid", Category.DRESS, Category.BOTTOMS),
        ("shoes-brown", Category.DRESS, Category.SHOES),
        ("shoes-brown", Category.TOPS, Category.SHOES),
        ("shoes-brown", Category.BOTTOMS, Category.SHOES),
        ("dress-floral", Category.BOTTOMS, Category.DRESS),
        ("dress-floral", Category.SHOES, Category.DRESS),
    ],
)
def test_another_category_is_named(item: str, declared: Category, likelier: Category) -> None:
    [answer] = detect(photo_of(CATALOGUE / "uploads" / "items" / f"{item}.jpg"), declared)
    assert code(answer) == "wrong_category"
    assert isinstance(answer, Refused)
    looks, not_like = (
        "a dress" if named is Category.DRESS else named.value for named in (likelier, declared)
    )
    assert answer.message == (
        f"The photo looks like {looks}, not {not_like}; "
        "correct the declared categories or upload another photo."
    )


@pytest.mark.parametrize("category", [Category.TOPS, Category.BOTTOMS, Category.DRESS])
@pytest.mark.parametrize(
    ("outline", "width", "height"), [(BALL, 0.6, 0.45), (BALL, 0.12, 0.09), (TEE, 0.14, 0.11)]
)
def test_balls_and_logos_are_no_garments(
    outline: list[tuple[float, float]], width: float, height: float, category: Category
) -> None:
    assert code(detect(drawn(outline, width, height), category)[0]) == "not_a_garment"


@pytest.mark.parametrize("tilt", [0, 8])
@pytest.mark.parametrize(
    ("category", "width", "height"),
    [(Category.TOPS, 0.5, 0.55), (Category.DRESS, 0.4, 0.6), (Category.BOTTOMS, 0.8, 0.3)],
)
def test_boards_are_no_garments(category: Category, width: float, height: float, tilt: float) -> None:
    refusal = code(detect(drawn(BOARD, width, height, tilt), category)[0])
    # A board that lies askew loses its corners, and could be a straight skirt; set upright it is a board.
    assert refusal == "not_a_garment" or (tilt and refusal in {"wrong_category", "askew"})


@pytest.mark.parametrize("category", [Category.BAGS, Category.ACCESSORIES])
@pytest.mark.parametrize("outline", [BALL, BOARD, TEE])
def test_bags_and_accessories_have_any_shape(outline: list[tuple[float, float]], category: Category) -> None:
    found(detect(drawn(outline, 0.5, 0.4), category)[0])
